"""What Prometheus is told: numbers that are true, and nothing about anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client.exposition import generate_latest

from bot import roster
from bot.app import App, build
from bot.channels.base import Inbound, Kind, Refused
from bot.channels.script import Script
from bot.clock import SetClock
from bot.metrics import FRESH
from bot.roster_fields import Entry
from bot.settings import load_settings
from bot.store.keys import key_text, new_key

NOW = 1_795_000_000_000


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
async def app(clock: SetClock) -> AsyncIterator[App]:
    settings = load_settings(None, database_url="sqlite://", secret_keys=key_text([new_key()]))
    made = await build(settings, clock=clock, channels={"telegram": Script("telegram")})
    yield made
    await made.stop()


async def say(app: App, text: str, number: str = "1") -> None:
    await app.engine.receive(Inbound("telegram", number, "7001", Kind.TEXT, app.clock(), text=text, language="id"))


async def figures(app: App) -> dict[str, float]:
    text = generate_latest(await app.metrics()).decode()
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("sebaya_"))
    return {name: float(value) for name, value in pairs}


async def test_what_waits_is_counted_with_its_age(app: App, clock: SetClock) -> None:
    await say(app, "aku mau bunuh diri malam ini rahasiaku")
    clock.advance(30_000)
    seen = await figures(app)
    assert seen['sebaya_cases{state="paging"}'] == 1
    assert seen["sebaya_case_paging_oldest_seconds"] == 30
    assert seen['sebaya_outbox_oldest_seconds{channel="telegram",class="crisis"}'] == 30
    assert seen['sebaya_outbox_pending{channel="telegram",class="crisis"}'] >= 1
    assert seen["sebaya_inbound_total"] == 1
    assert seen["sebaya_store_up"] == 1
    assert seen["sebaya_timers_overdue"] >= 1
    text = generate_latest(await app.metrics()).decode()
    for private in ("rahasiaku", "7001", "bunuh"):
        assert private not in text


async def test_what_was_sent_and_refused_here_is_counted(app: App, clock: SetClock) -> None:
    await say(app, "halo")
    await app.dispatcher.drain()
    clock.advance(FRESH)
    seen = await figures(app)
    assert seen['sebaya_outbox_total{outcome="sent"}'] >= 1
    assert 'sebaya_outbox_pending{channel="telegram",class="ordinary"}' not in seen
    script = app.channels["telegram"]
    assert isinstance(script, Script)
    script.verdicts["7001"] = Refused("not_today")
    await say(app, "/bantuan", "2")
    await app.dispatcher.drain()
    assert (await figures(app))['sebaya_outbox_total{outcome="refused"}'] >= 1


async def test_who_is_on_duty_is_counted_by_role(app: App, clock: SetClock) -> None:
    def hire(tx: object) -> None:
        roster.add(tx, app.acting("cli"), Entry(role="counselor", name="Bu Rini", telegram="801"))  # type: ignore[arg-type]  # a Tx

    await app.store.write(hire)
    await app.engine.receive(Inbound("telegram", "9", "801", Kind.TEXT, clock(), text="/on"))
    assert (await figures(app))['sebaya_on_duty{role="counselor"}'] == 1


async def test_the_store_is_not_asked_more_than_once_a_second(app: App, clock: SetClock) -> None:
    assert (await figures(app))["sebaya_inbound_total"] == 0
    await say(app, "halo")
    assert (await figures(app))["sebaya_inbound_total"] == 0
    clock.advance(FRESH)
    assert (await figures(app))["sebaya_inbound_total"] == 1


async def test_a_store_that_is_gone_is_said_and_the_rest_still_answers(app: App, clock: SetClock) -> None:
    assert (await figures(app))["sebaya_store_up"] == 1
    await app.store.close()
    clock.advance(FRESH)
    async with asyncio.timeout(20):
        seen = await figures(app)
    assert seen["sebaya_store_up"] == 0
    assert "sebaya_store_queue" in seen
