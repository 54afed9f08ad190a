"""The lookups that a step may ask, answered by the store inside the step's own transaction, and by a small World in
memory for exploration. A lookup only reads; no rule hides in one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flows.snapshot import Case, Chat, Desk, Offer, Request

Ms = int
SECOND: Ms = 1_000
MINUTE: Ms = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the deployment has set. Times in ms."""

    ack: Ms = 60 * SECOND  # ESCALATION_ACK_SECONDS
    case_action: Ms = 600 * SECOND  # CASE_ACTION_SECONDS
    offer: Ms = 45 * SECOND  # OFFER_SECONDS
    breadth: int = 3  # OFFER_BREADTH
    silence_warn: Ms = 3 * MINUTE  # a supporter who has not answered is reminded
    silence_move: Ms = 5 * MINUTE  # and the student is told and re-offered
    switch: Ms = 10 * MINUTE  # a chosen current student lapses
    minors_meet_peers: bool = False  # a site's policy: guardian consent at enrolment
    counselor_accepts_peer: bool = False
    ask_place: bool = False  # in imminent danger, where help should be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A roster entry, as the flows need it. `name` is a counselor's display name; a supporter shows `alias` only."""

    person: int
    id: str
    role: str  # supporter | counselor | coordinator
    alias: str
    name: str
    language: str = "id"
    languages: tuple[str, ...] = ("id",)
    gender: str | None = None
    site: str | None = None
    topics: tuple[str, ...] = ()
    capacity: int = 3
    active: bool = True
    certified_until: Ms | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A helper on duty now: the roster entry, their desk, how many chats they hold, and their place in the rota
    (0 primary, 1 backup, 2 on by their own word)."""

    staff: Staff
    desk: Desk
    load: int
    rota: int = 2


@dataclass(frozen=True, slots=True)
class Number:
    """An entry of the help directory that may be shown. `checked` is the date of the last check (ISO)."""

    name: str
    contact: str
    kind: str  # phone | whatsapp | web ...
    checked: str
    expired: bool = False
    what_for: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting request as the matching round sees it. `offered`: helper -> (how often, ms of the newest, passed)."""

    request: Request
    alias: str
    open: frozenset[int] = frozenset()  # helpers who hold an open offer of it
    offered: Mapping[int, tuple[int, Ms, bool]] = field(default_factory=dict)
    never: frozenset[int] = frozenset()
    again: frozenset[int] = frozenset()
    paged: bool = False  # its student has an open case


@dataclass(frozen=True, slots=True)
class Ready:
    """A helper who may be offered a request: on duty, with the open offers they hold and when they last got one."""

    duty: OnDuty
    offers: int = 0
    last_offer: Ms = 0


class Facts(Protocol):
    """About a dozen lookups."""

    @property
    def policy(self) -> Policy: ...

    def new_id(self) -> str:
        """An opaque, unguessable id of 16 url-safe characters."""
        ...

    def request(self, id: str) -> Request | None: ...

    def offer(self, id: str) -> Offer | None: ...

    def chat(self, id: str) -> Chat | None: ...

    def case(self, id: str) -> Case | None: ...

    def open_case(self, student: int) -> Case | None:
        """The unresolved case of a person, or None."""
        ...

    def last_case(self, student: int) -> Case | None:
        """The newest resolved case of a person, or None: a later hit reopens it."""
        ...

    def open_offers(self, request: str) -> Sequence[Offer]: ...

    def offers_to(self, helper: int) -> Sequence[Offer]:
        """The open offers that a helper holds."""
        ...

    def open_chats(self, helper: int) -> Sequence[Chat]:
        """A helper's open chats, oldest first."""
        ...

    def open_chat_of(self, student: int) -> Chat | None: ...

    def open_request_of(self, student: int) -> Request | None: ...

    def staff(self, person: int) -> Staff | None: ...

    def on_duty(self, role: str) -> Sequence[OnDuty]:
        """Active, reachable people of the role who are on duty and not paused, in rota order."""
        ...

    def all_staff(self, role: str) -> Sequence[Staff]:
        """Active people of the role in the roster, on duty or not, whom at least one address reaches."""
        ...

    def position(self, request: str) -> int:
        """The place in the queue, from 1."""
        ...

    def estimate(self) -> Ms | None:
        """The median wait of accepted requests at this hour, or None where there is too little to go by."""
        ...

    def next_duty(self) -> Ms | None:
        """When the next supporter's shift begins, or None if none is planned."""
        ...

    def numbers(self, category: str, site: str | None = None) -> Sequence[Number]:
        """What may be shown for a crisis of this category, best first; never empty (the national one, with its old
        date, when all have expired)."""
        ...

    def directory(self, site: str | None = None) -> Sequence[Number]:
        """What may be shown to somebody who looks for help near them."""
        ...

    def words(self, case: str) -> str:
        """The triggering words of a case, the writer's own; empty when there are none."""
        ...

    def language(self, person: int) -> str: ...

    def alias(self, person: int) -> str:
        """The alias under which helpers see this person."""
        ...

    def never_again(self, student: int) -> Sequence[int]:
        """Helpers whom this student asked not to meet again."""
        ...

    def withheld(self, student: int) -> Collection[int]:
        """Staff who must not see this student's cases, because the student said so."""
        ...

    def lines_since(self, student: int, since: Ms) -> int:
        """How many lines of the student wait to be handed over."""
        ...

    def reachable(self, person: int) -> bool:
        """Whether at least one address of the person takes messages."""
        ...

    def window(self, person: int) -> Ms | None:
        """Until when the platform of the person's newest address lets us write freely (it may be over); None where it
        always does."""
        ...

    def linked(self, code: str) -> int | None:
        """Whose code for joining an address this is, as long as it is good."""
        ...

    def storied(self, person: int) -> bool:
        """Whether the person is of the roster, or has ever asked for, or talked to, somebody, or been in danger."""
        ...

    def label(self, language: str, key: str, args: Mapping[str, str | int] | None = None) -> str:
        """The text of catalogue entry `key`: to understand a typed word as the button of that name, and to make
        lists of numbers with their dates."""
        ...

    def paging_cases(self) -> Sequence[Case]:
        """Cases that nobody has acknowledged."""
        ...

    def owned_cases(self, person: int) -> Sequence[Case]:
        """Unresolved cases that this staff member has acknowledged or taken, or is asked about."""
        ...

    def pranks(self, person: int) -> int:
        """How often this person said it was a prank or was reported for one."""
        ...
