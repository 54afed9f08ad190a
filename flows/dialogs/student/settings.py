"""What holds everywhere: help, language, the person's data, and what cannot be understood."""

from __future__ import annotations

from flows.dialogs.linking import link
from flows.dialogs.student import menus
from flows.dialogs.student.base import QUESTIONS
from flows.dialogs.student.states import Doing
from flows.dialogs.student.waiting import Waiting
from flows.effects import (
    Erase,
    Export,
    Fate,
    Send,
    SetLanguage,
    Spend,
)  # fmt: skip
from flows.events import Back, End, Gone, Leave, StudentGone


class Everywhere(Waiting):
    """What holds everywhere: help, language, the person's data, and what cannot be understood."""

    def repeat(self) -> None:
        """A text where a tap was asked: it is kept, and the question stands again."""
        self.settle(Fate.HELD)
        if self.flooded():
            return
        if self.state in QUESTIONS:
            self.ask(Doing(self.state), {"numbers": self.numbers()})
        else:
            self.open_menu()

    def show_help(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("help.student", {"numbers": self.numbers()})

    def ask_language(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("language.ask", buttons=menus.languages())

    def set_language(self) -> None:
        code = self.event.object
        if code not in menus.LANGUAGES:
            self.stale()
            return
        self.change(language=code)
        self.want(SetLanguage(self.thing.person, code))
        self.say("language.set")
        if self.state == Doing.CONSENTING:  # whoever consents has read to what
            self.say("welcome.hello")
            self.say("welcome.limits")
        if self.state in (
            Doing.CONSENTING,
            Doing.TELLING_AGE,
            Doing.TOPIC,
            Doing.HEAVY,
            Doing.WISH,
            Doing.NOTE,
        ):
            self.ask(Doing(self.state), {"numbers": self.numbers()})
        elif self.state == Doing.CHOOSING:
            self.say("menu.ask", buttons=menus.menu(self.minor()), ref=f"ask:{self.thing.person}")

    def link(self) -> None:
        """Join another address of the same person, or give a code for it."""
        self.settle(Fate.ANSWERED)
        self.want(*link(self.thing.person, self.event.argument, self.facts))

    def here(self) -> None:
        """A tap that only says "I am still here": what was waiting for it follows."""
        self.say("window.open")

    def export(self) -> None:
        self.settle(Fate.ANSWERED)
        self.want(Export(self.thing.person))

    def ask_erase(self) -> None:
        self.settle(Fate.ANSWERED)
        self.change(asked="erase")
        self.say("erase.ask", buttons=menus.erase(), ref=f"erase:{self.thing.person}")

    def ask_erase_again(self) -> None:
        self.change(asked="erase-case")
        self.say("erase.case", buttons=menus.erase(2), ref=f"erase:{self.thing.person}")

    def erase(self) -> None:
        """Who looks for this person is told before the address goes; then the key is destroyed."""
        student = self.thing
        case = self.facts.open_case(student.person)
        if case is not None:
            self.want(Send("case", case.id, StudentGone(erased=True)))
        if student.chat and self.has_chat():
            self.want(Send("chat", student.chat, End("erased", student.person)))
        if student.request:
            self.want(Send("request", student.request, Leave("erased")))
        self.want(Spend(f"erase:{student.person}"))
        self.say("erase.done")
        self.want(Erase(student.person))

    def keep_data(self) -> None:
        self.change(asked=None)
        self.want(Spend(f"erase:{self.thing.person}"))
        self.say("erase.kept")

    def nothing_to_end(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("end.nothing", buttons=menus.menu(self.minor()))

    def nothing_to_report(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("report.nothing")

    def unknown(self) -> None:
        """A command is never relayed; one that we do not know is answered."""
        self.settle(Fate.REFUSED)
        self.say("command.unknown")

    def acknowledge_danger(self) -> None:
        """The crisis answer has been given before the flow was asked; the state stays."""
        self.settle(Fate.ANSWERED)
        if self.state == Doing.WAITING:
            self.lift()

    def gone(self) -> None:
        """Whoever looks after this person is told at once: of an open case, everybody who has it; else the helper."""
        student = self.thing
        case = self.facts.open_case(student.person)
        if case is not None:
            self.want(Send("case", case.id, StudentGone()))
        elif student.chat and self.has_chat():
            self.want(Send("chat", student.chat, Gone()))

    def came_back(self) -> None:
        student = self.thing
        case = self.facts.open_case(student.person)
        if case is not None:
            self.want(Send("case", case.id, Back()))
        if student.chat and self.has_chat():
            self.want(Send("chat", student.chat, Back()))

    def case_over(self) -> None:
        self.change(case=None)
