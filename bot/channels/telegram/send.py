"""One Outgoing becomes calls of the Bot API, by python-telegram-bot's Bot.

Everything leaves as plain text (no parse mode can misread a student's asterisk), without link previews, and media
are uploaded anew: never by file_id, which keeps a file's name and tags (P1).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.error import TelegramError

from bot.channels.base import Choice, Kind, Outgoing, Place, Refused, Result, Retry, Sent
from bot.channels.telegram.verdict import NO_TEXT, NOT_AS_SUCH, UNCHANGED, among, verdict
from bot.channels.telegram.wire import Said

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
UPLOAD_SECONDS = 40.0
"""How long Telegram may take to answer an upload of 20 MB."""


async def send(bot: Bot, address: str, out: Outgoing) -> Result:
    """Send one thing to the private chat `address`. Never raises for what Telegram or the network says."""
    if not address.lstrip("-").isdigit():
        return Refused("chat_not_found", person=True)
    if out.kind in ("edit", "unbutton") and not out.external_id.isdigit():
        return Refused("message_gone")
    chat = int(address)
    for moved in (False, True):
        try:
            return Sent(await _ACTS[out.kind](bot, chat, out))
        except Said as said:
            if moved or not said.moved_to:
                return _excused(out, said)
            chat = said.moved_to
        except TelegramError as error:
            return verdict(error)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # Telegram said yes in a form that cannot be read: sent perhaps, and at least once is the law (M4).
            return Retry(reason=f"unreadable_answer_{type(error).__name__}")
    raise AssertionError("unreachable: the second round returns")


def _excused(out: Outgoing, said: Said) -> Result:
    if out.kind in ("edit", "unbutton") and among(said, UNCHANGED):
        return Sent(out.external_id)
    if out.kind == "typing" and said.code != 429:
        return Sent("")
    return verdict(said)


async def _text(bot: Bot, chat: int, out: Outgoing) -> str:
    message = await bot.send_message(chat, out.text, link_preview_options=NO_PREVIEW, **_around(out))
    return str(message.message_id)


async def _place(bot: Bot, chat: int, out: Outgoing) -> str:
    spot = out.place or Place(0.0, 0.0)
    message = await bot.send_location(chat, spot.latitude, spot.longitude, **_around(out))
    return str(message.message_id)


async def _media(bot: Bot, chat: int, out: Outgoing) -> str:
    kind = out.media.kind if out.media is not None else Kind.DOCUMENT
    act = _UPLOADS.get(kind)
    if act is not None:
        try:
            return str((await act(bot, chat, out)).message_id)
        except Said as said:
            # A voice note to somebody who takes none, a picture of odd shape: it still arrives, as a file.
            if not among(said, NOT_AS_SUCH):
                raise
    return await _document(bot, chat, out)


async def _document(bot: Bot, chat: int, out: Outgoing) -> str:
    message = await bot.send_document(
        chat,
        out.data,
        caption=out.text or None,
        filename=out.file_name,
        disable_content_type_detection=True,
        read_timeout=UPLOAD_SECONDS,
        **_around(out),
    )
    return str(message.message_id)


async def _edit(bot: Bot, chat: int, out: Outgoing) -> str:
    message, keyboard = int(out.external_id), _keyboard(out.buttons)
    try:
        await bot.edit_message_text(
            out.text,
            chat_id=chat,
            message_id=message,
            reply_markup=keyboard,
            link_preview_options=NO_PREVIEW,
        )
    except Said as said:
        if not among(said, NO_TEXT):
            raise
        await bot.edit_message_caption(chat_id=chat, message_id=message, caption=out.text, reply_markup=keyboard)
    return out.external_id


async def _unbutton(bot: Bot, chat: int, out: Outgoing) -> str:
    await bot.edit_message_reply_markup(chat_id=chat, message_id=int(out.external_id), reply_markup=None)
    return out.external_id


async def _typing(bot: Bot, chat: int, out: Outgoing) -> str:
    await bot.send_chat_action(chat, "typing")
    return ""


_ACTS: dict[str, Callable[[Bot, int, Outgoing], Awaitable[str]]] = {
    "text": _text,
    "media": _media,
    "place": _place,
    "edit": _edit,
    "unbutton": _unbutton,
    "typing": _typing,
    "document": _document,
}


# --- uploads ---


async def _photo(bot: Bot, chat: int, out: Outgoing) -> Message:
    return await bot.send_photo(chat, out.data, **_captioned(out))


async def _voice(bot: Bot, chat: int, out: Outgoing) -> Message:
    return await bot.send_voice(chat, out.data, duration=_seconds(out), **_captioned(out))


async def _audio(bot: Bot, chat: int, out: Outgoing) -> Message:
    return await bot.send_audio(chat, out.data, duration=_seconds(out), **_captioned(out))


async def _video(bot: Bot, chat: int, out: Outgoing) -> Message:
    media = out.media
    return await bot.send_video(
        chat,
        out.data,
        duration=_seconds(out),
        width=media.width or None if media else None,
        height=media.height or None if media else None,
        **_captioned(out),
    )


async def _sticker(bot: Bot, chat: int, out: Outgoing) -> Message:
    return await bot.send_sticker(chat, out.data, read_timeout=UPLOAD_SECONDS, **_around(out))


_UPLOADS: dict[Kind, Callable[[Bot, int, Outgoing], Awaitable[Message]]] = {
    Kind.PHOTO: _photo,
    Kind.VOICE: _voice,
    Kind.AUDIO: _audio,
    Kind.VIDEO: _video,
    Kind.STICKER: _sticker,
}


def _seconds(out: Outgoing) -> int | None:
    return out.media.seconds or None if out.media else None


def _captioned(out: Outgoing) -> dict[str, Any]:
    return {
        "caption": out.text or None,
        "filename": out.file_name,
        "read_timeout": UPLOAD_SECONDS,
        **_around(out),
    }


def _around(out: Outgoing) -> dict[str, Any]:
    more: dict[str, Any] = {}
    keyboard = _keyboard(out.buttons)
    if keyboard is not None:
        more["reply_markup"] = keyboard
    if out.quote_id.isdigit():
        # The quoted message may have been deleted meanwhile; the words arrive all the same.
        more["reply_parameters"] = ReplyParameters(int(out.quote_id), allow_sending_without_reply=True)
    if out.protect:
        more["protect_content"] = True
    return more


def _keyboard(rows: tuple[tuple[Choice, ...], ...]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(choice.label, callback_data=choice.data) for choice in row] for row in rows]
    )
