"""A channel in memory: what people do is handed in, what stands on their screens is kept. For transcripts and replays.

It behaves as a chat app does: a message stands until it is edited, its buttons until they are taken away, and its
platform may refuse somebody, lose them, or make a message wait.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from bot.channels.base import (
    Abilities,
    Choice,
    Forged,
    Inbound,
    Kind,
    Media,
    Outgoing,
    Place,
    Refused,
    Result,
    Retry,
    Sent,
    Unreadable,
)

Rows = tuple[tuple[Choice, ...], ...]

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_WEBP = base64.b64decode("UklGRhwAAABXRUJQVlA4TA8AAAAvAAAAAAcQ/Y/+ByKi/wEA")
SAMPLES: Mapping[Kind, bytes] = {
    Kind.PHOTO: _PNG,
    Kind.STICKER: _WEBP,
    Kind.VOICE: b"OggS" + bytes(24),
    Kind.AUDIO: b"OggS" + bytes(24),
    Kind.VIDEO: b"\x00\x00\x00\x08ftyp",
    Kind.DOCUMENT: b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n"
    b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n96\n%%EOF\n",
}
"""The smallest bytes that pass for each kind of media."""


@dataclass(slots=True)
class Bubble:
    """A message on somebody's screen. `own`: they wrote it themselves."""

    id: str
    text: str
    own: bool = False
    kind: str = "text"
    file: str = ""
    buttons: Rows = ()
    quote_id: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class News:
    """Something that somebody noticed: a `new` message, a `changed` one, or one whose buttons are `gone` (these).
    `bubble` is the message as it was at that moment."""

    channel: str
    address: str
    what: str
    bubble: Bubble
    gone: Rows = ()


@dataclass(slots=True)
class Screen:
    """One person's conversation with the bot, oldest first."""

    bubbles: list[Bubble] = field(default_factory=list)

    def by_id(self, id: str) -> Bubble | None:
        return next((bubble for bubble in self.bubbles if bubble.id == id), None)


class Script:
    """One platform. `news` is what people noticed, in order; `verdicts` what the platform says of every message to an
    address, instead of taking it."""

    def __init__(self, name: str, abilities: Abilities | None = None) -> None:
        self.name = name
        self.abilities = abilities or Abilities()
        self.screens: dict[str, Screen] = {}
        self.news: list[News] = []
        self.verdicts: dict[str, Refused | Retry] = {}
        self._numbers = count(1)

    def screen(self, address: str) -> Screen:
        """The conversation of an address; empty at first."""
        return self.screens.setdefault(address, Screen())

    def wrote(self, address: str, text: str, kind: str = "text", quote_id: str = "") -> Bubble:
        """A message that the person at this address has just sent, as it stands on their own screen."""
        bubble = Bubble(f"{self.name}-{next(self._numbers)}", text, True, kind, quote_id=quote_id)
        self.screen(address).bubbles.append(bubble)
        return bubble

    def number(self) -> str:
        """A fresh id of this platform, for a tap or an update."""
        return f"{self.name}-{next(self._numbers)}"

    # --- the protocol of a channel ---

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Nobody reaches a script by HTTP."""
        raise Forged("a script takes no requests")

    def parse(self, body: bytes) -> Sequence[Inbound]:
        """Likewise."""
        raise Unreadable("a script takes no requests")

    async def send(self, address: str, out: Outgoing) -> Result:
        """Put it on the screen, or say what the platform says of it."""
        verdict = self.verdicts.get(address)
        if verdict is not None:
            return verdict
        if out.kind == "typing":
            return Sent("")
        if out.kind in ("edit", "unbutton"):
            return self._change(address, out)
        bubble = Bubble(
            self.number(),
            out.text,
            kind=_kind(out),
            file=out.file_name,
            buttons=out.buttons,
            quote_id=out.quote_id,
            place=out.place,
        )
        self.screen(address).bubbles.append(bubble)
        self.news.append(News(self.name, address, "new", replace(bubble)))
        return Sent(bubble.id)

    def _change(self, address: str, out: Outgoing) -> Result:
        bubble = self.screen(address).by_id(out.external_id)
        if bubble is None or bubble.own:
            return Refused("not_found")
        before, bubble.buttons = bubble.buttons, out.buttons
        if out.kind == "edit":
            bubble.text = out.text
            self.news.append(News(self.name, address, "changed", replace(bubble)))
        elif before:
            self.news.append(News(self.name, address, "gone", replace(bubble), before))
        return Sent(bubble.id)

    async def fetch(self, media: Media) -> bytes:
        """The smallest bytes of that kind. Raises FileNotFoundError for a kind that has none."""
        found = SAMPLES.get(media.kind)
        if found is None:
            raise FileNotFoundError("a script has no media of this kind")
        return found

    async def answer(self, callback_id: str, text: str) -> None:
        """The engine's answer to a tap is told by whoever plays the script."""


def _kind(out: Outgoing) -> str:
    if out.kind == "media" and out.media is not None:
        return out.media.kind.value
    return "location" if out.kind == "place" else out.kind
