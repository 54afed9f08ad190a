"""What is remembered between two messages: two dialogs of a person and the four things that people share.

All are frozen values. `Student` is stored as versioned JSON; the others are rows whose columns are these fields.
Times are milliseconds since 1970 UTC; people are integers; requests, offers, chats and cases have opaque text ids that
nobody can guess. No field holds a word that somebody wrote: bodies live sealed in the message table.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """A person's dialog as a student."""

    person: int
    alias: str
    language: str = "id"
    v: int = VERSION
    state: str = "new"  # flows.dialogs.student.states.Doing
    consent: bool | None = None
    age: str | None = None  # a value of AGES
    site: str | None = None
    # the intake under way
    kind: str = "peer"  # peer | counselor
    topic: str | None = None
    heavy: int | None = None
    wishes: tuple[str, ...] = ()
    # what is open
    request: str | None = None
    chat: str | None = None  # the chat being held, or the one being asked about in feedback
    case: str | None = None
    # small memories
    told_kept_at: int = 0  # when "I keep this for your supporter" was last said
    asked: str | None = None  # a question that a tap must answer, e.g. "erase", "erase-case"
    heavy_after: int | None = None
    helpful: int | None = None
    back: str = "menu"  # where an interruption (settings, exercise) returns to
    shown: str = ""  # the newest list of choices that is not this state's question, a name of menus.LISTS
    taps: tuple[int, ...] = ()  # times of recent lines outside a chat, to stop answering each one of a flood


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A helper's side: a supporter's or counselor's dialog. The roster's facts about them are a Staff value."""

    person: int
    state: str = "off"  # off | on | paused | gone
    duty_since: int | None = None
    paused_until: int | None = None
    limit: int | None = None  # how many chats at once, where they wished fewer than the roster's capacity
    current: str | None = None  # the chat chosen by chat:switch
    current_at: int = 0
    held: tuple[int, ...] = ()  # messages that wait for "to whom?"
    own: tuple[int, ...] = ()  # held lines in which the helper speaks of their own danger
    own_chat: str | None = None
    asked: str | None = None  # a question that the next line or tap answers, e.g. "note:<chat>"
    ended_at: int | None = None  # when the newest end notice reached this person; None while one is on its way
    ending: int = 0  # end notices on their way


class RequestState(StrEnum):
    WAITING = "waiting"
    MATCHED = "matched"
    LEFT = "left"  # the student left the queue
    CLOSED = "closed"  # a counselor took the case, or the student was erased


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A student's place in the queue."""

    id: str
    student: int
    state: str = RequestState.WAITING
    kind: str = "peer"  # peer | counselor: who may accept
    topic: str | None = None
    heavy: int | None = None
    wishes: tuple[str, ...] = ()
    language: str = "id"
    site: str | None = None
    risk: int = 0  # flows.crisis.assessment.Level
    opened_at: int = 0  # kept when re-offered: nobody goes to the end of the queue for a supporter's silence
    matched_at: int | None = None
    previous: str | None = None  # the chat that this request continues
    avoid: tuple[int, ...] = ()  # helpers not to be asked: never again, or just left
    round: int = 0
    shown_position: int | None = None
    left_message: bool = False  # chose to wait though nobody is on duty


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    PASSED = "passed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A request shown to one helper."""

    id: str
    request: str
    helper: int
    state: str = OfferState.OPEN
    created_at: int = 0
    expires_at: int = 0
    round: int = 0


class ChatState(StrEnum):
    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """The pairing of one student with one helper, from accept to end."""

    id: str
    request: str
    student: int
    helper: int
    role: str = "supporter"  # supporter | counselor
    alias: str = ""  # the student's, as the helper sees it
    helper_alias: str = ""  # as the student sees the helper: an alias, or a counselor's display name
    case: str | None = None
    state: str = ChatState.OPEN
    reason: str | None = None  # why it ended: student | helper | silence | revoked | taken | unreachable | erased
    opened_at: int = 0
    ended_at: int | None = None
    since: int = 0  # ms; what was said from here on is handed over
    student_at: int = 0  # last line of each side
    helper_at: int = 0
    unanswered_at: int | None = None  # the oldest line of the student that the helper has not answered
    warned_at: int | None = None
    watched: bool = False  # a timer looks after the helper's silence


class CaseState(StrEnum):
    PAGING = "paging"
    ACKNOWLEDGED = "acknowledged"
    TAKEN = "taken"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An escalation, one for each episode of a person."""

    id: str
    student: int  # the person in danger (a helper, when `about` is "helper")
    alias: str
    about: str = "student"  # student | helper
    state: str = CaseState.PAGING
    level: int = 2
    category: str = "none"
    source: str = "text"  # text | danger | helper | aside | hand | api
    message: int | None = None  # the message that opened it
    opened_at: int = 0
    raised_at: int = 0
    episode: int = 1  # counts reopenings
    # paging
    rung: str = "duty"  # duty | all | coordinators
    lap: int = 0  # how often the whole ladder has been climbed
    paging_since: int = 0
    paged: tuple[int, ...] = ()  # in this climb
    asking: tuple[int, ...] = ()  # paged, neither acknowledged nor declined
    told_at: int | None = None  # when the student was told that nobody has answered
    # the one who has it
    owner: int | None = None
    acknowledged_at: int | None = None
    acted_at: int | None = None
    reminded_at: int | None = None
    resolved_at: int | None = None
    outcome: str | None = None


def to_json(value: Student | Desk) -> dict[str, Any]:
    """The snapshot as plain JSON values."""
    return {f.name: getattr(value, f.name) for f in fields(value)}


def student_from_json(data: dict[str, Any]) -> Student:
    """A Student read back. Unknown fields (of a newer version still running beside us) are dropped; missing ones
    take their defaults. Raises ValueError for a version that this code has never known."""
    if not 1 <= int(data.get("v", 1)) <= VERSION:
        raise ValueError(f"student snapshot of version {data.get('v')}: upgrade Sebaya before it can be read")
    known = {f.name for f in fields(Student)}
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
    return Student(**{**kept, "v": VERSION})


def desk_from_json(data: dict[str, Any]) -> Desk:
    """A Desk read back, by the same rules as a Student."""
    known = {f.name for f in fields(Desk)}
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
    return Desk(**kept)
