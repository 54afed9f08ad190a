"""The dispatcher as a service: woken, swept, stopped, slowed, and with a database that falters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from bot.outbox import Dispatcher
from bot.outbox.pacing import LONGEST, Brake, backoff
from bot.store.db import Store, Tx
from bot.store.errors import Busy, Unavailable
from flows.effects import Class
from tests.bot.fakes import one, until
from tests.bot.outbox_house import House, house

T = TypeVar("T")


@asynccontextmanager
async def running(dispatcher: Dispatcher) -> AsyncIterator[Dispatcher]:
    """A dispatcher at work."""
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        await dispatcher.stop()
        await task


async def test_a_woken_dispatcher_sends_at_once(home: House) -> None:
    async with running(home.dispatcher) as dispatcher:
        await home.line(home.ani, "satu")
        dispatcher.wake()
        await until(lambda: home.channel.sent)
        await home.line(home.ani, "dua", Class.CRISIS)
        dispatcher.wake(crisis=True)
        await until(lambda: len(home.channel.sent) == 2)


async def test_a_stopped_dispatcher_finishes_what_it_sends_and_gives_every_lane_back(home: House) -> None:
    home.channel.gate["11"] = asyncio.Event()
    await home.line(home.ani, "satu")
    await home.line(home.ani, "dua")
    task = asyncio.create_task(home.dispatcher.run())
    await until(lambda: home.dispatcher.busy)
    stopping = asyncio.create_task(home.dispatcher.stop())
    await asyncio.sleep(0)
    home.channel.gate["11"].set()
    await stopping
    await task
    assert home.channel.texts("11") == ["satu"]
    assert await home.statuses() == [1, 0]
    assert await one(home.store, "SELECT lease_until FROM lanes") == 0
    await home.another().drain()
    assert home.channel.texts("11") == ["satu", "dua"]


async def test_a_dispatcher_that_never_ran_stops(home: House) -> None:
    await home.dispatcher.stop()


async def test_after_a_restart_on_sqlite_nothing_waits_for_an_old_lease(home: House) -> None:
    await home.line(home.ani, "satu")
    await home.store.write(lambda tx: tx.run("UPDATE lanes SET holder = 'dead', lease_until = 9000000000000000"))
    async with running(home.another()):
        await until(lambda: home.channel.sent)


async def test_a_hanging_recipient_holds_no_place_but_one(home: House) -> None:
    home.channel.gate["11"] = asyncio.Event()
    await home.line(home.ani, "hangs")
    async with running(home.dispatcher) as dispatcher:
        await until(lambda: home.channel.asked)
        for number in range(20):
            await home.line(home.budi, f"{number}")
            dispatcher.wake()
        await until(lambda: len(home.channel.texts("22")) == 20)
        assert home.channel.texts("11") == []
        home.channel.gate["11"].set()


async def test_crisis_finds_a_place_when_every_ordinary_one_is_taken(home: House) -> None:
    people = [await home.person(f"p{number}", str(100 + number)) for number in range(4)]
    for number, (person, _) in enumerate(people):
        home.channel.gate[str(100 + number)] = asyncio.Event()
        await home.line(person, "hangs")
    async with running(home.another(lanes_at_once=4, reserved=1)) as dispatcher:
        await until(lambda: len(home.channel.asked) == 3)
        await home.line(home.budi, "bahaya", Class.CRISIS)
        dispatcher.wake(crisis=True)
        await until(lambda: home.channel.texts("22") == ["bahaya"])
        for gate in home.channel.gate.values():
            gate.set()
        await until(lambda: len(home.channel.sent) == 5)


class FalteringStore(Store):
    """A store that fails its next writes with `errors`."""

    def __init__(self, store: Store) -> None:
        self._inner = store
        self.errors: list[Exception] = []

    @property
    def dialect(self) -> str:  # type: ignore[override]  # that of the store inside
        return self._inner.dialect

    def _put(self, job: object) -> None:
        raise NotImplementedError

    async def write(self, job: Callable[[Tx], T], *, crisis: bool = False, key: Hashable | None = None) -> T:
        if self.errors:
            raise self.errors.pop(0)
        return await self._inner.write(job, crisis=crisis, key=key)

    async def read(self, job: Callable[[Tx], T]) -> T:
        return await self._inner.read(job)

    def waiting(self) -> int:
        return self._inner.waiting()

    async def checkpoint(self) -> None:
        await self._inner.checkpoint()

    async def close(self) -> None:
        await self._inner.close()


@pytest.mark.parametrize("error", [Busy("held"), Unavailable("gone")])
async def test_a_result_is_kept_until_the_database_takes_it(memory: Store, tmp_path: Path, error: Exception) -> None:
    faltering = FalteringStore(memory)
    async with house(faltering, tmp_path / "home") as home:
        home.channel.gate["11"] = asyncio.Event()
        await home.line(home.ani, "satu")
        await home.line(home.ani, "dua")
        sending = asyncio.create_task(home.drain())
        await until(lambda: home.channel.asked)
        faltering.errors = [error]
        home.channel.gate["11"].set()
        await sending
        assert home.channel.texts("11") == ["satu", "dua"]
        assert await home.statuses() == [1, 1]


def test_the_first_pause_is_below_a_second_and_none_above_ten() -> None:
    for jitter in (0.0, 1.0):
        pauses = [backoff(failures, lambda jitter=jitter: jitter) for failures in range(1, 40)]
        assert 0 < pauses[0] <= 1_000
        assert max(pauses) <= LONGEST == 10_000
        assert pauses == sorted(pauses)


def test_three_slowed_recipients_in_a_moment_mean_the_whole_bot() -> None:
    brake = Brake()
    for address in (1, 1, 1, 2):
        brake.slowed("telegram", address, 1_000, 4_000)
    assert brake.paused(1_000) == {}
    brake.slowed("telegram", 3, 5_000, 4_000)  # long after the others
    assert brake.paused(5_000) == {}
    brake.slowed("telegram", 4, 5_001, 4_000)
    brake.slowed("telegram", 5, 5_002, 3_000)
    assert brake.paused(5_003) == {"telegram": 8_002}
    assert brake.paused(8_002) == {}


async def test_a_fault_of_our_own_while_looking_for_work_does_not_end_the_outbox(memory: Store, tmp_path: Path) -> None:
    faltering = FalteringStore(memory)
    async with house(faltering, tmp_path) as home:
        await home.line(home.ani, "satu", Class.CRISIS)
        faltering.errors = [ArithmeticError(), ArithmeticError(), ArithmeticError()]
        async with running(home.dispatcher):
            await until(lambda: home.channel.texts("11") == ["satu"])
