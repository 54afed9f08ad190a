"""The state of one bot's Telegram: people, chats, messages, files, updates. Every access holds `lock`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .chats import Chat, Topic, User
from .clock import Clock
from .errors import BLOCKED, DEACTIVATED, NEVER_STARTED, bad_request, forbidden
from .files import Files
from .messages import Message
from .updates import Updates
from .waking import Waking

Json = dict[str, Any]


@dataclass(eq=False)
class Callback:
    """A button press: what was asked, and what the bot answered (None until it did)."""

    id: str
    user: User
    data: str
    at: float
    text: str | None = None
    alert: bool = False
    answered_at: float | None = None


@dataclass
class Webhook:
    """What setWebhook set, and how delivery fares."""

    url: str = ""
    secret: str | None = None
    max_connections: int = 40
    last_error_at: float | None = None
    last_error: str | None = None


class World:
    """One bot's Telegram."""

    def __init__(self, token: str, clock: Clock, *, topics: bool, username: str) -> None:
        self.lock = threading.RLock()
        self.waking = Waking(self.lock)
        self.clock = clock
        self.token = token
        self.topics_in_private = topics
        self.bot = User(int(token.partition(":")[0]), "Sebaya", username=username, is_bot=True)
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.files = Files()
        self.updates = Updates()
        self.webhook = Webhook()
        self.callbacks: dict[str, Callback] = {}
        self.settings: dict[str, Any] = {}
        self.query_seconds = 60.0
        self._counter = 0

    @contextmanager
    def change(self) -> Iterator[float]:
        """Hold the lock, yield the present moment, and wake all waiters afterwards."""
        with self.lock:
            yield self.clock.now()
        self.waking.wake()

    def number(self) -> int:
        """A number never given before in this world."""
        self._counter += 1
        return self._counter

    # --- people and chats ---

    def add_user(self, user: User) -> Chat:
        """Register an account; its private chat has the same id."""
        if user.id in self.users:
            raise ValueError("this account exists already")
        self.users[user.id] = user
        return self.add_chat(Chat(user.id, "private", self._instance(user.id), user=user))

    def add_chat(self, chat: Chat) -> Chat:
        """Register a chat."""
        self.chats[chat.id] = chat
        return chat

    def new_group(self, title: str, *, type: str, forum: bool) -> Chat:
        """A group (-n), or a supergroup or channel (-100n)."""
        number = self.number()
        chat_id = -number - 4_000_000 if type == "group" else -1_002_000_000_000 - number
        return self.add_chat(Chat(chat_id, type, self._instance(chat_id), title=title, forum=forum))

    @staticmethod
    def _instance(chat_id: int) -> str:
        # Signed 64 bits, the same for all presses in one chat, unlike the chat's id.
        return str((chat_id * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64 - 2**63)

    def chat(self, chat_id: int | str) -> Chat:
        """The chat, or 400 as Telegram says it."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._by_name(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def _by_name(self, name: str) -> Chat | None:
        # Only channels and supergroups answer to a name; a person never does.
        return next((c for c in self.chats.values() if c.user is None and f"@{c.title}" == name), None)

    def reachable(self, chat_id: int | str) -> Chat:
        """The chat if the bot may write there, else 400 or 403."""
        chat = self.chat(chat_id)
        if chat.migrated_to is not None:
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
        if chat.user is None:
            if chat.bot_status == "kicked":
                raise forbidden(f"bot was kicked from the {chat.type} chat")
            if chat.bot_status == "left":
                raise forbidden(f"bot is not a member of the {chat.type} chat")
        elif chat.user.deactivated:
            raise forbidden(DEACTIVATED)
        elif chat.user.blocked:
            raise forbidden(BLOCKED)
        elif not chat.user.started:
            raise forbidden(NEVER_STARTED)
        return chat

    # --- messages ---

    def message(self, chat: Chat, message_id: int | None, what: str) -> Message:
        """A message that still stands, or 400 `message <what> not found`."""
        message = chat.messages.get(message_id) if message_id is not None else None
        if message is None or message.deleted:
            raise bad_request(f"message {what} not found")
        return message

    def write(
        self,
        chat: Chat,
        author: User | None,
        content: Json,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        date: int | None = None,
        bytes_: bytes | None = None,
        name: str | None = None,
        **more: Any,
    ) -> Message:
        """Put a message into a chat; the author is the bot, a person, or nobody (a channel)."""
        wire: Json = {"message_id": chat.next_id()}
        if author is not None:
            wire["from"] = author.wire()
        elif chat.type == "channel":
            wire["sender_chat"] = chat.wire()
        wire["chat"] = chat.wire()
        wire["date"] = int(self.clock.now()) if date is None else date
        if thread is None and reply_to is not None and reply_to.wire.get("is_topic_message"):
            thread = reply_to.thread
        if thread is not None and thread in chat.topics:
            wire["message_thread_id"] = thread
            wire["is_topic_message"] = True
        if reply_to is not None:
            wire["reply_to_message"] = reply_to.snapshot(nested=False)
        wire.update(content)
        wire.update({key: value for key, value in more.items() if value is not None})
        message = Message(wire, outgoing=author is self.bot, content=bytes_, file_name=name)
        chat.messages[message.id] = message
        return message

    def happened(self, kind: str, body: Json) -> Json | None:
        """Queue an update."""
        return self.updates.add(kind, body, self.clock.now())

    def topic(self, chat: Chat, thread: int | None) -> Topic:
        """A topic of the chat, or 400."""
        topic = chat.topics.get(thread) if thread is not None else None
        if topic is None:
            raise bad_request("message thread not found")
        return topic

    def membership(self, chat: Chat, actor: User, who: User, old: str, new: str) -> None:
        """Queue my_chat_member (for the bot) or chat_member (for anybody else)."""
        body = {
            "chat": chat.wire(),
            "from": actor.wire(),
            "date": int(self.clock.now()),
            "old_chat_member": member(who, old),
            "new_chat_member": member(who, new),
        }
        self.happened("my_chat_member" if who is self.bot else "chat_member", body)


def member(user: User, status: str) -> Json:
    """The `ChatMember` object of a status."""
    fields: Json = {"user": user.wire(), "status": status}
    if status == "kicked":
        fields["until_date"] = 0
    if status == "administrator":
        may = (
            "can_manage_chat",
            "can_delete_messages",
            "can_manage_video_chats",
            "can_restrict_members",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
            "can_send_welcome_messages",
            "can_manage_topics",
        )
        fields.update({"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(may, True)})
    if status == "creator":
        fields["is_anonymous"] = False
    return fields
