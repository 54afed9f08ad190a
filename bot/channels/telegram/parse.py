"""One Telegram update becomes one Inbound. Reads plain JSON: a field nobody knew yesterday breaks nothing.

Field names and meanings: Telegram Bot API 10.3. Only private chats count; groups and channels are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.base import Inbound, Kind, Media, Place, Unreadable

NAME = "telegram"
Json = Mapping[str, Any]

# What a message carries, in the order to look: animation and venue come with a document and a location beside.
MEDIA = {
    "voice": Kind.VOICE,
    "audio": Kind.AUDIO,
    "video": Kind.VIDEO,
    "video_note": Kind.VIDEO,
    "animation": Kind.VIDEO,
    "sticker": Kind.STICKER,
    "document": Kind.DOCUMENT,
}
UNCARRIED = {"contact": Kind.CONTACT, "venue": Kind.VENUE, "poll": Kind.POLL}
# Told by Telegram, not said by a person.
SERVICE = frozenset(
    {
        "auto_delete",
        "boost_added",
        "chat_background_set",
        "chat_owner_changed",
        "chat_owner_left",
        "connected_website",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "gift",
        "message_auto_delete_timer_changed",
        "passport_data",
        "pinned_message",
        "proximity_alert_triggered",
        "refunded_payment",
        "successful_payment",
        "unique_gift",
        "write_access_allowed",
    }
)
# Not content: who, when, where, and what it answers.
ENVELOPE = frozenset(
    {
        "message_id",
        "message_thread_id",
        "is_topic_message",
        "from",
        "sender_chat",
        "sender_boost_count",
        "chat",
        "date",
        "edit_date",
        "forward_origin",
        "forward_date",
        "forward_from",
        "forward_from_chat",
        "forward_sender_name",
        "reply_to_message",
        "reply_to_story",
        "external_reply",
        "quote",
        "via_bot",
        "has_protected_content",
        "media_group_id",
        "author_signature",
        "reply_markup",
        "link_preview_options",
        "entities",
        "caption_entities",
        "effect_id",
        "has_media_spoiler",
        "show_caption_above_media",
    }
)
# Strings that nobody writes, or that say who somebody is.
WORDLESS = frozenset(
    {
        "id",
        "type",
        "mime_type",
        "url",
        "currency",
        "language_code",
        "first_name",
        "last_name",
        "username",
        "phone_number",
        "vcard",
        "thumbnail",
        "start_parameter",
        "entities",
        "question_entities",
        "text_entities",
        "title_entities",
        "option_persistent_ids",
    }
)
WORDS_DEEP = 12
"""How deep to look for words in content that is not known; nobody nests deeper by writing."""


def read_update(body: bytes) -> dict[str, Any]:
    """The update of a webhook body. Raises Unreadable."""
    import orjson

    try:
        update = orjson.loads(body)
    except orjson.JSONDecodeError:
        # orjson refuses half of a surrogate pair, which a client may have cut an emoji into.
        try:
            update = _mend(json.loads(body))
        except (ValueError, RecursionError):
            raise Unreadable("a body that is not JSON") from None
    if not isinstance(update, dict):
        raise Unreadable("a body that is not an update")
    return update


def parse_update(update: Json) -> Inbound:
    """What the update means. Raises Unreadable for one without the fields that its kind cannot do without."""
    try:
        number = update["update_id"]
        if not isinstance(number, int) or isinstance(number, bool):
            raise Unreadable("an update whose update_id is no number")
        for kind, body in update.items():
            reader = _READERS.get(kind)
            if reader is not None:
                return reader(str(number), body)
        return Inbound(NAME, str(number), _somebody(update), Kind.IGNORED, 0)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Unreadable(f"an update with a missing or wrong field ({type(error).__name__})") from None


# --- kinds of update ---


def _message(number: str, message: Json) -> Inbound:
    sender, when = str(int(message["chat"]["id"])), _ms(message)
    if message["chat"]["type"] != "private":
        return Inbound(NAME, number, sender, Kind.IGNORED, when)
    kind, media, place = _content(message)
    text = " ".join(_words(_unknown(message))) if kind in (Kind.POLL, Kind.UNKNOWN) else _text(message)
    return Inbound(
        NAME,
        number,
        sender,
        kind,
        when,
        text=text,
        message_id=str(int(message["message_id"])),
        quote_id=_quoted(message),
        media=media,
        place=place,
        language=_language(message),
        start=_start(text),
        forwarded="forward_origin" in message or "forward_date" in message,
    )


def _edited(number: str, message: Json) -> Inbound:
    sender = str(int(message["chat"]["id"]))
    when = _ms(message, "edit_date")
    text = _text(message)
    kind = Kind.EDIT
    if message["chat"]["type"] != "private" or "location" in message:  # a live location that moves
        kind, text = Kind.IGNORED, ""
    elif not text:  # new media without words, a changed checklist: there is nothing that could be amended
        kind, text = Kind.UNKNOWN, " ".join(_words(_unknown(message)))
    return Inbound(
        NAME,
        number,
        sender,
        kind,
        when,
        text=text,
        message_id=str(int(message["message_id"])),
        quote_id=_quoted(message),
        language=_language(message),
    )


def _pressed(number: str, query: Json) -> Inbound:
    sender = str(int(query["from"]["id"]))
    message = query.get("message")
    callback = str(query["id"])
    data = query.get("data")
    language = _language(query)
    if not message or message["chat"]["type"] != "private" or not isinstance(data, str):
        return Inbound(NAME, number, sender, Kind.IGNORED, 0, callback_id=callback, language=language)
    # The query bears no date of its own; 0 lets the service take its own clock.
    return Inbound(
        NAME,
        number,
        sender,
        Kind.PRESS,
        0,
        message_id=str(int(message["message_id"])),
        data=data,
        callback_id=callback,
        language=language,
    )


def _member(number: str, change: Json) -> Inbound:
    sender, when = str(int(change["chat"]["id"])), _ms(change)
    kinds = {"kicked": Kind.BLOCKED, "left": Kind.BLOCKED, "member": Kind.UNBLOCKED}
    kind = kinds.get(str(change["new_chat_member"]["status"]), Kind.IGNORED)
    if change["chat"]["type"] != "private":
        kind = Kind.IGNORED
    return Inbound(NAME, number, sender, kind, when, language=_language(change))


def _reaction(number: str, reaction: Json) -> Inbound:
    sender, when = str(int(reaction["chat"]["id"])), _ms(reaction)
    kind = Kind.REACTION if reaction["chat"]["type"] == "private" else Kind.IGNORED
    return Inbound(NAME, number, sender, kind, when, message_id=str(int(reaction["message_id"])))


_READERS = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _pressed,
    "my_chat_member": _member,
    "message_reaction": _reaction,
}


# --- parts of a message ---


def _content(message: Json) -> tuple[Kind, Media | None, Place | None]:
    if "text" in message:
        return Kind.TEXT, None, None
    for name, unsent in UNCARRIED.items():
        if name in message:
            return unsent, None, None
    if "location" in message:
        spot = message["location"]
        if "live_period" in spot:
            return Kind.LIVE_LOCATION, None, None
        return Kind.LOCATION, None, Place(float(spot["latitude"]), float(spot["longitude"]))
    if "photo" in message:
        largest = max(message["photo"], key=lambda size: int(size["width"]) * int(size["height"]))
        return Kind.PHOTO, _media(largest, Kind.PHOTO, "image/jpeg"), None
    for name, kind in MEDIA.items():
        if name in message:
            return kind, _media(message[name], kind, ""), None
    content = message.keys() - ENVELOPE
    if content and content <= SERVICE:
        return Kind.IGNORED, None, None
    return Kind.UNKNOWN, None, None


def _media(file: Json, kind: Kind, mime: str) -> Media:
    side = int(file.get("length", 0))  # a video note is a square
    return Media(
        NAME,
        str(file["file_id"]),
        kind,
        mime=str(file.get("mime_type", mime)),
        size=int(file.get("file_size", 0)),
        seconds=int(file.get("duration", 0)),
        width=int(file.get("width", side)),
        height=int(file.get("height", side)),
        emoji=str(file.get("emoji", "")),
    )


def _text(message: Json) -> str:
    text = message.get("text", message.get("caption", ""))
    if not isinstance(text, str):
        raise TypeError
    return text


def _unknown(message: Json) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in ENVELOPE}


def _words(value: Any, depth: int = 0) -> Iterator[str]:
    """C1: words are assessed wherever they stand: a poll, a checklist, content of a later Bot API."""
    if isinstance(value, str):
        yield value
    elif depth < WORDS_DEEP:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key not in WORDLESS and not key.endswith("_id"):
                    yield from _words(inner, depth + 1)
        elif isinstance(value, list):
            for inner in value:
                yield from _words(inner, depth + 1)


def _quoted(message: Json) -> str:
    quoted = message.get("reply_to_message")
    return str(int(quoted["message_id"])) if quoted else ""


def _language(happened: Json) -> str:
    return str((happened.get("from") or {}).get("language_code") or "")


def _start(text: str) -> str:
    if not text.startswith("/start"):
        return ""
    command, _, payload = text.partition(" ")
    return payload.strip() if command.partition("@")[0] == "/start" else ""


def _ms(happened: Json, name: str = "date") -> int:
    return int(happened.get(name) or happened.get("date") or 0) * 1000


def _somebody(update: Json) -> str:
    """Who an update without a reader is about, if anybody: one person's updates keep their order."""
    for body in update.values():
        if isinstance(body, dict):
            who = body.get("chat") or body.get("from") or body.get("user")
            if isinstance(who, dict) and isinstance(who.get("id"), int):
                return str(who["id"])
    return ""


def _mend(value: Any) -> Any:
    """The same JSON with U+FFFD for each half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mend(one) for one in value]
    if isinstance(value, dict):
        return {_mend(key): _mend(one) for key, one in value.items()}
    return value
