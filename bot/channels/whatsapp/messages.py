"""One Outgoing becomes the `type` and the content of a Cloud API message. Pure; every length is checked here, because
the client library takes more than the platform does.

Lengths: WhatsApp Cloud API, messages reference (text 4096, interactive body 1024, caption 1024, 3 reply buttons with
titles of 20, 10 list rows with titles of 24 and descriptions of 72, ids of 256 and 200).
"""

from __future__ import annotations

from typing import Any

from bot.channels.base import Choice, Kind, Outgoing, Place
from bot.words import units

TEXT, ASKED, CAPTION = 4096, 1024, 1024
BUTTONS, TITLE, BUTTON_ID = 3, 20, 256
ROWS, ROW_TITLE, ROW_NOTE, ROW_ID = 10, 24, 72, 200
KIB, MIB = 1024, 1024 * 1024
LARGEST = {"image": 5 * MIB, "audio": 16 * MIB, "video": 16 * MIB, "sticker": 100 * KIB, "document": 100 * MIB}
MOVING_STICKER = 500 * KIB
"""Largest upload of each type in bytes (Cloud API: supported media types)."""
_IMAGE = frozenset({"image/jpeg", "image/png"})
_AUDIO = frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})
_VIDEO = frozenset({"video/mp4", "video/3gpp"})

Json = dict[str, Any]
Made = tuple[str, Json]


class TooLong(ValueError):
    """Longer than the platform takes; names the part, never its words."""


def text(out: Outgoing) -> Made:
    """A text, with reply buttons or a list where it has choices."""
    choices = [choice for row in out.buttons for choice in row]
    if not choices:
        return "text", {"body": _fits(out.text, TEXT, "text"), "preview_url": False}
    asked = {"text": _fits(out.text, ASKED, "text over buttons")}
    if out.menu:
        return "interactive", {"type": "list", "body": asked, "action": _list(choices, out.menu)}
    return "interactive", {"type": "button", "body": asked, "action": {"buttons": _buttons(choices)}}


def _buttons(choices: list[Choice]) -> list[Json]:
    if len(choices) > BUTTONS:
        raise TooLong("more than three buttons")
    return [
        {
            "type": "reply",
            "reply": {
                "id": _fits(choice.data, BUTTON_ID, "button id"),
                "title": _fits(choice.label, TITLE, "button"),
            },
        }
        for choice in choices
    ]


def _list(choices: list[Choice], menu: str) -> Json:
    if len(choices) > ROWS:
        raise TooLong("more than ten rows")
    rows = []
    for choice in choices:
        row = {"id": _fits(choice.data, ROW_ID, "row id"), "title": _fits(choice.label, ROW_TITLE, "row")}
        if choice.note:
            row["description"] = _fits(choice.note, ROW_NOTE, "row note")
        rows.append(row)
    return {"button": _fits(menu, TITLE, "menu"), "sections": [{"rows": rows}]}


def place(out: Outgoing) -> Made:
    """A pin."""
    spot = out.place or Place(0.0, 0.0)
    return "location", {"latitude": spot.latitude, "longitude": spot.longitude}


def template(name: str, language: str) -> Made:
    """The approved invitation; it has no parameters."""
    return "template", {"name": name, "language": {"code": language, "policy": "deterministic"}}


def media_type(kind: Kind, mime: str, data: bytes) -> str:
    """The message type that these bytes may travel as; what fits none goes as a document."""
    size = len(data)
    if kind is Kind.STICKER and mime == "image/webp":
        moving = b"ANIM" in data[:64]  # a chunk of the extended WebP header
        return "sticker" if size <= (MOVING_STICKER if moving else LARGEST["sticker"]) else "document"
    if mime in _IMAGE and kind is not Kind.DOCUMENT and size <= LARGEST["image"]:
        return "image"
    if mime in _AUDIO and kind in (Kind.VOICE, Kind.AUDIO) and size <= LARGEST["audio"]:
        return "audio"
    if mime in _VIDEO and kind is Kind.VIDEO and size <= LARGEST["video"]:
        return "video"
    return "document"


def media(out: Outgoing, kind: Kind, type: str, id: str) -> Made:
    """An uploaded file as a message of `type`."""
    content: Json = {"id": id}
    if type == "audio" and kind is Kind.VOICE and out.mime == "audio/ogg":
        content["voice"] = True
    if type in ("image", "video", "document") and out.text:
        content["caption"] = _fits(out.text, CAPTION, "caption")
    if type == "document":
        content["filename"] = out.file_name
    return type, content


def _fits(value: str, limit: int, what: str) -> str:
    if units(value) > limit:
        raise TooLong(f"a {what} longer than {limit}")
    return value
