"""Several processes on one PostgreSQL: one leads, all hear, a dead one's work goes on, a brake holds for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot import leases
from bot.clock import system_clock
from bot.outbox import lanes
from bot.peers import News, Peers
from bot.store.db import Store, Tx, open_store

NOW = 1_795_000_000_000
HELD = """INSERT INTO lanes (address_id, cls, next_at, lease_until, holder)
VALUES (:address, 1, 0, :until, :holder)"""


@asynccontextmanager
async def peers(url: str, *wanted: str) -> AsyncIterator[tuple[Peers, list[News], Store]]:
    store = open_store(url, readers=1, writers=2)
    made, heard = Peers(store, url, system_clock), []
    await made.start(heard.append, wanted)
    try:
        yield made, heard, store
    finally:
        await made.resign()
        await store.close()


async def until(look: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not look():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.02)


async def test_what_one_commits_is_heard_by_the_others_and_not_by_itself(migrated_postgres: str) -> None:
    async with peers(migrated_postgres) as (one, own, _), peers(migrated_postgres) as (_, heard, _):
        await until(lambda: one._others and heard and own)
        own.clear()
        heard.clear()
        one.mail()
        one.timers()
        one.outbox({5, 7}, ordinary=True, crisis=True)
        one.lexicon()
        one.typing(9)
        await until(lambda: any(news.typing for news in heard))
        told = News()
        for news in heard:
            told.mail |= news.mail
            told.timers |= news.timers
            told.outbox |= news.outbox
            told.crisis |= news.crisis
            told.pages |= news.pages
            told.typing |= news.typing
            told.lexicon |= news.lexicon
        assert told == News(mail=True, timers=True, outbox=True, crisis=True, pages={5, 7}, typing={9}, lexicon=True)
        assert own == []


async def test_one_of_several_leads_and_another_when_it_goes(migrated_postgres: str) -> None:
    async with peers(migrated_postgres, "x") as (one, _, _), peers(migrated_postgres, "x") as (two, _, _):
        assert one.leads("x")
        assert not two.leads("x")
        await one.resign()
        assert not one.leads("x")
        await until(lambda: two.leads("x"))


def test_news_of_a_great_many_pages_stay_small() -> None:
    text = News(pages=set(range(10**12, 10**12 + 5_000))).text("me")
    assert len(text) < 8_000
    told = News.read(text, "you")
    assert told is not None
    assert told.everything
    assert News.read(text, "me") is None, "nobody hears themselves"
    assert News.read("{", "you") == News(everything=True), "a later version's news are news all the same"


async def test_a_lease_is_overtaken_when_it_ends_and_never_before(store: Store) -> None:
    def job(tx: Tx) -> None:
        assert leases.take(tx, "x", "one", NOW)
        assert not leases.take(tx, "x", "two", NOW + leases.LEASE - 1)
        assert leases.take(tx, "x", "one", NOW + 1), "its holder prolongs it"
        assert not leases.take(tx, "x", "two", NOW + leases.LEASE)
        assert leases.take(tx, "x", "two", NOW + leases.LEASE + 2)
        assert not leases.take(tx, "x", "one", NOW + leases.LEASE + 3), "and who wakes up finds it gone"
        assert leases.take(tx, "x", "one", NOW - 3_600_000), "a clock set back keeps nothing locked"

    await store.write(job)


async def test_the_lanes_of_the_dead_are_free_those_of_the_living_are_not(store: Store) -> None:
    def job(tx: Tx) -> None:
        leases.live(tx, "alive", NOW)
        for address, holder in ((1, "alive"), (2, "dead")):
            tx.run(HELD, address=address, until=NOW + 30_000, holder=holder)
        assert lanes.free_dead(tx, NOW) == 1
        assert not lanes.keep(tx, (2, 1), "dead", NOW), "it sends nothing more, should it wake up"
        assert lanes.keep(tx, (1, 1), "alive", NOW)
        assert lanes.claim(tx, 1, 9, now=NOW, holder="alive", paused=frozenset()) == [(2, 1)]

    await store.write(job)


async def test_a_brake_holds_for_every_process_and_is_only_prolonged(store: Store) -> None:
    def job(tx: Tx) -> None:
        lanes.brake(tx, "telegram", NOW + 5_000, NOW)
        lanes.brake(tx, "telegram", NOW + 2_000, NOW)
        assert lanes.brakes(tx, NOW) == {"telegram": NOW + 5_000}
        assert lanes.brakes(tx, NOW + 5_000) == {}

    await store.write(job)
