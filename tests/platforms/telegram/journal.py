"""The record of every request the bot made, for assertions and for byte scans of what leaves the service."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .arguments import Call, Upload

Json = dict[str, Any]
EVERY_CHAT = "every chat"


@dataclass(eq=False)
class Request:
    """One request: what was asked, when (the server's clock, seconds), and what came of it.

    `status` is the HTTP status answered, 0 while it is open or if the connection was closed unanswered;
    `done` tells whether the call was carried out; `fault` names the fault that struck; `early` whether it
    came before a 429's retry_after had passed for its chat.
    """

    number: int
    method: str
    params: Json
    files: dict[str, Upload]
    at: float
    body: bytes
    chat_id: int | None = None
    status: int = 0
    done: bool = False
    fault: str | None = None
    early: bool = False
    result: Any = None

    def outgoing(self) -> bytes:
        """Every byte that a recipient could see or that lies in the request: raw, decoded, and in files."""
        parts = [self.body, json.dumps(self.params, ensure_ascii=False).encode()]
        for name, value in self.params.items():
            parts += [name.encode(), value.encode() if isinstance(value, str) else b""]
            if isinstance(value, str) and value[:1] in ("{", "["):
                parts.append(_decoded(value))
        for upload in self.files.values():
            parts += [upload.name.encode(), upload.mime.encode()]  # its content stands in the raw body
        return b"\n".join(parts)


def _decoded(text: str) -> bytes:
    # A form carries objects as JSON text, where \u escapes could hide a name from a scan.
    try:
        return json.dumps(json.loads(text), ensure_ascii=False).encode()
    except ValueError:
        return b""


@dataclass
class Journal:
    """All requests in the order of their arrival."""

    requests: list[Request] = field(default_factory=list)
    open: int = 0
    _quiet_until: dict[int | str | None, float] = field(default_factory=dict)

    def begin(self, call: Call, body: bytes, now: float) -> Request:
        """Note a request."""
        chat_id = call.chat_or_none()
        request = Request(
            len(self.requests),
            call.method,
            dict(call.params),
            dict(call.files),
            now,
            body,
            chat_id,
            early=call.method != "getUpdates"
            and now < max(self._quiet_until.get(chat_id, 0.0), self._quiet_until.get(EVERY_CHAT, 0.0)),
        )
        self.requests.append(request)
        return request

    def refused(self, request: Request, retry_after: int, now: float, *, everywhere: bool) -> None:
        """Note that this chat, or the whole bot, was told to wait."""
        self._quiet_until[EVERY_CHAT if everywhere else request.chat_id] = now + retry_after
