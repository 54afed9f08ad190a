"""The web page as a channel: what a page sends becomes an Inbound; what goes out waits until the page fetches it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.channels.base import (
    Abilities,
    Forged,
    Inbound,
    Kind,
    Media,
    Outgoing,
    Result,
    Retry,
    Sent,
    Unreadable,
)

NAME = "web"


@dataclass(frozen=True, slots=True)
class Text:
    """A line. `client_id` names what a page sends for ever, so that a repetition changes nothing."""

    client_id: str
    text: str
    quote: str = ""  # the page's id of the line it answers


@dataclass(frozen=True, slots=True)
class Edit:
    """New words for the own line `message`."""

    client_id: str
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button under the line `message`."""

    client_id: str
    message: str
    data: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture or a recording. Its bytes are kept as `client_id`."""

    client_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """The person left by the quick way out, and will not come back with this session."""

    client_id: str = "left"


Post = Text | Edit | Press | Upload | Left


def read(address: str, post: Post, at: int, media: Media | None = None) -> Inbound:
    """What a page of `address` sent at `at` ms. `media`: an upload, as it was kept."""
    # Another person's ids must not be able to keep ours out, so the address is part of it.
    external_id = f"{address[:32]}.{post.client_id}"
    match post:
        case Text():
            return Inbound(
                NAME, external_id, address, Kind.TEXT, at,
                text=post.text, message_id=post.client_id, quote_id=post.quote,
            )  # fmt: skip
        case Edit():
            return Inbound(NAME, external_id, address, Kind.EDIT, at, text=post.text, message_id=post.message)
        case Press():
            return Inbound(NAME, external_id, address, Kind.PRESS, at, data=post.data, message_id=post.message)
        case Upload():
            kind = media.kind if media is not None else Kind.UNKNOWN
            return Inbound(NAME, external_id, address, kind, at, message_id=post.client_id, media=media)
        case Left():
            return Inbound(NAME, external_id, address, Kind.BLOCKED, at)


class WebChannel:
    """Implements bot.channels.base.Channel. `typing` shows "is writing" on the open pages of an address; `load` gives
    the bytes of an upload and raises OSError where there are none."""

    name = NAME
    abilities = Abilities(text=100_000, caption=100_000, label=80, pull=True)

    def __init__(self, typing: Callable[[str], bool], load: Callable[[str], Awaitable[bytes]]) -> None:
        self._typing = typing
        self._load = load

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Nothing comes in by webhook: pages carry a session, which admin_api asks the store about."""
        raise Forged("the web channel has no webhook")

    def parse(self, body: bytes) -> Sequence[Inbound]:
        raise Unreadable("the web channel has no webhook")

    async def send(self, address: str, out: Outgoing) -> Result:
        """Only "is writing" is pushed; all else waits in the outbox for the page, so that nothing can be lost."""
        if out.kind != "typing":
            return Retry(reason="pulled")
        self._typing(address)
        return Sent("")

    async def fetch(self, media: Media) -> bytes:
        return await self._load(media.file_id)

    async def answer(self, callback_id: str, text: str) -> None:
        """A tap is answered in the response to it."""
