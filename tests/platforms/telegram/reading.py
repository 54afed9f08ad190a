"""What a person sees: messages from the bot, waiting for one, answers to presses, "typing"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .chats import Chat, User
from .messages import Message

if TYPE_CHECKING:
    from .api import BotApi

Found = TypeVar("Found")
Words = str | re.Pattern[str] | Callable[[str], bool]


class Reader:
    """The reading half of a person. Messages are live: an edit shows in them at once."""

    def __init__(self, api: BotApi, user: User, chat: Chat) -> None:
        self.api, self.user, self.chat = api, user, chat
        self._taken: dict[Message, int] = {}

    @property
    def id(self) -> int:
        """The account's id, also the id of the private chat."""
        return self.user.id

    @property
    def inbox(self) -> list[Message]:
        """Every message of the bot to this person, oldest first, deleted ones included."""
        with self.api.world.lock:
            return [message for message in self.chat.messages.values() if message.outgoing]

    @property
    def screen(self) -> list[Message]:
        """What stands in the private chat now, both sides, oldest first."""
        with self.api.world.lock:
            return [message for message in self.chat.messages.values() if not message.deleted]

    @property
    def texts(self) -> list[str]:
        """The texts of the bot's messages that still stand."""
        return [message.text for message in self.inbox if not message.deleted]

    @property
    def toasts(self) -> list[str]:
        """The texts that answered this person's presses."""
        with self.api.world.lock:
            return [c.text for c in self.api.world.callbacks.values() if c.user is self.user and c.text]

    @property
    def actions(self) -> list[str]:
        """The chat actions seen ("typing", ...)."""
        with self.api.world.lock:
            return list(self.chat.actions)

    async def wait_for(
        self,
        text: Words | None = None,
        *,
        button: str | None = None,
        kind: str | None = None,
        again: bool = False,
        timeout: float = 30,
    ) -> Message:
        """The oldest message of the bot that matches and that no `wait_for` has returned yet.

        `text` is a part of the text, a pattern, or a function; `button` the start of a button's data; `kind`
        e.g. "photo". An edited message counts as new. `again` also takes what was returned before (the newest
        match then). AssertionError after `timeout` seconds, with everything the person sees.
        """

        def look() -> Message | None:
            fitting = [
                message
                for message in self.inbox
                if not message.deleted
                and _fits(message, text, button, kind)
                and (again or self._taken.get(message, -1) < len(message.earlier))
            ]
            if not fitting:
                return None
            chosen = fitting[-1] if again else fitting[0]
            self._taken[chosen] = len(chosen.earlier)
            return chosen

        return await self._until(look, timeout, f"text={text!r} button={button!r} kind={kind!r}")

    async def wait_until(self, condition: Callable[[list[Message]], bool], *, timeout: float = 30) -> None:
        """Wait until `condition(inbox)` holds; AssertionError after `timeout` seconds."""
        await self._until(lambda: True if condition(self.inbox) else None, timeout, "the condition")

    async def _until(self, look: Callable[[], Found | None], timeout: float, what: str) -> Found:
        found = await self.api.world.waking.until(look, timeout)
        if found is None:
            seen = "\n".join(f"  {message!r}" for message in self.inbox) or "  nothing"
            raise AssertionError(f"{self.user.first_name} waited {timeout} s for {what}; seen:\n{seen}")
        return found

    def find_button(self, data: str) -> Message:
        """The newest standing message with a button whose data is, or starts with, `data`."""
        for exact in (True, False):
            for message in reversed(self.inbox):
                if not message.deleted and any(d == data or (not exact and d.startswith(data)) for d in message.data):
                    return message
        raise AssertionError(f"{self.user.first_name} sees no button {data!r}")


def _fits(message: Message, text: Words | None, button: str | None, kind: str | None) -> bool:
    if kind is not None and message.kind != kind:
        return False
    if button is not None and not any(data.startswith(button) for data in message.data):
        return False
    if text is None:
        return True
    if isinstance(text, str):
        return text in message.text
    if isinstance(text, re.Pattern):
        return text.search(message.text) is not None
    return text(message.text)
