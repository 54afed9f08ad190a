"""What holds everywhere, and what becomes of a chat that is over."""

from __future__ import annotations

from flows.dialogs.helper.base import PAUSE, Base
from flows.dialogs.linking import link
from flows.dialogs.student import menus
from flows.effects import (
    Button,
    Export,
    Fate,
    Say,
    SetLanguage,
    Settle,
    Spend,
    Toast,
)  # fmt: skip
from flows.facts import MINUTE


class Everywhere(Base):
    """What holds everywhere, and what becomes of a chat that is over."""

    def hand_over(self) -> None:
        """An exercise handed to the current student."""
        name = self.event.object
        chat = next((c for c in self.chats() if c.id == self.event.id), None)
        if chat is None or name not in menus.EXERCISES:
            self.stale()
            return
        self.want(Say(f"exercise.{name}", to=chat.student, chat=chat.id), Toast("hand.done"))

    def start(self) -> None:
        self.answered()
        staff = self.staff()
        role = staff.role if staff else "supporter"
        self.say(f"desk.hello.{role}", {"name": staff.name if staff and role != "supporter" else ""},
                 ((Button("menu:own", "menu.own"),),))  # fmt: skip

    def show_help(self) -> None:
        self.answered()
        staff = self.staff()
        self.say(f"help.{staff.role if staff else 'supporter'}")

    def ask_language(self) -> None:
        self.answered()
        self.say("language.ask", buttons=menus.languages())

    def set_language(self) -> None:
        code = self.event.object
        if code not in menus.LANGUAGES:
            self.stale()
            return
        self.want(SetLanguage(self.me, code))
        self.say("language.set")

    def link(self) -> None:
        """Join another address of the same person, or give a code for it."""
        self.answered()
        self.want(*link(self.me, self.event.argument, self.facts))

    def here(self) -> None:
        """A tap that only says "I am still here": what was waiting for it follows."""
        self.say("window.open")

    def export(self) -> None:
        self.answered()
        self.want(Export(self.me))

    def forget(self) -> None:
        """A roster entry is the coordinator's to take away."""
        self.answered()
        self.say("erase.staff")

    def unknown(self) -> None:
        self.settle(Fate.REFUSED)
        self.say("command.unknown")

    def chat_over(self) -> None:
        self._debrief()
        if self.facts.reachable(self.me):  # else no notice is on its way, and none would ever land
            self.change(ending=self.thing.ending + 1)
        if self.thing.current == self.event.chat:
            self.change(current=None)
        if self.thing.own_chat == self.event.chat:
            self.change(own_chat=None)
        if self.thing.asked == f"note:{self.event.chat}":
            self.change(asked=None)
        lines = (*self.thing.held, *self.thing.own)
        if not self.chats() and lines:
            self.want(*(Settle(message, Fate.REFUSED) for message in lines))
            self.change(held=(), own=(), own_chat=None)
            self.want(Spend(f"hold:{self.me}"), Spend(f"own:{self.me}"))
            self.say("line.over")

    def _debrief(self) -> None:
        """After a hard chat: a kind word, and a rest within one tap."""
        chat = self.facts.chat(self.event.chat)
        staff = self.staff()
        if chat is None or staff is None or staff.role != "supporter" or self.event.reason in ("revoked", "rest"):
            return
        case = self.facts.open_case(chat.student) or self.facts.last_case(chat.student)
        if case is not None and case.raised_at >= chat.opened_at:
            self.say("desk.debrief", {"minutes": PAUSE // MINUTE})

    def landed(self) -> None:
        newest = max(self.thing.ended_at or 0, self.event.at)
        self.change(ending=max(0, self.thing.ending - 1), ended_at=newest)

    def came_back(self) -> None:
        self.say("desk.back")
