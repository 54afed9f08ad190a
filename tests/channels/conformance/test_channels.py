"""What every channel must hold: abilities, lengths, choices, errors, and that nothing tells who somebody is."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from PIL import Image

from bot.channels.base import Abilities, Forged, Kind, Place, Refused, Retry, Sent, Unreadable
from bot.outbox import Amended, Document, Payload, Relayed, Speech
from bot.words import units
from flows.dialogs.student import menus
from tests.bot.fakes import authored
from tests.channels.conformance.harness import CHANNELS, PUSHED, Harness, Pushed, at

SECRETS = (b"Wijaya", b"628", b"7000000011", b"Kamera-Budi")
MENUS = {
    "consent": menus.consent(), "menu": menus.menu(False), "topics": menus.topics(), "scale": menus.heavies("heavy"),
    "wishes": menus.wishes(("female",)), "nobody": menus.nobody(), "rate": menus.rate(),
}  # fmt: skip


@pytest.fixture(params=CHANNELS)
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with CHANNELS[request.param]() as made:
        yield made


@pytest.fixture(params=PUSHED)
async def pushed(request: pytest.FixtureRequest) -> AsyncIterator[Pushed]:
    async with CHANNELS[request.param]() as made:
        assert isinstance(made, Pushed)
        yield made


def joined(harness: Harness) -> str:
    return "".join(one.text for one in harness.shown())


def bare(text: str) -> str:
    """Without spaces: platforms cut those at the ends of a message."""
    return "".join(text.split())


# --- abilities ---


async def test_abilities_are_whole(harness: Harness) -> None:
    able: Abilities = harness.channel.abilities
    assert min(able.text, able.caption, able.buttons, able.per_row, able.label) > 0
    assert Kind.TEXT in able.kinds and able.captioned <= able.kinds
    if able.reply_buttons:
        assert 0 < able.reply_buttons < able.rows and able.asked <= able.text
        assert able.label <= able.row_label <= able.row_note
    assert able.removes_buttons or not able.edits  # whoever can edit a message can take its buttons


async def test_a_channel_names_no_secret(harness: Harness) -> None:
    said = repr(harness.channel)
    assert "token" not in said.lower() and not any(secret.decode() in said for secret in SECRETS)


@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature-256": "sha256=0"}, {"X-Telegram-Bot-Api-Secret-Token": ""}])
async def test_what_carries_no_secret_is_forged(harness: Harness, headers: Mapping[str, str]) -> None:
    with pytest.raises(Forged):
        harness.channel.verify(headers, b"{}")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
async def test_what_cannot_be_read_says_so(harness: Harness, body: bytes) -> None:
    with pytest.raises(Unreadable):
        harness.channel.parse(body)


# --- lengths ---

TEXTS = {
    "short": "halo",
    "lines": "satu\n\ndua\n" * 3,
    "emoji": "👩‍👩‍👧‍👦😔" * 400,
    "sentences": "Kalimat pendek. " * 700,
    "one_word": "x" * 9_000,
    "marks": "*tebal* _miring_ `kode` <b>x</b> [a](b) {kurung}",
    "edge": "y" * 4_096,
    "beyond": "y" * 4_097,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("alias", ["", "Awan Teduh"])
async def test_a_line_arrives_whole_and_unchanged(harness: Harness, text: str, alias: str) -> None:
    results = await harness.deliver(Relayed(text=text, alias=alias))
    assert results and all(isinstance(result, Sent) for result in results)
    assert bare(joined(harness)) == bare(f"{alias}:{text}" if alias else text)
    if len(harness.shown()) == 1:
        assert harness.shown()[0].text.strip() == (f"{alias}: {text}" if alias else text).strip()
    assert all(units(one.text) <= harness.channel.abilities.text for one in harness.shown())


@pytest.mark.parametrize("name", MENUS)
async def test_every_choice_of_a_menu_is_shown_or_may_be_typed(harness: Harness, name: str) -> None:
    results = await harness.deliver(Speech(key="menu.ask", buttons=MENUS[name]))
    assert all(isinstance(result, Sent) for result in results)
    shown = {data for one in harness.shown() for data in one.data}
    wanted = {button.data for row in MENUS[name] for button in row}
    assert shown == wanted or (name == "scale" and shown == {f"heavy:{n}" for n in range(1, 11)})


async def test_a_long_question_keeps_its_words_and_its_choices(harness: Harness) -> None:
    words = "Pertanyaan yang panjang. " * 200
    speech = Speech(key="button.alias", private={"alias": words}, buttons=menus.consent())
    assert all(isinstance(result, Sent) for result in await harness.deliver(speech))
    assert bare(joined(harness)) == bare(words)
    assert harness.shown()[-1].data == ("consent:yes", "consent:no")


async def test_a_place_arrives(harness: Harness) -> None:
    await harness.deliver(Relayed(place=Place(-7.5, 110.25), alias="Awan Teduh"))
    assert harness.shown()[-1].place == (-7.5, 110.25) and "Awan Teduh" in joined(harness)


@pytest.mark.parametrize("length", [4, 1_024, 1_025, 6_000])
async def test_a_document_arrives_with_its_caption_or_after_it(harness: Harness, length: int) -> None:
    caption = "k" * length
    payload = Document(data=b"{}", name="sebaya.json", mime="application/json", key="button.alias",
                       args={"alias": caption})  # fmt: skip
    assert all(isinstance(result, Sent) for result in await harness.deliver(payload))
    assert joined(harness) == caption
    assert [(one.file_name, one.content) for one in harness.shown() if one.kind == "document"] == [
        ("sebaya.json", b"{}")
    ]


async def test_new_words_for_a_line_arrive_one_way_or_the_other(harness: Harness) -> None:
    first = await harness.deliver(Relayed(text="salah"))
    assert isinstance(first[0], Sent)
    results = await harness.deliver(Amended(text="benar", original=1), edit=first[0].external_id)
    assert all(isinstance(result, Sent) for result in results)
    assert harness.shown()[-1].text.endswith("benar")


# --- media and identity ---


def picture(form: str) -> bytes:
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x013B], exif[0x0110] = "Ani Wijaya", "Kamera-Budi"
    Image.new("RGB", (6, 4), "red").save(made, form, exif=exif)
    return made.getvalue() + b"628123456789"


FILES: dict[str, bytes] = {
    "photo": picture("JPEG"),
    "sticker": picture("WEBP"),
    "voice": b"OggS" + bytes(40),
    "audio": b"ID3\x03\x00\x00\x00\x00\x00\x0eTPE1Ani Wijaya\xff\xfb sound",
    "video": b"\x00\x00\x00\x0cftypisom\x00\x00\x00\x12udtaAni Wijaya",
    "document": authored("Ani Wijaya Kamera-Budi"),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("caption", ["", "lihat ini", "k" * 1_500])
async def test_media_arrive_without_whoever_made_them(pushed: Pushed, kind: str, caption: str) -> None:
    pushed.files["file"] = FILES[kind]
    words = "" if kind == "sticker" else caption
    payload = Relayed(text=words, alias="Awan Teduh", media=at("telegram", kind))
    results = await pushed.deliver(payload)
    assert results and all(isinstance(result, Sent) for result in results), results
    assert "Awan Teduh" in joined(pushed) and words in joined(pushed)
    assert any(one.content for one in pushed.shown())
    assert not any(one.file_name.startswith(("Ani", "Surat")) for one in pushed.shown())
    leaving = pushed.outgoing()
    assert b"Wijaya" not in leaving and b"Kamera-Budi" not in leaving


async def test_nothing_that_leaves_names_anybody(harness: Harness) -> None:
    payloads: list[Payload] = [
        Relayed(text="halo", alias="Awan Teduh"),
        Speech(key="menu.ask", buttons=menus.menu(False)),
        Amended(text="baru", original=1),
        Relayed(place=Place(-7.5, 110.25)),
    ]
    for payload in payloads:
        await harness.deliver(payload)
    assert b"Wijaya" not in harness.outgoing()


# --- errors ---


@pytest.mark.parametrize("kind", ["unavailable", "lost", "cut"])
async def test_what_may_pass_is_tried_again(pushed: Pushed, kind: str) -> None:
    pushed.trouble(kind)
    (result,) = await pushed.deliver(Relayed(text="halo"))
    assert isinstance(result, Retry) and not result.named
    (result,) = await pushed.deliver(Relayed(text="halo"))
    assert isinstance(result, Sent)
    assert [one.text for one in pushed.shown()] == ["halo"] * (2 if kind == "cut" else 1)


async def test_a_named_pause_is_kept(pushed: Pushed) -> None:
    pushed.trouble("slow")
    (result,) = await pushed.deliver(Relayed(text="halo"))
    assert isinstance(result, Retry) and result.named and result.after >= 1_000


async def test_somebody_who_cannot_be_reached_is_refused_as_a_person(pushed: Pushed) -> None:
    pushed.trouble("gone")
    (result,) = await pushed.deliver(Relayed(text="halo"))
    assert isinstance(result, Refused) and result.person
    assert pushed.shown() == []


async def test_no_error_and_no_log_holds_a_word(pushed: Pushed, caplog: pytest.LogCaptureFixture) -> None:
    canary = "kata-yang-tidak-boleh-tercatat"
    with caplog.at_level(logging.DEBUG):
        for kind in ("unavailable", "lost", "slow"):
            pushed.trouble(kind)
            results: list[Any] = await pushed.deliver(Relayed(text=canary))
            assert canary not in repr(results)
        await pushed.channel.check()  # type: ignore[attr-defined]  # every channel with a platform has one
    kept = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    assert not any(canary in record.getMessage() + repr(record.exc_info) for record in kept)
