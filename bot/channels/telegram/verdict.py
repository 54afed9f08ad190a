"""What an answer of Telegram means for the outbox. Reasons are words of ours: an answer's own text may quote."""

from __future__ import annotations

from telegram.error import InvalidToken, TelegramError, TimedOut

from bot.channels.base import Refused, Result, Retry
from bot.channels.telegram.wire import Said

# Descriptions as the public Bot API server words them, lower case; the first that fits counts.
GONE = (
    ("bot was blocked by the user", "blocked"),
    ("user is deactivated", "deactivated"),
    ("bot can't initiate conversation", "never_started"),
    ("chat not found", "chat_not_found"),
    ("user not found", "chat_not_found"),
    ("peer_id_invalid", "chat_not_found"),
    ("input_user_deactivated", "deactivated"),
)
UNCHANGED = ("message is not modified",)
NO_TEXT = ("there is no text in the message to edit",)
NOT_AS_SUCH = (
    "voice_messages_forbidden",
    "photo_invalid_dimensions",
    "photo_save_file_invalid",
    "image_process_failed",
    "photo_ext_invalid",
    "photo has too big",
    "too big for a photo",
    "sticker",
    "wrong type of the web page content",
)
LOST = ("message to edit not found", "message can't be edited", "message to delete not found", "message_id_invalid")
LONG = ("message is too long", "caption is too long", "message_too_long", "media_caption_too_long")


def among(said: Said, phrases: tuple[str, ...]) -> bool:
    """Whether a refusal is one of these."""
    return said.code == 400 and any(phrase in said.description for phrase in phrases)


def verdict(error: TelegramError) -> Result:
    """Retry for what may pass, Refused for what never will."""
    if isinstance(error, Said):
        return _of_answer(error)
    if isinstance(error, InvalidToken):
        return Retry(reason="token_refused")
    return Retry(reason="timeout" if isinstance(error, TimedOut) else "network")


def _of_answer(said: Said) -> Result:
    if said.code == 429:
        return Retry(after=said.retry_after * 1000, reason="slow_down", named=said.retry_after > 0)
    if said.code in (401, 404):
        return Retry(reason="token_refused")
    if said.code == 413:
        return Refused("too_big")
    if said.code not in (400, 403):
        return Retry(reason=f"status_{said.code}")
    for phrase, reason in GONE:
        if phrase in said.description:
            return Refused(reason, person=True)
    if said.code == 403:
        return Refused("forbidden", person=True)
    if among(said, LOST):
        return Refused("message_gone")
    if among(said, LONG):
        return Refused("too_long")
    return Refused("bad_request")
