"""What kinds of rows become on their way out: edits, quotes, media, typing, and rows that never leave."""

from __future__ import annotations

import errno
import io

import pytest
from PIL import Image

from bot.channels.base import Abilities, Kind, Media, Place, Refused, Retry
from bot.outbox import Amended, Dispatcher, Document, Relayed, Speech, Typing, Unbutton, enqueue, lanes, touched
from bot.outbox.pacing import DAY, FLEETING
from bot.outbox.payload import decode, encode
from bot.outbox.rows import FAILED, SENT, WITHDRAWN
from bot.store.db import Tx
from flows.effects import Button, Class
from tests.bot.fakes import FakeChannel, column, one
from tests.bot.outbox_house import YES_NO, House

PHOTO = Media("telegram", "f1", Kind.PHOTO, mime="image/jpeg", size=10, width=4, height=4)


def jpeg(note: bytes = b"Budi Santoso") -> bytes:
    """A tiny picture whose EXIF and comment name somebody."""
    exif = Image.Exif()
    exif[0x013B] = note.decode()  # Artist
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "JPEG", exif=exif, comment=note)
    return out.getvalue()


# --- referring to what was sent before ---


async def test_an_amended_line_is_edited_where_it_stands(home: House) -> None:
    await home.queue(home.ani, Relayed(text="halo", alias="Awan"), message_id=5, chat_id="c")
    await home.queue(home.ani, Amended(text="halo kak", alias="Awan", original=5), chat_id="c")
    await home.drain()
    edit = home.channel.sent[-1][1]
    assert (edit.kind, edit.text, edit.external_id) == ("edit", "Awan: halo kak", "1001")


@pytest.mark.parametrize("why", ["never sent", "cannot be edited", "was split"])
async def test_an_amended_line_that_cannot_be_edited_is_said_anew(home: House, why: str) -> None:
    text = "a" * 5_000 if why == "was split" else "halo"
    if why != "never sent":
        await home.queue(home.ani, Relayed(text=text), message_id=5, chat_id="c")
        await home.drain()
    if why == "cannot be edited":
        home.channel.script["11"].append(Refused("message_gone"))
    await home.queue(home.ani, Amended(text="halo kak", original=5), chat_id="c")
    await home.drain()
    last = home.channel.sent[-1][1]
    assert (last.kind, last.text) == ("text", "✏️ halo kak")
    assert home.told.refusals == []


async def test_a_quote_points_at_the_recipients_own_copy(home: House) -> None:
    await home.queue(home.ani, Relayed(text="halo"), message_id=5, chat_id="c")
    await home.drain()
    await home.queue(home.ani, Relayed(text="jawab", quote=5), message_id=6, chat_id="c")
    await home.queue(home.budi, Relayed(text="jawab", quote=5), message_id=7, chat_id="c")
    await home.drain()
    assert [(to, out.quote_id) for to, out in home.channel.sent[1:]] == [("11", "1001"), ("22", "")]


async def test_a_message_that_replaces_another_edits_it(home: House) -> None:
    await home.offer(home.ani, "queue:1")
    await home.queue(home.ani, Speech(key="hello", args={"name": "A"}, replaces=True), ref="queue:1")
    await home.queue(home.budi, Speech(key="hello", args={"name": "B"}, replaces=True), ref="queue:1")
    await home.drain()
    assert [(to, out.kind, out.text) for to, out in home.channel.sent if to == "11"][-1] == ("11", "edit", "Hai A")
    assert [(to, out.kind) for to, out in home.channel.sent if to == "22"] == [("22", "text")]
    await home.spend("queue:1")  # its buttons went with the edit
    await home.drain()
    assert [out.kind for _, out in home.channel.sent].count("unbutton") == 0


async def test_a_channel_that_cannot_take_buttons_away_is_not_asked_to(home: House) -> None:
    home.channel.abilities = Abilities(removes_buttons=False)
    await home.offer(home.ani)
    await home.drain()
    await home.spend("offer:x")
    await home.drain()
    assert [out.kind for _, out in home.channel.sent] == ["text"]
    assert await home.statuses() == [SENT, SENT]


# --- who is written to ---


async def test_the_address_last_heard_from_is_the_best_one(home: House) -> None:
    await home.address(home.ani, "12", last_in=10)
    await home.address(home.ani, "13", last_in=9)
    await home.line(home.ani, "halo")
    await home.drain()
    assert [to for to, _ in home.channel.sent] == ["12"]


async def test_a_page_goes_to_every_address_that_reaches_them(home: House) -> None:
    await home.address(home.ani, "12", last_in=10)
    gone = await home.address(home.ani, "13", last_in=11)
    revoked = await home.address(home.ani, "14", last_in=12)
    await home.store.write(lambda tx: tx.run("UPDATE addresses SET reachable = :no WHERE id = :a", no=False, a=gone))
    await home.store.write(lambda tx: tx.run("UPDATE addresses SET revoked_at = 1 WHERE id = :a", a=revoked))
    await home.address(home.ani, "session", channel="web", last_in=20)
    queued = await home.line(home.ani, "bahaya", Class.CRISIS, everywhere=True)
    await home.drain()
    assert len(queued.ids) == 3
    assert sorted(to for to, _ in home.channel.sent) == ["11", "12"]


async def test_an_expired_session_is_no_address(home: House) -> None:
    session = await home.address(home.ani, "session", channel="web", last_in=20)
    expired = home.clock.now
    await home.store.write(
        lambda tx: tx.run("UPDATE addresses SET expires_at = :t WHERE id = :a", t=expired, a=session)
    )
    await home.line(home.ani, "halo")
    assert await column(home.store, "SELECT address_id FROM outbox") == [home.ani_at]


async def test_an_address_of_somebody_else_is_refused(home: House) -> None:
    assert not await home.line(home.ani, "halo", address_id=home.budi_at)


async def test_whom_to_wake_is_known_within_the_transaction(home: House) -> None:
    def job(tx: Tx) -> tuple[object, object]:
        before = touched(tx)
        enqueue(tx, person=home.ani, cls=Class.ORDINARY, payload=Typing(), now=1)
        enqueue(tx, person=home.budi, cls=Class.CRISIS, payload=Typing(), now=1)
        return before, touched(tx)

    before, after = await home.store.write(job)
    assert before.addresses == frozenset() and not before.crisis  # type: ignore[attr-defined]  # touched gives a Touched
    assert after.addresses == {home.ani_at, home.budi_at} and after.crisis  # type: ignore[attr-defined]  # touched gives a Touched


# --- rows that never leave ---


async def test_an_ordinary_row_of_yesterday_fails_and_is_told(home: House) -> None:
    queued = await home.line(home.ani, "lama")
    await home.line(home.budi, "bahaya", Class.CRISIS)
    await home.later(DAY + 1)
    assert home.told.refusals == [(queued.ids[0], "too_old")]
    assert await home.statuses() == [FAILED, SENT]


async def test_a_sign_of_typing_is_worth_nothing_after_a_while(home: House) -> None:
    await home.queue(home.ani, Typing())
    await home.drain()
    await home.queue(home.ani, Typing())
    await home.later(FLEETING + 1)
    assert [out.kind for _, out in home.channel.sent] == ["typing"]
    assert await home.statuses() == [SENT, WITHDRAWN]
    assert home.told.refusals == []


async def test_what_belongs_to_an_erased_person_does_not_leave(home: House) -> None:
    await home.line(home.budi, "rahasia", owner=home.ani)
    await home.line(home.budi, "lain")
    await home.store.write(lambda tx: tx.keeper.destroy(tx, home.ani))
    await home.drain()
    assert home.channel.texts("22") == ["lain"]
    assert await home.statuses() == [WITHDRAWN, SENT]


async def test_a_row_moved_to_another_owner_cannot_be_read(home: House) -> None:
    queued = await home.line(home.budi, "rahasia", owner=home.ani)
    await home.store.write(lambda tx: tx.run("UPDATE outbox SET owner_id = :b", b=home.budi))
    await home.drain()
    assert home.told.refusals == [(queued.ids[0], "unreadable")]


async def test_a_revoked_address_gets_nothing(home: House) -> None:
    queued = await home.line(home.ani, "halo")
    await home.store.write(lambda tx: tx.run("UPDATE addresses SET revoked_at = 1"))
    await home.drain()
    assert home.channel.asked == []
    assert home.told.refusals == [(queued.ids[0], "no_address")]


async def test_a_channel_that_is_off_keeps_ordinary_rows_and_refuses_pages(home: House) -> None:
    off = home.another({"whatsapp": FakeChannel("whatsapp")})
    await home.line(home.ani, "biasa")
    page = await home.line(home.ani, "bahaya", Class.CRISIS)
    await off.drain()
    assert home.told.refusals == [(page.ids[0], "channel_off")]
    await home.later(60_000)
    assert home.channel.texts("11") == ["biasa"]


async def test_what_waited_for_a_channel_leaves_at_once_when_it_is_switched_on(home: House) -> None:
    off = home.another({"whatsapp": FakeChannel("whatsapp")})
    await home.line(home.ani, "biasa")
    await off.drain()
    now = home.clock()
    assert await home.store.write(lambda tx: lanes.switched_on(tx, ["whatsapp"], now)) == 0
    assert await home.store.write(lambda tx: lanes.switched_on(tx, ["telegram", "whatsapp"], now)) == 1
    await home.drain()
    assert home.channel.texts("11") == ["biasa"]


async def test_a_text_that_cannot_be_rendered_is_told(home: House) -> None:
    queued = await home.queue(home.ani, Speech(key="nowhere"))
    await home.drain()
    assert home.told.refusals == [(queued.ids[0], "unrenderable")]


async def test_a_failing_listener_undoes_no_record(home: House) -> None:
    home.told.fails = RuntimeError("a bug of the engine")
    await home.line(home.ani, "selesai", notice="chat_end")
    await home.line(home.ani, "lain")
    await home.drain()
    assert home.channel.texts("11") == ["selesai", "lain"]
    assert await home.statuses() == [SENT, SENT]
    assert home.dispatcher.counts["untold"] == 1


async def test_button_data_that_no_platform_takes_is_refused_at_once(home: House) -> None:
    with pytest.raises(ValueError, match="button data of 65 bytes"):
        await home.queue(home.ani, Speech(key="hello", buttons=((Button("x" * 65, "button.yes"),),)))


# --- media ---


async def test_a_picture_leaves_without_its_maker(home: House) -> None:
    home.channel.files["f1"] = jpeg()
    await home.queue(home.budi, Relayed(text="lihat", alias="Awan", media=PHOTO), owner=home.ani)
    await home.drain()
    out = home.channel.sent[0][1]
    assert (out.kind, out.text, out.file_name, out.mime) == ("media", "Awan: lihat", "foto.jpg", "image/jpeg")
    assert b"Budi" not in out.data and out.data.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("found", "size", "reason"),
    [
        (FileNotFoundError(), 10, "media_gone"),
        (OSError(errno.EFBIG, ""), 10, "media_too_big"),
        (b"PK\x03\x04 an archive", 10, "media_unclean"),
        (b"\xff\xd8\xff Exif and half a picture", 10, "media_unclean"),
        (b"fine", 20 * 1024 * 1024 + 1, "media_too_big"),
        (b"x" * (20 * 1024 * 1024 + 1), 10, "media_too_big"),
    ],
)
async def test_media_that_cannot_be_carried_are_told(
    home: House, found: bytes | Exception, size: int, reason: str
) -> None:
    home.channel.files["f2"] = found
    media = Media("telegram", "f2", Kind.DOCUMENT, size=size)
    queued = await home.queue(home.budi, Relayed(media=media))
    await home.drain()
    assert home.told.refusals == [(queued.ids[0], reason)]
    assert home.channel.sent == []


async def test_media_that_cannot_be_had_now_are_tried_again(home: House) -> None:
    home.channel.files["f1"] = OSError(errno.EAGAIN, "")
    await home.queue(home.budi, Relayed(media=PHOTO))
    await home.drain()
    home.channel.files["f1"] = jpeg()
    await home.later(500)
    assert len(home.channel.sent) == 1


async def test_media_of_a_channel_that_is_off_are_told(home: House) -> None:
    queued = await home.queue(home.budi, Relayed(media=Media("whatsapp", "x", Kind.PHOTO)))
    await home.drain()
    assert home.told.refusals == [(queued.ids[0], "media_gone")]


async def test_a_document_of_ours_leaves_as_it_is(home: House) -> None:
    payload = Document(data=b'{"a": 1}', name="sebaya.json", mime="application/json", key="caption")
    await home.queue(home.ani, payload, owner=home.ani)
    await home.drain()
    out = home.channel.sent[0][1]
    assert (out.kind, out.data, out.file_name, out.text) == ("document", b'{"a": 1}', "sebaya.json", "Ini datamu")
    assert not out.protect  # their own


# --- payloads ---


@pytest.mark.parametrize(
    "payload",
    [
        Speech(key="a.b", args={"n": 1}, private={"w": "x"}, buttons=YES_NO, replaces=True),
        Speech(key="a", buttons=((Button("v:o", "k", {"alias": "Awan"}),),)),
        Relayed(text="x", alias="A", media=PHOTO, quote=3),
        Relayed(place=Place(-7.5, 110.25)),
        Amended(text="x", original=2),
        Unbutton(row=3),
        Typing(),
        Document(data=b"\x00\xff", name="a.json", mime="application/json"),
    ],
)
def test_a_payload_is_the_same_after_the_store(payload: object) -> None:
    assert decode(encode(payload)) == payload  # type: ignore[arg-type]  # each is one of the union


def test_a_payload_of_a_later_version_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of payload 'hologram'"):
        decode(b'{"hologram": {}}')


async def test_nothing_readable_lies_in_the_table(home: House) -> None:
    await home.line(home.ani, "kata rahasia")
    assert b"rahasia" not in bytes(await one(home.store, "SELECT payload FROM outbox"))  # type: ignore[arg-type]  # a column of bytes


# --- turns ---


async def test_a_long_queue_lets_others_in(home: House) -> None:
    alone = Dispatcher(
        home.store,
        home.words,
        {"telegram": home.channel},
        home.told,
        clock=home.clock,
        lanes_at_once=2,
        reserved=1,
    )
    for number in range(50):
        await home.line(home.ani, f"{number}")
    await home.line(home.budi, "halo")
    home.clock.advance(1)
    await alone.drain()
    assert [to for to, _ in home.channel.sent].index("22") == 20
    assert len(home.channel.sent) == 51


async def test_a_hanging_recipient_delays_nobody_else(home: House) -> None:
    home.channel.script["11"].extend([Retry(reason="timeout")] * 3)
    await home.line(home.ani, "satu")
    for number in range(5):
        await home.line(home.budi, f"{number}")
    await home.drain()
    assert len(home.channel.texts("22")) == 5
