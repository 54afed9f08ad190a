"""The machine's clock is set back or forth: nobody in danger waits for it."""

from __future__ import annotations

from bot import timeshift
from bot.clock import system_clock
from bot.store.db import Store, open_store
from bot.store.seal import open_seal
from tests.failures.house import LONG, House, house

HOUR = 3_600_000
AHEAD = ("UPDATE timers SET due_at = due_at + :hours", "UPDATE inbox SET received_at = received_at + :hours")


class Jumping:
    """The machine's clock, and by how much somebody moved it."""

    def __init__(self) -> None:
        self.moved = 0

    def __call__(self) -> int:
        return system_clock() + self.moved


def wear(home: House, clock: Jumping) -> None:
    """Give a running service another clock."""
    app = home.app
    app.watch = timeshift.Watch(clock)
    app.clock = app.engine.clock = app.dispatcher._clock = app.loops._clock = app.watch


async def danger(home: House) -> None:
    """Somebody in danger, one counselor on duty who does not answer, and a page that will climb in a second."""
    await home.hire("counselor", 801, "Bu Rini")
    await home.hire("counselor", 802, "Pak Anton", on=False)
    ana = home.api.person(7_000_000_001, "Ana")
    await ana.say("aku mau mati")
    await home.api.people[801].wait_for(button="case:ack", timeout=LONG)


async def test_a_clock_set_back_while_pages_climb(store_url: str) -> None:
    async with house(store_url, escalation_ack_seconds=2) as home:
        clock = Jumping()
        wear(home, clock)
        await danger(home)
        clock.moved -= 2 * HOUR
        await home.api.people[802].wait_for(button="case:ack", timeout=LONG)
        await home.api.people[7_000_000_001].wait_for("belum", timeout=LONG)


async def test_a_clock_set_back_while_the_service_is_down(store_url: str) -> None:
    async with house(store_url, escalation_ack_seconds=2) as home:
        await danger(home)
        await home.crash()
        store = await _store(home)
        for sql in AHEAD:  # as if all of it had been written before the clock went back
            await store.write(lambda tx, sql=sql: tx.run(sql, hours=2 * HOUR))  # type: ignore[misc]  # a job with its statement
        await store.close()
        await home.start()
        await home.api.people[802].wait_for(button="case:ack", timeout=LONG)


async def _store(home: House) -> Store:
    store = open_store(home.given["database_url"])
    await open_seal(store, home.app.settings.keys)
    return store


async def test_a_clock_set_forth_fires_what_is_due_then(store_url: str) -> None:
    async with house(store_url) as home:
        clock = Jumping()
        wear(home, clock)
        await danger(home)
        clock.moved += HOUR
        await home.api.people[802].wait_for(button="case:ack", timeout=LONG)
        assert home.app.loops.running


async def test_a_clock_that_jumps_forth_and_back_while_pages_climb(store_url: str) -> None:
    async with house(store_url, escalation_ack_seconds=2) as home:
        clock = Jumping()
        wear(home, clock)
        await home.hire("coordinator", 901, "Pak Joko", on=False)
        await danger(home)
        clock.moved += 2 * HOUR
        await home.api.people[802].wait_for(button="case:ack", timeout=LONG)
        clock.moved -= 2 * HOUR  # what was set meanwhile is not to wait for two hours
        await home.api.people[901].wait_for(button="case:ack", timeout=LONG)
        await home.press(home.api.people[901], "case:ack")
        await home.api.people[7_000_000_001].wait_for("sudah membaca pesanmu", timeout=LONG)
