"""The welcome: three short messages, consent, age band."""

from __future__ import annotations

import re

from flows.dialogs.student import menus
from flows.dialogs.student.base import choices
from flows.dialogs.student.menu import Menu
from flows.dialogs.student.states import Doing
from flows.effects import (
    Fate,
    Join,
    Spend,
)  # fmt: skip
from flows.events import Command, Said, Shown

_CODE = re.compile(r"[0-9A-Za-z]{4}(?:-?[0-9A-Za-z]{4}){3}", re.ASCII)
"""What an invitation's code looks like behind /start; whether it is one is the roster's to say."""


class Welcome(Menu):
    """The welcome: three short messages, consent, age band."""

    def welcome(self) -> None:
        """Three short messages: who reads along, what stays confidential and what does not, where help is at once."""
        self.settle(Fate.HELD if isinstance(self.event, Said | Shown) else Fate.ANSWERED)
        self.say("welcome.hello")
        self.say("welcome.limits")
        self.say(
            "welcome.consent",
            {"numbers": self.numbers()},
            menus.consent(),
            ref=f"ask:{self.thing.person}",
        )

    def invited(self) -> bool:
        """/start with the code of an invitation: somebody joins the roster."""
        return isinstance(self.event, Command) and _CODE.fullmatch(self.event.argument) is not None

    def join_roster(self) -> None:
        self.settle(Fate.ANSWERED)
        self.want(Join(self.thing.person, self.event.argument))

    def welcome_unheard(self) -> None:
        """The first thing is a voice note or a picture: nobody has heard it, and that is said first."""
        self.unheard()
        self.welcome()

    def ask_consent(self) -> None:
        self.settle(Fate.HELD if isinstance(self.event, Said) else Fate.ANSWERED)
        self.say("welcome.consent", {"numbers": self.numbers()}, menus.consent(), ref=f"ask:{self.thing.person}")

    def consent(self) -> None:
        self.change(consent=True)
        self.want(Spend(f"ask:{self.thing.person}"))
        if self.thing.age is None:
            self.ask(Doing.TELLING_AGE)
        else:
            self.open_menu()

    def ask_age(self) -> None:
        self.ask(Doing.TELLING_AGE)

    def decline(self) -> None:
        self.change(consent=False)
        self.want(Spend(f"ask:{self.thing.person}"))
        self.declined()

    def declined(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say(
            "welcome.declined",
            {"numbers": self.numbers()},
            (*menus.consent(), *menus.danger()),
            ref=f"ask:{self.thing.person}",
        )

    def take_age(self) -> None:
        self.change(age=self.event.object)
        self.want(Spend(f"ask:{self.thing.person}"))
        if self.minor():
            self.say("menu.minor", {"numbers": self.numbers()}, choices(self.thing, Doing.CHOOSING, True))
        else:
            self.open_menu()
