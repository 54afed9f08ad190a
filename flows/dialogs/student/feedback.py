"""After the chat: how heavy now, did it help, the same supporter again."""

from __future__ import annotations

from flows.dialogs.student import menus
from flows.dialogs.student.menu import Menu
from flows.dialogs.student.states import Doing
from flows.effects import (
    Feedback,
    Remember,
    Spend,
)  # fmt: skip


class LookingBack(Menu):
    """After the chat: how heavy now, did it help, the same supporter again."""

    def heavy_after(self) -> None:
        self.change(heavy_after=int(self.event.object))
        self.ask(Doing.AFTER_RATE)

    def skip_heavy_after(self) -> None:
        self.ask(Doing.AFTER_RATE)

    def rate(self) -> None:
        self.change(helpful={"yes": 2, "partly": 1, "no": 0}.get(self.event.object))
        self.ask(Doing.AFTER_AGAIN)

    def skip_rate(self) -> None:
        self.ask(Doing.AFTER_AGAIN)

    def again(self) -> None:
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        if chat is not None:
            self.want(Remember(self.thing.person, chat.helper, again=self.event.object == "yes"))
        self.close_feedback()
        self.say("after.never" if self.event.object == "no" else "after.thanks", buttons=menus.to_menu())

    def finish(self) -> None:
        self.close_feedback()
        self.say("after.thanks", buttons=menus.to_menu())

    def close_feedback(self) -> None:
        student = self.thing
        self.want(Spend(f"ask:{student.person}"))
        if student.chat:
            self.want(Feedback(student.chat, student.person, student.heavy, student.heavy_after, student.helpful))
        self.change(chat=None, heavy=None, heavy_after=None, helpful=None)

    def feedback_to_menu(self) -> None:
        """Whoever writes instead of answering is listened to: the questions go."""
        self.close_feedback()
        self.keep_and_offer()

    def feedback_to_start(self) -> None:
        self.close_feedback()
        self.open_menu()

    def feedback_unheard(self) -> None:
        self.close_feedback()
        self.unheard()
