"""A whole service in memory: the lookups of flows.facts.Facts, and a runner that applies effects to itself.

Whoever tests a flow registers its `step` (`world.flows["case"] = case.step`), puts people in, and tells the story with
`give` (an event for a thing or a dialog), `advance` (time passes, timers fire when due) and `sleep` (time passes while
the service is down; `wake` fires what is overdue). Every snapshot and every internal event is serialized and read back
between two steps. What was wanted lies in `log`, what was said in `said`, live buttons in `buttons`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from flows.effects import (
    Args,
    ClearTimer,
    Create,
    Effect,
    Erase,
    Prank,
    Remember,
    Say,
    Send,
    SetLanguage,
    SetTimer,
    Spend,
    Withhold,
)
from flows.events import Internal, from_json, to_json
from flows.facts import Facts, Number, OnDuty, Policy, Staff
from flows.snapshot import Case, Chat, Desk, Offer, Request, Student
from flows.step import Step

START = 1_795_270_000_000  # 21 November 2026
STEPS = 20_000  # no story takes more: a loop of events is a mistake

StepOf = Callable[[Any, Any, int, Facts], Step[Any]]
HEALING = Number("Healing119", "119 ext 8", "phone", "2025-12-20")
_LABELS = {
    "numbers.line": "{name}: {contact} (dicek {checked})",
    "numbers.line.expired": "{name}: {contact} (terakhir dicek {checked})",
    "numbers.undated": "belum dicek",
}

_NAMES: dict[type[Any], tuple[str, ...]] = {}


@dataclass(frozen=True)
class Spoken:
    """Something said to somebody. `to` stands here, also where the effect left it to the person being stepped."""

    at: int
    to: int
    say: Say

    @property
    def key(self) -> str:
        return self.say.key


@dataclass
class Person:
    """What the store knows of a person beside their dialogs."""

    alias: str
    language: str = "id"
    reachable: bool = True
    window: int | None = None
    pranks: int = 0
    erased: bool = False


@dataclass
class World:
    """See the module. Everything in it may be set by a test at any time."""

    policy: Policy = field(default_factory=Policy)
    now: int = START
    flows: dict[str, StepOf] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    roster: dict[int, Staff] = field(default_factory=dict)
    rota: dict[int, int] = field(default_factory=dict)
    things: dict[str, dict[Any, Any]] = field(
        default_factory=lambda: {k: {} for k in ("student", "desk", "request", "offer", "chat", "case")}
    )
    timers: dict[tuple[str, str | int, str], SetTimer] = field(default_factory=dict)
    mail: deque[Send] = field(default_factory=deque)
    case_words: dict[str, str] = field(default_factory=dict)
    pairings: dict[tuple[int, int], bool] = field(default_factory=dict)
    kept: dict[int, set[int]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    lines: list[tuple[int, int]] = field(default_factory=list)  # (student, at)
    shown: list[Number] = field(default_factory=lambda: [HEALING])
    labels: dict[str, str] = field(default_factory=lambda: dict(_LABELS))
    median_wait: int | None = None
    next_shift: int | None = None
    log: list[tuple[int, Effect]] = field(default_factory=list)
    said: list[Spoken] = field(default_factory=list)
    buttons: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)  # (person, ref): data
    unsent: list[Send] = field(default_factory=list)  # for flows that this story leaves out
    ids: int = 0
    steps: int = 0

    # --- people -----------------------------------------------------------------------------------------------------

    def person(self, id: int, **known: Any) -> int:
        """Somebody writes for the first time."""
        self.people.setdefault(id, Person(alias=f"Alias {id}"))
        for name, value in known.items():
            setattr(self.people[id], name, value)
        return id

    def student(self, id: int, **known: Any) -> int:
        self.person(id)
        self.things["student"][id] = Student(person=id, alias=self.people[id].alias, **known)
        return id

    def helper(self, id: int, role: str, *, duty: bool = False, rota: int | None = None, **known: Any) -> int:
        """Somebody of the roster, on duty or not; `rota` their place in it."""
        self.person(id)
        named = {"alias": self.people[id].alias, "name": f"Nama {id}", **known}
        self.roster[id] = Staff(person=id, id=f"staff-{id}", role=role, **named)
        self.rota[id] = 2 if rota is None else rota
        self.things["desk"][id] = Desk(person=id)
        self.duty(id, duty)
        return id

    def duty(self, id: int, on: bool) -> None:
        desk: Desk = self.things["desk"][id]
        self.things["desk"][id] = replace(desk, state="on" if on else "off", duty_since=self.now if on else None)

    def change(self, id: int, **known: Any) -> None:
        """Change a roster entry: `active`, `reachable`, `topics` ..."""
        self.roster[id] = replace(self.roster[id], **known)

    # --- the runner -------------------------------------------------------------------------------------------------

    def give(self, kind: str, id: str | int, event: Any) -> None:
        """Let something happen, and everything that follows from it at this moment."""
        self._step(kind, id, event)
        self._drain()

    def apply(self, effects: Iterable[Effect], me: int | None = None) -> None:
        """Apply effects as the shell does, in order, and everything that follows from them at this moment."""
        self._apply(effects, me)
        self._drain()

    def advance(self, ms: int) -> None:
        """Time passes; every timer fires when it is due."""
        until = self.now + ms
        while True:
            due = min((timer.due for timer in self.timers.values()), default=until + 1)
            if due > until:
                break
            self.now = max(self.now, due)
            self.wake()
        self.now = until

    def sleep(self, ms: int) -> None:
        """Time passes while the service is down."""
        self.now += ms

    def wake(self) -> None:
        """Fire what is due or overdue now, crisis timers first."""
        due = sorted(
            (timer for timer in self.timers.values() if timer.due <= self.now), key=lambda t: (not t.crisis, t.due)
        )
        for timer in due:
            if self.timers.get((timer.kind, timer.id, timer.name)) is timer:
                del self.timers[timer.kind, timer.id, timer.name]
                self.give(timer.kind, timer.id, timer.event)

    def _step(self, kind: str, id: str | int, event: Any) -> None:
        self.steps += 1
        assert self.steps < STEPS, f"the story does not end: {kind} {event}"
        thing = self.things[kind].get(id)
        if kind not in self.flows or thing is None:
            self.unsent.append(Send(kind, id, event))
            return
        step = self.flows[kind](reread(thing), event, self.now, self)
        self.things[kind][id] = reread(step.snapshot)
        self._apply(step.effects, id if isinstance(id, int) else None)

    def _drain(self) -> None:
        while self.mail:
            letter = self.mail.popleft()
            self._step(letter.kind, letter.id, reread_event(letter.event))

    def _apply(self, effects: Iterable[Effect], me: int | None) -> None:
        for effect in effects:
            self.log.append((self.now, effect))
            match effect:
                case Say():
                    self._say(effect, me)
                case Spend(ref, only):
                    for person, spent in list(self.buttons):
                        if spent == ref and only in (None, person):
                            del self.buttons[person, spent]
                case Create(what):
                    kind = type(what).__name__.lower()
                    assert what.id not in self.things[kind], f"{kind} {what.id} exists"
                    self.things[kind][what.id] = reread(what)
                case Send(kind, id, event):
                    if kind in ("student", "desk"):
                        self.mail.append(effect)
                    else:
                        self._step(kind, id, reread_event(event))
                case SetTimer():
                    self.timers[effect.kind, effect.id, effect.name] = replace(effect, event=reread_event(effect.event))
                case ClearTimer(kind, id, name):
                    self.timers.pop((kind, id, name), None)
                case SetLanguage(person, language):
                    self.people[person].language = language
                case Remember(student, helper, again):
                    self.pairings[student, helper] = again
                case Withhold(student, kind, value):
                    self._withhold(student, kind, value)
                case Prank(person):
                    self.people[person].pranks += 1
                case Erase(person):
                    self.people[person].erased = True
                    self.people[person].reachable = False

    def _withhold(self, student: int, kind: str, value: str) -> None:
        if kind == "nobody":
            self.kept.pop(student, None)
            return
        found = {one.person for one in self.roster.values() if value == (one.id if kind == "person" else one.site)}
        self.kept.setdefault(student, set()).update(found)

    def _say(self, say: Say, me: int | None) -> None:
        to = say.to if say.to is not None else me
        assert to is not None, f"{say.key} is said to nobody"
        if say.about is not None:
            assert not self.people[say.about].erased, f"{say.key} is sealed under a destroyed key"
        self.said.append(Spoken(self.now, to, say))
        if say.ref and say.buttons:
            self.buttons[to, say.ref] = tuple(button.data for row in say.buttons for button in row)

    # --- what a test asks -------------------------------------------------------------------------------------------

    def heard(self, person: int, since: int = 0) -> list[str]:
        """The keys of what was said to somebody, from the `since`th thing said in this world."""
        return [one.key for one in self.said[since:] if one.to == person]

    def wanted(self, kind: type[Any]) -> list[Any]:
        """Every effect of a kind, in order."""
        return [effect for _, effect in self.log if isinstance(effect, kind)]

    # --- Facts ------------------------------------------------------------------------------------------------------

    def new_id(self) -> str:
        self.ids += 1
        return f"id{self.ids:014d}"

    def request(self, id: str) -> Request | None:
        return self.things["request"].get(id)

    def offer(self, id: str) -> Offer | None:
        return self.things["offer"].get(id)

    def chat(self, id: str) -> Chat | None:
        return self.things["chat"].get(id)

    def case(self, id: str) -> Case | None:
        return self.things["case"].get(id)

    def open_case(self, student: int) -> Case | None:
        found: Case | None = self._first("case", lambda c: c.student == student and c.state != "resolved")
        return found

    def last_case(self, student: int) -> Case | None:
        found: Case | None = self._first("case", lambda c: c.student == student and c.state == "resolved", newest=True)
        return found

    def open_offers(self, request: str) -> Sequence[Offer]:
        return [o for o in self.things["offer"].values() if o.request == request and o.state == "open"]

    def offers_to(self, helper: int) -> Sequence[Offer]:
        return [o for o in self.things["offer"].values() if o.helper == helper and o.state == "open"]

    def open_chats(self, helper: int) -> Sequence[Chat]:
        return [c for c in self.things["chat"].values() if c.helper == helper and c.state == "open"]

    def open_chat_of(self, student: int) -> Chat | None:
        found: Chat | None = self._first("chat", lambda c: c.student == student and c.state == "open")
        return found

    def open_request_of(self, student: int) -> Request | None:
        found: Request | None = self._first("request", lambda r: r.student == student and r.state == "waiting")
        return found

    def _first(self, kind: str, holds: Callable[[Any], bool], newest: bool = False) -> Any:
        found = [thing for thing in self.things[kind].values() if holds(thing)]
        return None if not found else found[-1] if newest else found[0]

    def staff(self, person: int) -> Staff | None:
        return self.roster.get(person)

    def on_duty(self, role: str) -> Sequence[OnDuty]:
        found = [
            OnDuty(one, self.things["desk"][one.person], len(self.open_chats(one.person)), self.rota[one.person])
            for one in self.all_staff(role)
            if self.things["desk"][one.person].state == "on" and not self._paused(one.person)
        ]
        return sorted(found, key=lambda one: (one.rota, one.desk.duty_since or 0, one.staff.person))

    def _paused(self, person: int) -> bool:
        until = self.things["desk"][person].paused_until
        return until is not None and until > self.now

    def all_staff(self, role: str) -> Sequence[Staff]:
        return [one for one in self.roster.values() if one.role == role and one.active and one.reachable]

    def position(self, request: str) -> int:
        waiting = [r for r in self.things["request"].values() if r.state == "waiting"]
        ranked = sorted(waiting, key=lambda r: (-r.risk, r.opened_at))
        return 1 + [r.id for r in ranked].index(request)

    def estimate(self) -> int | None:
        return self.median_wait

    def next_duty(self) -> int | None:
        return self.next_shift

    def numbers(self, category: str, site: str | None = None) -> Sequence[Number]:
        return self.shown

    def directory(self, site: str | None = None) -> Sequence[Number]:
        return self.shown

    def words(self, case: str) -> str:
        return self.case_words.get(case, "")

    def language(self, person: int) -> str:
        return self.people[person].language

    def alias(self, person: int) -> str:
        return self.people[person].alias

    def never_again(self, student: int) -> Sequence[int]:
        return [helper for (who, helper), again in self.pairings.items() if who == student and not again]

    def withheld(self, student: int) -> frozenset[int]:
        return frozenset(self.kept.get(student, ()))

    def lines_since(self, student: int, since: int) -> int:
        return sum(1 for who, at in self.lines if who == student and at >= since)

    def reachable(self, person: int) -> bool:
        staff = self.roster.get(person)
        return self.people[person].reachable and (staff is None or staff.reachable)

    def window(self, person: int) -> int | None:
        return self.people[person].window

    def linked(self, code: str) -> int | None:
        return self.codes.get(code)

    def storied(self, person: int) -> bool:
        things = self.things
        asked = any(one.student == person for kind in ("request", "chat", "case") for one in things[kind].values())
        return asked or person in self.roster

    def label(self, language: str, key: str, args: Args | None = None) -> str:
        return self.labels.get(key, key).format(**(args or {}))

    def paging_cases(self) -> Sequence[Case]:
        return [case for case in self.things["case"].values() if case.state == "paging"]

    def owned_cases(self, person: int) -> Sequence[Case]:
        return [
            case
            for case in self.things["case"].values()
            if case.state != "resolved" and (case.owner == person or person in case.asking)
        ]

    def pranks(self, person: int) -> int:
        return self.people[person].pranks


def reread(value: Any) -> Any:
    """A snapshot as it comes back from the store."""
    data = json.loads(json.dumps({name: getattr(value, name) for name in _names(type(value))}))
    return type(value)(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})


def _names(kind: type[Any]) -> tuple[str, ...]:
    if kind not in _NAMES:
        _NAMES[kind] = tuple(f.name for f in fields(kind))
    return _NAMES[kind]


def reread_event(event: Internal) -> Internal:
    """An internal event as it comes back from a mail row or a timer."""
    return from_json(json.loads(json.dumps(to_json(event))))
