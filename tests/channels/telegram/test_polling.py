"""Long polling: an update is confirmed only when it is committed (M1), and nobody waits for somebody else."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.channels.base import Answer, Inbound, Kind
from bot.channels.telegram import Telegram
from tests.platforms.telegram import BotApi, Person


@dataclass
class Desk:
    """Receives: remembers, fails on demand, and lets a person wait."""

    got: list[Inbound] = field(default_factory=list)
    aside: list[bytes] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    toast: str = ""
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, inbound: Inbound) -> Answer:
        gate = self.gates.get(inbound.sender)
        if gate is not None:
            await gate.wait()
        if self.failures[inbound.sender] > 0:
            self.failures[inbound.sender] -= 1
            raise RuntimeError("the database is away")
        self.got.append(inbound)
        self.came.set()
        return Answer(fresh=True, toast=self.toast)

    async def unreadable(self, raw: bytes) -> None:
        self.aside.append(raw)
        self.came.set()

    def texts(self, person: Person) -> list[str]:
        return [inbound.text for inbound in self.got if inbound.sender == str(person.id)]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.got) + len(self.aside) < count:
                self.came.clear()
                await self.came.wait()


@asynccontextmanager
async def polling(channel: Telegram, desk: Desk, wait_seconds: int = 25) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(channel.poll(desk.receive, desk.unreadable, wait_seconds=wait_seconds))
    try:
        yield task
    finally:
        channel.stop_polling()
        async with asyncio.timeout(30):
            await task


async def confirmed(api: BotApi) -> None:
    """Until the bot has confirmed every update."""
    for _ in range(1_000):
        if not api.waiting:
            return
        await asyncio.sleep(0.005)
    raise AssertionError("updates are left")


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_messages_arrive_once_in_the_order_of_each_person(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    budi = api.person()
    async with polling(channel, desk):
        for number in range(30):
            await ani.say(f"{number}")
            await budi.say(f"{number}")
        await desk.until(60)
        await confirmed(api)
    assert desk.texts(ani) == desk.texts(budi) == [str(number) for number in range(30)]
    assert api.waiting == []


async def test_an_update_is_confirmed_only_when_it_is_committed(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    desk.gates[str(ani.id)] = asyncio.Event()
    await ani.say("halo")
    async with polling(channel, desk):
        await api.wait_call("getUpdates", count=3)  # it goes on polling, and confirms nothing
        assert len(api.waiting) == 1
        desk.gates[str(ani.id)].set()
        await desk.until(1)
        await confirmed(api)
    assert desk.texts(ani) == ["halo"]


async def test_a_failing_receive_is_asked_again_and_delays_nobody_else(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    budi = api.person()
    desk.failures[str(ani.id)] = 2
    await ani.say("satu")
    await ani.say("dua")
    async with polling(channel, desk):
        for number in range(10):
            await budi.say(f"{number}")
        await desk.until(12)
        await confirmed(api)
    assert desk.texts(ani) == ["satu", "dua"]
    assert desk.texts(budi) == [str(number) for number in range(10)]


async def test_a_person_who_waits_does_not_hold_up_what_comes_later(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    budi = api.person()
    desk.gates[str(ani.id)] = asyncio.Event()
    await ani.say("lama")
    async with polling(channel, desk):
        await api.wait_call("getUpdates", count=2)
        await budi.say("baru")  # behind an update that cannot be confirmed yet
        await desk.until(1)
        assert desk.texts(budi) == ["baru"]
        assert len(api.waiting) == 2
        desk.gates[str(ani.id)].set()
        await desk.until(2)
        await confirmed(api)


async def test_what_was_not_committed_comes_again_after_a_crash(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    desk.gates[str(ani.id)] = asyncio.Event()
    await ani.say("halo")
    crashed = asyncio.create_task(channel.poll(desk.receive, desk.unreadable))
    await api.wait_call("getUpdates", count=2)
    crashed.cancel()
    await asyncio.gather(crashed, return_exceptions=True)
    again = Telegram(api.token, api_url=api.url)
    other = Desk()
    async with polling(again, other):
        await other.until(1)
        await confirmed(api)
    await again.close()
    assert other.texts(ani) == ["halo"]
    assert desk.got == []


async def test_a_malformed_update_is_set_aside_and_confirmed(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    number = api.push({"message": {"chat": {"id": ani.id, "type": "private"}, "text": "rusak"}})
    async with polling(channel, desk):
        await ani.say("halo")
        await desk.until(2)
        await confirmed(api)
    assert [json.loads(raw)["update_id"] for raw in desk.aside] == [number]
    assert desk.texts(ani) == ["halo"]


async def test_a_tap_is_answered_with_the_toast_of_the_engine(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    desk.toast = "Sudah diambil"
    await ani.say("/start")
    async with polling(channel, desk):
        message = ani.chat.messages[1]
        ani.api.world.message(ani.chat, message.id, "x")
        answer = await ani.press(message, "offer:accept:x", stale=True)
    assert answer == "Sudah diambil"
    assert [inbound.kind for inbound in desk.got] == [Kind.TEXT, Kind.PRESS]


@pytest.mark.parametrize("fault", ["500", "502", "html", "drop", "400"])
async def test_the_poll_recovers_from_what_the_platform_does(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk, fault: str
) -> None:
    api.faults.add(fault, method="getUpdates", times=2)
    await ani.say("halo")
    async with polling(channel, desk):
        await desk.until(1)
        await confirmed(api)
    assert channel.health.ok


async def test_a_slowed_poll_rests_as_long_as_it_is_told(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    api.faults.add("429", method="getUpdates", retry_after=1)
    await ani.say("halo")
    async with polling(channel, desk):
        await desk.until(1)
    first, second = api.calls("getUpdates")[:2]
    assert second.at - first.at >= 1
    assert channel.health.ok


async def test_a_webhook_in_the_way_is_taken_down_and_nothing_is_dropped(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    api.hold()
    await channel.set_webhook("https://127.0.0.1:1/webhooks/telegram")
    await ani.say("halo")
    async with polling(channel, desk):
        await api.wait_call("deleteWebhook")
        api.release()
        await desk.until(1)
    assert desk.texts(ani) == ["halo"]
    assert "drop_pending_updates" not in api.calls("deleteWebhook")[0].params
    assert "drop_pending_updates" not in api.calls("setWebhook")[0].params


async def test_a_second_poller_is_named_and_the_poll_goes_on(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    other = Telegram(api.token, api_url=api.url)
    async with polling(channel, desk):
        await api.wait_call("getUpdates")
        stolen = asyncio.create_task(other.updates(0, 1))
        await api.wait_call("getUpdates", count=2)
        await api.wait_call("getUpdates", count=3)
        await asyncio.gather(stolen, return_exceptions=True)
        assert "another process takes this bot's updates" in (channel.health.reason + other.health.reason)
        await ani.say("halo")
        await desk.until(1)
    await other.close()
    assert desk.texts(ani) == ["halo"]


async def test_stopping_ends_an_idle_poll_at_once_and_confirms_what_is_done(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    async with polling(channel, desk):
        await ani.say("halo")
        await desk.until(1)
    assert api.waiting == []


async def test_after_a_quiet_week_a_lower_number_is_not_taken_for_an_old_one(
    channel: Telegram, api: BotApi, ani: Person, desk: Desk
) -> None:
    async with polling(channel, desk, wait_seconds=1):
        await ani.say("sebelum")
        await desk.until(1)
        asked = len(api.calls("getUpdates"))
        await api.wait_call("getUpdates", count=asked + 3)  # one that confirms, and one that found nothing more
        assert "offset" not in api.calls("getUpdates")[-1].params
        api.push({"update_id": 5, "message": {**api.updates[0]["message"], "text": "sesudah"}})
        await desk.until(2)
    assert desk.texts(ani) == ["sebelum", "sesudah"]


async def test_every_kind_that_matters_is_asked_for(channel: Telegram, api: BotApi, desk: Desk) -> None:
    async with polling(channel, desk):
        request = await api.wait_call("getUpdates")
    kinds = json.loads(request.params["allowed_updates"])
    assert kinds == ["message", "edited_message", "callback_query", "my_chat_member"]
