"""What Prometheus is told: numbers that are true, and nothing about anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client.exposition import generate_latest

from bot import roster, shifts
from bot.app import App, build
from bot.channels.base import Inbound, Kind, Refused, Retry
from bot.channels.script import Script
from bot.clock import SetClock
from bot.metrics import FRESH, SLOW
from bot.roster_fields import Entry
from bot.settings import load_settings
from bot.store.db import Tx
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


async def hire(app: App, telegram: str) -> str:
    entry = Entry(role="counselor", name="Bu Rini", telegram=telegram)
    return str(await app.store.write(lambda tx: roster.add(tx, app.acting("cli"), entry).id))


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
    names = "\n".join(line.rpartition(" ")[0] for line in text.splitlines())  # a duration may hold any digits
    for private in ("rahasiaku", "7001", "bunuh"):
        assert private not in names


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
    await hire(app, "801")
    await app.engine.receive(Inbound("telegram", "9", "801", Kind.TEXT, clock(), text="/on"))
    assert (await figures(app))['sebaya_on_duty{role="counselor"}'] == 1


async def test_the_store_is_not_asked_more_than_once_a_second(app: App, clock: SetClock) -> None:
    assert (await figures(app))["sebaya_inbound_total"] == 0
    await say(app, "halo")
    assert (await figures(app))["sebaya_inbound_total"] == 0
    clock.advance(FRESH)
    assert (await figures(app))["sebaya_inbound_total"] == 1


async def test_the_path_of_a_message_is_timed_stage_by_stage(app: App, clock: SetClock) -> None:
    await hire(app, "801")
    await app.engine.receive(Inbound("telegram", "9", "801", Kind.TEXT, clock(), text="/on"))
    await say(app, "aku mau bunuh diri malam ini")
    clock.advance(300)
    await app.dispatcher.drain()
    seen = await figures(app)
    assert seen['sebaya_inbound_seconds_count{class="crisis"}'] == 1
    for stage in ("screen", "queue", "step", "commit"):
        assert seen[f'sebaya_inbound_stage_seconds_count{{stage="{stage}"}}'] == 2
    assert seen['sebaya_page_delay_seconds_bucket{channel="telegram",le="0.25"}'] == 0
    assert seen['sebaya_page_delay_seconds_bucket{channel="telegram",le="0.5"}'] == 1
    assert seen['sebaya_page_delay_seconds_sum{channel="telegram"}'] == 0.3
    assert seen['sebaya_send_delay_seconds_count{channel="telegram",class="crisis"}'] >= 2
    assert seen['sebaya_sends_total{channel="telegram",result="sent"}'] >= 2
    assert seen['sebaya_handled_total{channel="telegram",what="new"}'] == 2
    await say(app, "aku mau bunuh diri malam ini")
    assert (await figures(app))['sebaya_handled_total{channel="telegram",what="repeated"}'] == 1


async def test_a_platform_that_asks_for_less_is_counted(app: App, clock: SetClock) -> None:
    script = app.channels["telegram"]
    assert isinstance(script, Script)
    script.verdicts["7001"] = Retry(4_000, "slow_down", named=True)
    await say(app, "halo")
    await app.dispatcher.drain()
    seen = await figures(app)
    assert seen['sebaya_slowed_total{channel="telegram"}'] >= 1
    assert seen['sebaya_sends_total{channel="telegram",result="retried"}'] >= 1


async def test_what_will_be_wrong_is_said_before(app: App, clock: SetClock) -> None:
    seen = await figures(app)
    assert seen["sebaya_duty_gap"] == 1
    assert seen["sebaya_duty_next_gap_seconds"] == 0
    assert seen["sebaya_crisis_numbers"] >= 1
    assert seen["sebaya_pages_unacknowledged"] == 0
    staff = await hire(app, "801")

    def plan(tx: Tx) -> None:
        shifts.add(tx, app.acting("cli"), staff=staff, rank="primary", starts_at=NOW, ends_at=NOW + 3_600_000)
        tx.run("UPDATE staff SET role = 'supporter', certified_until = :at WHERE id <> :id", at=NOW + 1, id=staff)

    await app.store.write(plan)
    await app.engine.receive(Inbound("telegram", "9", "801", Kind.TEXT, clock(), text="/on"))
    await app.store.write(lambda tx: tx.run("UPDATE resources SET valid_until = '2000-01-01'"))
    clock.advance(SLOW)
    seen = await figures(app)
    assert seen["sebaya_duty_gap"] == 0
    assert seen["sebaya_duty_next_gap_seconds"] == 3_570
    assert seen["sebaya_crisis_numbers_expired"] == 1
    assert seen["sebaya_directory_to_check"] >= 1
    assert seen["sebaya_retention_last_run_timestamp_seconds"] == 0
    assert seen['sebaya_lease_held{lease="retention"}'] == 0
    assert seen["sebaya_worker_up"] == 0
    assert sum(value for name, value in seen.items() if name.startswith("sebaya_build_info")) == 1


async def test_a_store_that_is_gone_is_said_and_the_rest_still_answers(app: App, clock: SetClock) -> None:
    assert (await figures(app))["sebaya_store_up"] == 1
    await app.store.close()
    clock.advance(FRESH)
    async with asyncio.timeout(20):
        seen = await figures(app)
    assert seen["sebaya_store_up"] == 0
    assert "sebaya_store_queue" in seen
