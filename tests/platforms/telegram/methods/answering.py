"""answerCallbackQuery, setMessageReaction, pinning."""

from __future__ import annotations

from ..arguments import Call
from ..errors import QUERY_TOO_OLD, bad_request
from ..world import World


def answer_callback_query(world: World, call: Call) -> bool:
    """answerCallbackQuery: 400 for an unknown query and for one older than `world.query_seconds`."""
    callback = world.callbacks.get(call.text("callback_query_id") or "")
    now = world.clock.now()
    if callback is None or now - callback.at > world.query_seconds:
        raise bad_request(QUERY_TOO_OLD)
    text = call.text("text") or ""
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if callback.answered_at is None:  # a second answer is accepted and shown to nobody
        callback.text, callback.alert, callback.answered_at = text, call.flag("show_alert"), now
    return True


def set_message_reaction(world: World, call: Call) -> bool:
    """setMessageReaction: at most one emoji from a bot."""
    chat = world.reachable(call.chat_id())
    message = world.message(chat, call.integer("message_id"), "to react")
    reaction = call.value("reaction") or []
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions[world.bot.id] = reaction
    return True


def pin(world: World, call: Call) -> bool:
    """pinChatMessage."""
    chat = world.reachable(call.chat_id())
    chat.pinned = world.message(chat, call.integer("message_id"), "to pin").id
    return True


def unpin(world: World, call: Call) -> bool:
    """unpinChatMessage and unpinAllChatMessages."""
    world.reachable(call.chat_id()).pinned = None
    return True


METHODS = {
    "answerCallbackQuery": answer_callback_query,
    "setMessageReaction": set_message_reaction,
    "pinChatMessage": pin,
    "unpinChatMessage": unpin,
    "unpinAllChatMessages": unpin,
}
