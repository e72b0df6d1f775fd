"""The citizen's form when something here is away: what was typed stays."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from services.web.language import words
from tests.integration.api.town import Town
from tests.unit.intake.files import JPEG

TYPED = "가로등이 나가서 골목이 캄캄합니다"


def test_with_the_storage_away_a_report_is_not_lost(site: Town) -> None:
    folder = Path(urlsplit(site.settings.storage).path)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_bytes(b"a file where the folder was")
    fields = {"body": TYPED, "reply_by": "none", "privacy": "yes", "step": "preview"}
    try:
        answer = site.client.post("/", data=fields, files={"files": ("현장.jpg", JPEG)})
    finally:
        folder.unlink()
    assert answer.status_code in (200, 422)
    assert TYPED in answer.text
    assert words("ko")("citizen.fault.files_away") in answer.text
