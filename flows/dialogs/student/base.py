"""What every part of a student's dialog has at hand: saying, asking, settling, and the guards."""

from __future__ import annotations

from flows.dialogs.student import menus
from flows.dialogs.student.states import Doing
from flows.effects import Args, Fate, Rows, Say, Settle, Toast
from flows.events import Edited
from flows.snapshot import Student
from flows.work import Work

QUESTIONS: dict[str, str] = {
    Doing.CONSENTING: "welcome.consent",
    Doing.TELLING_AGE: "welcome.age",
    Doing.TOPIC: "intake.topic",
    Doing.HEAVY: "intake.heavy",
    Doing.WISH: "intake.wish",
    Doing.NOTE: "intake.note",
    Doing.AFTER_HEAVY: "after.heavy",
    Doing.AFTER_RATE: "after.rate",
    Doing.AFTER_AGAIN: "after.again",
}


def choices(student: Student, state: str, minor: bool) -> Rows:
    """The buttons under the question that this state asks."""
    match state:
        case Doing.CONSENTING:
            return menus.consent()
        case Doing.DECLINED:
            return (*menus.consent(), *menus.danger())
        case Doing.TELLING_AGE:
            return menus.ages()
        case Doing.TOPIC:
            return menus.topics()
        case Doing.HEAVY:
            return menus.heavies("heavy")
        case Doing.WISH:
            return menus.wishes(student.wishes)
        case Doing.NOTE:
            return menus.note()
        case Doing.WAITING:
            return menus.waiting()
        case Doing.AFTER_HEAVY:
            return menus.heavies("heavy")
        case Doing.AFTER_RATE:
            return menus.rate()
        case Doing.AFTER_AGAIN:
            return menus.again()
        case Doing.CHOOSING:
            return menus.menu(minor)
        case _:
            return ()


class Base(Work[Student]):
    """Guards are free of effects; replies append effects and may change the snapshot, never its state."""

    in_crisis: bool = False
    commanded: bool = False
    placed: bool = False

    def say(self, key: str, args: Args | None = None, buttons: Rows = (), ref: str | None = None) -> None:
        if buttons:
            self.change(shown=menus.named(buttons))
        self.want(Say(key, args or {}, buttons, ref=ref))

    def ask(self, state: str, args: Args | None = None) -> None:
        """Ask the question of a state, with its buttons."""
        self.say(QUESTIONS[state], args, choices(self.thing, state, self.minor()), ref=f"ask:{self.thing.person}")

    def settle(self, fate: Fate) -> None:
        message = getattr(self.event, "message", None)
        if message is None:
            return
        student = self.thing
        if self.commanded and fate is Fate.HELD:
            fate = Fate.ANSWERED  # a command is never relayed, whatever stands behind it; a case keeps its words
        self.want(Settle(message, fate, request=student.request, chat=self._chat_id(fate), owner=student.person))

    def _chat_id(self, fate: Fate) -> str | None:
        return self.thing.chat if fate is Fate.RELAYED else None

    def numbers(self, category: str = "none") -> str:
        from flows.crisis.numbers import numbers_text

        return numbers_text(self.facts, category, self.thing.site, self.thing.language)

    # --- guards ---

    def minor(self) -> bool:
        return self.thing.age == "under-18" and not self.facts.policy.minors_meet_peers

    def crisis(self) -> bool:
        return self.in_crisis

    def known_age(self) -> bool:
        return self.event.object in menus.AGES

    def consented(self) -> bool:
        return self.thing.consent is True

    def known_age_already(self) -> bool:
        return self.thing.age is not None

    def needs_age(self) -> bool:
        return self.thing.consent is True and self.thing.age is None

    def has_chat(self) -> bool:
        return self.facts.open_chat_of(self.thing.person) is not None

    def my_chat(self) -> bool:
        """The event speaks of the chat that this student is in."""
        return bool(self.event.chat == self.thing.chat)

    def my_request(self) -> bool:
        return bool(self.event.request == self.thing.request)

    def is_reoffered(self) -> bool:
        return self.my_chat() and self.event.request is not None

    def asked_heavy(self) -> bool:
        return bool(self.event.object.isdigit() and 0 <= int(self.event.object) <= 10)

    def known_topic(self) -> bool:
        return self.event.object in menus.TOPICS

    def known_wish(self) -> bool:
        return self.event.object in menus.WISHES

    def skips(self) -> bool:
        """A skip button of the question that is open now, not of an earlier one."""
        step = {
            Doing.TOPIC: "topic",
            Doing.HEAVY: "heavy",
            Doing.WISH: "wish",
            Doing.NOTE: "note",
            Doing.AFTER_HEAVY: "heavy",
            Doing.AFTER_RATE: "rate",
            Doing.AFTER_AGAIN: "again",
        }.get(Doing(self.state))
        return bool(step == self.event.object)

    def erasing(self) -> bool:
        return self.thing.asked in ("erase", "erase-case")

    def case_first(self) -> bool:
        """Erasing with an open case: the student is told that a counselor is looking for them, and asked once more."""
        return self.thing.asked == "erase" and self.facts.open_case(self.thing.person) is not None

    def edits_received(self) -> bool:
        e: Edited = self.event
        return e.original is not None and e.to is not None and e.chat == self.thing.chat

    def edits_over(self) -> bool:
        """The original belongs to a chat that is over: its new words go to nobody."""
        e: Edited = self.event
        return e.chat is not None and (self.state != Doing.CHATTING or e.chat != self.thing.chat)

    def take_back(self) -> None:
        """A line that nobody has been shown: it goes to nobody."""
        self.want(Settle(self.event.message, Fate.ANSWERED))
        self.say("line.withdrawn")

    def stale(self) -> None:
        """A button of an earlier time, or of somebody else: answered, and it does nothing."""
        self.want(Toast("button.stale"))
