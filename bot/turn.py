"""One transaction: load, step, apply, save, and the bounded cascade that a step causes (M5).

A turn steps the dialog of one person, and the requests, offers, chats and cases that this touches, depth first and in
the order in which the effects stand. What it means for another person's dialog becomes a mail row in the same commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.messages import Message
from bot.outbox.payload import Speech
from bot.store import entities
from bot.store.db import Tx
from flows.crisis import case as cases
from flows.crisis.excerpt import excerpt
from flows.dialogs import route
from flows.dialogs.helper.step import step as step_desk
from flows.dialogs.student.step import step as step_student
from flows.effects import Args, Effect, Say
from flows.events import Decline, Gone, Hit, Internal, OwnerLost, Personal, Placed, StudentGone
from flows.snapshot import Case, Chat, Desk, Offer, Request, Student
from flows.support import chat as chats
from flows.support import offer as offers
from flows.support import request as requests

if TYPE_CHECKING:
    from bot.engine import Engine
    from bot.facts import SqlFacts

CASCADE = 500
"""How many events one turn may cause before it is taken for a loop."""

THINGS: dict[str, tuple[type[Any], Callable[..., Any]]] = {
    "request": (Request, requests.step),
    "offer": (Offer, offers.step),
    "chat": (Chat, chats.step),
    "case": (Case, cases.step),
}


class CascadeError(Exception):
    """A step caused more than a turn may hold; names the kinds, never a word."""


@dataclass(slots=True)
class Turn:
    """The working set of one transaction. `person` is who is being stepped, or None (a timer of a shared thing);
    `actor` is who is recorded where a step names nobody."""

    engine: Engine
    tx: Tx
    facts: SqlFacts
    now: int
    person: int | None = None
    message: Message | None = None
    actor: str = "system"
    toast: str = ""
    toast_key: str = "button.stale"
    toast_args: Args = field(default_factory=dict)
    steps: int = 0
    outcome: Any = None
    missed: list[tuple[int, Say]] = field(default_factory=list)

    def personal(self, event: Personal) -> None:
        """Step the person's dialog on the side that the event belongs to, then everything it causes."""
        person = self.person
        if person is None:
            raise CascadeError("a personal event without a person")
        who = self._who(person)
        student = who.student if who is not None else None
        staff = self.facts.staff(person)
        desk = None
        if staff is not None:
            desk = (who.desk if who is not None else None) or Desk(person=person)
        held = len(self.facts.open_chats(person)) if staff is not None else 0
        if desk is not None and route.side(event, staff, desk, student, held) == route.DESK:
            self._desk(desk, event)
        else:
            self._student(student, event, person)
        self._reckon()

    def internal(self, kind: str, target: str | int, event: Internal) -> None:
        """Step whatever an internal event is for, then everything it causes."""
        self.now_step(kind, target, event)
        self._reckon()

    def apply(self, effects: Sequence[Effect]) -> None:
        """Do effects that no step of ours gave (a matching round), then everything they cause."""
        self._apply(effects, None)
        self._reckon()

    def now_step(self, kind: str, target: str | int, event: Internal) -> None:
        """Step a shared thing, or this turn's own person, within the step that asked for it."""
        self.steps += 1
        if self.steps > CASCADE:
            raise CascadeError(f"a turn caused more than {CASCADE} events, the last for a {kind}")
        if kind == "student":
            person = int(target)
            who = self._who(person)
            self._student(who.student if who is not None else None, event, person)
        elif kind == "desk":
            person = int(target)
            who = self._who(person)
            self._desk((who.desk if who is not None else None) or Desk(person=person), event)
        else:
            self._thing(kind, str(target), event)

    def unreached(self, person: int, say: Say) -> None:
        """Nobody could be written to: what that means is decided once the step is over."""
        self.missed.append((person, say))

    def undelivered(self, chat: Chat, person: int) -> None:
        """A relayed line will never arrive: its writer is told, once for a chat and moment."""
        writer = chat.student if person == chat.helper else chat.helper
        args = {"alias": chat.alias} if writer == chat.helper else {}
        key = "line.undelivered.helper" if writer == chat.helper else "line.undelivered.student"
        over = "" if chat.state == "open" else ".over"  # nothing to be tried again
        self.apply([Say(f"{key}{over}", args, to=writer, chat=chat.id)])

    def waiting(self, chat: Chat, person: int) -> None:
        """A relayed line waits until its recipient writes again (a closed window): its writer is told."""
        writer = chat.student if person == chat.helper else chat.helper
        args = {"alias": chat.alias} if writer == chat.helper else {}
        key = "line.waiting.helper" if writer == chat.helper else "line.waiting.student"
        self.apply([Say(key, args, to=writer, chat=chat.id)])

    def toasted(self) -> Speech:
        """The toast as a message."""
        return Speech(key=self.toast_key, args=self.toast_args)

    def student_of(self, chat: str) -> int | None:
        found = self.facts.chat(chat)
        return found.student if found is not None else None

    def finish(self) -> None:
        """Write down the message with what became of it."""
        if self.message is not None:
            self.engine.messages.add(self.tx, self.message, self.now)

    def _who(self, person: int) -> entities.Person | None:
        """The person's row as it stands now; read once until this turn changes it."""
        known: entities.Person | None = self.tx.memo.pop(("person", person), None)
        return known if known is not None else entities.person(self.tx, person, lock=True)

    def _student(self, before: Student | None, event: Personal | Internal, person: int) -> None:
        student = before
        if student is None:
            student = Student(person=person, alias=self.facts.alias(person), language=self.facts.language(person))
        step = step_student(student, event, self.now, self.facts)
        if step.snapshot != before:
            entities.save_student(self.tx, step.snapshot)
        self._apply(step.effects, person)

    def _desk(self, desk: Desk, event: Personal | Internal) -> None:
        step = step_desk(desk, event, self.now, self.facts)
        if step.snapshot != desk:
            entities.save_desk(self.tx, step.snapshot)
        self._apply(step.effects, desk.person)

    def _thing(self, kind: str, id: str, event: Internal) -> None:
        cls, step = THINGS[kind]
        thing = entities.lock(self.tx, cls, id)
        if thing is None:
            self.toast = self.toast or self._text("button.stale")
            return
        if kind == "case" and isinstance(event, Hit):
            self._hit(thing, event)
            return
        if kind == "case" and isinstance(event, Placed):
            words = said_place(self.message) if self.message is not None else ""
            self._apply(cases.step(thing, event, self.now, self.facts, words=words).effects, None)
            return
        result = step(thing, event, self.now, self.facts)
        self._keep(thing, result.snapshot)
        self._apply(result.effects, None)

    def _hit(self, case: Case, event: Hit) -> None:
        """A further hit brings its words along; they are the case's from the moment it pages for them."""
        from bot.effects import quote_words

        message = self.message
        crisis = message is not None and message.assessment.crisis
        words = excerpt(message.text, message.assessment) if message is not None and crisis else None
        result = cases.step(case, event, self.now, self.facts, words=words)
        self._keep(case, result.snapshot)
        if result.snapshot.level > case.level or result.snapshot.episode != case.episode:
            quote_words(self, result.snapshot)
        self._apply(result.effects, None)

    def _keep(self, before: Any, after: Any) -> None:
        if after != before:
            entities.save(self.tx, after)
        self.outcome = after

    def _apply(self, effects: Sequence[Effect], person: int | None) -> None:
        from bot.effects import DO

        who = person if person is not None else self.person
        for effect in effects:
            DO[type(effect)](self, effect, who)

    def _reckon(self) -> None:
        """Whom nobody can reach: a page counts as declined, an owner as lost, a student's chat and case are told."""
        rounds = 0
        while self.missed and rounds < 20:
            rounds += 1
            missed, self.missed = self.missed, []
            for person, say in missed:
                self._missed(person, say)

    def _missed(self, person: int, say: Say) -> None:
        case = self.facts.case(say.case) if say.case else None
        if case is not None and case.state != "resolved":
            if case.student == person:
                self.now_step("case", case.id, StudentGone())
            elif person in case.asking:
                self.now_step("case", case.id, Decline(person, unreachable=True))
            elif person == case.owner:
                self.now_step("case", case.id, OwnerLost(person))
        chat = self.facts.open_chat_of(person)
        if chat is not None and say.chat == chat.id:
            self.now_step("chat", chat.id, Gone())

    def _text(self, key: str) -> str:
        language = self.facts.language(self.person) if self.person is not None else "id"
        return self.engine.words.text(language, key, {})


def said_place(message: Message) -> str:
    """Where its writer is, in their own words or as a point that any map understands ("-6.2, 106.8")."""
    if message.text or message.place is None:
        return message.text
    numbers = (
        f"{degrees:.6f}".rstrip("0").rstrip(".") for degrees in (message.place.latitude, message.place.longitude)
    )
    return ", ".join(numbers)
