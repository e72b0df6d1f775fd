"""Staff sign in and out: with a local password, or through the city's OIDC provider."""

from __future__ import annotations

import hmac
import re
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.access import oidc, sign_in
from services.access.attempts import TooManySignIns
from services.access.flows import begin_flow, take_flow
from services.api.backend import Back, Backend, address
from services.api.strict_json import BodyTooLarge
from services.errors import NotFound, TriageError
from services.web.pages import Pages, Rendered
from services.web.visits import COOKIE, SIGN_IN, Visiting, give_cookie, take_cookie

router = APIRouter(include_in_schema=False)

HOME: Final = "/staff"
FLOW_COOKIE: Final = "__Host-minwon-oidc"
FLOW_SECONDS: Final = 600
MAX_FORM_BYTES: Final = 8192
_OURS: Final = re.compile(r"/(?:staff|dashboard)(?:[/?][!-~]*)?")


@router.get(SIGN_IN)
def show(request: Request, back: Back, pages: Rendered, next: str = HOME) -> Response:
    return _page(request, back, pages, next)


@router.post(SIGN_IN)
async def submit(request: Request, back: Back, pages: Rendered) -> Response:
    form = await _form(request)
    return await run_in_threadpool(_sign_in, request, back, pages, form)


@router.get("/staff/oidc/start")
def start(request: Request, back: Back, pages: Rendered, next: str = HOME) -> Response:
    provider = _provider(back)
    flow = oidc.new_flow(local_path(next))
    try:
        target = provider.start(flow, _callback(request))
    except oidc.ProviderUnavailable as error:
        return _page(request, back, pages, next, error)
    with back.database.transaction() as conn:
        begin_flow(conn, flow)
    response = RedirectResponse(target, 303)
    response.set_cookie(
        FLOW_COOKIE, flow.state, FLOW_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
    )
    return response


@router.get("/staff/oidc/callback")
def callback(
    request: Request,
    back: Back,
    pages: Rendered,
    state: str = "",
    code: str = "",
    iss: str | None = None,
) -> Response:
    provider = _provider(back)
    try:
        flow = _flow(request, back, state)
        if not code or iss not in (None, provider.issuer):  # RFC 9207
            raise oidc.OidcRefused
        identity = provider.finish(flow, code, _callback(request))
        seconds = back.access.session_lifetime_s
        token = sign_in.by_identity(back.database, identity, _visitor(request), seconds)
    except (oidc.OidcRefused, oidc.ProviderUnavailable, sign_in.NoAccount) as error:
        response = _page(request, back, pages, HOME, error)
    else:
        response = _signed_in(back, token, flow.return_to)
    response.delete_cookie(FLOW_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.post("/staff/sign-out")
async def sign_out(request: Request, back: Back, visit: Visiting) -> Response:
    """With `everywhere` all of the person's sessions end."""
    if (await request.form()).get("everywhere"):
        await run_in_threadpool(
            sign_in.sign_out_everywhere, back.database, visit.person, visit.visitor
        )
    else:
        await run_in_threadpool(sign_in.sign_out, back.database, visit.person, visit.visitor)
    response = RedirectResponse(SIGN_IN, 303)
    take_cookie(response)
    return response


def _sign_in(request: Request, back: Backend, pages: Pages, form: dict[str, str]) -> Response:
    goal = form.get("next", HOME)
    try:
        token = sign_in.by_password(
            back.database,
            form.get("username", ""),
            form.get("password", ""),
            _visitor(request),
            back.access.session_lifetime_s,
        )
    except (sign_in.SignInRefused, TooManySignIns) as error:
        return _page(request, back, pages, goal, error)
    return _signed_in(back, token, local_path(goal))


def _signed_in(back: Backend, token: str, goal: str) -> Response:
    response = RedirectResponse(goal, 303)
    give_cookie(response, token, back.access.session_lifetime_s)
    return response


def _page(
    request: Request, back: Backend, pages: Pages, goal: str, error: TriageError | None = None
) -> Response:
    status = error.status if error else 200
    values: dict[str, Any] = {
        "goal": local_path(goal),
        "oidc": back.oidc is not None,
        "error": error.code if error else "",
        "wait": (error.retry_after or 0) if error else 0,
    }
    page = pages.answer(request, "sign_in.html", status, **values)
    if error and error.retry_after:
        page.headers["Retry-After"] = str(error.retry_after)
    return page


def local_path(goal: str) -> str:
    """`goal` if it is a page of staff here, else where they begin."""
    return goal if len(goal) <= 2000 and _OURS.fullmatch(goal) else HOME


def _provider(back: Backend) -> oidc.Oidc:
    if back.oidc is None:
        raise NotFound
    return back.oidc


def _flow(request: Request, back: Backend, state: str) -> oidc.Flow:
    """The sign-in that this browser began with `state`, which is used up now."""
    held = request.cookies.get(FLOW_COOKIE, "")
    if not state or not hmac.compare_digest(held.encode(), state.encode()):
        raise oidc.OidcRefused
    with back.database.transaction() as conn:
        return take_flow(conn, state)


def _visitor(request: Request) -> sign_in.Visitor:
    return sign_in.Visitor(address(request), request.cookies.get(COOKIE))


def _callback(request: Request) -> str:
    return f"{request.base_url}staff/oidc/callback"


async def _form(request: Request) -> dict[str, str]:
    """A small form's fields; raises `BodyTooLarge`, also for more fields than there are."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise BodyTooLarge
    sent = body.decode("utf-8", "replace")
    try:
        fields = parse_qs(sent, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise BodyTooLarge from None
    return {name: values[0] for name, values in fields.items()}
