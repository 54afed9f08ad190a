"""What waits in the outbox: one value of a closed union, sealed as JSON until it leaves."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from bot.channels.base import Kind, Media, Place
from flows.effects import Args, Button, Rows

DATA_BYTES = 64
"""Longest button data (contract.md; Telegram's callback_data)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Catalogue entry `key` in the recipient's language. `private` arguments are somebody's own words. `replaces`
    edits the last message of the row's ref in place where the channel can."""

    key: str
    args: Args = field(default_factory=dict)
    private: Args = field(default_factory=dict)
    buttons: Rows = ()
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """A line of the other side, unchanged, under `alias` where one is given. `text` is the caption of `media`.
    `quote` is our id of the message that it quotes."""

    text: str = ""
    alias: str = ""
    media: Media | None = None
    place: Place | None = None
    quote: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """New words for the relayed message `original` (our id): edited in place, or said anew where that cannot be."""

    text: str
    original: int
    alias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbutton:
    """The buttons of outbox row `row` go."""

    row: int


@dataclass(frozen=True, slots=True)
class Typing:
    """The other side is writing; worth nothing after some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file that the service made (an export), with catalogue entry `key` as its caption."""

    data: bytes
    name: str
    mime: str
    key: str = ""
    args: Args = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Invite:
    """An approved invitation to write again, in place of what waits for that; never stored."""


Payload = Speech | Relayed | Amended | Unbutton | Typing | Document | Invite

KINDS: Mapping[type, str] = {
    Speech: "say",
    Relayed: "relay",
    Amended: "amend",
    Unbutton: "unbutton",
    Typing: "typing",
    Document: "document",
}
"""The outbox column `kind`."""


def has_buttons(payload: Payload) -> bool:
    """Whether it will carry buttons."""
    return isinstance(payload, Speech) and any(payload.buttons)


def encode(payload: Payload) -> bytes:
    """As JSON. Raises ValueError for button data that no platform would take."""
    if isinstance(payload, Speech):
        rows = [[_button(button) for button in row] for row in payload.buttons]
        body: dict[str, Any] = {"k": payload.key}
        if payload.args:
            body["a"] = dict(payload.args)
        if payload.private:
            body["p"] = dict(payload.private)
        if rows:
            body["b"] = rows
        if payload.replaces:
            body["r"] = True
        return orjson.dumps(body)
    if isinstance(payload, Document):
        values = {**asdict(payload), "data": base64.b64encode(payload.data).decode()}
    else:
        # orjson reads the dataclasses within by itself, many times faster than asdict
        values = {name: value for name in payload.__slots__ if (value := getattr(payload, name)) not in ("", None)}
    return orjson.dumps({KINDS[type(payload)]: values})


def decode(data: bytes) -> Payload:
    """The payload read back. Raises ValueError (or KeyError, TypeError) for what this version does not know."""
    body = orjson.loads(data)
    if "k" in body:
        return Speech(
            key=body["k"],
            args=body.get("a", {}),
            private=body.get("p", {}),
            buttons=tuple(tuple(Button(*button) for button in row) for row in body.get("b", ())),
            replaces=body.get("r", False),
        )
    ((kind, values),) = body.items()
    if kind == "relay":
        media, place = values.pop("media", None), values.pop("place", None)
        return Relayed(
            **values,
            media=Media(**{**media, "kind": Kind(media["kind"])}) if media else None,
            place=Place(**place) if place else None,
        )
    if kind == "document":
        return Document(**{**values, "data": base64.b64decode(values["data"])})
    known: dict[str, type[Amended | Unbutton | Typing]] = {
        "amend": Amended,
        "unbutton": Unbutton,
        "typing": Typing,
    }
    if kind not in known:
        raise ValueError(f"unknown kind of payload {kind!r}")
    return known[kind](**values)


def _button(button: Button) -> list[Any]:
    if not 1 <= len(button.data.encode()) <= DATA_BYTES:
        raise ValueError(f"button data of {len(button.data.encode())} bytes: 1 to {DATA_BYTES} are allowed")
    return [button.data, button.key, dict(button.args)] if button.args else [button.data, button.key]
