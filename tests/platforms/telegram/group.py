"""Groups, supergroups with or without topics, and channels, from the side of their members and owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chats import Chat, Topic
from .messages import Message

if TYPE_CHECKING:
    from .api import BotApi

Json = dict[str, Any]


class Group:
    """A chat of several people with the bot in it."""

    def __init__(self, api: BotApi, chat: Chat) -> None:
        self.api, self.chat = api, chat

    @property
    def id(self) -> int:
        """The chat's id, negative."""
        return self.chat.id

    @property
    def inbox(self) -> list[Message]:
        """The bot's messages in it, oldest first."""
        with self.api.world.lock:
            return [message for message in self.chat.messages.values() if message.outgoing]

    async def kick_bot(self) -> None:
        """Throw the bot out: my_chat_member, then 403."""
        await self._bot("kicked")

    async def add_bot(self, *, administrator: bool = False) -> None:
        """Let the bot in (again)."""
        await self._bot("administrator" if administrator else "member")

    async def _bot(self, status: str) -> None:
        world = self.api.world
        with world.change():
            actor = next(iter(self.chat.members.values()), world.bot)
            old, self.chat.bot_status = self.chat.bot_status, status
            world.membership(self.chat, actor, world.bot, old, status)

    async def upgrade(self) -> Group:
        """Become a supergroup: 400 with migrate_to_chat_id at the old id, a service message in both."""
        world = self.api.world
        with world.change():
            new = world.new_group(self.chat.title or "", type="supergroup", forum=False)
            new.members.update(self.chat.members)
            author = next(iter(self.chat.members.values()), world.bot)
            old_message = world.write(self.chat, author, {"migrate_to_chat_id": new.id})
            new_message = world.write(new, author, {"migrate_from_chat_id": self.chat.id})
            self.chat.migrated_to = new.id
            world.happened("message", old_message.snapshot())
            world.happened("message", new_message.snapshot())
        return Group(self.api, new)

    async def create_topic(self, name: str) -> int:
        """Open a topic by hand; returns its message_thread_id."""
        world = self.api.world
        with world.change():
            author = next(iter(self.chat.members.values()), world.bot)
            message = world.write(self.chat, author, {"forum_topic_created": {"name": name, "icon_color": 7322096}})
            self.chat.topics[message.id] = Topic(message.id, name)
            message.wire.update({"message_thread_id": message.id, "is_topic_message": True})
            world.happened("message", message.snapshot())
            return message.id

    async def post(self, text: str) -> Message:
        """Post in a channel, as the channel."""
        world = self.api.world
        with world.change():
            message = world.write(self.chat, None, {"text": text})
            world.happened("channel_post", message.snapshot())
            return message
