"""Everything that a flow may want, as frozen dataclasses in one closed union. The shell has one function for each.

A flow never does; it wants. All effects of one step are applied in one transaction with the snapshot (law M5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from flows.events import Internal
from flows.snapshot import Case, Chat, Offer, Request

Args = Mapping[str, str | int]


class Class(IntEnum):
    """The two classes of the message law. Lower leaves first; order holds within a class (M3)."""

    CRISIS = 0
    ORDINARY = 1


@dataclass(frozen=True, slots=True)
class Button:
    """A choice. `data` is `verb:object[:id]`, at most 64 bytes; the label is catalogue entry `key` with `args`."""

    data: str
    key: str
    args: Args = field(default_factory=dict)


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Say:
    """Speak catalogue entry `key` to a person, in their language.

    `to` None is the person being stepped. `private` arguments hold words of a student; they are sealed under the key
    of `about` (a person id). `ref` names what the message's buttons belong to, so that Spend can take them away.
    `replaces` edits the last message of that ref in place where the channel can.
    """

    key: str
    args: Args = field(default_factory=dict)
    buttons: Rows = ()
    to: int | None = None
    cls: Class = Class.ORDINARY
    ref: str | None = None
    replaces: bool = False
    private: Args = field(default_factory=dict)
    about: int | None = None
    chat: str | None = None
    case: str | None = None
    notice: str | None = None  # "chat_end": the delivery time is remembered (contract: who receives a helper's line)


@dataclass(frozen=True, slots=True)
class Relay:
    """Carry message `message` to the other side of `chat` (`to`), unchanged, under `alias` where one is given."""

    message: int
    chat: str
    to: int
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Amend:
    """An edited message: carry the new words to whoever received the original, and to nobody else."""

    message: int
    original: int
    chat: str
    to: int
    alias: str | None = None


class Fate(StrEnum):
    """The final state of an inbound message (M2), or `held` on its way to one."""

    ANSWERED = "answered"
    RELAYED = "relayed"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Settle:
    """Say what became of an inbound message, and to which request or chat it belongs. `owner` is whose key seals it
    (the student of the chat)."""

    message: int
    fate: Fate
    request: str | None = None
    chat: str | None = None
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """Bring a new request, offer, chat or case into the store."""

    what: Request | Offer | Chat | Case


@dataclass(frozen=True, slots=True)
class Send:
    """Give an internal event to an aggregate. `kind` request, offer, chat and case are stepped in this transaction;
    a person's dialog (`student`, `desk`) gets a durable internal inbox row and is stepped next."""

    kind: str
    id: str | int
    event: Internal


@dataclass(frozen=True, slots=True)
class SetTimer:
    """At `due` (ms) give `event` to the aggregate. One timer for each (kind, id, name); a later one replaces it.
    `crisis` timers fire however late; others too late are still given, marked by the event's own rule."""

    kind: str
    id: str | int
    name: str
    due: int
    event: Internal
    crisis: bool = False


@dataclass(frozen=True, slots=True)
class ClearTimer:
    kind: str
    id: str | int
    name: str


@dataclass(frozen=True, slots=True)
class Spend:
    """Take the buttons away from every message of `ref` (to `only`, if given)."""

    ref: str
    only: int | None = None


@dataclass(frozen=True, slots=True)
class Toast:
    """The visible answer to a tap (a callback answer where the platform has one)."""

    key: str
    args: Args = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """Wake the matching round, in a transaction of its own."""

    after: int = 0  # ms from now


@dataclass(frozen=True, slots=True)
class SetLanguage:
    person: int
    language: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Show what was said before to a new owner, in order: what both sides said in the student's chats since `since`
    (ms), and every line of the student that nobody has been shown yet. What had not reached the owner before them is
    among it (M2)."""

    to: int
    chat: str
    student: int
    since: int
    alias: str
    read_by_staff: bool = False  # P5: an audit entry


@dataclass(frozen=True, slots=True)
class Retract:
    """What waits in the outbox for `to` and is no longer theirs: the lines of `chat`, or, without one, everything that
    they were to get as a helper. The student's lines of `chat` that have not reached them are held again: whoever is
    next is shown them, also when the student leaves the queue in between (M2)."""

    to: int
    chat: str | None = None


@dataclass(frozen=True, slots=True)
class Remember:
    """A pairing not to be repeated (`never`), or one that was wished again."""

    student: int
    helper: int
    again: bool


@dataclass(frozen=True, slots=True)
class Withhold:
    """The student keeps somebody away from their cases, now and later. `kind` person (`value` is an id of the roster),
    site (everybody of that site), or nobody (takes all of it back)."""

    student: int
    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What `by` says of the calls for a case's episode: right or not. Said again, it replaces what they said."""

    case: str
    by: int
    right: bool


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a student said at the end of a chat. None is "skipped"."""

    chat: str
    student: int
    heavy_before: int | None
    heavy_after: int | None
    helpful: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """One side of a chat reports the other; shown to coordinators."""

    chat: str
    by: int
    about: int


@dataclass(frozen=True, slots=True)
class Note:
    """Keep message `message` as a helper's note on a chat or case; it is relayed to nobody."""

    message: int
    by: int
    student: int
    chat: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Prank:
    """The person said, or was reported, to be trying things out. Never closes a door."""

    person: int


@dataclass(frozen=True, slots=True)
class Join:
    """The person showed an invitation: the shell redeems it, or says that it is not valid."""

    person: int
    code: str


@dataclass(frozen=True, slots=True)
class LinkCode:
    """Give the person a code, good for `valid` ms, by which another address of theirs can be joined."""

    person: int
    valid: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Join the addresses of `source`, who has no story, to person `into`; `code` is used up by it."""

    source: int
    into: int
    code: str


@dataclass(frozen=True, slots=True)
class Typing:
    """Show the other side that somebody is writing; lost without harm."""

    to: int


@dataclass(frozen=True, slots=True)
class Export:
    """Send the person everything that is kept about them."""

    person: int


@dataclass(frozen=True, slots=True)
class Erase:
    """Destroy the person's data key and addresses, after the last notices have left."""

    person: int


@dataclass(frozen=True, slots=True)
class Hook:
    """The outside hook: case id, level and category, never text."""

    case: str
    level: str
    category: str
    lap: int


@dataclass(frozen=True, slots=True)
class Audit:
    """A record that somebody did something. `detail` holds ids and words of the contract only, never a body."""

    actor: int | None
    action: str
    object: str
    detail: Args = field(default_factory=dict)


Effect = (
    Say | Relay | Amend | Settle | Create | Send | SetTimer | ClearTimer | Spend | Toast | Match | SetLanguage
    | HandOver | Retract | Remember | Withhold | Mark | Feedback | Report | Note | Prank | LinkCode | Merge | Typing
    | Join | Export | Erase | Hook | Audit
)  # fmt: skip
