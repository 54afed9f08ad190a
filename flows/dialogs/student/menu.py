"""The menu, what is typed there, exercises, information, places of help."""

from __future__ import annotations

from flows.dialogs.student import menus
from flows.dialogs.student.base import Base
from flows.dialogs.student.states import Doing
from flows.effects import (
    Fate,
    Spend,
)  # fmt: skip
from flows.facts import MINUTE


class Menu(Base):
    """The menu, what is typed there, exercises, information, places of help."""

    def open_menu(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("menu.ask", buttons=menus.menu(self.minor()), ref=f"ask:{self.thing.person}")

    def keep_and_offer(self) -> None:
        """Words typed at the menu are the beginning of a story: they are kept for whoever accepts."""
        self.settle(Fate.HELD)
        if self.flooded():
            return
        self.say("menu.kept", buttons=menus.menu(self.minor()), ref=f"ask:{self.thing.person}")

    def unheard(self) -> None:
        """Nobody can screen this: say so, and where danger is answered."""
        self.settle(Fate.HELD)
        if not self.placed and not self.flooded():
            self.say("media.unheard", {"numbers": self.numbers()}, menus.danger())

    def not_relayed(self) -> None:
        self.settle(Fate.REFUSED)
        self.say("media.identity")

    def flooded(self) -> bool:
        """Whether the last minute held so many lines that answering each would only add noise. Every line is still
        assessed and kept (C1)."""
        recent = tuple(t for t in self.thing.taps if t > self.now - MINUTE)[-19:]
        self.change(taps=(*recent, self.now))
        return len(recent) >= 10

    def peer_minor(self) -> None:
        self.say("peer.minor", {"numbers": self.numbers()}, menus.menu(True))

    def start_peer(self) -> None:
        self._start("peer")

    def start_counselor(self) -> None:
        self._start("counselor")

    def _start(self, kind: str) -> None:
        self.change(kind=kind, topic=None, heavy=None, wishes=())
        self.want(Spend(f"ask:{self.thing.person}"))
        self.ask(Doing.TOPIC)

    def show_exercises(self) -> None:
        self.say("exercises.ask", buttons=menus.exercises())

    def show_exercise(self) -> None:
        name = self.event.object
        if name not in menus.EXERCISES:
            self.stale()
            return
        again = menus.leave() if self.state == Doing.WAITING else menus.to_menu()
        self.say(f"exercise.{name}", buttons=() if self.state == Doing.CHATTING else again)

    def show_infos(self) -> None:
        self.say("infos.ask", buttons=menus.infos())

    def show_info(self) -> None:
        name = self.event.object
        if name not in menus.INFO:
            self.stale()
            return
        self.say(f"info.{name}", buttons=() if self.state == Doing.CHATTING else menus.to_menu())

    def show_near(self) -> None:
        from flows.crisis.numbers import directory_text

        text = directory_text(self.facts, self.thing.site, self.thing.language)
        self.say("near.list", {"list": text}, () if self.state == Doing.CHATTING else menus.to_menu())

    def show_data(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("data.ask", buttons=menus.data())
