"""Processes killed in the middle of everything: nothing lost, nothing crossed, order kept, and how often a line came
twice is counted (M1 to M5)."""

from __future__ import annotations

import asyncio
import random
import re
import signal
from pathlib import Path

import pytest

from bot import ledger
from bot.store.db import open_store
from bot.store.seal import open_seal
from flows.facts import Policy
from tests.failures.house import House, house, said
from tests.faults.processes import Process, processes
from tests.platforms.telegram import Person

PAIRS = 3
LINE = re.compile(r"(murid|kakak) (\d+) baris (\d+)\b")
LATE = 90.0
"""Seconds after which what has not arrived is taken for lost."""


class Pair:
    """A student and a supporter in a chat, who both write without end."""

    def __init__(self, number: int, student: Person, helper: Person) -> None:
        self.number, self.student, self.helper = number, student, helper
        self.sent = 0

    async def talk(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.student.say(f"murid {self.number} baris {self.sent}")
            await self.helper.say(f"kakak {self.number} baris {self.sent}")
            self.sent += 1
            await asyncio.sleep(0.1)

    def arrived(self, person: Person) -> list[int]:
        """The numbers of the lines that one of them was shown, in order. AssertionError for anybody else's."""
        writer = "kakak" if person is self.student else "murid"
        found = [LINE.search(text) for text in said(person)]
        lines = [(one[1], int(one[2]), int(one[3])) for one in found if one is not None]
        assert {line[:2] for line in lines} <= {(writer, self.number)}, "somebody was shown another chat's line"
        return [line[2] for line in lines]

    def whole(self) -> bool:
        return all(set(self.arrived(person)) == set(range(self.sent)) for person in (self.student, self.helper))

    def repeats(self) -> int:
        """How many lines came twice. AssertionError where one came too late or never: a repeated line may only stand
        directly where it stood."""
        again = 0
        for person in (self.student, self.helper):
            came = self.arrived(person)
            first = sorted(set(came), key=came.index)
            assert first == list(range(self.sent)), f"{self.sent} lines were sent, and came in disorder"
            again += len(came) - len(first)
        return again


async def pairs(home: House) -> list[Pair]:
    made = []
    for number in range(PAIRS):
        helper = await home.hire("supporter", 700 + number, f"Kak {number}", capacity=1)
        student = home.api.person(7_000_000_001 + number, f"Murid{number}")
        await home.welcome(student)
        await home.chat(student, helper)
        made.append(Pair(number, student, helper))
    await home.quiet()
    return made


def texts(home: House) -> dict[str, str]:
    return {name: str(value) for name, value in home.given.items()}


async def kill_some(running: list[Process], times: int, chance: random.Random) -> None:
    for _ in range(times):
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        victim = chance.choice(running)
        victim.kill()
        await asyncio.sleep(chance.uniform(0.0, 0.5))
        victim.start()
        await victim.ready()


@pytest.mark.timeout(900)
async def test_processes_killed_at_random_under_load_lose_nothing(
    store_url: str, tmp_path: Path, request: pytest.FixtureRequest, record_property: pytest.RecordProperty
) -> None:
    kills = 30 if request.config.getoption("--long") else 1
    roles = ["all"] if store_url.startswith("sqlite") else ["worker", "worker"]
    async with house(store_url) as home:
        made = await pairs(home)
        await home.stop()
        with processes(roles, texts(home), tmp_path) as running:
            for process in running:
                await process.ready()
            stop = asyncio.Event()
            talking = [asyncio.create_task(pair.talk(stop)) for pair in made]
            await kill_some(running, kills, random.Random(7))
            stop.set()
            await asyncio.gather(*talking)
            async with asyncio.timeout(LATE):
                while not all(pair.whole() for pair in made):  # noqa: ASYNC110 - no event tells of it
                    await asyncio.sleep(0.1)
            assert [process.stop() for process in running] == [0] * len(running)
        await home.start()
        await home.quiet()

        sent = 2 * sum(pair.sent for pair in made)
        repeats = sum(pair.repeats() for pair in made)
        record_property("sent", sent)
        record_property("repeated", repeats)
        print(f"{sent} lines, {kills} kills: 0 lost, 0 crossed, {repeats} repeated")  # noqa: T201 - shown by pytest -s: what was measured
        assert repeats <= kills * 2 * PAIRS, "at most one message of each recipient in flight may repeat"
        assert await home.value("SELECT count(*) FROM messages WHERE fate = 'relayed'") == sent
        found = await home.app.store.read(lambda tx: list(ledger.check(tx, home.app.clock(), Policy(), grace=0)))
        assert found == []


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
                    await pair.student.say(f"murid {pair.number} baris {pair.sent}")
                    await pair.helper.say(f"kakak {pair.number} baris {pair.sent}")
                    pair.sent += 1
                async with asyncio.timeout(LATE):
                    while not all(pair.whole() for pair in made):  # noqa: ASYNC110 - no event tells of it
                        await asyncio.sleep(0.05)
                stalled.send(signal.SIGCONT)
                await stalled.ready()
            assert [process.stop() for process in running] == [0, 0]
        assert sum(pair.repeats() for pair in made) == 0
        await home.start()


async def test_a_worker_told_to_stop_finishes_and_gives_everything_back(migrated_postgres: str, tmp_path: Path) -> None:
    async with house(migrated_postgres) as home:
        made = await pairs(home)
        await home.stop()
        with processes(["worker"], texts(home), tmp_path) as (worker,):
            await worker.ready()
            stop = asyncio.Event()
            talking = [asyncio.create_task(pair.talk(stop)) for pair in made]
            await asyncio.sleep(1)
            assert worker.stop() == 0
            stop.set()
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
        assert sum(pair.repeats() for pair in made) == 0, "nothing was cut off on its way"
