"""The outbox over a Bot API that misbehaves as Telegram does: at least once, in order, and no sender's byte."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.base import Kind
from bot.channels.telegram import Telegram
from bot.channels.telegram.parse import parse_update
from bot.outbox import Amended, Dispatcher, Relayed
from bot.store.db import Store
from flows.effects import Class
from tests.bot.fakes import FakeTold, authored, until
from tests.bot.outbox_house import House, house
from tests.platforms.telegram import BotApi, Person

NOW = 1_795_000_000_000


class Wire:
    """Two people on a loopback Telegram, and the house that writes to them."""

    def __init__(self, api: BotApi, home: House, channel: Telegram, dispatcher: Dispatcher) -> None:
        self.api, self.home, self.channel, self.dispatcher = api, home, channel, dispatcher
        self.ani = api.person(7_000_000_011, "Ani", last_name="Wijaya", username="ani_wijaya", started=True)
        self.budi = api.person(7_000_000_022, "Budi", started=True)
        self.told: FakeTold = home.told

    async def line(self, person: Person, text: str, cls: Class = Class.ORDINARY) -> None:
        to = self.home.ani if person is self.ani else self.home.budi
        await self.home.line(to, text, cls)
        self.dispatcher.wake(crisis=cls is Class.CRISIS)

    async def arrived(self, person: Person, texts: list[str]) -> None:
        await until(lambda: len(person.texts) >= len(texts))
        assert person.texts == texts


@asynccontextmanager
async def running(store: Store, folder: Path) -> AsyncIterator[Wire]:
    async with BotApi() as api, house(store, folder) as home:
        channel = Telegram(api.token, api_url=api.url)
        real = asyncio.get_running_loop().time
        start = real()

        def clock() -> int:
            return NOW + int((real() - start) * 1000)

        home.clock.now = NOW
        dispatcher = Dispatcher(store, home.words, {"telegram": channel}, home.told, clock=clock, jitter=lambda: 0.0)
        wire = Wire(api, home, channel, dispatcher)
        home.ani_at = await home.address(home.ani, str(wire.ani.id), last_in=1)
        home.budi_at = await home.address(home.budi, str(wire.budi.id), last_in=1)
        task = asyncio.create_task(dispatcher.run())
        try:
            yield wire
        finally:
            await dispatcher.stop()
            await task
            await channel.close()


@pytest.fixture
async def wire(memory: Store, tmp_path: Path) -> AsyncIterator[Wire]:
    async with running(memory, tmp_path / "home") as made:
        yield made


async def test_lines_arrive_in_order_for_everybody(wire: Wire) -> None:
    expected = [f"{number}" for number in range(20)]
    for text in expected:
        await wire.line(wire.ani, text)
        await wire.line(wire.budi, text)
    await wire.arrived(wire.ani, expected)
    await wire.arrived(wire.budi, expected)


async def test_a_429_is_obeyed_exactly_and_delays_nobody_else(wire: Wire) -> None:
    wire.api.faults.add("429", method="sendMessage", chat_id=wire.ani.id, retry_after=1)
    await wire.line(wire.ani, "satu")
    await wire.line(wire.ani, "dua")
    await wire.line(wire.budi, "lain")
    await wire.arrived(wire.budi, ["lain"])
    await wire.arrived(wire.ani, ["satu", "dua"])
    assert not any(request.early for request in wire.api.requests)


@pytest.mark.parametrize("fault", ["500", "502", "html", "drop"])
async def test_a_passing_fault_repeats_nothing_and_loses_nothing(wire: Wire, fault: str) -> None:
    wire.api.faults.add(fault, method="sendMessage", times=2)
    await wire.line(wire.ani, "satu")
    await wire.line(wire.ani, "dua")
    await wire.arrived(wire.ani, ["satu", "dua"])


async def test_an_answer_cut_after_accepting_repeats_one_message_at_most(wire: Wire) -> None:
    wire.api.faults.add("cut", method="sendMessage", skip=1)
    for text in ("satu", "dua", "tiga"):
        await wire.line(wire.ani, text)
    await wire.arrived(wire.ani, ["satu", "dua", "dua", "tiga"])


async def test_whoever_blocked_is_told_once_and_the_others_go_on(wire: Wire) -> None:
    await wire.ani.block()
    await wire.line(wire.ani, "satu")
    await wire.line(wire.budi, "lain")
    await wire.arrived(wire.budi, ["lain"])
    await until(lambda: wire.told.lost)
    assert wire.told.lost == [(wire.home.ani, wire.home.ani_at)]
    asked = len(wire.api.calls("sendMessage", wire.ani.id))
    assert asked == 1  # retries stop


async def test_crisis_overtakes_what_waits_for_the_same_person(wire: Wire) -> None:
    for number in range(60):
        await wire.home.line(wire.home.ani, f"{number}")
    before = len(wire.ani.texts)
    await wire.home.line(wire.home.ani, "bahaya", Class.CRISIS)
    wire.dispatcher.wake(crisis=True)
    await until(lambda: len(wire.ani.texts) == 61)
    assert before < 50
    assert wire.ani.texts.index("bahaya") <= before + 5  # what was in flight, not the rest of the sixty
    assert [text for text in wire.ani.texts if text != "bahaya"] == [f"{number}" for number in range(60)]


async def test_an_edit_changes_the_recipients_copy(wire: Wire) -> None:
    home = wire.home
    await home.queue(home.budi, Relayed(text="halo", alias="Awan"), message_id=5, chat_id="c")
    await home.queue(home.budi, Amended(text="halo kak", alias="Awan", original=5), chat_id="c")
    wire.dispatcher.wake()
    await until(lambda: wire.budi.texts == ["Awan: halo kak"])


async def test_no_byte_of_a_sender_reaches_the_other_side(wire: Wire) -> None:
    """P1, failures.md 12: everything Ani can send, relayed to Budi, scanned byte by byte."""
    ani, home = wire.ani, wire.home
    telltale = b"Ani Wijaya"
    exif = Image.Exif()
    exif[0x013B] = telltale.decode()
    photo = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(photo, "JPEG", exif=exif)
    await ani.say("halo", reply_to=await ani.say("satu"))
    await ani.forward("kata orang", hidden="Ani Wijaya")
    await ani.send_photo(photo.getvalue(), "foto")
    await ani.send_document("Surat Ani Wijaya.pdf", authored("Ani Wijaya"), "surat")
    await ani.send_audio("Ani Wijaya.mp3", b"ID3\x04\0\0\0\0\0\x0aAni Wijayasound", title="Ani", performer="Ani Wijaya")
    await ani.send_voice(b"suara")
    await ani.send_video(b"film", name="ani_wijaya.mp4")
    await ani.send_sticker(b"stiker")
    await ani.send_location()
    carried = 0
    for number, update in enumerate(wire.api.updates):
        inbound = parse_update(update)
        if inbound.kind not in (Kind.TEXT, Kind.PHOTO, Kind.DOCUMENT, Kind.AUDIO, Kind.VOICE, Kind.VIDEO,
                                Kind.STICKER, Kind.LOCATION):  # fmt: skip
            continue
        carried += 1
        await home.queue(
            home.budi,
            Relayed(text=inbound.text, alias="Awan Teduh", media=inbound.media, place=inbound.place),
            message_id=number,
            owner=home.ani,
        )
    wire.dispatcher.wake()
    await until(lambda: len([m for m in wire.budi.inbox if m.kind != "text"]) == 7)
    assert carried == 10
    left = wire.api.outgoing_bytes(wire.budi.id)
    for secret in (telltale, b"ani_wijaya", b"Wijaya", str(ani.id).encode(), b"kata_orang", b"teman_sebaya"):
        assert secret not in left
    assert all(message.protected for message in wire.budi.inbox)
    assert {m.file_name for m in wire.budi.inbox if m.file_name} <= {
        "foto.jpg", "dokumen.pdf", "audio.mp3", "suara.ogg", "video.mp4", "stiker.webp", "application.octet-stream",
    }  # fmt: skip
