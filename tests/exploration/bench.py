"""The whole service as one value: dialogs, shared things, timers, internal mail, outbox and lines, stepped by the real
flows. Each thing that happens is a transaction as in `bot.turn`: the dialog of one person and, depth first, the things
that it touches; what it means for somebody else is mail, and what is said waits in the outbox until it is delivered.

A bench is copied before every step, so that a state can be tried with everything that may happen in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flows.crisis import case as cases
from flows.dialogs.helper.step import step as step_desk
from flows.dialogs.student.step import step as step_student
from flows.effects import Say, Send
from flows.events import Decline, EndNoticeLanded, Gone, OwnerLost, StudentGone
from flows.facts import Policy, Ready, Waiting
from flows.snapshot import Student
from flows.support import chat as chats
from flows.support import matching
from flows.support import offer as offers
from flows.support import request as requests
from tests.exploration.doing import DO
from tests.exploration.values import DIALOGS, Broken, Out, Written
from tests.flows.world import Person, World

CASCADE = 300
"""Events that one transaction may cause before it is taken for a loop."""
ROUNDS = 60
"""How often the service may go round before it is taken never to come to rest."""

STEPS = {
    "student": step_student,
    "desk": step_desk,
    "request": requests.step,
    "offer": offers.step,
    "chat": chats.step,
    "case": cases.step,
}


class Bench(World):
    """See the module. `stalled` is the person to whom nothing is delivered just now, `lagging` the one whose mail is
    not stepped yet, `used` what of the bound has happened, `happened` what the last step did, for the laws."""

    letters: tuple[Send, ...]
    outbox: dict[int, tuple[Out, ...]]
    written: dict[int, Written]
    used: dict[tuple[str, int], int]
    vanished: frozenset[int]  # the platform would refuse them, and nobody knows yet
    match_due: int | None
    stalled: int
    lagging: int
    happened: list[tuple[Any, ...]]

    @classmethod
    def new(cls, policy: Policy) -> Bench:
        made = cls(policy=policy)
        made.letters = ()
        made.outbox, made.written, made.used = {}, {}, {}
        made.vanished = frozenset()
        made.match_due = None
        made.stalled = made.lagging = 0
        made.happened = []
        made._me = made._message = None
        made._missed = []
        made._depth = made._rows = 0
        return made

    def copy(self) -> Bench:
        """The same state, to be changed without changing this one. Values are shared, tables are not."""
        other = object.__new__(Bench)
        other.__dict__.update(self.__dict__)
        other.things = {kind: dict(table) for kind, table in self.things.items()}
        for name in ("people", "roster", "timers", "pairings", "outbox", "written", "used"):
            setattr(other, name, dict(getattr(self, name)))
        other.happened = []
        other._missed = []
        return other

    # --- one transaction --------------------------------------------------------------------------------------------

    def act(self, kind: str, person: int, event: Any) -> None:
        """Somebody does something; it is one transaction, and all that follows is done unless something holds it up."""
        self._begin(person)
        self.happened.append(("did", person, event))
        message = getattr(event, "message", None)
        if message is not None:
            self.written[message] = Written(message, person)
            self._message = message
        self._mail_of(person)
        self._step(kind, person, event)
        self._end()
        self.settle()

    def tell(self, kind: str, id: str | int, event: Any) -> None:
        """An internal event of no person's making (a timer, the platform, the coordinator), in its own transaction."""
        self._begin(int(id) if kind in DIALOGS else None)
        self._step(kind, id, event)
        self._end()

    def _begin(self, person: int | None) -> None:
        self._me, self._message, self._depth, self._missed = person, None, 0, []

    def _end(self) -> None:
        for _ in range(20):
            missed, self._missed = self._missed, []
            for person, say in missed:
                self._unreached(person, say)
            if not self._missed:
                break
        self._me = self._message = None

    def _unreached(self, person: int, say: Say) -> None:
        """Nobody could be written to (bot.turn)."""
        case = self.case(say.case) if say.case else None
        if case is not None and case.state != "resolved":
            if case.student == person:
                self._step("case", case.id, StudentGone())
            elif person in case.asking:
                self._step("case", case.id, Decline(person, unreachable=True))
            elif person == case.owner:
                self._step("case", case.id, OwnerLost(person))
        chat = self.open_chat_of(person)
        if chat is not None and say.chat == chat.id:
            self._step("chat", chat.id, Gone())

    def _step(self, kind: str, id: str | int, event: Any) -> None:
        self._depth += 1
        if self._depth > CASCADE:
            raise Broken(f"M5: one transaction causes more than {CASCADE} events, the last for a {kind}")
        thing = self.things[kind].get(id)
        if thing is None:
            return
        step = STEPS[kind](thing, event, self.now, self)
        self.things[kind][id] = step.snapshot
        self.happened.append(("stepped", kind, thing, step.snapshot, event))
        self._apply(step.effects, int(id) if kind in DIALOGS else None)

    def _apply(self, effects: Any, me: int | None) -> None:
        who = me if me is not None else self._me
        for effect in effects:
            done = DO.get(type(effect))
            if done is not None:
                done(self, effect, who)

    def _mail_of(self, person: int) -> None:
        mine = [letter for letter in self.letters if letter.id == person]
        if mine:
            self.letters = tuple(letter for letter in self.letters if letter.id != person)
        for letter in mine:
            self._step(letter.kind, letter.id, letter.event)

    # --- what follows -----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Everything that is due at this moment: mail, a matching round, what is to be delivered; but for whoever is
        held up."""
        for _ in range(ROUNDS):
            person = next((letter.id for letter in self.letters if letter.id != self.lagging), None)
            if person is not None:
                self._begin(int(person))
                self._mail_of(int(person))
                self._end()
            elif self.match_due is not None and self.match_due <= self.now:
                self.round()
            else:
                to = next((p for p, rows in self.outbox.items() if rows and p != self.stalled), None)
                if to is None:
                    return
                self.deliver(to)
        raise Broken("M5: the service does not come to rest")

    def round(self) -> None:
        """One matching round."""
        self.match_due = None
        queue = [self._waiting(r) for r in self.things["request"].values() if r.state == "waiting"]
        if not queue:
            return
        helpers = [self._ready(one) for role in ("supporter", "counselor") for one in self.on_duty(role)]
        self._begin(None)
        self._apply(matching.plan(queue, helpers, self.now, self.policy, self.new_id), None)
        self._end()
        again = matching.next_round(queue, helpers, self.now, self.policy)
        if again is not None:
            self.match_due = again if self.match_due is None else min(again, self.match_due)

    def _waiting(self, request: Any) -> Waiting:
        offered: dict[int, tuple[int, int, bool]] = {}
        asked: set[int] = set()
        for one in self.things["offer"].values():
            if one.request == request.id:
                times, newest, passed = offered.get(one.helper, (0, 0, False))
                if one.created_at >= newest:
                    newest, passed = one.created_at, one.state == "passed"
                offered[one.helper] = times + 1, newest, passed
                if one.state == "open":
                    asked.add(one.helper)
        wished = {True: set[int](), False: set[int]()}
        for (student, helper), again in self.pairings.items():
            if student == request.student:
                wished[again].add(helper)
        return Waiting(
            request, self.alias(request.student), frozenset(asked), offered, frozenset(wished[False]),
            frozenset(wished[True]), self.open_case(request.student) is not None,
        )  # fmt: skip

    def _ready(self, duty: Any) -> Ready:
        mine = [one for one in self.things["offer"].values() if one.helper == duty.staff.person]
        held = sum(1 for one in mine if one.state == "open")
        return Ready(duty, held, max((one.created_at for one in mine), default=0))

    def fire(self, key: tuple[str, str | int, str]) -> None:
        """A timer's time has come."""
        timer = self.timers.pop(key)
        self.now = max(self.now, timer.due)
        self.happened.append(("fired", key))
        self.tell(timer.kind, timer.id, timer.event)
        self.settle()

    def next_timer(self) -> tuple[str, str | int, str] | None:
        """What is due next; of what is due together, crisis first. A matching round counts."""
        found = min(
            ((t.due, not t.crisis, str(key)), key) for key, t in self.timers.items()
        )[1] if self.timers else None  # fmt: skip
        if self.match_due is not None and (found is None or self.match_due < self.timers[found].due):
            return ("match", "all", "round")
        return found

    # --- the outbox -------------------------------------------------------------------------------------------------

    def deliver(self, to: int, *, forgotten: bool = False) -> None:
        """The next thing of a person leaves, crisis first. `forgotten`: it arrives, and a crash loses the record."""
        rows = self.outbox[to]
        row = min(rows, key=lambda one: (one.cls, one.at))
        if to in self.vanished or not self.reachable(to):
            self._lost(to)
            return
        self.happened.append(("sent", row))
        if row.message is not None and row.chat is not None:
            line = self.written[row.message]
            self.written[row.message] = replace(line, shown=tuple(dict.fromkeys((*line.shown, (to, row.chat)))))
        if forgotten:
            self.outbox[to] = tuple(replace(one, tries=1) if one is row else one for one in rows)
            return
        self._drop(to, tuple(one for one in rows if one is not row))
        if row.notice == "chat_end":
            self.post("desk", to, EndNoticeLanded(self.now))

    def _drop(self, to: int, left: tuple[Out, ...]) -> None:
        if left:
            self.outbox[to] = left
        else:
            self.outbox.pop(to, None)

    def _lost(self, to: int) -> None:
        """The platform says that this person cannot be reached: all that waits is refused, and whoever must know is
        told (bot.engine)."""
        rows = self.outbox.pop(to, ())
        first = self.reachable(to)
        self.away(to)
        for row in sorted(rows, key=lambda one: one.at):
            self._begin(None)
            self._refused(to, row)
            self._end()
        if first:
            for kind in DIALOGS:
                if to in self.things[kind]:
                    self.post(kind, to, Gone())

    def _refused(self, to: int, row: Out) -> None:
        if row.notice == "chat_end":
            self.post("desk", to, EndNoticeLanded(self.now))
        case = self.case(row.case) if row.case else None
        if row.case is not None:
            if case is not None and to in case.asking:
                self._step("case", case.id, Decline(to, unreachable=True))
            elif case is not None and to == case.owner and not self.reachable(to):
                self._step("case", case.id, OwnerLost(to))
        elif row.message is not None and row.chat is not None:
            chat = self.chat(row.chat)
            lost = chat is not None and to == chat.helper and not self.reachable(to)
            if chat is not None and (chat.state != "open" or not lost):
                self._undelivered(chat, to, row.message)

    def _undelivered(self, chat: Any, to: int, message: int) -> None:
        writer = chat.student if to == chat.helper else chat.helper
        side = "helper" if writer == chat.helper else "student"
        if message in self.written:
            self.written[message] = replace(self.written[message], told=True)
        self._apply([Say(f"line.undelivered.{side}", to=writer, chat=chat.id)], None)

    def away(self, person: int) -> None:
        """Nothing reaches this person any more, and it is known."""
        self.vanished -= {person}
        self.people[person] = replace(self.people[person], reachable=False)
        if person in self.roster:
            self.change(person, reachable=False)

    def back(self, person: int) -> None:
        self.people[person] = replace(self.people[person], reachable=True)
        if person in self.roster:
            self.change(person, reachable=True)

    def post(self, kind: str, person: int, event: Any) -> None:
        self.letters = (*self.letters, Send(kind, person, event))

    def put(self, to: int, cls: int, key: str, **more: Any) -> bool:
        """Into the outbox; False when nobody can be reached."""
        if not self.reachable(to):
            return False
        self._rows += 1
        self.outbox[to] = (*self.outbox.get(to, ()), Out(self._rows, to, cls, key, **more))
        return True

    def hire(self, person: int, role: str, *, duty: bool, **known: Any) -> None:
        """Somebody of the roster, with a certificate that never runs out here."""
        self.helper(person, role, duty=duty, certified_until=self.now * 2, **known)

    def arrive(self, person: int, alias: str, **known: Any) -> None:
        """A student who is welcome already."""
        self.people[person] = Person(alias=alias)
        self.things["student"][person] = Student(
            person=person, alias=alias, consent=True, age="18-21", **{"state": "choosing", **known}
        )
