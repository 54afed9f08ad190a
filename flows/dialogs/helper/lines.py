"""A helper's lines, and their own danger: to exactly one student, held, or refused with notice."""

from __future__ import annotations

from collections.abc import Sequence

from flows.dialogs.helper.base import PAUSE, Base
from flows.dialogs.helper.routing import Ask, No, To, Why, route
from flows.dialogs.helper.states import Being
from flows.effects import (
    Amend,
    Button,
    Class,
    Fate,
    Relay,
    Rows,
    Say,
    Send,
    SetTimer,
    Settle,
    Spend,
    Toast,
)  # fmt: skip
from flows.events import (
    Edited,
    End,
    Line,
    Tick,
)  # fmt: skip
from flows.snapshot import Chat

HELD_AT_MOST = 120


class Lines(Base):
    """A helper's lines, and their own danger: to exactly one student, held, or refused with notice."""

    def line(self) -> None:
        """Carry the line to exactly one student, hold it and ask, or refuse it with notice (M2)."""
        if self.noting():
            self.take_note()
            return
        chats = self.chats()
        match route(self.thing, self.event.quote, self.event.at, chats, self.now, self.facts.policy.switch):
            case To(chat):
                self.carry(chat)
            case Ask(why):
                self.hold(why)
            case No(why):
                self.settle(Fate.REFUSED)
                if why is Why.OVER:
                    self.say("line.over")
                else:
                    self.say("line.nobody" if self.state != Being.OFF else "line.nobody.off")

    def carry(self, chat: Chat) -> None:
        self._carry_all((self.event.message,), chat)

    def _carry_all(self, messages: Sequence[int], chat: Chat) -> bool:
        """Carry lines to the student of `chat`; False where nothing reaches them, and the writer is told (M4)."""
        if not self.facts.reachable(chat.student):
            self.want(*(Settle(message, Fate.REFUSED) for message in messages))
            self.say("line.unreachable", {"alias": chat.alias})
            return False
        for message in messages:
            self.want(
                Settle(message, Fate.RELAYED, chat=chat.id, owner=chat.student),
                Relay(message, chat.id, chat.student),
            )
        self.want(Send("chat", chat.id, Line("helper", self.now)))
        if chat.role == "counselor":
            self._act(chat)
        return True

    def hold(self, why: Why) -> None:
        if len(self.thing.held) >= HELD_AT_MOST:
            self.settle(Fate.REFUSED)
            self.say("line.too-many", buttons=self.switches(), ref=f"hold:{self.me}")
            return
        self.settle(Fate.HELD)
        self.change(held=(*self.thing.held, self.event.message))
        self.want(Spend(f"hold:{self.me}"))
        self.say(f"line.held.{why}", {"count": len(self.thing.held)}, self.switches(), ref=f"hold:{self.me}")

    def switch(self) -> None:
        """Make a student the current one, and send on what was held for the question "to whom?"."""
        self._choose(next(c for c in self.chats() if c.id == self.event.id))

    def switch_nth(self) -> None:
        """The same by number, where typing is quicker than looking for the buttons."""
        self.settle(Fate.ANSWERED)
        self._choose(self.chats()[int(self.event.argument) - 1])

    def _choose(self, chat: Chat) -> None:
        held = self.thing.held
        self.change(current=chat.id, current_at=self.now, held=())
        self.want(Spend(f"hold:{self.me}"))
        sent = bool(held) and self._carry_all(held, chat)
        self.want(Toast("switch.done", {"alias": chat.alias}))
        self.say("switch.sent" if sent else "switch.done", {"alias": chat.alias, "count": len(held)})

    def not_relayed(self) -> None:
        self.settle(Fate.REFUSED)
        self.say("media.identity")

    def edit(self) -> None:
        """New words go only to whoever received the original; to nobody once that chat is over."""
        e: Edited = self.event
        chat = next((c for c in self.chats() if c.id == e.chat), None)
        if e.original is not None and e.original in self.thing.held:
            self.change(held=tuple(e.message if m == e.original else m for m in self.thing.held))
            self.want(Settle(e.original, Fate.ANSWERED))
            self.settle(Fate.HELD)
        elif chat is not None and e.original is not None and e.to == chat.student:
            self.want(
                Settle(e.message, Fate.RELAYED, chat=chat.id, owner=chat.student),
                Amend(e.message, e.original, chat.id, e.to),
            )
        else:
            self.settle(Fate.REFUSED)
            self.say("edit.over")

    def take_back(self) -> None:
        """A line that waited for "to whom?", or for its student's phone: it goes to nobody."""
        message = self.event.message
        if message in self.thing.held:
            self.change(held=tuple(one for one in self.thing.held if one != message))
            if not self.thing.held:
                self.want(Spend(f"hold:{self.me}"))
        self.want(Settle(message, Fate.ANSWERED))
        self.say("line.withdrawn")

    # --- their own danger ---

    def hold_own(self) -> None:
        """A helper speaks of their own danger: the line is held, they get numbers, and a case about them is opened.
        They are asked: sent after all, or a rest."""
        chats = self.chats()
        where = route(self.thing, getattr(self.event, "quote", None), self.event.at, chats, self.now,
                      self.facts.policy.switch)  # fmt: skip
        self.settle(Fate.HELD)
        chat = where.chat.id if isinstance(where, To) else None
        if self.thing.own and self.thing.own_chat != chat:
            chat = None  # to two students: asked about, like any line that may be for several
        self.change(own=(*self.thing.own, self.event.message), own_chat=chat)
        if chats:
            buttons: Rows = (
                (Button("own:rest", "button.own.rest"),),
                (Button("own:send", "button.own.send"),),
            )
            self.want(Say("own.held", buttons=buttons, cls=Class.CRISIS, ref=f"own:{self.me}"))

    def send_own(self) -> None:
        messages = self.thing.own
        chat = next((c for c in self.chats() if c.id == self.thing.own_chat), None)
        self.want(Spend(f"own:{self.me}"))
        if chat is None:
            self.change(own=(), own_chat=None, held=(*self.thing.held, *messages))
            self.say(
                f"line.held.{Why.SEVERAL}",
                {"count": len(self.thing.held)},
                self.switches(),
                f"hold:{self.me}",
            )
        else:
            self.change(own=(), own_chat=None)
            if self._carry_all(messages, chat):
                self.say("own.sent", {"alias": chat.alias})

    def rest_own(self) -> None:
        """A rest: each of their students is told that the supporter needs a moment, and is offered anew."""
        self.want(Spend(f"own:{self.me}"), *(Settle(message, Fate.REFUSED) for message in self.thing.own))
        for chat in self.chats():
            self.want(Send("chat", chat.id, End("rest", self.me)))
        self.change(own=(), own_chat=None, current=None, paused_until=self.now + PAUSE)
        self.want(SetTimer("desk", self.me, "rest", self.now + PAUSE, Tick("rest")))
        self.say("own.rest")
