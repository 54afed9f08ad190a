"""What comes in: real shapes of webhook bodies, one a file, and bodies that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Inbound, Kind, Media, Place, Status, Unreadable
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp.parse import parse

PAYLOADS = Path(__file__).parent / "payloads"
NUMBER = "106540352242922"
ANI, PHONE = "ID.13491208655302741918", "6281234567890"
AT = 1_795_270_000_000


def read(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def message(kind: Kind, **more: Any) -> Inbound:
    """What is alike in every message of Ani's."""
    values = {"message_id": "wamid.IN1", "callback_id": "wamid.IN1", "linked": PHONE, "answers": False, **more}
    return Inbound("whatsapp", "wamid.IN1", ANI, kind, AT, **values)


def status(state: Any, reason: str = "", **more: Any) -> Inbound:
    told = f"wamid.OUT1:{state}" + (f":{reason}" if reason else "")
    values = {"message_id": "wamid.OUT1", "status": Status("wamid.OUT1", state, reason), "linked": PHONE, **more}
    return Inbound("whatsapp", told, ANI, Kind.SEEN, AT, **values)


def media(kind: Kind, id: str, mime: str) -> Media:
    return Media("whatsapp", id, kind, mime=mime)


IGNORED = {"callback_id": ""}
ONE: dict[str, Inbound] = {
    "text": message(Kind.TEXT, text="halo kak 😔\n*tebal*"),
    "text_reply": message(Kind.TEXT, text="iya itu", quote_id="wamid.OUT1"),
    "text_forwarded": message(Kind.TEXT, text="terusan", forwarded=True),
    "button_reply": message(Kind.PRESS, data="consent:yes", message_id="wamid.OUT1", quote_id="wamid.OUT1"),
    "list_reply": message(Kind.PRESS, data="topic:study", message_id="wamid.OUT2", quote_id="wamid.OUT2"),
    "template_button": message(Kind.PRESS, data="window:open", message_id="wamid.OUT3", quote_id="wamid.OUT3"),
    "flow_reply": message(Kind.UNKNOWN, text="Sent"),
    "image": message(Kind.PHOTO, text="lihat ini", media=media(Kind.PHOTO, "1003383421387256", "image/jpeg")),
    "audio": message(Kind.AUDIO, media=media(Kind.AUDIO, "1908647269898587", "audio/mpeg")),
    "voice": message(Kind.VOICE, media=media(Kind.VOICE, "1908647269898588", "audio/ogg")),
    "video": message(Kind.VIDEO, text="rekaman", media=media(Kind.VIDEO, "1908647269898589", "video/mp4")),
    "sticker": message(Kind.STICKER, media=media(Kind.STICKER, "1908647269898590", "image/webp")),
    "document": message(Kind.DOCUMENT, text="suratnya",
                        media=media(Kind.DOCUMENT, "1908647269898591", "application/pdf")),
    "location": message(Kind.LOCATION, place=Place(-7.5, 110.25)),
    "location_named": message(Kind.VENUE, text="Kos Mawar Jl. Mawar 3"),
    "contacts": message(Kind.CONTACT),
    "reaction": message(Kind.REACTION, message_id="wamid.OUT1", callback_id=""),
    "reaction_removed": message(Kind.REACTION, message_id="wamid.OUT1", callback_id=""),
    "edit": message(Kind.EDIT, text="maksudku begini", message_id="wamid.IN0"),
    "edit_media": message(Kind.EDIT, text="keterangan baru", message_id="wamid.IN0"),
    "delete": message(Kind.DELETED, message_id="wamid.IN0", callback_id=""),
    "unsupported": message(Kind.UNKNOWN),
    "order": message(Kind.UNKNOWN, text="mau yang ini"),
    "unknown_kind": message(Kind.UNKNOWN, text="dari masa depan aku capek"),
    "broken_text": message(Kind.UNKNOWN, text="kata di tempat lain", message_id="", callback_id="", answers=True),
    "group": message(Kind.IGNORED, **IGNORED),
    "welcome": message(Kind.IGNORED, **IGNORED),
    "number_changed": Inbound("whatsapp", "wamid.IN1", ANI, Kind.MOVED, AT, linked=PHONE,
                              moved_to=("ID.2000000000000000001", "6289876543210")),
    "number_changed_old": Inbound("whatsapp", "wamid.IN1", PHONE, Kind.MOVED, AT, moved_to=("6289876543210",)),
    "identity_changed": Inbound("whatsapp", "wamid.IN1", PHONE, Kind.IGNORED, AT),
    "id_without_phone": message(Kind.TEXT, text="tanpa nomor", linked=""),
    "id_only_in_contact": message(Kind.TEXT, text="id di kontak"),
    "id_as_from": message(Kind.TEXT, text="id sebagai from", linked=""),
    "status_sent": status("sent"),
    "status_delivered": status("delivered"),
    "status_read": status("read"),
    "status_failed_window": status("failed", "window"),
    "status_failed_undeliverable": status("failed", "undeliverable"),
    "status_failed_limit": status("failed", "limit"),
    "status_failed_other": status("failed", "other"),
    "status_group": Inbound("whatsapp", "wamid.OUT1:read", ANI, Kind.IGNORED, AT),
    "status_new_kind": Inbound("whatsapp", "wamid.OUT1:deleted", ANI, Kind.IGNORED, AT),
    "other_number": Inbound("whatsapp", "wamid.IN1", ANI, Kind.IGNORED, AT),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_a_body_with_one_thing_in_it(name: str) -> None:
    assert parse(read(name), NUMBER) == [ONE[name]]


def test_a_phone_without_an_id_is_the_person() -> None:
    (found,) = parse(read("phone_without_id"), NUMBER)
    assert (found.sender, found.linked, found.text) == (PHONE, "", "nomor saja")


def test_a_failure_of_somebody_without_whatsapp_names_their_phone() -> None:
    (found,) = parse(read("status_failed_without_id"), NUMBER)
    assert (found.sender, found.linked) == (PHONE, "")


def test_nothing_in_a_body_is_lost_and_lines_of_a_person_come_in_order() -> None:
    """pywa reads entry[0].changes[0].messages[0] alone; here are four messages of Ani, one of Budi, two statuses."""
    found = parse(read("several"), NUMBER)
    assert [one.text for one in found if one.sender == ANI and one.kind is Kind.TEXT] == [
        "pertama", "kedua", "ketiga", "keempat",
    ]  # fmt: skip
    assert [one.text for one in found if one.sender == "ID.999"] == ["dari Budi"]
    assert [one.status.state for one in found if one.status is not None] == ["delivered", "read"]
    assert len({one.external_id for one in found}) == len(found) == 7


def test_an_account_error_says_nothing_of_a_person() -> None:
    assert parse(read("account_error"), NUMBER) == []


def test_one_broken_message_does_not_take_the_others_along() -> None:
    with pytest.raises(Unreadable) as raised:
        parse(read("one_broken_of_two"), NUMBER)
    assert [one.text for one in raised.value.readable] == ["utuh"]
    assert "utuh" not in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"entry": {}}',
        b'{"entry": null}',
        "{\ud800}".encode("utf-8", "replace"),
    ],
)
def test_a_body_that_is_none_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(body, NUMBER)


@pytest.mark.parametrize(
    "body",
    [
        {"entry": []},
        {"entry": [None, 1, {}, {"changes": None}]},
        {"entry": [{"changes": [None, {}, {"value": 1}, {"field": "messages", "value": {}}]}]},
        {"entry": [{"changes": [{"field": "account_update", "value": {"messages": [{"id": "x"}]}}]}]},
    ],
)
def test_a_body_of_another_kind_holds_nothing_for_us(body: Any) -> None:
    assert parse(json.dumps(body).encode(), NUMBER) == []


@pytest.mark.parametrize("wrong", [1, None, [], "x", {"id": "wamid.x"}, {"type": "text"}])
def test_a_message_that_is_none_is_set_aside(wrong: Any) -> None:
    body = {"entry": [{"changes": [{"field": "messages", "value": {"messages": [wrong], "statuses": [wrong]}}]}]}
    with pytest.raises(Unreadable):
        parse(json.dumps(body).encode(), NUMBER)


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("*.json")))
def test_no_inbound_holds_a_name_or_a_file_name(name: str) -> None:
    try:
        found = parse(read(name), NUMBER)
    except Unreadable as error:
        found = error.readable
    for one in found:
        assert "Ani" not in repr(one) and "Surat" not in repr(one)


def test_every_payload_is_expected_somewhere() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert [path.stem for path in PAYLOADS.glob("*.json") if f'"{path.stem}"' not in here] == []


def test_the_channel_remembers_the_newest_message_of_few_people_only() -> None:
    channel = WhatsApp("token", NUMBER)
    channel.parse(read("text"))
    assert channel._newest == {ANI: "wamid.IN1"}
