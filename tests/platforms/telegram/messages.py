"""One stored message: what the wire showed of it, first and last, and what a test wants to ask of it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Json = dict[str, Any]


class Button(NamedTuple):
    """An inline button: its label and its callback data (empty for a button that opens a link)."""

    label: str
    data: str


@dataclass(eq=False)
class Message:
    """A message of one chat, from a person (`outgoing` False) or from the bot."""

    wire: Json
    outgoing: bool
    content: bytes | None = None
    file_name: str | None = None
    keyboard: Json | None = None
    deleted: bool = False
    earlier: list[Json] = field(default_factory=list)
    reactions: dict[int, list[Json]] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The message_id, unique inside its chat only."""
        return int(self.wire["message_id"])

    @property
    def chat_id(self) -> int:
        """The chat it lies in; a private chat has its person's id."""
        return int(self.wire["chat"]["id"])

    @property
    def text(self) -> str:
        """The text, or the caption of a medium; empty if it has neither."""
        return str(self.wire.get("text", self.wire.get("caption", "")))

    @property
    def date(self) -> int:
        """When it was sent, whole seconds since 1970 UTC."""
        return int(self.wire["date"])

    @property
    def reply_to(self) -> int | None:
        """The id of the message it quotes."""
        quoted = self.wire.get("reply_to_message")
        return int(quoted["message_id"]) if quoted else None

    @property
    def thread(self) -> int | None:
        """The topic it lies in (message_thread_id)."""
        return self.wire.get("message_thread_id")

    @property
    def protected(self) -> bool:
        """Whether it can neither be forwarded nor saved (protect_content)."""
        return bool(self.wire.get("has_protected_content"))

    @property
    def buttons(self) -> list[list[Button]]:
        """Rows of inline buttons as they are now."""
        rows = self.wire.get("reply_markup", {}).get("inline_keyboard", [])
        return [[Button(button["text"], button.get("callback_data", "")) for button in row] for row in rows]

    @property
    def data(self) -> list[str]:
        """The callback data of all its buttons, in reading order."""
        return [button.data for row in self.buttons for button in row]

    @property
    def history(self) -> list[str]:
        """Every text it has had, oldest first, the present one last."""
        texts = [str(wire.get("text", wire.get("caption", ""))) for wire in self.earlier]
        return [*texts, self.text]

    @property
    def kind(self) -> str:
        """What it carries: text, photo, voice, sticker, document, location, contact, ..."""
        for name in KINDS:
            if name in self.wire:
                return name
        return "service"

    def replace(self, wire: Json) -> None:
        """Give it new content, remembering the old."""
        self.earlier.append(self.wire)
        self.wire = wire

    def snapshot(self, *, nested: bool = True) -> Json:
        """A copy of its wire form; `nested=False` without the quoted message, as Telegram nests only once."""
        wire = copy.deepcopy(self.wire)
        if not nested:
            wire.pop("reply_to_message", None)
        return wire

    def __repr__(self) -> str:
        side = "bot" if self.outgoing else "person"
        gone = " deleted" if self.deleted else ""
        return f"<{side} {self.kind} {self.chat_id}/{self.id}{gone} {self.text!r} {self.data}>"


# `animation` and `venue` come before `document` and `location`, which they contain.
KINDS = (
    "text",
    "photo",
    "voice",
    "audio",
    "video",
    "video_note",
    "animation",
    "sticker",
    "document",
    "contact",
    "venue",
    "location",
    "poll",
    "dice",
    "checklist",
    "rich_message",
    "game",
    "story",
)
