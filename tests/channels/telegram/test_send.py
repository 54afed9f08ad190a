"""What leaves for Telegram, and what each of its answers means."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from bot.channels.base import (
    Channel,
    Choice,
    Kind,
    Media,
    Outgoing,
    Place,
    Refused,
    Result,
    Retry,
    Sent,
)
from bot.channels.telegram import Telegram
from tests.platforms.telegram import BotApi, Person

BUTTONS = ((Choice("Ya", "consent:yes"), Choice("Tidak", "consent:no")), (Choice("Lewati", "skip:consent"),))


def text(words: str, **more: Any) -> Outgoing:
    return Outgoing("text", text=words, **more)


async def sent(channel: Channel, person: Person, out: Outgoing) -> str:
    result = await channel.send(str(person.id), out)
    assert isinstance(result, Sent), result
    return result.external_id


async def test_a_text_arrives_as_it_is_with_its_buttons(channel: Telegram, api: BotApi, ani: Person) -> None:
    words = "*tebal* _miring_ <b>x</b> [a](b) 😔\nhttps://example.org"
    number = await sent(channel, ani, text(words, buttons=BUTTONS))
    (message,) = ani.inbox
    assert (str(message.id), message.text) == (number, words)
    assert message.buttons == [[("Ya", "consent:yes"), ("Tidak", "consent:no")], [("Lewati", "skip:consent")]]
    assert not message.protected
    assert json.loads(api.calls("sendMessage")[0].params["link_preview_options"]) == {"is_disabled": True}


async def test_a_protected_text_can_neither_be_forwarded_nor_saved(channel: Telegram, ani: Person) -> None:
    await sent(channel, ani, text("rahasia", protect=True))
    assert ani.inbox[0].protected


async def test_a_quote_points_at_the_message_and_survives_its_deletion(channel: Telegram, ani: Person) -> None:
    said = await ani.say("halo")
    await sent(channel, ani, text("hai", quote_id=str(said.id)))
    assert ani.inbox[0].reply_to == said.id
    await ani.delete(said)
    await sent(channel, ani, text("hai lagi", quote_id=str(said.id)))
    await sent(channel, ani, text("dan lagi", quote_id="no number"))
    assert [message.text for message in ani.inbox] == ["hai", "hai lagi", "dan lagi"]


@pytest.mark.parametrize("kind", [Kind.PHOTO, Kind.VOICE, Kind.AUDIO, Kind.VIDEO, Kind.STICKER, Kind.DOCUMENT])
async def test_media_are_uploaded_anew_under_a_neutral_name(
    channel: Telegram, api: BotApi, ani: Person, kind: Kind
) -> None:
    media = Media("telegram", "AgAC-somebody-elses", kind, seconds=3, width=10, height=20)
    await sent(channel, ani, Outgoing("media", text="lihat", media=media, data=b"bytes", file_name="dokumen.pdf"))
    (message,) = ani.inbox
    assert message.kind == kind.value
    assert message.content == b"bytes"
    assert message.text == ("" if kind is Kind.STICKER else "lihat")
    assert b"AgAC-somebody-elses" not in api.outgoing_bytes()
    (request,) = [request for request in api.requests if request.method.startswith("send")]
    assert {upload.name for upload in request.files.values()} <= {"dokumen.pdf", "application.octet-stream"}


async def test_a_place_a_document_and_typing_arrive(channel: Telegram, ani: Person) -> None:
    await sent(channel, ani, Outgoing("place", place=Place(-7.5, 110.25)))
    await sent(channel, ani, Outgoing("document", text="datamu", data=b"{}", file_name="sebaya.json"))
    await sent(channel, ani, Outgoing("typing"))
    place, document = ani.inbox
    assert place.wire["location"] == {"latitude": -7.5, "longitude": 110.25}
    assert (document.file_name, document.content, document.text) == ("sebaya.json", b"{}", "datamu")
    assert ani.actions == ["typing"]


async def test_an_edit_changes_text_caption_and_buttons(channel: Telegram, ani: Person) -> None:
    number = await sent(channel, ani, text("satu", buttons=BUTTONS))
    media = Media("telegram", "x", Kind.PHOTO)
    picture = await sent(channel, ani, Outgoing("media", text="foto", media=media, data=b"x", file_name="foto.jpg"))
    assert await sent(channel, ani, Outgoing("edit", text="dua", external_id=number)) == number
    assert await sent(channel, ani, Outgoing("edit", text="foto baru", external_id=picture)) == picture
    assert [(message.text, message.data) for message in ani.inbox] == [("dua", []), ("foto baru", [])]


async def test_an_edit_that_changes_nothing_is_done(channel: Telegram, ani: Person) -> None:
    number = await sent(channel, ani, text("satu", buttons=BUTTONS))
    await sent(channel, ani, Outgoing("edit", text="satu", buttons=BUTTONS, external_id=number))
    await sent(channel, ani, Outgoing("unbutton", external_id=number))
    await sent(channel, ani, Outgoing("unbutton", external_id=number))
    assert (ani.inbox[0].text, ani.inbox[0].data) == ("satu", [])


@pytest.mark.parametrize("kind", ["edit", "unbutton"])
async def test_what_is_gone_cannot_be_edited(channel: Telegram, ani: Person, kind: Any) -> None:
    for number in ("99", "no number"):
        result = await channel.send(str(ani.id), Outgoing(kind, text="x", external_id=number))
        assert result == Refused("message_gone")


@pytest.mark.parametrize(
    ("fault", "more", "result"),
    [
        ("403", {}, Refused("blocked", person=True)),
        ("403", {"description": "user is deactivated"}, Refused("deactivated", person=True)),
        ("403", {"description": "something new"}, Refused("forbidden", person=True)),
        ("400", {"description": "chat not found"}, Refused("chat_not_found", person=True)),
        ("400", {"description": "PEER_ID_INVALID"}, Refused("chat_not_found", person=True)),
        ("400", {"description": "message is too long"}, Refused("too_long")),
        ("400", {"description": "something about a text that must not be quoted"}, Refused("bad_request")),
        ("429", {"retry_after": 7}, Retry(7_000, "slow_down", named=True)),
        ("500", {}, Retry(reason="status_500")),
        ("502", {}, Retry(reason="status_502")),
        ("html", {}, Retry(reason="status_502")),
        ("drop", {}, Retry(reason="network")),
        ("cut", {}, Retry(reason="network")),
    ],
)
async def test_what_an_answer_means(
    channel: Telegram, api: BotApi, ani: Person, fault: str, more: dict[str, Any], result: Result
) -> None:
    api.faults.add(fault, method="sendMessage", **more)
    assert await channel.send(str(ani.id), text("halo")) == result
    assert isinstance(await channel.send(str(ani.id), text("halo")), Sent)


async def test_an_answer_cut_after_accepting_repeats_and_loses_nothing(
    channel: Telegram, api: BotApi, ani: Person
) -> None:
    api.faults.add("cut", method="sendMessage")
    assert isinstance(await channel.send(str(ani.id), text("halo")), Retry)
    await sent(channel, ani, text("halo"))
    assert ani.texts == ["halo", "halo"]


async def test_whoever_blocked_left_or_never_came_cannot_be_reached(
    channel: Telegram, api: BotApi, ani: Person
) -> None:
    stranger = api.person()
    for person, reason in ((stranger, "never_started"), (ani, "blocked")):
        if person is ani:
            await ani.block()
        assert await channel.send(str(person.id), text("halo")) == Refused(reason, person=True)
    await ani.deactivate()
    assert await channel.send(str(ani.id), text("halo")) == Refused("deactivated", person=True)
    assert await channel.send("1", text("halo")) == Refused("chat_not_found", person=True)
    assert await channel.send("no number", text("halo")) == Refused("chat_not_found", person=True)


async def test_a_chat_that_moved_is_followed(channel: Telegram, api: BotApi, ani: Person) -> None:
    old = api.group("lama")
    old.chat.migrated_to = ani.id
    assert isinstance(await channel.send(str(old.chat.id), text("halo")), Sent)
    assert ani.texts == ["halo"]


async def test_a_voice_note_to_somebody_who_takes_none_arrives_as_a_file(
    channel: Telegram, api: BotApi, ani: Person
) -> None:
    api.faults.add("400", method="sendVoice", description="VOICE_MESSAGES_FORBIDDEN")
    media = Media("telegram", "x", Kind.VOICE)
    await sent(channel, ani, Outgoing("media", media=media, data=b"bunyi", file_name="suara.ogg"))
    assert [(message.kind, message.file_name) for message in ani.inbox] == [("document", "suara.ogg")]


async def test_typing_and_answers_to_taps_never_fail(channel: Telegram, api: BotApi, ani: Person) -> None:
    api.faults.add("400", method="sendChatAction")
    assert await channel.send(str(ani.id), Outgoing("typing")) == Sent("")
    await channel.answer("unknown", "halo")


async def test_a_tap_is_answered_with_text(channel: Telegram, api: BotApi, ani: Person) -> None:
    await sent(channel, ani, text("boleh?", buttons=BUTTONS))
    await ani.press(ani.inbox[0], "consent:yes", wait=False)
    await channel.answer(api.callbacks[0].id, "baik" * 60)
    assert ani.toasts == ["baik" * 50]


async def test_an_answer_to_a_tap_that_was_lost_on_the_way_comes_again(
    channel: Telegram, api: BotApi, ani: Person
) -> None:
    await sent(channel, ani, text("boleh?", buttons=BUTTONS))
    await ani.press(ani.inbox[0], "consent:yes", wait=False)
    api.faults.add("drop", method="answerCallbackQuery")
    await channel.answer(api.callbacks[0].id, "baik")
    assert ani.toasts == ["baik"]
    tried = len(api.calls("answerCallbackQuery"))
    api.faults.add("400", method="answerCallbackQuery", description="query is too old")
    await channel.answer(api.callbacks[0].id, "baik")
    assert len(api.calls("answerCallbackQuery")) == tried + 1, "what Telegram has forgotten is left"


# --- files ---


async def test_a_file_is_fetched_by_its_bytes(channel: Telegram, ani: Person) -> None:
    message = await ani.send_document("Surat Ani.pdf", b"%PDF-isi")
    media = Media("telegram", message.wire["document"]["file_id"], Kind.DOCUMENT, size=8)
    assert await channel.fetch(media) == b"%PDF-isi"


async def test_a_file_that_is_gone_too_large_or_late(channel: Telegram, api: BotApi, ani: Person) -> None:
    message = await ani.send_photo(b"x")
    media = Media("telegram", message.wire["photo"][0]["file_id"], Kind.PHOTO)
    with pytest.raises(FileNotFoundError):
        await channel.fetch(Media("telegram", "nowhere", Kind.PHOTO))
    with pytest.raises(OSError, match="larger"):
        await channel.fetch(Media("telegram", media.file_id, Kind.PHOTO, size=21 * 1024 * 1024))
    api.faults.add("400", method="getFile", description="file is too big")
    with pytest.raises(OSError, match="larger"):
        await channel.fetch(media)
    for fault in ("500", "drop"):
        api.faults.add(fault, method="getFile")
        with pytest.raises(OSError, match="now"):
            await channel.fetch(media)
    assert await channel.fetch(media) == b"x"


# --- the token ---


async def test_a_wrong_token_is_named_and_never_shown(api: BotApi, caplog: pytest.LogCaptureFixture) -> None:
    wrong = "7100200300:AAsomething-else-that-nobody-may-see"
    channel = Telegram(wrong, api_url=api.url)
    try:
        with caplog.at_level(logging.DEBUG):
            assert await channel.send("1", text("halo")) == Retry(reason="token_refused")
            health = await channel.check()
        assert not health.ok
        assert health.reason.startswith("TELEGRAM_TOKEN is refused")
        assert wrong not in caplog.text + repr(channel) + repr(health)
    finally:
        await channel.close()


async def test_no_log_at_any_level_holds_a_token_or_a_word(
    channel: Telegram, api: BotApi, ani: Person, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "kata-yang-tidak-boleh-tercatat"
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("httpx").info("%s", "warmed")
        await sent(channel, ani, text(canary))
        for fault in ("html", "400", "drop"):
            api.faults.add(fault, method="sendMessage", description=canary if fault == "400" else None)
            await channel.send(str(ani.id), text(canary))
        await channel.check()
    kept = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    for record in kept:
        said = record.getMessage() + repr(record.exc_info)
        assert api.token not in said and canary not in said


async def test_a_healthy_bot_says_who_it_is(channel: Telegram) -> None:
    health = await channel.check()
    assert (health.ok, health.details["username"], health.details["webhook"]) == (True, "sebaya_bot", "")


async def test_an_unreachable_platform_is_unhealthy_and_recovers(channel: Telegram, api: BotApi, ani: Person) -> None:
    api.faults.add("drop", method="sendMessage")
    await channel.send(str(ani.id), text("halo"))
    assert not channel.health.ok
    await sent(channel, ani, text("halo"))
    assert channel.health.ok
