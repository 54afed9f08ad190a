"""Topics: in forums, and since Bot API 9.3/9.4 in private chats with a bot that has them switched on."""

from __future__ import annotations

from typing import Any

from ..arguments import Call
from ..chats import Chat, Topic
from ..errors import bad_request
from ..world import World

Json = dict[str, Any]


def _forum(world: World, call: Call) -> Chat:
    chat = world.reachable(call.chat_id())
    if not (chat.forum or (chat.user is not None and world.topics_in_private)):
        raise bad_request("the chat is not a forum")
    return chat


def create_forum_topic(world: World, call: Call) -> Json:
    """createForumTopic; a service message opens the topic, its id is the topic's id."""
    chat = _forum(world, call)
    name = call.need("name")
    if len(name) > 128:
        raise bad_request("TOPIC_TITLE_INVALID")
    color = call.integer("icon_color") or 7322096
    message = world.write(chat, world.bot, {"forum_topic_created": {"name": name, "icon_color": color}})
    topic = Topic(message.id, name, color)
    chat.topics[topic.id] = topic
    message.wire.update({"message_thread_id": topic.id, "is_topic_message": True})
    return topic.wire()


def edit_forum_topic(world: World, call: Call) -> bool:
    """editForumTopic."""
    topic = world.topic(_forum(world, call), call.integer("message_thread_id"))
    topic.name = call.text("name") or topic.name
    return True


def close_forum_topic(world: World, call: Call) -> bool:
    """closeForumTopic."""
    world.topic(_forum(world, call), call.integer("message_thread_id")).closed = True
    return True


def reopen_forum_topic(world: World, call: Call) -> bool:
    """reopenForumTopic."""
    world.topic(_forum(world, call), call.integer("message_thread_id")).closed = False
    return True


def delete_forum_topic(world: World, call: Call) -> bool:
    """deleteForumTopic, with all its messages."""
    chat = _forum(world, call)
    topic = world.topic(chat, call.integer("message_thread_id"))
    del chat.topics[topic.id]
    for message in chat.messages.values():
        if message.thread == topic.id:
            message.deleted = True
    return True


METHODS = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
}
