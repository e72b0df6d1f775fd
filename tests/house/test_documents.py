"""What the documents say of the repository is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Group
from click.testing import CliRunner

from services.cli.main import cli
from services.settings import ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
PAGES = [
    page for pattern in ("*.md", "docs/**/*.md", "models/**/*.md") for page in ROOT.glob(pattern)
]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "crud"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_each_decision_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        assert f"docs/decisions/{page.name}" in readme


def test_commands_in_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bminwon ([a-z]+)\b", readme)) - {"command"}
    assert named <= set(cli.commands), named - set(cli.commands)


def test_settings_are_in_the_readme() -> None:
    named = re.compile(r"\bMINWON_[A-Z_]+\b")
    read = set(named.findall((ROOT / "services" / "settings.py").read_text(encoding="utf-8")))
    told = set(named.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    assert read - {"MINWON_"} <= told, read - told


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_explains_itself(name: str) -> None:
    command = cli.commands[name]
    assert command.help
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    if isinstance(command, Group):
        assert all(inner.help for inner in command.commands.values())


def test_no_file_has_a_name_that_says_nothing() -> None:
    files = [
        path for room in ("services", "workers", "models") for path in ROOT.glob(f"{room}/**/*.py")
    ]
    assert not [path for path in files if path.stem in FORBIDDEN_NAMES]
