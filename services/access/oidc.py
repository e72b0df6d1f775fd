"""Sign-in by OpenID Connect Core 1.0: the code flow with PKCE (RFC 7636), state and nonce.

The provider says who someone is; what they may do is for the account here to say.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.errors import TriageError

SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
TIMEOUT_SECONDS = 5.0
REMEMBERED_SECONDS = 3600.0
LEEWAY_SECONDS = 60


class OidcRefused(TriageError):
    """The sign-in could not be completed; please begin again."""

    code = "sign_in_refused"
    status = 401


class ProviderUnavailable(TriageError):
    """The sign-in provider does not answer just now; please try again."""

    code = "provider_unavailable"
    status = 503
    retry_after = 10


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for; `email` only if the provider has verified it."""

    issuer: str
    subject: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in on its way: what its answer must fit. `return_to` is a path here."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    return_to: str


@dataclass(frozen=True, slots=True)
class _Provider:
    until: float
    document: dict[str, Any]
    keys: KeySet


def new_flow(return_to: str) -> Flow:
    return Flow(
        secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), return_to
    )


class Oidc:
    """A client of one provider, found by its issuer's discovery document."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._auth = ClientAuth(client_id, client_secret, "client_secret_basic")
        self._lock = threading.Lock()
        self._known: _Provider | None = None

    def start(self, flow: Flow, redirect_uri: str) -> str:
        """Where to send the browser; raises `ProviderUnavailable`."""
        return cast(
            str,
            prepare_grant_uri(
                self._provider().document["authorization_endpoint"],
                client_id=self._client_id,
                response_type="code",
                redirect_uri=redirect_uri,
                scope=SCOPE,
                state=flow.state,
                nonce=flow.nonce,
                code_challenge=create_s256_code_challenge(flow.verifier),
                code_challenge_method="S256",
            ),
        )

    def finish(self, flow: Flow, code: str, redirect_uri: str) -> Identity:
        """Who came back with `code`; raises `OidcRefused` or `ProviderUnavailable`."""
        claims = self._claims(self._id_token(flow, code, redirect_uri))
        claims.params = {"nonce": flow.nonce, "client_id": self._client_id}
        try:
            claims.validate(now=int(time.time()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError):
            raise OidcRefused from None
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Identity(self.issuer, str(claims["sub"]), str(email) if email else None)

    def _id_token(self, flow: Flow, code: str, redirect_uri: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier,
        }
        endpoint = self._provider().document["token_endpoint"]
        _, headers, _ = self._auth.prepare("POST", endpoint, {}, "")
        answer = _asked("POST", endpoint, data=form, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcRefused
        return token

    def _claims(self, token: str) -> CodeIDToken:
        """The claims of a token that the provider signed; a new key of its is fetched once."""
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
        }
        for attempt in range(2):
            try:
                read = jwt.decode(token, self._provider().keys, algorithms=ALGORITHMS)
                return CodeIDToken(read.claims, read.header, options)
            except (JoseError, ValueError, TypeError):
                if attempt:
                    break
                self._known = None
        raise OidcRefused

    def _provider(self) -> _Provider:
        with self._lock:
            known = self._known
            if known is None or known.until < time.monotonic():
                known = self._known = self._discovered()
        return known

    def _discovered(self) -> _Provider:
        """OpenID Connect Discovery 1.0, section 4.3: the document must name the issuer asked."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        document = _asked("GET", url)
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if document.get("issuer") != self.issuer or not all(
            isinstance(document.get(name), str) for name in wanted
        ):
            raise ProviderUnavailable
        try:
            keys = KeySet.import_key_set(cast(Any, _asked("GET", document["jwks_uri"])))
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderUnavailable from None
        return _Provider(time.monotonic() + REMEMBERED_SECONDS, document, keys)


def _asked(method: str, url: str, **more: Any) -> dict[str, Any]:
    """The provider's JSON answer. A 4xx to a code is the code's fault: `OidcRefused`."""
    try:
        answer = httpx.request(method, url, timeout=TIMEOUT_SECONDS, **more)
        if method == "POST" and answer.is_client_error:
            raise OidcRefused
        answer.raise_for_status()
        content = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise ProviderUnavailable from None
    if not isinstance(content, dict):
        raise ProviderUnavailable
    return content
