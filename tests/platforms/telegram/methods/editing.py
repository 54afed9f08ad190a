"""editMessage*, deleteMessage(s)."""

from __future__ import annotations

import copy
from typing import Any

from ..arguments import Call
from ..errors import NOT_MODIFIED, bad_request
from ..keyboards import read_markup
from ..messages import Message
from ..world import World
from .posting import read_caption, read_text
from .sending import received_file

Json = dict[str, Any]

# A bot can delete a message within 48 hours of its date.
DELETABLE_SECONDS = 48 * 3600


def _mine(world: World, call: Call) -> Message:
    chat = world.reachable(call.chat_id())
    message = world.message(chat, call.integer("message_id"), "to edit")
    if not message.outgoing:
        raise bad_request("message can't be edited")
    return message


def _replace(world: World, call: Call, message: Message, drop: tuple[str, ...], content: Json) -> Json:
    inline, _ = read_markup(call)
    wire = copy.deepcopy(message.wire)
    for key in (*drop, "reply_markup", "edit_date"):
        wire.pop(key, None)
    wire.update(content)
    if inline is not None:
        wire["reply_markup"] = inline
    if wire == {key: value for key, value in message.wire.items() if key != "edit_date"}:
        raise bad_request(NOT_MODIFIED)
    wire["edit_date"] = int(world.clock.now())
    message.replace(wire)
    return message.snapshot()


def edit_text(world: World, call: Call) -> Json:
    """editMessageText. Without reply_markup the inline keyboard goes."""
    message = _mine(world, call)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _replace(world, call, message, ("text", "entities"), read_text(call, "MESSAGE_TOO_LONG"))


def edit_caption(world: World, call: Call) -> Json:
    """editMessageCaption."""
    message = _mine(world, call)
    if message.kind in ("text", "sticker", "location", "contact", "venue", "poll", "dice"):
        raise bad_request("there is no caption in the message to edit")
    return _replace(world, call, message, ("caption", "caption_entities"), read_caption(call))


def edit_markup(world: World, call: Call) -> Json:
    """editMessageReplyMarkup; without reply_markup the keyboard goes."""
    return _replace(world, call, _mine(world, call), (), {})


def edit_media(world: World, call: Call) -> Json:
    """editMessageMedia."""
    message = _mine(world, call)
    item = call.value("media") or {}
    file = received_file(world, call, str(item.get("type")), item.get("media"))
    content = {**file.field(), **read_caption(Call(call.method, item))}
    drop = (message.kind, "document", "caption", "caption_entities")
    result = _replace(world, call, message, drop, content)
    message.content, message.file_name = file.content, file.name
    return result


def delete_message(world: World, call: Call) -> bool:
    """deleteMessage: any message of a private chat, one's own in a group, within 48 hours."""
    chat = world.reachable(call.chat_id())
    message = world.message(chat, call.integer("message_id"), "to delete")
    if world.clock.now() - message.date > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    if not message.outgoing and chat.user is None and chat.bot_status != "administrator":
        raise bad_request("message can't be deleted")
    message.deleted = True
    return True


def delete_messages(world: World, call: Call) -> bool:
    """deleteMessages; what cannot be found is skipped."""
    chat = world.reachable(call.chat_id())
    for message_id in call.value("message_ids") or []:
        message = chat.messages.get(int(message_id))
        if message is not None and world.clock.now() - message.date <= DELETABLE_SECONDS:
            message.deleted = True
    return True


METHODS = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "editMessageMedia": edit_media,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
