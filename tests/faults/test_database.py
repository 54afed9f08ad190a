"""The database goes away, is locked by somebody else, or takes nothing any more: said clearly, nothing lost, and well
again by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import psycopg
import pytest

from bot.channels.base import Inbound, Kind
from bot.store.errors import Unavailable
from tests.failures.house import LONG, House, house, said


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(LONG):
        while not await look():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.1)


async def in_a_chat(home: House) -> None:
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await home.quiet()


def away(address: str, name: str) -> None:
    """As a restart of PostgreSQL looks to its clients: they are cut off, and nobody gets in."""
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))


def back(address: str, name: str) -> None:
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


async def test_postgresql_goes_away_and_comes_back(migrated_postgres: str) -> None:
    name = urlsplit(migrated_postgres).path.lstrip("/")
    server = migrated_postgres.replace(f"/{name}?", "/postgres?")
    async with house(migrated_postgres) as home:
        await in_a_chat(home)
        ana, sari = home.api.people[7_000_000_001], home.api.people[701]
        assert await home.app.ready() == (True, [])
        away(server, name)
        try:
            for n in range(3):
                await ana.say(f"baris {n}")
            ok, reasons = await home.app.ready()
            assert not ok
            assert "database" in reasons[0]
        finally:
            back(server, name)
        await sari.wait_for("baris 2", timeout=LONG)
        await until(lambda: _is_ready(home))
        await home.quiet()
        assert [text.partition(": ")[2] for text in said(sari) if "baris" in text] == [f"baris {n}" for n in range(3)]
        assert home.app.loops.running


async def _is_ready(home: House) -> bool:
    return (await home.app.ready())[0]


async def test_a_file_that_another_process_holds_is_waited_for(sqlite_url: str) -> None:
    async with house(sqlite_url) as home:
        await in_a_chat(home)
        ana, sari = home.api.people[7_000_000_001], home.api.people[701]
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await ana.say("masih di sana?")
        await asyncio.sleep(0.3)
        assert not any("masih di sana?" in text for text in said(sari)), "nothing is told before it is stored"
        other.execute("ROLLBACK")
        other.close()
        await sari.wait_for("masih di sana?", timeout=LONG)


async def test_a_full_disk_is_said_and_nothing_is_lost(sqlite_url: str) -> None:
    async with house(sqlite_url) as home:
        await in_a_chat(home)
        ana, sari = home.api.people[7_000_000_001], home.api.people[701]
        pages = await home.app.store.write(lambda tx: tx.value("PRAGMA page_count"))

        async def allow(most: int) -> None:
            await home.app.store.write(lambda tx: tx.value(f"PRAGMA max_page_count = {most}"))

        await allow(pages)  # SQLite says "database or disk is full", as it does where the disk is
        long = "x" * 3000
        refused = [
            Inbound("telegram", f"w{n}", str(ana.id), Kind.TEXT, 0, text=long, message_id=f"9{n}") for n in range(30)
        ]
        with pytest.raises(Unavailable):  # a webhook answers 503, and the platform sends it again
            for one in refused:
                await home.app.engine.receive(one)
        assert "full" in home.app.store.trouble, "and /readyz says so, until something can be written again"
        await allow(2**30)
        await until(lambda: _is_ready(home))
        for one in refused:
            await home.app.engine.receive(one)
        await home.quiet()
        assert sum(long in text for text in said(sari)) == len(refused), "each once"
