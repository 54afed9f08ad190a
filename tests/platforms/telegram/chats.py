"""People and chats as the server knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .messages import Message

Json = dict[str, Any]


@dataclass(eq=False)
class User:
    """A Telegram account and how it stands toward the bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def wire(self) -> Json:
        """The `User` object."""
        fields: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if getattr(self, name) is not None:
                fields[name] = getattr(self, name)
        return fields


@dataclass(eq=False)
class Topic:
    """A topic of a forum or of a private chat."""

    id: int
    name: str
    icon_color: int = 7322096
    closed: bool = False

    def wire(self) -> Json:
        """The `ForumTopic` object."""
        return {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}


@dataclass(eq=False)
class Chat:
    """A private chat (with `user`), a group, a supergroup or a channel."""

    id: int
    type: str
    instance: str
    title: str | None = None
    user: User | None = None
    forum: bool = False
    bot_status: str = "member"
    migrated_to: int | None = None
    members: dict[int, User] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    pinned: int | None = None
    last_id: int = 0

    def wire(self) -> Json:
        """The `Chat` object."""
        fields: Json = {"id": self.id, "type": self.type}
        if self.user is not None:
            person = self.user.wire()
            fields.update({name: person[name] for name in ("first_name", "last_name", "username") if name in person})
        else:
            fields["title"] = self.title
        if self.forum:
            fields["is_forum"] = True
        return fields

    def next_id(self) -> int:
        """A fresh message_id of this chat."""
        self.last_id += 1
        return self.last_id
