"""One update of every kind of the Bot API (10.3, November 2026), and one message of every content.

For tests that every kind is survived (a service must neither crash on nor loop over what it does not use) and
that text is found wherever it can stand: captions, edits, polls, checklists, rich messages, quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .methods.sending import poll
from .world import member

if TYPE_CHECKING:
    from .person import Person

Json = dict[str, Any]

# Kinds whose body is a Message.
MESSAGES = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "edited_business_message",
    "guest_message",
)


def every_update(person: Person, text: str = "halo") -> dict[str, Json]:
    """Update kind -> body, from this person; push each as `api.push({kind: body})`."""
    now = int(person.api.clock.now())
    user, chat = person.user.wire(), person.chat.wire()
    channel: Json = {"id": -1_002_100_000_001, "type": "channel", "title": "kanal"}
    bot = person.api.world.bot
    message: Json = {"message_id": 900_001, "from": user, "chat": chat, "date": now, "text": text}
    edited: Json = {**message, "edit_date": now}
    post: Json = {"message_id": 5, "sender_chat": channel, "chat": channel, "date": now, "text": text}
    source = {"source": "premium", "user": user}
    address = dict.fromkeys(("country_code", "state", "city", "street_line1", "street_line2", "post_code"), "ID")
    return {
        "message": message,
        "edited_message": edited,
        "channel_post": post,
        "edited_channel_post": {**post, "edit_date": now},
        "business_connection": {
            "id": "b1",
            "user": user,
            "user_chat_id": person.id,
            "date": now,
            "is_enabled": True,
        },
        "business_message": {**message, "business_connection_id": "b1"},
        "edited_business_message": {**edited, "business_connection_id": "b1"},
        "deleted_business_messages": {"business_connection_id": "b1", "chat": chat, "message_ids": [1]},
        "guest_message": {**message, "guest_query_id": "g1"},
        "message_reaction": {
            "chat": chat,
            "message_id": 1,
            "user": user,
            "date": now,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "❤"}],
        },
        "message_reaction_count": {
            "chat": channel,
            "message_id": 5,
            "date": now,
            "reactions": [{"type": {"type": "emoji", "emoji": "👍"}, "total_count": 2}],
        },
        "inline_query": {"id": "i1", "from": user, "query": text, "offset": ""},
        "chosen_inline_result": {"result_id": "r1", "from": user, "query": text},
        "callback_query": {
            "id": "c1",
            "from": user,
            "chat_instance": person.chat.instance,
            "data": "unknown:button",
            "message": {"chat": chat, "message_id": 1, "date": 0},
        },
        "shipping_query": {"id": "s1", "from": user, "invoice_payload": "x", "shipping_address": address},
        "pre_checkout_query": {
            "id": "p1",
            "from": user,
            "currency": "IDR",
            "total_amount": 1000,
            "invoice_payload": "x",
        },
        "purchased_paid_media": {"from": user, "paid_media_payload": "x"},
        "poll": poll(1, text, ["ya", "tidak"], anonymous=True),
        "poll_answer": {"poll_id": "1", "user": user, "option_ids": [0], "option_persistent_ids": ["0"]},
        "my_chat_member": {
            "chat": channel,
            "from": user,
            "date": now,
            "old_chat_member": member(bot, "left"),
            "new_chat_member": member(bot, "administrator"),
        },
        "chat_member": {
            "chat": channel,
            "from": user,
            "date": now,
            "old_chat_member": member(person.user, "left"),
            "new_chat_member": member(person.user, "creator"),
        },
        "chat_join_request": {"chat": channel, "from": user, "user_chat_id": person.id, "date": now},
        "chat_boost": {
            "chat": channel,
            "boost": {"boost_id": "x", "add_date": now, "expiration_date": now + 60, "source": source},
        },
        "removed_chat_boost": {"chat": channel, "boost_id": "x", "remove_date": now, "source": source},
        "managed_bot": {"user": user, "bot": bot.wire()},
        "subscription": {"user": user, "invoice_payload": "x", "state": "canceled"},
        "stopped_message_generation": {"chat": chat, "draft_id": 1},
    }


def every_content(person: Person, text: str = "halo") -> dict[str, Json]:
    """Name -> content, to be sent by `person.send(content)`; `text` stands wherever the kind has words."""
    user = person.user.wire()
    now = int(person.api.clock.now())
    keep = person.api.world.files.keep
    words = {"type": "user", "sender_user": user, "date": now}
    spot = {"latitude": -7.77, "longitude": 110.38}
    media = {kind: keep(kind, b"x").field() for kind in ("photo", "voice", "audio", "video", "animation")}
    captioned = {name: {**field, "caption": text} for name, field in media.items()}
    shared = {"request_id": 1, "users": [{"user_id": 5_999_999_999, "first_name": "Orang"}]}
    return {
        **captioned,
        "text": {"text": text},
        "document": {**keep("document", b"x", "Surat Budi.pdf").field(), "caption": text},
        "video_note": keep("video_note", b"x").field(),
        "sticker": keep("sticker", b"x", emoji="😭").field(),
        "contact": {"contact": {"phone_number": "+6281200000000", "first_name": text, "user_id": 5}},
        "location": {"location": spot},
        "live_location": {"location": {**spot, "live_period": 900}},
        "venue": {"venue": {"location": spot, "title": text, "address": text}, "location": spot},
        "poll": {"poll": poll(2, text, [text, "lain"], anonymous=True)},
        "checklist": {"checklist": {"title": text, "tasks": [{"id": 1, "text": text}]}},
        "dice": {"dice": {"emoji": "🎲", "value": 6}},
        "game": {"game": {"title": text, "description": text, "photo": media["photo"]["photo"]}},
        "story": {"story": {"chat": person.chat.wire(), "id": 3}},
        "rich_message": {"rich_message": {"blocks": [{"type": "paragraph", "text": text}]}},
        "quote": {"text": "ini", "quote": {"text": text, "position": 0}},
        "external_reply": {"text": "ini", "external_reply": {"origin": words}},
        "forward": {"text": text, "forward_origin": words},
        "hidden_forward": {
            "text": text,
            "forward_origin": {"type": "hidden_user", "sender_user_name": "Orang Lain", "date": now},
        },
        "via_bot": {
            "text": text,
            "via_bot": {"id": 6, "is_bot": True, "first_name": "gif", "username": "gif"},
        },
        "paid_media": {
            "paid_media": {"star_count": 1, "paid_media": [{"type": "preview"}]},
            "caption": text,
        },
        "invoice": {
            "invoice": {
                "title": text,
                "description": text,
                "start_parameter": "",
                "currency": "IDR",
                "total_amount": 1000,
            }
        },
        "users_shared": {"users_shared": shared},
        "chat_shared": {"chat_shared": {"request_id": 1, "chat_id": -1_002_100_000_001}},
        "web_app_data": {"web_app_data": {"data": text, "button_text": "Buka"}},
        "write_access_allowed": {"write_access_allowed": {"from_request": True}},
        "connected_website": {"connected_website": "example.org"},
        "auto_delete": {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        "pinned_message": {"pinned_message": {"message_id": 1, "chat": person.chat.wire(), "date": now, "text": text}},
        "chat_background_set": {"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "🌊"}}},
        "unknown": {"something_of_the_future": {"words": text}},
        "empty": {},
    }
