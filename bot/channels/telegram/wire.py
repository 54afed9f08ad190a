"""The HTTP below python-telegram-bot: what Telegram refused comes back as a Said with its code and description.

Telegram's own parameters are read here (retry_after, migrate_to_chat_id), so that nothing hangs on the wording of an
exception, and no answer's body is ever logged (P3).
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import orjson
from httpx import Limits
from telegram.error import TelegramError
from telegram.request import HTTPXRequest, RequestData

KEPT = 16
"""Connections that stay open when nothing is sent: httpcore looks at each of them for each, at every request."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# Their lines hold the address of each request, and with it the token, or the text of a message (P3).
TELLTALES = ("httpx", "httpcore", "telegram")


class Said(TelegramError):
    """Telegram answered, and not with success."""

    def __init__(self, code: int, description: str, retry_after: int = 0, moved_to: int = 0) -> None:
        super().__init__(f"Telegram answered {code}")
        self.code = code
        self.description = description.lower()
        self.retry_after = retry_after
        self.moved_to = moved_to


class Wire(HTTPXRequest):
    """One pool of connections to one Bot API server."""

    def __init__(self, api_url: str, *, read_timeout: float, connections: int) -> None:
        for name in TELLTALES:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        super().__init__(
            connection_pool_size=connections,
            read_timeout=read_timeout,
            write_timeout=10.0,
            connect_timeout=5.0,
            pool_timeout=5.0,
            media_write_timeout=40.0,
            httpx_kwargs={
                # A proxy of the environment is for the world outside, never for a server on this machine.
                "trust_env": urlsplit(api_url).hostname not in LOOPBACK,
                "limits": Limits(max_connections=connections, max_keepalive_connections=KEPT),
            },
        )

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        """As HTTPXRequest, but raises Said for every answer other than 2xx."""
        code, payload = await super().do_request(url, method, request_data, *timeouts, **more)
        if 200 <= code <= 299:
            return code, payload
        raise refusal(code, payload)


def refusal(code: int, payload: bytes) -> Said:
    """What an answer with this status says; a proxy's page says only its status."""
    try:
        body = orjson.loads(payload)
        parameters = body.get("parameters") or {}
        return Said(
            code,
            str(body.get("description", "")),
            int(parameters.get("retry_after", 0)),
            int(parameters.get("migrate_to_chat_id", 0)),
        )
    except (ValueError, TypeError, AttributeError):
        return Said(code, "")
