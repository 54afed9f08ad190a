"""What every part of a helper's dialog has at hand, and the guards."""

from __future__ import annotations

from flows.dialogs.helper.routing import current
from flows.effects import Args, Button, Fate, Note, Rows, Say, Send, Settle, Toast
from flows.events import Acted
from flows.facts import MINUTE, Staff
from flows.snapshot import Chat, Desk
from flows.work import Work

PAUSE = 30 * MINUTE


class Base(Work[Desk]):
    """Guards are free of effects; replies append effects and may change the snapshot, never its state."""

    @property
    def me(self) -> int:
        return self.thing.person

    def staff(self) -> Staff | None:
        return self.facts.staff(self.me)

    def chats(self) -> list[Chat]:
        return list(self.facts.open_chats(self.me))

    def say(self, key: str, args: Args | None = None, buttons: Rows = (), ref: str | None = None) -> None:
        self.want(Say(key, args or {}, buttons, ref=ref))

    def settle(self, fate: Fate, chat: Chat | None = None) -> None:
        message = getattr(self.event, "message", None)
        if message is not None:
            owner = chat.student if chat else None
            self.want(Settle(message, fate, chat=chat.id if chat else None, owner=owner))

    def answered(self) -> None:
        self.settle(Fate.ANSWERED)

    def switches(self, verb: str = "switch") -> Rows:
        """One button for each open chat, labelled with the student's alias."""
        return tuple((Button(f"chat:{verb}:{c.id}", "button.alias", {"alias": c.alias}),) for c in self.chats())

    # --- guards ---

    def may_serve(self) -> bool:
        """A supporter needs a valid certificate; a counselor is known by the roster."""
        staff = self.staff()
        if staff is None:
            return False
        return staff.role != "supporter" or (staff.certified_until or 0) >= self.now

    def no_chat(self) -> bool:
        return not self.chats()

    def one_chat(self) -> bool:
        return len(self.chats()) == 1 or self._current() is not None

    def only_chat(self) -> bool:
        return len(self.chats()) == 1

    def mine(self) -> bool:
        """The button speaks of an open chat of this helper."""
        return any(c.id == self.event.id for c in self.chats())

    def has_nth(self) -> bool:
        """/2 names the second of several chats, oldest first."""
        return int(self.event.argument) <= len(self.chats())

    def has_own(self) -> bool:
        return bool(self.thing.own)

    def noting(self) -> bool:
        return (self.thing.asked or "").startswith("note:")

    def _current(self) -> Chat | None:
        chats = self.chats()
        if len(chats) == 1:
            return chats[0]
        return current(self.thing, chats, self.now, self.facts.policy.switch)

    def stale(self) -> None:
        self.want(Toast("button.stale"))

    def _act(self, chat: Chat) -> None:
        """A counselor who writes or notes has the case of that student, whether or not they pressed a button."""
        case = self.facts.open_case(chat.student)
        if case is not None and case.acted_at is None:
            self.want(Send("case", case.id, Acted(self.me)))

    def take_note(self) -> None:
        id = (self.thing.asked or "").removeprefix("note:")
        chat = self.facts.chat(id)
        self.change(asked=None)
        if chat is None:
            self.answered()
            self.say("note.nothing")
        else:
            self._keep_note(chat)

    def _keep_note(self, chat: Chat) -> None:
        self.want(
            Settle(self.event.message, Fate.ANSWERED, chat=None, owner=chat.student),
            Note(self.event.message, self.me, chat.student, chat.id, chat.case),
        )
        self._act(chat)
        self.say("note.kept", {"alias": chat.alias})
