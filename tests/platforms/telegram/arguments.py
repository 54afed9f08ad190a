"""Reads a call's arguments from JSON, a form, a multipart body or the query string, as Telegram does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from .errors import bad_request

Json = dict[str, Any]


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime: str
    content: bytes


@dataclass
class Call:
    """One method call with typed access to its arguments; a wrong type is 400."""

    method: str
    params: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A string argument."""
        value = self.params.get(name)
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value) if isinstance(value, (dict, list)) else str(value)

    def need(self, name: str) -> str:
        """A string argument that must not be empty."""
        value = self.text(name)
        if not value:
            raise bad_request(f'parameter "{name}" is required')
        return value

    def integer(self, name: str) -> int | None:
        """An integer argument; text that spells one is one."""
        value = self.params.get(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def number(self, name: str) -> float | None:
        """A float argument."""
        value = self.params.get(name)
        if value is None or value == "":
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        """A boolean argument, false when absent."""
        return str(self.params.get(name, "")).lower() in ("true", "yes", "1")

    def value(self, name: str) -> Any:
        """An object or array, given as JSON or, in a form, as JSON text."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def chat_id(self, name: str = "chat_id") -> int | str:
        """The chat addressed."""
        value = self.params.get(name)
        if value is None or value == "":
            raise bad_request(f"{name} is empty")
        if isinstance(value, str) and value.startswith("@"):
            return value
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request("chat not found") from None

    def chat_or_none(self) -> int | None:
        """The chat addressed as a number, for the log and the faults."""
        value = self.params.get("chat_id")
        try:
            return int(value) if value is not None else None
        except (TypeError, ValueError):
            return None

    def upload(self, value: Any) -> Upload | None:
        """The file that `attach://name` points at, else None."""
        if not isinstance(value, str) or not value.startswith("attach://"):
            return None
        upload = self.files.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad_request("can't find attached file")
        return upload


async def read_call(method: str, request: Request, body: bytes) -> Call:
    """The call of a request whose raw body has been read already."""
    call = Call(method, dict(request.query_params))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" and body:
        try:
            given = json.loads(body)
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(given, dict):
            raise bad_request("JSON object expected")
        call.params.update(given)
    elif kind == "application/x-www-form-urlencoded":
        call.params.update(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    elif kind == "multipart/form-data":
        async with request.form(max_part_size=50 * 1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    content = await value.read()
                    call.files[name] = Upload(value.filename or name, value.content_type or "", content)
                else:
                    call.params[name] = value
    return call
