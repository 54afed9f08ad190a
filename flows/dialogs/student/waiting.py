"""Waiting, honestly: nothing that is written is lost."""

from __future__ import annotations

from flows.dialogs.student import menus
from flows.dialogs.student.menu import Menu
from flows.dialogs.student.states import Doing
from flows.effects import (
    Fate,
    Send,
    Spend,
)  # fmt: skip
from flows.events import Leave, Tick, Widen
from flows.facts import MINUTE

KEPT_EVERY = MINUTE


class Waiting(Menu):
    """Waiting, honestly: nothing that is written is lost."""

    def keep(self) -> None:
        """What is typed while waiting is kept and handed over."""
        self.settle(Fate.HELD)
        if self.in_crisis:
            self.lift()
            return
        if self.now - self.thing.told_kept_at >= KEPT_EVERY:
            self.change(told_kept_at=self.now)
            self.say("waiting.kept", buttons=menus.leave())

    def lift(self) -> None:
        request = self.facts.open_request_of(self.thing.person)
        level = int(getattr(getattr(self.event, "assessment", None), "level", 2) or 2)
        if request is not None:
            from flows.events import Raise

            self.want(Send("request", request.id, Raise(max(2, level))))

    def keep_unheard(self) -> None:
        self.settle(Fate.HELD)
        if not self.placed:
            self.say("media.unheard", {"numbers": self.numbers()}, (*menus.danger(), *menus.leave()))

    def stay(self) -> None:
        self.say("waiting.stay", buttons=menus.leave())

    def where(self) -> None:
        self.settle(Fate.ANSWERED)
        request = self.facts.open_request_of(self.thing.person)
        if request is not None:
            self.want(Send("request", request.id, Tick("where")))
        else:
            self.open_menu()

    def leave(self) -> None:
        self.settle(Fate.ANSWERED)
        if self.thing.request:
            self.want(Spend(f"request:{self.thing.request}"), Send("request", self.thing.request, Leave("student")))
        self.change(request=None)
        self.say("waiting.left", buttons=menus.menu(self.minor()))

    def consent_waiting(self) -> None:
        """Consent given while a counselor is being called: may a peer stay with them meanwhile?"""
        self.change(consent=True)
        self.want(Spend(f"ask:{self.thing.person}"))
        if self.thing.age is None:
            self.ask(Doing.TELLING_AGE)
        else:
            self._widen()

    def decline_waiting(self) -> None:
        self.change(consent=False)
        self.want(Spend(f"ask:{self.thing.person}"))
        self.say("crisis.declined", {"numbers": self.numbers()})

    def age_waiting(self) -> None:
        self.change(age=self.event.object)
        self.want(Spend(f"ask:{self.thing.person}"))
        self._widen()

    def _widen(self) -> None:
        if self.thing.request and not self.minor():
            self.want(Send("request", self.thing.request, Widen()))
        self.say("waiting.age", buttons=menus.leave())

    def request_gone(self) -> None:
        self.change(request=None)
