"""A person with a Telegram app: writes, presses, edits, blocks. Every act works in any event loop."""

from __future__ import annotations

import copy
import datetime
from typing import Any

from .chats import Chat
from .errors import ApiError
from .group import Group
from .messages import Message
from .sharing import Sharing
from .text import found_entities
from .world import Callback

Json = dict[str, Any]


class Person(Sharing):
    """The acting half of a person: text, buttons, edits, leaving, coming back. Sharing adds the rest."""

    async def start(self, payload: str = "") -> Message:
        """Open the bot by its link, `payload` being what follows `?start=`."""
        return await self.say(f"/start {payload}".rstrip())

    async def say(
        self,
        text: str,
        *,
        reply_to: Message | int | None = None,
        thread: int | None = None,
        date: int | datetime.datetime | None = None,
        in_group: Group | None = None,
        **more: Any,
    ) -> Message:
        """Write a text. `reply_to` quotes, `date` is the platform's date (seconds or aware datetime)."""
        content: Json = {"text": text}
        if entities := found_entities(text):
            content["entities"] = entities
        return self._send({**content, **more}, reply_to=reply_to, thread=thread, date=date, in_group=in_group)

    async def press(
        self,
        message: Message | str,
        data: str | None = None,
        *,
        stale: bool = False,
        timeout: float = 30,
        wait: bool = True,
    ) -> str | None:
        """Press a button and wait for the bot's answer: its text, "" if it has none, None if none came.

        Only `data` given (as first argument): the newest message with such a button, data being exact or its
        beginning. `stale` presses what is no longer on the screen (an old client, or a forged press).
        """
        if isinstance(message, str):
            callback = self._press(self.find_button(message), message, stale)
        else:
            callback = self._press(message, data, stale)
        if not wait:
            return None

        def look() -> Callback | None:
            return callback if callback.answered_at is not None else None

        answered = await self.api.world.waking.until(look, timeout)
        return None if answered is None else answered.text or ""

    def _press(self, message: Message, data: str | None, stale: bool) -> Callback:
        world = self.api.world
        with world.change() as now:
            present = message.data
            if data is None:
                data = present[0] if len(present) == 1 else None
            fitting = [d for d in present if d == data] or [d for d in present if data and d.startswith(data)]
            if not stale and (message.deleted or not fitting):
                raise AssertionError(f"{self.user.first_name} sees no button {data!r} on {message!r}")
            chosen = fitting[0] if fitting else str(data)
            chat = world.chats[message.chat_id]
            callback = Callback(str(4_300_000_000_000_000_000 + world.number()), self.user, chosen, now)
            world.callbacks[callback.id] = callback
            shown: Json = {"chat": chat.wire(), "message_id": message.id, "date": 0}
            world.happened(
                "callback_query",
                {
                    "id": callback.id,
                    "from": self.user.wire(),
                    "data": chosen,
                    "chat_instance": chat.instance,
                    "message": shown if message.deleted else message.snapshot(),
                },
            )
            return callback

    async def edit(self, message: Message, text: str) -> Message:
        """Change an own message's text or caption."""
        world = self.api.world
        with world.change() as now:
            if message.outgoing or message.deleted:
                raise AssertionError("a person can edit only their own standing message")
            wire = copy.deepcopy(message.wire)
            name = "text" if "text" in wire else "caption"
            wire[name] = text
            wire.pop("entities", None)
            if name == "text" and (entities := found_entities(text)):
                wire["entities"] = entities
            wire["edit_date"] = int(now)
            message.replace(wire)
            world.happened("edited_message", message.snapshot())
        return message

    async def delete(self, message: Message) -> None:
        """Delete a message for both sides; a bot is not told."""
        with self.api.world.change():
            message.deleted = True

    async def block(self) -> None:
        """Stop the bot: it gets my_chat_member, and 403 from now on."""
        world = self.api.world
        with world.change():
            if not self.user.blocked:
                self.user.blocked = True
                world.membership(self.chat, self.user, world.bot, "member", "kicked")

    async def unblock(self) -> None:
        """Let the bot in again."""
        world = self.api.world
        with world.change():
            if self.user.blocked:
                self.user.blocked = False
                world.membership(self.chat, self.user, world.bot, "kicked", "member")

    async def deactivate(self) -> None:
        """Delete the account: 403 "user is deactivated", and no update."""
        with self.api.world.change():
            self.user.deactivated = True

    async def react(self, message: Message, *emoji: str) -> None:
        """React with these emoji, or with none; the bot is told only if it asked for message_reaction."""
        world = self.api.world
        with world.change() as now:
            old = message.reactions.get(self.id, [])
            new = [{"type": "emoji", "emoji": one} for one in emoji]
            message.reactions[self.id] = new
            world.happened(
                "message_reaction",
                {
                    "chat": world.chats[message.chat_id].wire(),
                    "message_id": message.id,
                    "user": self.user.wire(),
                    "date": int(now),
                    "old_reaction": old,
                    "new_reaction": new,
                },
            )

    async def join_group(self, group: Group) -> None:
        """Join a group."""
        world = self.api.world
        with world.change():
            group.chat.members[self.id] = self.user
            world.membership(group.chat, self.user, self.user, "left", "member")
            self._service(group.chat, {"new_chat_members": [self.user.wire()]})

    async def leave_group(self, group: Group) -> None:
        """Leave a group."""
        world = self.api.world
        with world.change():
            group.chat.members.pop(self.id, None)
            world.membership(group.chat, self.user, self.user, "member", "left")
            self._service(group.chat, {"left_chat_member": self.user.wire()})

    def _service(self, chat: Chat, content: Json) -> None:
        world = self.api.world
        world.happened("message", world.write(chat, self.user, content).snapshot())

    async def delete_topic(self, thread: int) -> None:
        """Delete a topic of the private chat; the bot learns it from 400 "message thread not found"."""
        with self.api.world.change():
            if self.chat.topics.pop(thread, None) is None:
                raise ApiError(400, "there is no such topic")
            for message in self.chat.messages.values():
                if message.thread == thread:
                    message.deleted = True
