"""Everything that can happen to a dialog or to a thing that people share, in one closed union.

Events of a person's message carry its text only in memory, for the length of one step. Internal events are stored
between steps, so they hold ids and words of the contract only.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from flows.crisis.assessment import NOTHING, Assessment

# --- what a person does ---


@dataclass(frozen=True, slots=True)
class Quote:
    """What a message quotes. `chat` None: it quotes something of ours that belongs to no chat, or cannot be mapped
    (`known` False: counts as no quote)."""

    chat: str | None = None
    message: int | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """A text. `at` is the platform's date in ms (whole seconds on most), `message` the id it is stored under."""

    message: int
    text: str
    at: int
    assessment: Assessment = NOTHING
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo, voice note, sticker, document, location, video: anything relayed as such. `caption` may be empty."""

    message: int
    kind: str
    caption: str
    at: int
    assessment: Assessment = NOTHING
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Unrelayable:
    """A kind that carries an identity or that nobody can carry: contact, venue, live location, poll, unknown."""

    message: int
    kind: str
    at: int
    assessment: Assessment = NOTHING


@dataclass(frozen=True, slots=True)
class Edited:
    """New words for an earlier message of the same person. `original` None: we never had it. `chat`: the chat it went
    to and `to`: who received it."""

    message: int
    original: int | None
    text: str
    at: int
    assessment: Assessment = NOTHING
    chat: str | None = None
    to: int | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The same person deleted an earlier message, which nobody has been shown: it is on its way to nobody any more."""

    message: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button: `verb:object[:id]`. The label was ours, so there is no text to assess, but the choice itself is
    (menu:danger)."""

    verb: str
    object: str
    id: str | None = None
    message: int | None = None  # the line in which the button was named by a typed number or word


@dataclass(frozen=True, slots=True)
class Command:
    """A command in its one inner name (see flows.commands), with what stood behind it. `text` is the whole line."""

    name: str
    argument: str
    message: int
    at: int
    assessment: Assessment = NOTHING


@dataclass(frozen=True, slots=True)
class Gone:
    """The platform says that the person cannot be reached: blocked the bot, deleted the account."""


@dataclass(frozen=True, slots=True)
class Back:
    """The person can be reached again."""


Personal = Said | Shown | Unrelayable | Edited | TakenBack | Pressed | Command | Gone | Back

# --- what one dialog or thing tells another ---


@dataclass(frozen=True, slots=True)
class Matched:
    """To a student: a helper has accepted."""

    chat: str


@dataclass(frozen=True, slots=True)
class ChatOver:
    """To either side: the chat has ended. `request` is the one that continues it, if it was re-offered."""

    chat: str
    reason: str
    request: str | None = None


@dataclass(frozen=True, slots=True)
class RequestOver:
    """To a student: the request is closed without a chat."""

    request: str


@dataclass(frozen=True, slots=True)
class CaseOver:
    """To a student: the episode has ended."""

    case: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A timer of the receiver. `name` says which; `n` counts."""

    name: str
    n: int = 0


@dataclass(frozen=True, slots=True)
class Revoked:
    """To a desk: the coordinator has suspended this person, or taken them off the roster."""


@dataclass(frozen=True, slots=True)
class DutySet:
    """To a desk: a shift began or ended, or the coordinator put them on or off duty."""

    on: bool


@dataclass(frozen=True, slots=True)
class EndNoticeLanded:
    """To a desk: the notice that a chat is over reached the person at `at` ms."""

    at: int


# --- to requests, offers, chats ---


@dataclass(frozen=True, slots=True)
class Accept:
    helper: int


@dataclass(frozen=True, slots=True)
class Pass:
    helper: int


@dataclass(frozen=True, slots=True)
class Expire:
    pass


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Somebody else accepted, or the request is over. `lost` is true when another helper was quicker."""

    lost: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """The student leaves the queue; or the request ends for `reason`."""

    reason: str = "student"


@dataclass(frozen=True, slots=True)
class Raise:
    """Risk has risen to `level`."""

    level: int


@dataclass(frozen=True, slots=True)
class Widen:
    """The student has agreed that peers, too, may accept."""


@dataclass(frozen=True, slots=True)
class OnDutyNow:
    """To an unacknowledged case: this person has come on duty."""

    by: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one side went through the chat."""

    side: str  # student | helper
    at: int


@dataclass(frozen=True, slots=True)
class End:
    """End the chat. `reason` student | helper | silence | revoked | taken | unreachable | erased | rest |
    report | withheld."""

    reason: str
    by: int | None = None


# --- to cases ---


@dataclass(frozen=True, slots=True)
class Hit:
    """A further text of the episode assessed as high or imminent."""

    level: int
    category: str
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Acknowledge:
    by: int | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Decline:
    by: int
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Take:
    by: int


@dataclass(frozen=True, slots=True)
class Acted:
    """The owner wrote or noted."""

    by: int | None


@dataclass(frozen=True, slots=True)
class Resolve:
    by: int | None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    by: int | None = None


@dataclass(frozen=True, slots=True)
class OwnerLost:
    """The acknowledger was suspended, blocked or cannot be reached."""

    by: int


@dataclass(frozen=True, slots=True)
class StudentGone:
    """The student of an open case cannot be reached, or erases (`erased`)."""

    erased: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """The student has answered where they are (asked only where the site's policy allows it)."""

    message: int | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """Somebody who was called says, of a resolved case, whether calling them was right."""

    by: int
    right: bool


@dataclass(frozen=True, slots=True)
class Withheld:
    """The student keeps somebody away from their case: whoever that is, by now, hears nothing more of it."""


Internal = (
    Matched | ChatOver | RequestOver | CaseOver | Tick | Revoked | DutySet | EndNoticeLanded | Accept | Pass | Expire
    | Withdraw | Leave | Raise | Widen | OnDutyNow | Line | End | Hit | Acknowledge | Decline | Take | Acted | Resolve
    | Reopen | OwnerLost | StudentGone | Gone | Back | Marked | Withheld | Placed
)  # fmt: skip

_INTERNAL: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Matched,
        ChatOver,
        RequestOver,
        CaseOver,
        Tick,
        Revoked,
        DutySet,
        EndNoticeLanded,
        Accept,
        Pass,
        Expire,
        Withdraw,
        Leave,
        Raise,
        Widen,
        OnDutyNow,
        Line,
        End,
        Hit,
        Acknowledge,
        Decline,
        Take,
        Acted,
        Resolve,
        Reopen,
        OwnerLost,
        StudentGone,
        Gone,
        Back,
        Marked,
        Withheld,
        Placed,
    )
}


def to_json(event: Internal) -> dict[str, Any]:
    """An internal event as plain JSON values, for a mail row or a timer."""
    return {"is": type(event).__name__, **{f.name: getattr(event, f.name) for f in fields(event)}}


def from_json(data: dict[str, Any]) -> Internal:
    """The event read back. Raises ValueError for a kind that this version does not know."""
    kind = _INTERNAL.get(str(data.get("is")))
    if kind is None:
        raise ValueError(f"unknown internal event {data.get('is')!r}: upgrade Sebaya before it can be handled")
    event: Internal = kind(**{k: v for k, v in data.items() if k != "is"})
    return event
