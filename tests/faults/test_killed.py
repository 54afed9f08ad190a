"""Processes killed in the middle of everything: nothing lost, nothing crossed, order kept, and how often a line came
twice is counted (M1 to M5)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot import ledger
from bot.store.db import open_store
from bot.store.seal import open_seal
from flows.facts import Policy
from tests.failures.house import House, house
from tests.faults.processes import ROOT, Process, environment, processes
from tests.faults.talk import Pair, Quota, all_read, pairs, total

LATE = 90.0
"""Seconds without a line after which what has not arrived is taken for lost."""
LONGEST = 1_500.0
"""Seconds after which the long run writes no more, however many lines it has come to."""


def texts(home: House) -> dict[str, str]:
    return {name: str(value) for name, value in home.given.items()}


class Killer:
    """Kills one of several processes again and again, and starts it anew."""

    def __init__(self, running: list[Process], chance: random.Random, pause: tuple[float, float]) -> None:
        self.running, self.chance, self.pause = running, chance, pause
        self.kills = 0

    async def kill(self) -> None:
        victim = self.chance.choice(self.running)
        victim.kill()
        self.kills += 1
        await asyncio.sleep(self.chance.uniform(0.0, 0.5))
        victim.start()
        await victim.ready()

    async def go_on(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(*self.pause))
            await self.kill()


def checked(home: House) -> str:
    """What `sebaya ledger check` says. AssertionError where a law does not hold."""
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", "ledger", "check"],
        env=environment(texts(home)), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def write_all(made: list[Pair], quota: Quota, killer: Killer | None) -> None:
    talking = [asyncio.create_task(pair.talk(quota)) for pair in made]
    killing = asyncio.create_task(killer.go_on()) if killer is not None else None
    watched = [*talking, *([killing] if killing is not None else [])]
    try:
        async with asyncio.timeout(LONGEST):
            while not all(task.done() for task in talking):
                await asyncio.wait(watched, timeout=1.0, return_when=asyncio.FIRST_EXCEPTION)
                for task in watched:
                    if task.done():
                        task.result()
    except TimeoutError:
        quota.stop()
    if killing is not None:
        killing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await killing
        for process in killer.running if killer is not None else ():
            if process.running is None or process.running.poll() is not None:
                process.start()
            await process.ready()
    await asyncio.gather(*talking)


@pytest.mark.timeout(3_600)
async def test_processes_killed_at_random_under_load_lose_nothing(
    store_url: str, tmp_path: Path, request: pytest.FixtureRequest, record_property: pytest.RecordProperty
) -> None:
    long = request.config.getoption("--long")
    lines = request.config.getoption("--lines") if long else 240
    roles = ["all"] if store_url.startswith("sqlite") else ["worker", "worker"]
    async with house(store_url, silence_warn_seconds=86_000, silence_move_seconds=86_400) as home:
        made = await pairs(home, 16 if long else 3)
        await home.stop()
        with processes(roles, texts(home), tmp_path) as running:
            for process in running:
                await process.ready()
            killer = Killer(running, random.Random(7), (1.0, 12.0))
            quota = Quota(lines)
            if long:
                await write_all(made, quota, killer)
            else:
                talking = asyncio.create_task(write_all(made, quota, None))
                await asyncio.sleep(0.5)
                await killer.kill()
                await talking
            await all_read(made, LATE)
            assert [process.stop() for process in running] == [0] * len(running)
        await home.start()
        await home.quiet()

        found = total(made)
        record_property("lines", str(found))
        said = checked(home)
        print(f"{found}, {killer.kills} kills; {said}")  # noqa: T201 - shown by pytest -s: what was measured
        assert found.bad == (0, 0, 0), str(found)
        assert found.repeated <= killer.kills * 2 * len(made), (
            "at most one message of each recipient in flight may repeat"
        )
        assert await home.value("SELECT count(*) FROM messages WHERE fate = 'relayed'") == found.sent
        exceptions = await home.app.store.read(lambda tx: list(ledger.check(tx, home.app.clock(), Policy(), grace=0)))
        assert exceptions == []


async def test_a_worker_that_stalls_is_overtaken_and_sends_nothing_after_it_wakes(
    migrated_postgres: str, tmp_path: Path
) -> None:
    async with house(migrated_postgres) as home:
        made = (await pairs(home))[:1]
        await home.stop()
        with processes(["worker", "worker"], texts(home), tmp_path) as running:
            for process in running:
                await process.ready()
            for stalled in running:  # one of them polls
                stalled.send(signal.SIGSTOP)
                for pair in made:
                    await pair.say()
                await all_read(made, LATE)
                stalled.send(signal.SIGCONT)
                await stalled.ready()
            assert [process.stop() for process in running] == [0, 0]
        assert total(made).repeated == 0
        await home.start()


async def test_a_worker_told_to_stop_finishes_and_gives_everything_back(migrated_postgres: str, tmp_path: Path) -> None:
    async with house(migrated_postgres) as home:
        made = await pairs(home)
        await home.stop()
        with processes(["worker"], texts(home), tmp_path) as (worker,):
            await worker.ready()
            quota = Quota(10_000)
            talking = [asyncio.create_task(pair.talk(quota)) for pair in made]
            await asyncio.sleep(1)
            assert worker.stop() == 0
            quota.stop()
            await asyncio.gather(*talking)
        store = open_store(migrated_postgres)
        await open_seal(store, home.app.settings.keys)
        try:
            held = "SELECT (SELECT count(*) FROM lanes WHERE lease_until > 0) + (SELECT count(*) FROM leases)"
            assert await store.read(lambda tx: tx.value(held)) == 0
        finally:
            await store.close()
        await home.start()
        await home.quiet()
        found = total(made)
        assert (*found.bad, found.repeated) == (0, 0, 0, 0), f"nothing was cut off on its way: {found}"
