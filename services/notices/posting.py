"""Posts a signed message, as Standard Webhooks 1.0 says: https://www.standardwebhooks.com."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ssl import SSLContext
from typing import Any, Final

import httpx
from standardwebhooks import Webhook

from services.errors import InvalidField
from services.notices.addresses import AddressRefused, Network, resolve, target
from services.notices.notice import Sent

DEADLINE_SECONDS: Final = 10.0
"""For the whole of an attempt, however slowly the other side drips."""
GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Poster:
    """`networks` may be reached though they lie inside; `deadline` is in seconds."""

    networks: tuple[Network, ...] = ()
    deadline: float = DEADLINE_SECONDS

    async def post(
        self, url: str, message_id: str, body: dict[str, Any], secrets: Sequence[str], now: datetime
    ) -> Sent:
        """Post `body` signed with each of `secrets`; any 2xx delivers. Nothing there raises here.

        Redirects are not followed and the answer's body is not read.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        headers = signed_headers(message_id, content, secrets, now)
        try:
            async with asyncio.timeout(self.deadline):
                status = await self._post(url, content.encode(), headers)
        except (AddressRefused, InvalidField) as error:
            return Sent("dead", error.code)
        except (TimeoutError, httpx.TimeoutException):
            return Sent("waiting", "timeout")
        except httpx.HTTPError as error:
            return Sent("waiting", type(error).__name__)
        except OSError:
            return Sent("waiting", "name_not_resolved")
        if 200 <= status < 300:
            return Sent("delivered", status=status)
        if status == GONE:
            return Sent("dead", "gone", status)
        return Sent("waiting", "redirect_refused" if 300 <= status < 400 else "refused", status)

    async def _post(self, url: str, content: bytes, headers: dict[str, str]) -> int:
        to = target(url)
        address = await resolve(to, self.networks)
        host = f"[{address}]" if ":" in address else address
        async with (
            httpx.AsyncClient(verify=_trust(), trust_env=False, timeout=self.deadline) as client,
            client.stream(
                "POST",
                f"{to.scheme}://{host}:{to.port}{to.path}",
                content=content,
                headers={**headers, "host": to.host_header},
                extensions={"sni_hostname": to.host},
                follow_redirects=False,
            ) as response,
        ):
            return response.status_code


def signed_headers(
    message_id: str, content: str, secrets: Sequence[str], now: datetime
) -> dict[str, str]:
    """The three headers of Standard Webhooks; one signature for each secret."""
    moment = now.astimezone(UTC)
    signatures = [Webhook(secret).sign(message_id, moment, content) for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "Minwon",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


@cache
def _trust() -> SSLContext:
    return httpx.create_ssl_context()
