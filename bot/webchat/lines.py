"""What a page is shown: lines of the conversation, and changes of earlier ones, as the JSON the browser reads.

Ids are strings: a browser's numbers hold 53 bits, ours hold 64. `order` sorts as text; it puts a person's own line
before what answered it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channels.base import Kind, Media, Outgoing

SHOWN = frozenset(
    {
        "image/jpeg", "image/png", "image/webp", "image/gif",
        "audio/ogg", "audio/mpeg", "audio/mp4", "audio/webm", "audio/aac", "audio/wav", "video/mp4", "video/webm",
    }
)  # fmt: skip
"""What a browser may show within the page; everything else is offered as a file."""


def order(at: int, mine: bool, id: int) -> str:
    """The sorting key of a line of `at` ms."""
    return f"{at:015d}.{0 if mine else 1}.{id:020d}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a page has been told: the highest row of the outbox, and of the person's own messages."""

    out: int = 0
    mine: int = 0

    def __str__(self) -> str:
        return f"{self.out}.{self.mine}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor that a browser handed back; None for anything that is not one."""
        out, dot, mine = text.partition(".")
        numbers = out.isascii() and mine.isascii() and out.isdigit() and mine.isdigit()
        if not (dot and numbers and len(text) <= 40):
            return None
        return cls(int(out), int(mine))

    def past(self, other: Cursor) -> Cursor:
        """The further of both, each part by itself."""
        return Cursor(max(self.out, other.out), max(self.mine, other.mine))


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to tell a page: name `line`, `change`, `typing`, `ready` or `gone`, and its JSON value."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a page did not have yet, in order, and the cursor after it. `unread`: ids not acknowledged before; `before`:
    where the older ones begin, None at the beginning; `more`: there may be further ones right now."""

    events: Sequence[Event]
    cursor: Cursor
    before: str | None = None
    unread: Sequence[str] = ()
    more: bool = False


def spoken(id: int, out: Outgoing, at: int, *, person: bool, part: int = 0) -> Event:
    """A row of the outbox as the page's event. `person`: somebody else's words, not the service's own."""
    name = str(id) if part == 0 else f"{id}-{part}"
    shown: dict[str, Any] = {"id": name, "at": at, "person": person, "mine": False, "text": out.text}
    shown["buttons"] = [[{"label": c.label, "data": c.data} for c in row] for row in out.buttons]
    if out.kind in ("edit", "unbutton"):
        return Event("change", {**shown, "kind": out.kind, "target": out.external_id})
    shown |= {"order": f"{order(at, False, id)}.{part:02d}", "kind": out.kind, "quote": out.quote_id}
    if out.kind == "media" and out.media is not None:
        shown["media"] = pictured(out.media, f"/chat/media/{name}")
    if out.kind == "place" and out.place is not None:
        shown["place"] = {"latitude": out.place.latitude, "longitude": out.place.longitude}
    if out.kind == "document":
        shown |= {"file": out.file_name, "url": f"/chat/media/{name}"}
    return Event("line", shown)


def own(
    id: int, client_id: str, at: int, text: str, *, kind: str, quote: str = "", media: Media | None = None
) -> Event:
    """A person's own line as the page's event."""
    shown: dict[str, Any] = {"id": client_id, "order": order(at, True, id), "at": at, "mine": True, "person": False}
    shown |= {"kind": kind, "text": text, "quote": quote, "buttons": []}
    if media is not None:
        shown["media"] = pictured(media, f"/chat/media/{client_id}")
    return Event("line", shown)


def changed(client_id: str, target: str, text: str, at: int) -> Event:
    """New words for an own line."""
    return Event(
        "change",
        {"id": client_id, "kind": "edit", "target": target, "text": text, "at": at, "mine": True, "buttons": []},
    )


def pictured(media: Media, url: str) -> dict[str, Any]:
    """What a page needs to know of a piece of media before it fetches it."""
    shown = media.mime.partition(";")[0] in SHOWN or (not media.mime and media.kind in (Kind.PHOTO, Kind.VOICE))
    return {"kind": str(media.kind), "shown": shown, "url": url, "width": media.width, "height": media.height}
