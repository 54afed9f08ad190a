"""What a channel is to the rest of the service: it parses what came in, and sends what goes out.

A channel knows its platform and this file; not the store, not the engine, not another channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

# --- in ---------------------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What kind of thing a person did."""

    TEXT = "text"
    PHOTO = "photo"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    STICKER = "sticker"
    DOCUMENT = "document"
    LOCATION = "location"
    CONTACT = "contact"  # never relayed: carries an identity
    VENUE = "venue"
    LIVE_LOCATION = "live_location"
    POLL = "poll"
    REACTION = "reaction"
    UNKNOWN = "unknown"
    PRESS = "press"
    EDIT = "edit"
    DELETED = "deleted"  # the person took an earlier message of theirs back
    MOVED = "moved"  # the platform says that the same person has other ids from now on
    BLOCKED = "blocked"  # the person blocked the bot or left
    UNBLOCKED = "unblocked"
    SEEN = "seen"  # a delivery or read status of one of our messages
    IGNORED = "ignored"  # authentic and understood, and nothing to do (a group message, a channel post)


@dataclass(frozen=True, slots=True)
class Media:
    """A piece of media where it lies on its platform. Never carries the sender's file name."""

    channel: str
    file_id: str
    kind: Kind
    mime: str = ""
    size: int = 0
    seconds: int = 0
    width: int = 0
    height: int = 0
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Status:
    """A platform's word on a message we sent. `reason` of a failure: window, limit, undeliverable or other."""

    external_id: str
    state: Literal["sent", "delivered", "read", "failed"]
    reason: str = ""


FAILURES = ("window", "limit", "undeliverable", "other")
"""What a failed status may give as its reason."""


def status_id(external_id: str, state: str, reason: str = "") -> str:
    """The external id of a status: a message has each of its states once."""
    return f"{external_id}:{state}:{reason}" if reason else f"{external_id}:{state}"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a person did on one channel.

    `external_id` is unique on the channel for ever (deduplication); `sender` is the person's address there;
    `message_id` the platform's id of the message (of the edited one for an edit, of the pressed one for a press);
    `sent_at` the platform's date in ms. `text` is text or caption, unchanged. `data` is button data. `forwarded`: the
    text was forwarded (relayed as new text, without its origin).
    """

    channel: str
    external_id: str
    sender: str
    kind: Kind
    sent_at: int
    text: str = ""
    message_id: str = ""
    quote_id: str = ""  # the platform's id of the quoted message
    data: str = ""
    callback_id: str = ""  # to answer a tap
    media: Media | None = None
    place: Place | None = None
    language: str = ""  # the platform's language tag of the person, if any
    start: str = ""  # the payload of a deep link
    forwarded: bool = False
    status: Status | None = None
    linked: str = ""  # a further id of the same person on this channel (a phone beside a user id)
    moved_to: tuple[str, ...] = ()  # the ids by which the person is known from now on
    answers: bool = True  # whether the platform shows an answer to a tap; else it is said in a message


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine says of an inbound, after the commit. `toast` is a rendered text for a tap."""

    fresh: bool
    toast: str = ""


# --- out --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can show. Lengths in characters as the platform counts them."""

    text: int = 4096
    caption: int = 1024
    buttons: int = 100  # at once
    per_row: int = 8
    label: int = 60
    reply_buttons: int = 0  # so many choices as buttons, more of them as a list; 0: buttons in any number, in rows
    rows: int = 10  # of a list
    row_label: int = 24
    row_note: int = 72  # what stands under a row's label
    asked: int = 1024  # text over reply buttons or a list
    edits: bool = True  # sent messages can be edited
    removes_buttons: bool = True
    typing: bool = True
    kinds: frozenset[Kind] = frozenset(
        {
            Kind.TEXT,
            Kind.PHOTO,
            Kind.VOICE,
            Kind.AUDIO,
            Kind.VIDEO,
            Kind.STICKER,
            Kind.DOCUMENT,
            Kind.LOCATION,
        }
    )
    captioned: frozenset[Kind] = frozenset({Kind.PHOTO, Kind.VOICE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT})
    pull: bool = False  # the person's browser fetches and acknowledges; the outbox does not push


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    data: str
    note: str = ""  # the whole label, where a list had to shorten it


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered thing to send: within the channel's abilities.

    kind "text": `text` with `buttons` (rows), quoting `quote_id` if given. "media": `media` with `text` as caption
    (fetched by the outbox into `data`). "place". "edit": `external_id` gets `text`, and `buttons`. "unbutton": the
    buttons of `external_id` go. "typing". "document": `data` as a file with neutral `file_name`. "template": the
    channel's approved invitation to write again, in `language`. `menu`: the buttons are a list, opened by this word.
    """

    kind: Literal["text", "media", "place", "edit", "unbutton", "typing", "document", "template"]
    text: str = ""
    buttons: tuple[tuple[Choice, ...], ...] = ()
    quote_id: str = ""
    external_id: str = ""
    media: Media | None = None
    data: bytes = b""
    file_name: str = ""
    mime: str = ""
    place: Place | None = None
    protect: bool = False  # forbid forwarding and saving where the platform can
    menu: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """Accepted by the platform, which calls it `external_id`."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now. `after` ms if the platform named a pause (`named`), else 0 and our own back-off. `growth`: the platform
    asks for pauses of growth**n seconds, n rising from 0 with every failure in a row."""

    after: int = 0
    reason: str = ""
    named: bool = False
    growth: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Never. `person` true: the person cannot be reached at all (blocked, gone); false: this one message."""

    reason: str
    person: bool = False


@dataclass(frozen=True, slots=True)
class Shut:
    """The platform takes only an invitation to this person until they write again: the message waits for that."""

    reason: str = "window"


Result = Sent | Retry | Refused | Shut


class ChannelError(Exception):
    """An inbound that the channel cannot accept; the message names what is wrong and never quotes it."""


class Forged(ChannelError):
    """A missing or wrong secret or signature (401)."""


class Unreadable(ChannelError):
    """Authentic, and not to be understood: set aside, never answered 5xx. `readable` is what the same body held
    beside it."""

    def __init__(self, message: str, readable: Sequence[Inbound] = ()) -> None:
        super().__init__(message)
        self.readable = tuple(readable)


class Channel(Protocol):
    """One platform."""

    name: str
    abilities: Abilities

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise Forged unless the request carries this deployment's secret. An unset secret refuses."""
        ...

    def parse(self, body: bytes) -> Sequence[Inbound]:
        """All that one webhook body holds, in order. Raises Unreadable."""
        ...

    async def send(self, address: str, out: Outgoing) -> Result:
        """Send one thing; never raises for what the platform says."""
        ...

    async def fetch(self, media: Media) -> bytes:
        """The bytes of a piece of media. Raises OSError when it cannot be had now."""
        ...

    async def answer(self, callback_id: str, text: str) -> None:
        """Answer a tap; a failure is nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """What a channel knows of its platform's state, for /readyz and doctor."""

    ok: bool
    reason: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
