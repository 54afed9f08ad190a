"""What all methods that put a message into a chat have in common."""

from __future__ import annotations

import copy
from typing import Any

from ..arguments import Call
from ..chats import Chat
from ..errors import bad_request
from ..keyboards import read_markup
from ..markup import parse
from ..messages import Message
from ..text import CAPTION_LENGTH, TEXT_LENGTH, found_entities, units
from ..world import World

Json = dict[str, Any]


def read_text(call: Call, too_long: str = "message is too long") -> Json:
    """`text` and `entities` of a text message. Measured in UTF-16 units, the strictest reading of "4096"."""
    text, entities = _marked(call, "text", "entities")
    if not text.strip():
        raise bad_request("message text is empty")
    if units(text) > TEXT_LENGTH:
        raise bad_request(too_long)
    return {"text": text, **({"entities": entities} if entities else {})}


def read_caption(call: Call) -> Json:
    """`caption` and `caption_entities`, if any."""
    text, entities = _marked(call, "caption", "caption_entities")
    if not text.strip():
        return {}
    if units(text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    return {"caption": text, **({"caption_entities": entities} if entities else {})}


def _marked(call: Call, name: str, entities_name: str) -> tuple[str, list[Json]]:
    text, entities = parse(call.text(name) or "", call.text("parse_mode"))
    trimmed = text.strip()
    marked = entities or list(call.value(entities_name) or [])
    cut, end = units(text) - units(text.lstrip()), units(trimmed)
    fitting = []
    for entity in marked:
        first = max(0, entity["offset"] - cut)
        last = min(end, entity["offset"] - cut + entity["length"])
        if last > first:
            fitting.append({**entity, "offset": first, "length": last - first})
    return trimmed, fitting or found_entities(trimmed)


def post(
    world: World,
    call: Call,
    content: Json,
    *,
    bytes_: bytes | None = None,
    name: str | None = None,
    group: str | None = None,
) -> Message:
    """Write the bot's message into the chat addressed, with its topic, quote, keyboard and protection."""
    chat = world.reachable(call.chat_id())
    thread = call.integer("message_thread_id")
    if thread is not None:
        world.topic(chat, thread)
    inline, other = read_markup(call)
    message = world.write(
        chat,
        world.bot if chat.type != "channel" else None,
        content,
        reply_to=_quoted(world, call, chat),
        thread=thread,
        bytes_=bytes_,
        name=name,
        reply_markup=inline,
        has_protected_content=True if call.flag("protect_content") else None,
        media_group_id=group,
    )
    message.outgoing = True
    message.keyboard = other
    return message


def _quoted(world: World, call: Call, chat: Chat) -> Message | None:
    parameters = call.value("reply_parameters") or {}
    wanted = parameters.get("message_id", call.integer("reply_to_message_id"))
    if wanted is None:
        return None
    lenient = parameters.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply")
    message = chat.messages.get(int(wanted))
    if message is None or message.deleted:
        if lenient:
            return None
        raise bad_request("message to be replied not found")
    return message


# What describes a message's place and history rather than its content.
_PLACE = {
    "message_id",
    "from",
    "sender_chat",
    "chat",
    "date",
    "edit_date",
    "message_thread_id",
    "is_topic_message",
    "reply_to_message",
    "reply_markup",
    "forward_origin",
    "has_protected_content",
    "media_group_id",
}


def content_of(message: Message) -> Json:
    """The content of a message without its place, for copying and forwarding."""
    return {key: copy.deepcopy(value) for key, value in message.wire.items() if key not in _PLACE}
