"""What leaves for WhatsApp, and what each of its answers means."""

from __future__ import annotations

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
    Shut,
)
from bot.channels.script import SAMPLES
from bot.channels.whatsapp import WhatsApp
from bot.media import clean
from tests.platforms.whatsapp import CloudApi, Person

YES_NO = ((Choice("Ya", "consent:yes"),), (Choice("Tidak", "consent:no"),))
PICTURE = b"\xff\xd8\xff\xe0 a picture"


def text(words: str, **more: Any) -> Outgoing:
    return Outgoing("text", text=words, **more)


async def sent(channel: Channel, person: Person, out: Outgoing) -> str:
    result = await channel.send(person.user_id or person.phone, out)
    assert isinstance(result, Sent), result
    return result.external_id


async def test_a_text_arrives_as_it_is(channel: WhatsApp, cloud: CloudApi, ani: Person) -> None:
    words = "*tebal* _miring_ ~coret~ 😔\nhttps://example.org"
    number = await sent(channel, ani, text(words))
    (bubble,) = ani.inbox
    assert (bubble.id, bubble.text, bubble.type) == (number, words, "text")
    (request,) = cloud.calls("messages")
    assert request.path == f"/v26.0/{cloud.phone_id}/messages"
    assert request.json["text"]["preview_url"] is False


@pytest.mark.parametrize("address", ["{id}", "{phone} {id}", "{id} {phone}"])
async def test_an_id_is_addressed_in_recipient(channel: WhatsApp, cloud: CloudApi, ani: Person, address: str) -> None:
    """Also an id with letters, which pywa's own client would take for a group's."""
    assert any(char.isalpha() for char in ani.user_id.partition(".")[2])
    assert isinstance(await channel.send(address.format(id=ani.user_id, phone=ani.phone), text("halo")), Sent)
    (request,) = cloud.calls("messages")
    assert (request.json["recipient"], request.json["recipient_type"]) == (ani.user_id, "individual")
    assert "to" not in request.json


async def test_a_phone_is_addressed_in_to(channel: WhatsApp, cloud: CloudApi) -> None:
    ani = cloud.person(user_id=None)
    ani.wrote_at = cloud.clock.now()
    await sent(channel, ani, text("halo"))
    (request,) = cloud.calls("messages")
    assert (request.json["to"], "recipient" in request.json) == (ani.phone, False)


async def test_what_an_id_cannot_receive_goes_to_the_phone(channel: WhatsApp, cloud: CloudApi, ani: Person) -> None:
    cloud.faults.add(131062, times=None)
    assert await channel.send(ani.user_id, text("halo")) == Refused("id_not_supported")
    cloud.faults.clear()
    cloud.faults.add(131062)
    assert isinstance(await channel.send(f"{ani.user_id} {ani.phone}", text("halo")), Sent)
    assert cloud.calls("messages")[-1].json["to"] == ani.phone


@pytest.mark.parametrize("address", ["", "no number", "-1", "Y2FwaV9ncm91cDox"])
async def test_what_is_no_account_is_nobody(channel: WhatsApp, cloud: CloudApi, address: str) -> None:
    assert await channel.send(address, text("halo")) == Refused("no_account", person=True)
    assert cloud.requests == []


async def test_three_choices_are_buttons_and_more_are_a_list(channel: WhatsApp, ani: Person) -> None:
    await sent(channel, ani, text("boleh?", buttons=YES_NO))
    rows = tuple((Choice(f"Pilihan {n}", f"topic:{n}", "keterangan" if n == 1 else ""),) for n in range(10))
    await sent(channel, ani, text("yang mana?", buttons=rows, menu="Pilih di sini"))
    buttons, chosen = ani.inbox
    assert (buttons.buttons, buttons.menu) == ([("Ya", "consent:yes"), ("Tidak", "consent:no")], "")
    assert (len(chosen.buttons), chosen.menu, chosen.notes[:2]) == (10, "Pilih di sini", ["", "keterangan"])


FOUR = tuple((Choice(str(n), f"x:{n}"),) for n in range(4))
ELEVEN = tuple((Choice(str(n), f"x:{n}"),) for n in range(11))


@pytest.mark.parametrize(
    "out",
    [
        text("x" * 4097),
        text("x" * 1025, buttons=YES_NO),
        text("x", buttons=FOUR),
        text("x", buttons=ELEVEN, menu="Pilih"),
        text("x", buttons=((Choice("y" * 21, "x:1"),),)),
        text("x", buttons=((Choice("y" * 25, "x:1"),),), menu="Pilih"),
        text("x", buttons=((Choice("y", "x:1", "n" * 73),),), menu="Pilih"),
        text("x", buttons=((Choice("y", "x:1"),),), menu="m" * 21),
        Outgoing("document", text="x" * 1025, data=b"x", file_name="a.pdf", mime="application/pdf"),
    ],
)
async def test_what_is_too_long_never_leaves(channel: WhatsApp, cloud: CloudApi, ani: Person, out: Outgoing) -> None:
    assert await channel.send(ani.user_id, out) == Refused("too_long")
    assert cloud.calls("messages") == []


async def test_lengths_at_the_edge_are_taken(channel: WhatsApp, ani: Person) -> None:
    await sent(channel, ani, text("x" * 4096))
    await sent(channel, ani, text("x" * 1024, buttons=((Choice("y" * 20, "x:1"),),)))
    await sent(channel, ani, text("x", buttons=((Choice("y" * 24, "x:1", "n" * 72),),), menu="m" * 20))
    assert len(ani.inbox) == 3


async def test_a_quote_points_at_the_message(channel: WhatsApp, cloud: CloudApi, ani: Person) -> None:
    said = await ani.say("halo")
    await sent(channel, ani, text("hai", quote_id=said))
    await sent(channel, ani, text("hai lagi", quote_id="17"))
    assert [bubble.reply_to for bubble in ani.inbox] == [said, ""]


@pytest.mark.parametrize(
    ("kind", "data", "mime", "as_type"),
    [
        (Kind.PHOTO, PICTURE, "image/jpeg", "image"),
        (Kind.PHOTO, b"GIF89a", "image/gif", "document"),
        (Kind.PHOTO, b"x" * (5 * 1024 * 1024 + 1), "image/png", "document"),
        (Kind.VOICE, b"OggS", "audio/ogg", "audio"),
        (Kind.AUDIO, b"ID3", "audio/mpeg", "audio"),
        (Kind.AUDIO, b"RIFF", "audio/wav", "document"),
        (Kind.VIDEO, b"ftyp", "video/mp4", "video"),
        (Kind.VIDEO, b"webm", "video/webm", "document"),
        (Kind.STICKER, b"RIFF....WEBP", "image/webp", "sticker"),
        (Kind.STICKER, b"RIFF....WEBP" + b"x" * 110_000, "image/webp", "document"),
        (Kind.STICKER, b"RIFF....WEBPVP8X..........ANIM" + b"x" * 110_000, "image/webp", "sticker"),
        (Kind.STICKER, b"\x1f\x8b", "application/x-tgsticker", "document"),
        (Kind.DOCUMENT, PICTURE, "image/jpeg", "document"),
    ],
)
async def test_media_are_uploaded_anew_as_what_whatsapp_takes(
    channel: WhatsApp, cloud: CloudApi, ani: Person, kind: Kind, data: bytes, mime: str, as_type: str
) -> None:
    media = Media("telegram", "AgAC-somebody-elses", kind)
    await sent(channel, ani, Outgoing("media", text="lihat", media=media, data=data, file_name="berkas.x", mime=mime))
    (bubble,) = ani.inbox
    assert (bubble.type, bubble.content, bubble.mime) == (as_type, data, mime)
    assert bubble.voice == (kind is Kind.VOICE)
    assert bubble.text == ("lihat" if as_type in ("image", "video", "document") else "")
    assert bubble.file_name == "berkas.x"
    assert b"AgAC-somebody-elses" not in cloud.outgoing_bytes()


async def test_media_that_whatsapp_will_not_have_as_such_arrive_as_a_file(
    channel: WhatsApp, cloud: CloudApi, ani: Person
) -> None:
    cloud.faults.add(131053)
    media = Media("telegram", "x", Kind.PHOTO)
    out = Outgoing("media", media=media, data=PICTURE, file_name="foto.jpg", mime="image/jpeg")
    await sent(channel, ani, out)
    assert [(bubble.type, bubble.file_name) for bubble in ani.inbox] == [("document", "foto.jpg")]


async def test_a_place_a_document_and_an_invitation_arrive(channel: WhatsApp, ani: Person) -> None:
    await sent(channel, ani, Outgoing("place", place=Place(-7.5, 110.25)))
    out = Outgoing("document", text="datamu", data=b"{}", file_name="sebaya.json", mime="application/json")
    await sent(channel, ani, out)
    await sent(channel, ani, Outgoing("template", language="en"))
    place, document, template = ani.inbox
    assert place.place == (-7.5, 110.25)
    assert (document.file_name, document.content, document.text) == ("sebaya.json", b"{}", "datamu")
    assert (template.template, template.language) == ("sebaya_continue", "en")


async def test_an_invitation_in_a_language_that_has_none_goes_out_in_another(
    channel: WhatsApp, cloud: CloudApi, ani: Person
) -> None:
    cloud.settings.templates = {("sebaya_continue", "en_US")}
    await sent(channel, ani, Outgoing("template", language="id"))
    assert ani.inbox[0].language == "en_US"
    cloud.settings.templates = set()
    assert await channel.send(ani.user_id, Outgoing("template", language="id")) == Refused("template_missing")
    assert "WHATSAPP_TEMPLATE sebaya_continue" in channel.health.reason
    await sent(channel, ani, text("halo"))
    assert not channel.health.ok  # nobody can be invited back, whatever else goes out


@pytest.mark.parametrize("kind", ["edit", "unbutton"])
async def test_nothing_sent_can_be_changed(channel: WhatsApp, cloud: CloudApi, ani: Person, kind: Any) -> None:
    assert await channel.send(ani.user_id, Outgoing(kind, text="x", external_id="wamid.x")) == Refused("not_here")
    assert cloud.requests == []


@pytest.mark.parametrize(
    ("fault", "more", "result"),
    [
        (131047, {}, Shut()),
        (131056, {}, Retry(reason="pair_limit", growth=4)),
        (130429, {}, Retry(1_000, "throughput", named=True)),
        (80007, {}, Retry(60_000, "slow_down", named=True)),
        (4, {}, Retry(60_000, "slow_down", named=True)),
        (131026, {}, Refused("undeliverable", person=True)),
        (131021, {}, Refused("undeliverable", person=True)),
        (190, {}, Retry(reason="token_refused")),
        (0, {}, Retry(reason="token_refused")),
        (368, {}, Retry(60_000, "account_locked", named=True)),
        (131031, {}, Retry(60_000, "account_locked", named=True)),
        (131042, {}, Retry(60_000, "payment", named=True)),
        (100, {"subcode": 33}, Retry(60_000, "number_unknown", named=True)),
        (133010, {}, Retry(60_000, "number_unknown", named=True)),
        (131000, {}, Retry(reason="code_131000")),
        (131016, {}, Retry(reason="code_131016")),
        (131057, {}, Retry(reason="code_131057")),
        (131051, {}, Refused("unsendable")),
        (131009, {}, Refused("bad_request")),
        (100, {}, Refused("bad_request")),
        ("500", {}, Retry(reason="status_500")),
        ("html", {}, Retry(reason="status_502")),
        ("drop", {}, Retry(reason="network")),
        ("cut", {}, Retry(reason="network")),
        ("empty", {}, Retry(reason="unreadable_answer_KeyError")),
    ],
)
async def test_what_an_answer_means(
    channel: WhatsApp, cloud: CloudApi, ani: Person, fault: str | int, more: dict[str, Any], result: Result
) -> None:
    cloud.faults.add(fault, **more)
    assert await channel.send(ani.user_id, text("halo")) == result
    assert isinstance(await channel.send(ani.user_id, text("halo")), Sent)


async def test_an_answer_cut_after_accepting_repeats_and_loses_nothing(
    channel: WhatsApp, cloud: CloudApi, ani: Person
) -> None:
    cloud.faults.add("cut")
    cloud.faults.add("500", accepted=True)
    for _ in range(2):
        assert isinstance(await channel.send(ani.user_id, text("halo")), Retry)
    await sent(channel, ani, text("halo"))
    assert ani.texts == ["halo", "halo", "halo"]


async def test_a_message_is_read_and_typing_stands_under_the_newest(
    channel: WhatsApp, cloud: CloudApi, ani: Person
) -> None:
    await channel.send(ani.user_id, Outgoing("typing"))
    assert cloud.requests == []  # there is nothing yet to type under
    first = await ani.say("halo")
    channel.parse(cloud.delivery.body(cloud.world.outgoing))
    await channel.answer(first, "")
    await cloud.wait_call("read")
    assert await channel.send(f"{ani.user_id} {ani.phone}", Outgoing("typing")) == Sent("")
    assert cloud.reads == [first, first]
    assert cloud.world.typing == [first]
    cloud.faults.add("500", method="read", times=None)
    assert await channel.send(ani.user_id, Outgoing("typing")) == Sent("")
    await channel.answer(first, "")


# --- files ---


async def test_a_file_is_fetched_by_its_bytes_with_the_token(channel: WhatsApp, cloud: CloudApi, ani: Person) -> None:
    await ani.send_document("Surat Ani.pdf", b"%PDF-isi")
    (found,) = channel.parse(cloud.delivery.body(cloud.world.outgoing))
    assert found.media is not None
    assert await channel.fetch(found.media) == b"%PDF-isi"
    assert clean(found.media, SAMPLES[Kind.DOCUMENT]).name == "dokumen.pdf"


async def test_a_file_that_is_gone_too_large_or_late(channel: WhatsApp, cloud: CloudApi, ani: Person) -> None:
    media = Media("whatsapp", cloud.world.keep(b"x", "image/jpeg"), Kind.PHOTO)
    with pytest.raises(FileNotFoundError):
        await channel.fetch(Media("whatsapp", "1", Kind.PHOTO))
    large = Media("whatsapp", cloud.world.keep(b"x" * (20 * 1024 * 1024 + 1), "video/mp4"), Kind.VIDEO)
    with pytest.raises(OSError, match="larger"):
        await channel.fetch(large)
    cloud.faults.add(131052, method="download")
    with pytest.raises(OSError, match="now"):
        await channel.fetch(media)
    for method in ("fetch", "download"):
        for fault in ("500", "drop", "html"):
            cloud.faults.add(fault, method=method)
            with pytest.raises(OSError, match="now"):
                await channel.fetch(media)
    assert await channel.fetch(media) == b"x"


# --- health ---


async def test_a_healthy_number_says_who_it_is(channel: WhatsApp) -> None:
    health = await channel.check()
    assert (health.ok, health.details["name"], health.details["number"]) == (True, "Sebaya", "…001")


def other(cloud: CloudApi, **changed: str) -> WhatsApp:
    given = {"token": cloud.token, "phone": cloud.phone_id, "secret": cloud.app_secret, "template": "sebaya_continue"}
    given |= changed
    return WhatsApp(
        given["token"], given["phone"], app_secret=given["secret"], api_url=cloud.url, template=given["template"]
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"token": "EAAG-another-token"}, "WHATSAPP_TOKEN is refused"),
        ({"phone": "999999999999999"}, "WHATSAPP_PHONE_ID is no number"),
        ({"secret": "another-secret"}, "WHATSAPP_APP_SECRET is not the secret"),
        ({"secret": ""}, "WHATSAPP_APP_SECRET is not set"),
        ({"template": "sebaya_kembali"}, "WHATSAPP_TEMPLATE sebaya_kembali is not approved in id, en"),
    ],
)
async def test_what_is_wrong_is_named(cloud: CloudApi, changed: dict[str, str], said: str) -> None:
    channel = other(cloud, **changed)
    try:
        health = await channel.check()
    finally:
        await channel.close()
    assert not health.ok and health.reason.startswith(said)
    assert channel.health == health
    for secret in (cloud.token, cloud.app_secret, *(changed[k] for k in ("token", "secret") if changed.get(k))):
        assert secret not in repr(health) + repr(channel)


async def test_a_template_that_is_paused_in_one_language_is_named(channel: WhatsApp, cloud: CloudApi) -> None:
    cloud.settings.templates = {("sebaya_continue", "id")}
    cloud.settings.paused = {("sebaya_continue", "en")}
    assert "is not approved in en" in (await channel.check()).reason


async def test_a_token_that_may_not_read_templates_is_no_fault(channel: WhatsApp, cloud: CloudApi) -> None:
    cloud.faults.add(100, method="templates")
    assert (await channel.check()).ok


@pytest.mark.parametrize("fault", ["drop", "500", "html"])
async def test_an_unreachable_platform_is_unhealthy_and_recovers(
    channel: WhatsApp, cloud: CloudApi, fault: str
) -> None:
    cloud.faults.add(fault, method="number")
    assert "cannot be reached" in (await channel.check()).reason
    assert (await channel.check()).ok


async def test_sending_teaches_what_is_wrong_and_when_it_is_over(
    channel: WhatsApp, cloud: CloudApi, ani: Person
) -> None:
    for fault, more, said in (
        (190, {}, "WHATSAPP_TOKEN"),
        (100, {"subcode": 33}, "WHATSAPP_PHONE_ID"),
        (131031, {}, "locked"),
        ("drop", {}, "cannot be reached"),
    ):
        cloud.faults.add(fault, **more)
        await channel.send(ani.user_id, text("halo"))
        assert said in channel.health.reason
        await sent(channel, ani, text("halo"))
        assert channel.health.ok


async def test_no_log_at_any_level_holds_a_token_a_word_or_a_number(
    channel: WhatsApp, cloud: CloudApi, ani: Person, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "kata-yang-tidak-boleh-tercatat"
    with caplog.at_level(logging.DEBUG):
        await sent(channel, ani, text(canary))
        for fault in ("html", 131009, 131056, "drop"):
            cloud.faults.add(fault)
            await channel.send(ani.phone, text(canary))
        await channel.check()
        await channel.answer("wamid.x", canary)
        await cloud.wait_call("read")
    for record in caplog.records:
        if not record.name.startswith("uvicorn"):
            said = record.getMessage() + repr(record.exc_info)
            for secret in (cloud.token, canary, ani.phone, ani.user_id, cloud.app_secret):
                assert secret not in said, record.name
