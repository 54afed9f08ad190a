"""The chat: the bot is silent, lines are carried to exactly one person."""

from __future__ import annotations

from flows.dialogs.student import menus
from flows.dialogs.student.base import Base
from flows.dialogs.student.states import Doing
from flows.effects import (
    Amend,
    Fate,
    Relay,
    Remember,
    Report,
    Rows,
    Send,
    Settle,
    Spend,
)  # fmt: skip
from flows.events import Edited, End, Line
from flows.facts import MINUTE


class Chatting(Base):
    """The chat: the bot is silent, lines are carried to exactly one person."""

    def begin_chat(self) -> None:
        """The one line of the bot at the beginning; from here on it is silent except for safety."""
        chat = self.facts.chat(self.event.chat)
        self.want(Spend(f"ask:{self.thing.person}"))
        if self.thing.request:
            self.want(Spend(f"request:{self.thing.request}"))
        self.change(request=None, chat=self.event.chat, heavy_after=None, helpful=None, asked=None)
        for held in self.facts.open_chats(self.thing.person):
            # a helper who is helped now: their students are offered anew, so that no line can take the wrong way
            self.want(Send("chat", held.id, End("rest", self.thing.person)))
        case = self.facts.case(chat.case) if chat is not None and chat.case else None
        if chat is not None and (case is None or case.acknowledged_at != chat.opened_at):
            # who took the case in this very step has been named already
            self.say(f"matched.{chat.role}", {"name": chat.helper_alias}, ref=f"chat:{chat.id}")

    def relay(self) -> None:
        """Carry the line to who owns the chat now (M2). The bot itself says nothing."""
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        if chat is None or chat.state != "open":
            self.settle(Fate.HELD)
            return
        self.want(
            Settle(self.event.message, Fate.RELAYED, chat=chat.id, owner=self.thing.person),
            Relay(self.event.message, chat.id, chat.helper, chat.alias),
            Send("chat", chat.id, Line("student", self.now)),
        )

    def amend(self) -> None:
        e: Edited = self.event
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        if chat is not None and e.original is not None and e.to is not None:
            self.want(
                Settle(e.message, Fate.RELAYED, chat=chat.id, owner=self.thing.person),
                Amend(e.message, e.original, chat.id, e.to, chat.alias),
            )

    def edit_over(self) -> None:
        self.settle(Fate.REFUSED)
        self.say("edit.over")

    def keep_edit(self) -> None:
        """New words for a line that nobody has read yet are kept beside it."""
        self.settle(Fate.HELD)

    def chat_start(self) -> None:
        self.settle(Fate.ANSWERED)
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        self.say("chat.still", {"name": chat.helper_alias if chat else ""})

    def end_chat(self) -> None:
        self.settle(Fate.ANSWERED)
        if self.thing.chat:
            self.want(Send("chat", self.thing.chat, End("student", self.thing.person)))

    def report(self) -> None:
        self.settle(Fate.ANSWERED)
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        if chat is None:
            self.say("report.nothing")
            return
        self.want(
            Report(chat.id, self.thing.person, chat.helper),
            Remember(self.thing.person, chat.helper, again=False),
        )
        end: Rows = ()
        if chat.state == "open":
            from flows.effects import Button

            end = ((Button(f"chat:end:{chat.id}", "button.end-chat"),),)
        self.say("report.done", buttons=end, ref=f"chat:{chat.id}")

    def look_back(self) -> None:
        """The chat is over: a gentle end, and how heavy it is now."""
        reason = self.event.reason
        key = "after.goodbye" if reason == "student" else "after.ended"
        self.want(Spend(f"chat:{self.event.chat}"))
        self.say(key)
        self.ask(Doing.AFTER_HEAVY)

    def reoffered(self) -> None:
        """The helper was silent, suspended or out of reach: told truthfully, and the story goes along."""
        reason = self.event.reason
        self.want(Spend(f"chat:{self.event.chat}"))
        self.change(chat=None, request=self.event.request, told_kept_at=self.now)
        minutes = max(1, self.facts.policy.silence_move // MINUTE)
        self.say(f"reoffer.{reason}", {"minutes": minutes}, menus.leave(), ref=f"request:{self.event.request}")
