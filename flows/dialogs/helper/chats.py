"""Offers, ends, reports, notes, and bringing a counselor in."""

from __future__ import annotations

from flows.crisis import first
from flows.dialogs.helper.base import Base
from flows.effects import (
    Button,
    Prank,
    Remember,
    Report,
    Send,
    Spend,
    Toast,
)  # fmt: skip
from flows.events import (
    Accept,
    Acknowledge,
    Decline,
    End,
    Marked,
    Pass,
    Resolve,
    Take,
)  # fmt: skip
from flows.snapshot import Chat


class Chats(Base):
    """Offers, ends, reports, notes, and bringing a counselor in."""

    def accept(self) -> None:
        """The offer decides; a new chat ends every earlier choice of a current student."""
        self.change(current=None)
        self.want(Send("offer", self.event.id or "", Accept(self.me)))

    def pass_on(self) -> None:
        self.want(Send("offer", self.event.id or "", Pass(self.me)))

    # --- ending, reporting, notes ---

    def end(self) -> None:
        self.answered()
        chat = self._current()
        if chat is not None:
            self.want(Send("chat", chat.id, End("helper", self.me)))

    def end_which(self) -> None:
        self.answered()
        self.say("end.which", buttons=self.switches("end"), ref=f"end:{self.me}")

    def end_this(self) -> None:
        self.want(
            Spend(f"end:{self.me}"),
            Toast("end.done"),
            Send("chat", self.event.id or "", End("helper", self.me)),
        )

    def nothing_open(self) -> None:
        self.answered()
        self.say("line.nobody")

    def report(self) -> None:
        """To the coordinators. A word "prank" behind the command marks a tester; the door stays open."""
        self.answered()
        chat = self._current()
        if chat is None:
            self.say("report.nothing")
            return
        self.want(Report(chat.id, self.me, chat.student), Remember(chat.student, self.me, again=False))
        if self.event.argument.casefold() in ("prank", "iseng", "test", "tes"):
            self.want(Prank(chat.student))
        self.say(
            "report.done.helper",
            {"alias": chat.alias},
            ((Button(f"chat:end:{chat.id}", "button.end"),),),
            f"chat:{chat.id}",
        )

    def ask_note(self) -> None:
        """/catatan with words keeps them; alone, it keeps the next line."""
        chat = self._current()
        if chat is None:
            self.answered()
            self.say("note.which" if self.chats() else "note.nothing", buttons=self.switches("note"))
        elif self.event.argument:
            self._keep_note(chat)
        else:
            self.answered()
            self.change(asked=f"note:{chat.id}")
            self.say("note.ask", {"alias": chat.alias})

    def note_this(self) -> None:
        chat = next(c for c in self.chats() if c.id == self.event.id)
        self.change(asked=f"note:{chat.id}")
        self.say("note.ask", {"alias": chat.alias})

    # --- crisis ---

    def escalate(self) -> None:
        """A helper brings a counselor in, by hand."""
        self.answered()
        chat = self._current()
        if chat is not None:
            self._escalate(chat)

    def escalate_this(self) -> None:
        chat = next(c for c in self.chats() if c.id == self.event.id)
        self.want(Spend(f"escalate:{self.me}"))
        self._escalate(chat)

    def _escalate(self, chat: Chat) -> None:
        self.want(*first.by_hand(chat, self.me, self.now, self.facts))
        self.say("escalate.done", {"alias": chat.alias})

    def escalate_which(self) -> None:
        self.answered()
        self.say("escalate.which", buttons=self.switches("escalate"), ref=f"escalate:{self.me}")

    def ack(self) -> None:
        staff = self.staff()
        self.want(Send("case", self.event.id or "", Acknowledge(self.me, staff.name if staff else "")))

    def decline(self) -> None:
        self.want(Send("case", self.event.id or "", Decline(self.me)))

    def take(self) -> None:
        self.change(current=None)
        self.want(Send("case", self.event.id or "", Take(self.me)))

    def resolve(self) -> None:
        self.want(Send("case", self.event.id or "", Resolve(self.me)))

    def mark(self) -> None:
        self.want(Send("case", self.event.id or "", Marked(self.me, self.event.object == "right")))

    def own_danger(self) -> None:
        """A helper in danger themselves: the crisis answer has been given before the table was asked."""
        self.answered()
