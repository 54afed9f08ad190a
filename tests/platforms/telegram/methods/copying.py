"""copyMessage(s) and forwardMessage(s). A copy keeps file names and audio tags, as Telegram's does."""

from __future__ import annotations

from typing import Any

from ..arguments import Call
from ..errors import bad_request
from ..messages import Message
from ..world import World
from .posting import content_of, post, read_caption

Json = dict[str, Any]


def _original(world: World, call: Call, verb: str, message_id: int | None = None) -> Message:
    chat = world.chat(call.chat_id("from_chat_id"))
    wanted = call.integer("message_id") if message_id is None else message_id
    message = world.message(chat, wanted, f"to {verb}")
    if message.protected or message.kind == "service":
        raise bad_request(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return message


def origin(message: Message) -> Json:
    """The `MessageOrigin` of a forward."""
    if "forward_origin" in message.wire:
        kept: Json = message.wire["forward_origin"]
        return kept
    if "sender_chat" in message.wire:
        return {
            "type": "channel",
            "chat": message.wire["sender_chat"],
            "message_id": message.id,
            "date": message.date,
        }
    return {"type": "user", "sender_user": message.wire["from"], "date": message.date}


def _copy(world: World, call: Call, original: Message) -> Message:
    content = content_of(original)
    if "caption" in call.params and "text" not in content:
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content.update(read_caption(call))
    return post(world, call, content, bytes_=original.content, name=original.file_name)


def copy_message(world: World, call: Call) -> Json:
    """copyMessage: the content anew, without a link to the original."""
    return {"message_id": _copy(world, call, _original(world, call, "copy")).id}


def _forward(world: World, call: Call, original: Message) -> Message:
    content = {**content_of(original), "forward_origin": origin(original)}
    plain = Call(call.method, {k: v for k, v in call.params.items() if k != "reply_markup"})
    return post(world, plain, content, bytes_=original.content, name=original.file_name)


def forward_message(world: World, call: Call) -> Json:
    """forwardMessage: names its author in `forward_origin`."""
    return _forward(world, call, _original(world, call, "forward")).snapshot()


def _originals(world: World, call: Call, verb: str) -> list[Message]:
    found = []
    for message_id in call.value("message_ids") or []:
        chat = world.chat(call.chat_id("from_chat_id"))
        message = chat.messages.get(int(message_id))
        if message is not None and not message.deleted and not message.protected:
            found.append(message)
    if not found:
        raise bad_request(f"there are no messages to {verb}")
    return found


def copy_messages(world: World, call: Call) -> list[Json]:
    """copyMessages; what cannot be copied is left out."""
    return [{"message_id": _copy(world, call, message).id} for message in _originals(world, call, "copy")]


def forward_messages(world: World, call: Call) -> list[Json]:
    """forwardMessages; what cannot be forwarded is left out."""
    return [{"message_id": _forward(world, call, m).id} for m in _originals(world, call, "forward")]


METHODS = {
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
}
