"""A published version acts in every process of a store: two Apps on PostgreSQL, one on SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.app import App, build
from bot.channels.base import Inbound, Kind
from bot.channels.script import Script
from bot.settings import load_settings
from bot.store.keys import key_text
from bot.store.migrate import migrate
from tests.lexicon.small import FLY, KEY, book, changes
from tests.store.postgres import empty_postgres, migrated_postgres, postgres

__all__ = ["empty_postgres", "migrated_postgres", "postgres"]

TEXT = "aku terbang ke bintang"
LONG = 20


async def opened(url: str, role: str = "all") -> App:
    settings = load_settings(None, database_url=url, secret_keys=key_text([KEY]))
    app = await build(settings, channels={"telegram": Script("telegram")}, rules=book())
    app.role = role
    await app.start()
    return app


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while True:
            if true():
                return
            await asyncio.sleep(0.02)


async def publish(app: App) -> str:
    acting = app.acting("token:sari")
    draft = await app.lexicon.propose(acting, changes(FLY), "a new word")
    return (await app.lexicon.publish(acting, draft.id)).fingerprint


async def judged(app: App, n: int, text: str = TEXT) -> tuple[int, str]:
    """What a process assesses a message as, and by which version: as it stands in the store."""
    now = app.clock()
    await app.engine.receive(Inbound("telegram", f"u{n}", f"70{n}", Kind.TEXT, now, text=text, message_id=f"m{n}"))
    row = await app.store.read(
        lambda tx: tx.one("SELECT level, lexicon FROM messages WHERE external_id = :id", id=f"m{n}")
    )
    assert row is not None
    return row[0], row[1]


async def test_two_processes_on_postgresql(migrated_postgres: str) -> None:
    web, worker = await opened(migrated_postgres, "web"), await opened(migrated_postgres, "worker")
    try:
        await until(lambda: web.peers is not None and worker.peers is not None)
        shipped = book().shipped.version
        assert await judged(worker, 1) == (0, shipped)
        made = await publish(web)
        assert await judged(web, 2) == (2, made), "at once where it was published"
        await until(lambda: worker.lexicon.number == 1)
        assert await judged(worker, 3) == (2, made)
        case = await worker.store.read(
            lambda tx: tx.one("SELECT words_version, rules FROM cases WHERE words_version <> '' LIMIT 1")
        )
        assert case is not None and (case[0], case[1]) == (made, '["fly"]')
        await web.lexicon.rollback(web.acting("token:sari"), 0, "as shipped")
        await until(lambda: worker.lexicon.number == 2)
        assert await judged(worker, 4) == (0, shipped)
    finally:
        await web.stop()
        await worker.stop()


async def test_one_process_on_sqlite_also_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sebaya.db'}"
    migrate(url, 1)
    app = await opened(url)
    made = await publish(app)
    assert await judged(app, 1) == (2, made)
    await app.stop()
    again = await opened(url)
    try:
        assert again.lexicon.number == 1
        assert await judged(again, 2) == (2, made)
    finally:
        await again.stop()


async def test_a_broken_version_at_the_start_is_said_aloud(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sebaya.db'}"
    migrate(url, 1)
    first = await opened(url)
    await publish(first)
    await first.store.write(lambda tx: tx.run("UPDATE lexicon_versions SET overlay = '{}'"))
    await first.stop()
    app = await opened(url)
    try:
        ok, reasons = await app.ready()
        assert ok and any(reason.startswith("crisis rules: version 1") for reason in reasons)
        assert await judged(app, 1, "aku mau mati") == (2, book().shipped.version), "never without rules"
        registry = await app.metrics()
        assert registry.get_sample_value("sebaya_lexicon_unusable") == 1
        assert registry.get_sample_value("sebaya_lexicon_version") == 0
    finally:
        await app.stop()
