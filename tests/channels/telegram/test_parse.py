"""Telegram's updates, one a file: what each means, and that two libraries nobody here wrote read them alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiogram.types
import pytest
import telegram

from bot.channels.base import Inbound, Kind, Media, Place, Unreadable
from bot.channels.telegram import Telegram
from bot.channels.telegram.parse import parse_update
from tests.platforms.telegram import BotApi
from tests.platforms.telegram.samples import every_content, every_update

PAYLOADS = Path(__file__).parent / "payloads"
WHO = "7123456789"
DATE = 1_795_100_000_000
OF_THE_FUTURE = {"future_update", "future_content"}


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def parsed(name: str) -> Inbound:
    (inbound,) = Telegram("1:x").parse(payload(name))
    return inbound


def media(file_id: str, kind: Kind, mime: str = "", **more: Any) -> Media:
    return Media("telegram", file_id, kind, mime=mime, **more)


MEANINGS: dict[str, dict[str, Any]] = {
    "text": {"kind": Kind.TEXT, "text": "Halo kak, aku lagi capek banget 😔 <b>serius</b>"},
    "start": {"kind": Kind.TEXT, "text": "/start undang-AbC_123", "start": "undang-AbC_123"},
    "start_at_bot": {"kind": Kind.TEXT, "text": "/start@sebaya_bot kode", "start": "kode"},
    "photo": {
        "kind": Kind.PHOTO,
        "text": "ini tadi pagi",
        "media": media("AgACpx", Kind.PHOTO, "image/jpeg", size=98304, width=1280, height=960),
    },
    "voice": {"kind": Kind.VOICE, "media": media("AwACv", Kind.VOICE, "audio/ogg", size=28411, seconds=7)},
    "audio": {"kind": Kind.AUDIO, "media": media("CQACa", Kind.AUDIO, "audio/mpeg", size=3400000, seconds=181)},
    "video": {
        "kind": Kind.VIDEO,
        "text": "lihat",
        "media": media("BAACw", Kind.VIDEO, "video/mp4", size=900100, seconds=5, width=720, height=1280),
    },
    "video_note": {
        "kind": Kind.VIDEO,
        "media": media("DQACn", Kind.VIDEO, size=120000, seconds=4, width=240, height=240),
    },
    "animation": {
        "kind": Kind.VIDEO,
        "media": media("CgACg", Kind.VIDEO, "video/mp4", size=51000, seconds=2, width=320, height=180),
    },
    "sticker": {
        "kind": Kind.STICKER,
        "media": media("CAACs", Kind.STICKER, size=21000, width=512, height=512, emoji="😭"),
    },
    "document": {
        "kind": Kind.DOCUMENT,
        "text": "suratnya",
        "media": media("BQACd", Kind.DOCUMENT, "application/pdf", size=70311),
    },
    "location": {"kind": Kind.LOCATION, "place": Place(-7.7713, 110.3775)},
    "live_location": {"kind": Kind.LIVE_LOCATION},
    "live_location_moves": {"kind": Kind.IGNORED, "sent_at": DATE + 60_000},
    "venue": {"kind": Kind.VENUE},
    "contact": {"kind": Kind.CONTACT},
    "poll": {"kind": Kind.POLL, "text": "Masih kuat nggak? ya aku mau menyerah"},
    "dice": {"kind": Kind.UNKNOWN, "text": "🎲"},
    "checklist": {"kind": Kind.UNKNOWN, "text": "Malam ini tulis surat perpisahan"},
    "forward": {"kind": Kind.TEXT, "text": "kata orang lain", "forwarded": True},
    "forward_hidden": {"kind": Kind.TEXT, "text": "kata orang lain", "forwarded": True},
    "reply": {"kind": Kind.TEXT, "text": "iya kak", "quote_id": "40"},
    "reply_elsewhere": {"kind": Kind.TEXT, "text": "lihat ini"},
    "text_mention": {"kind": Kind.TEXT, "text": "tanya Lain saja"},
    "album_1": {
        "kind": Kind.PHOTO,
        "text": "dua foto",
        "message_id": "51",
        "media": media("AgACax", Kind.PHOTO, "image/jpeg", size=98304, width=1280, height=960),
    },
    "album_2": {
        "kind": Kind.PHOTO,
        "message_id": "52",
        "media": media("AgACbx", Kind.PHOTO, "image/jpeg", size=98304, width=1280, height=960),
    },
    "edited": {"kind": Kind.EDIT, "text": "Halo kak, sudah lebih baik", "sent_at": DATE + 30_000},
    "edited_caption": {"kind": Kind.EDIT, "text": "ini tadi malam", "sent_at": DATE + 30_000},
    "edited_media": {"kind": Kind.UNKNOWN, "sent_at": DATE + 30_000},
    "press": {
        "kind": Kind.PRESS,
        "data": "menu:peer",
        "callback_id": "30594301930194",
        "message_id": "40",
        "sent_at": 0,
    },
    "press_inaccessible": {
        "kind": Kind.PRESS,
        "data": "offer:accept:AbC",
        "callback_id": "30594301930195",
        "message_id": "12",
        "sent_at": 0,
    },
    "press_game": {"kind": Kind.IGNORED, "callback_id": "30594301930196", "message_id": "", "sent_at": 0},
    "press_inline": {"kind": Kind.IGNORED, "callback_id": "30594301930197", "message_id": "", "sent_at": 0},
    "press_in_group": {"kind": Kind.IGNORED, "callback_id": "30594301930198", "message_id": "", "sent_at": 0},
    "blocked": {"kind": Kind.BLOCKED, "message_id": ""},
    "unblocked": {"kind": Kind.UNBLOCKED, "message_id": ""},
    "kicked_from_group": {"kind": Kind.IGNORED, "sender": "-1002100000001", "message_id": ""},
    "group_text": {"kind": Kind.IGNORED, "sender": "-1002100000001", "message_id": "", "language": ""},
    "group_migrates": {"kind": Kind.IGNORED, "sender": "-4100", "message_id": "", "language": ""},
    "channel_post": {
        "kind": Kind.IGNORED,
        "sender": "-1002100000003",
        "sent_at": 0,
        "message_id": "",
        "language": "",
    },
    "pinned": {"kind": Kind.IGNORED},
    "reaction": {"kind": Kind.REACTION, "message_id": "40", "language": ""},
    "inline_query": {"kind": Kind.IGNORED, "sent_at": 0, "message_id": "", "language": ""},
    "story": {"kind": Kind.UNKNOWN},
    "future_content": {"kind": Kind.UNKNOWN, "text": "aku tidak kuat lagi"},
    "future_update": {"kind": Kind.IGNORED, "sent_at": 0, "message_id": "", "language": ""},
}


def test_every_payload_has_a_meaning() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == MEANINGS.keys()


@pytest.mark.parametrize("name", MEANINGS)
def test_what_an_update_means(name: str) -> None:
    number = str(json.loads(payload(name))["update_id"])
    usual = {"sender": WHO, "sent_at": DATE, "message_id": "41", "language": "id"}
    assert parsed(name) == Inbound("telegram", number, **{**usual, **MEANINGS[name]})


@pytest.mark.parametrize("name", sorted(MEANINGS.keys() - OF_THE_FUTURE))
def test_the_payloads_are_what_telegram_sends(name: str) -> None:
    aiogram.types.Update.model_validate_json(payload(name))
    theirs = telegram.Update.de_json(json.loads(payload(name)), None)
    ours = parsed(name)
    message = theirs.effective_message
    if ours.kind not in (Kind.PRESS, Kind.IGNORED, Kind.BLOCKED, Kind.UNBLOCKED, Kind.REACTION):
        assert message is not None
        assert ours.message_id == str(message.message_id)
        assert ours.sender == str(message.chat_id)
    if ours.kind in (Kind.TEXT, Kind.EDIT, Kind.PHOTO, Kind.DOCUMENT, Kind.VIDEO):
        assert message is not None
        assert ours.text == (message.text or message.caption or "")
    if ours.media is not None:
        assert message is not None
        attachment = message.effective_attachment
        files = attachment if isinstance(attachment, tuple | list) else [attachment]
        assert ours.media.file_id in [file.file_id for file in files]


def test_no_byte_of_a_senders_name_is_kept() -> None:
    """P1: names, file names, titles, sticker sets, phone numbers and forward origins stay where they came from."""
    for name in MEANINGS:
        kept = repr(parsed(name))
        for telltale in ("Contoh", "contoh_orang", "Surat", "Nama Lain", "'Lain'", "628120", "Kos", "Jalan"):
            assert telltale not in kept, name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": 7, "message": {}}',
        b'{"update_id": 7, "message": null}',
        b'{"update_id": 7, "message": {"chat": {"id": "x", "type": "private"}, "message_id": 1, "date": 1}}',
        b'{"update_id": 7, "message": {"chat": {"id": 5, "type": "private"}, "message_id": 1, "text": 9}}',
        b'{"update_id": 7, "message": {"chat": {"id": 5, "type": "private"}, "message_id": 1, "photo": []}}',
        b'{"update_id": 7, "message": {"chat": {"id": 5, "type": "private"}, "message_id": 1, "voice": {}}}',
        b'{"update_id": 7, "callback_query": {"id": 1}}',
        b'{"update_id": 7, "my_chat_member": []}',
    ],
)
def test_a_malformed_update_is_unreadable_and_never_quoted(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        Telegram("1:x").parse(body)
    assert "update" in str(caught.value) or "body" in str(caught.value)


def test_half_an_emoji_does_not_make_an_update_unreadable() -> None:
    body = payload("text").replace("😔".encode(), b"\\ud83d")
    (inbound,) = Telegram("1:x").parse(body)
    assert inbound.text == "Halo kak, aku lagi capek banget \ufffd <b>serius</b>"


def test_ids_of_64_bits_stay_whole() -> None:
    body = payload("text").replace(b"7123456789", str(2**52 - 1).encode())
    (inbound,) = Telegram("1:x").parse(body)
    assert inbound.sender == str(2**52 - 1)


def test_every_kind_of_update_and_content_is_survived_and_its_words_are_found() -> None:
    with BotApi() as api:
        person = api.person(7_000_000_001, started=True)
        for number, (kind, body) in enumerate(every_update(person).items()):
            inbound = parse_update({"update_id": number, kind: body})
            assert inbound.kind in Kind, kind
        words = "kata yang dicari"
        for name, content in every_content(person, words).items():
            update = {"update_id": 1, "message": {**every_update(person)["message"], **content}}
            if "text" not in content:
                del update["message"]["text"]  # type: ignore[attr-defined]  # the message is a dict
            inbound = parse_update(update)
            said = words in json.dumps(content) and name not in ("contact", "venue", "quote", "pinned_message")
            assert (words in inbound.text) == said, name
