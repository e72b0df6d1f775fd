"""`minwon call`: calls held from a terminal, through the public interface alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from services.cli.bench.site import HOST, Site, served
from services.cli.main import cli
from tests.conftest import PACK


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("telephone")
    with served(folder, PACK) as running:
        yield running


def hold(site: Site, *lines: str, key: str = "") -> Result:
    url = f"http://{HOST}:{site.port}"
    arguments = ["call", "--url", url, "--key", key or site.key]
    return CliRunner().invoke(cli, arguments, input="".join(f"{line}\n" for line in lines))


def test_a_report_by_words_and_keys_is_filed(site: Site) -> None:
    result = hold(site, "가로등이 나가서 캄캄해요", "두암동이요", "", "#1", "아니요 됐어요")
    assert result.exit_code == 0, result.output
    assert f"screen: http://{HOST}:{site.port}/v/" in result.output
    assert "1=yes" in result.output
    found = re.search(r"outcome: reported, cases: (\d{8}-\d+)", result.output)
    assert found, result.output
    with psycopg.connect(site.database_url) as conn:
        query = "SELECT channel FROM cases WHERE receipt_number = %s"
        assert conn.execute(query, (found[1],)).fetchone() == ("voice",)


def test_a_line_that_is_busy_is_dialled_again_and_the_matter_filed(site: Site) -> None:
    result = hold(site, "불났어요 빨리요", "!busy", "!no_answer")
    assert result.exit_code == 0, result.output
    assert result.output.count("> 119") == 2
    assert re.search(r"outcome: reported, cases: \d{8}-\d+", result.output)


def test_a_tap_and_a_line_that_drops(site: Site) -> None:
    result = hold(site, "@pothole")
    assert result.exit_code == 0, result.output
    assert "outcome: " in result.output


def test_a_key_that_is_none_ends_with_what_was_wrong(site: Site) -> None:
    result = hold(site, "네", key="mw_no_key")
    assert result.exit_code != 0
    assert "401" in result.output
