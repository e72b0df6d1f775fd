"""A secret that the next page shows, and no other; it travels sealed, in a cookie of a minute."""

from __future__ import annotations

from typing import Final

from cryptography.fernet import InvalidToken
from starlette.responses import Response

from services.intake.sealing import Sealer
from services.web.staff.frame import Frame

COOKIE: Final = "__Host-minwon-once"
SECONDS: Final = 60


def hand_over(frame: Frame, address: str, said: str, subject: str, secret: str) -> Response:
    """On to `address`, which may show the secret of `subject`."""
    answer = frame.to(address, said)
    sealed = frame.back.sealer.seal({"subject": subject, "secret": secret})
    answer.set_cookie(
        COOKIE, sealed.decode(), SECONDS, "/", secure=True, httponly=True, samesite="strict"
    )
    return answer


def take(frame: Frame, subject: str) -> str:
    """The secret of `subject`, if it was just made; else nothing."""
    return _opened(frame.back.sealer, frame.request.cookies.get(COOKIE, ""), subject)


def forget(answer: Response) -> Response:
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def _opened(sealer: Sealer, value: str, subject: str) -> str:
    try:
        held = sealer.unseal(value.encode()) if value else {}
    except InvalidToken:
        return ""
    return str(held["secret"]) if held.get("subject") == subject else ""
