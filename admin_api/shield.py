"""The outermost layer: what no other part of the HTTP side may forget.

Bodies have a limit, whether or not they say their length; an error that nobody expected becomes a problem document and
one log line that names the kind of error and the place in the code, never its message (P3: it may quote a body).
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api import problems

log = logging.getLogger("sebaya.http")
LARGEST = 1024 * 1024
"""Bytes of one request body."""
LARGER = {"/chat/media": 11 * LARGEST}
"""Where more is taken; the route has a limit of its own and refuses in its own words."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
"""Set where the route has not set its own."""


class TooLarge(HTTPException):
    """The body has passed the limit. An HTTPException, because FastAPI takes any other error of reading for a 400."""

    def __init__(self) -> None:
        super().__init__(413)


class Shield:
    """Middleware around everything else."""

    def __init__(self, app: ASGIApp, *, secure: bool = False, largest: int = LARGEST) -> None:
        self._app = app
        self._largest = largest
        headers = {**HEADERS, **({"Strict-Transport-Security": "max-age=31536000"} if secure else {})}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = LARGER.get(scope["path"], self._largest)
        started = False
        taken = 0

        async def measured() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                raise TooLarge
            return message

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(message, scope["path"])
            await send(message)

        try:
            if self._announced(scope) > largest:
                raise TooLarge
            await self._app(scope, measured, dressed)
        except TooLarge:
            if not started:
                await problems.document(413)(scope, measured, dressed)
        except Exception as error:
            incident = secrets.token_hex(4)
            log.error("unexpected error: incident=%s method=%s %s", incident, scope["method"], place_of(error))
            if not started:
                await problems.document(500, incident=incident)(scope, measured, dressed)

    @staticmethod
    def _announced(scope: Scope) -> int:
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit():
                return int(value[:20])
        return 0

    def _dress(self, message: MutableMapping[str, Any], path: str) -> None:
        given = message["headers"]
        present = {name for name, _ in given}
        message["headers"] = [*given, *(header for header in self._headers if header[0] not in present)]
        if path.startswith("/api/") and b"cache-control" not in present:
            message["headers"].append((b"cache-control", b"no-store"))


def place_of(error: BaseException) -> str:
    """The kind of an error and where it was raised, without a word of its message."""
    frames = traceback.extract_tb(error.__traceback__)
    where = ""
    if frames:
        last = frames[-1]
        parts = last.filename.replace("\\", "/").rsplit("/", 2)
        where = f" at {'/'.join(parts[-2:])}:{last.lineno}"
    return f"error={type(error).__name__}{where}"
