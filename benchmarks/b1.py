"""B1: a relayed line, from what a channel parsed to the commit, beside raw sqlite3 running the same statements on the
same file settings, in turns."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks.house import STUDENT, House, house
from benchmarks.table import Figure, middle
from bot.store.sqlite import SqliteTx

CHATS, LINES, ROUNDS, AT_ONCE = 32, 960, 5, 32


class Recorder:
    """Notes the statements of the writer while it is open, so that the raw run executes the very same."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, dict[str, Any]]] = []
        self._original = SqliteTx._do

    def __enter__(self) -> Recorder:
        statements, original = self.statements, self._original

        def noted(tx: SqliteTx, sql: str, params: dict[str, object]) -> sqlite3.Cursor:
            cursor = original(tx, sql, params)
            statements.append((sql, dict(params)))
            return cursor

        SqliteTx._do = noted  # type: ignore[method-assign]  # a measuring instrument, for the length of one block
        return self

    def __exit__(self, *error: object) -> None:
        SqliteTx._do = self._original  # type: ignore[method-assign]  # as above


async def _ours(found: House, round: int) -> float:
    lines = [found.line(STUDENT + n % CHATS) for n in range(LINES)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(line: Any) -> None:
        async with gate:
            await found.app.engine.receive(line)

    began = perf_counter()
    await asyncio.gather(*(one(line) for line in lines))
    return LINES / (perf_counter() - began)


def _raw(path: Path, statements: list[tuple[str, dict[str, Any]]], count: int) -> float:
    """The same statements by the driver alone, 16 messages to a commit, as the writer does under this load."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "raw.db"
        shutil.copy(path, copy)
        connection = sqlite3.connect(copy, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        each = max(1, len(statements) // count)
        began = perf_counter()
        for first in range(0, len(statements), each * 16):
            connection.execute("BEGIN IMMEDIATE")
            for sql, params in statements[first : first + each * 16]:
                try:
                    connection.execute(sql, params).fetchone()
                except sqlite3.IntegrityError:
                    continue  # a line that the copy holds already: the work is the same
            connection.execute("COMMIT")
        took = perf_counter() - began
        connection.close()
        return count / took


async def measure() -> list[Figure]:
    async with house(CHATS) as found:
        await _ours(found, 0)
        ratios, ours, raws, cpu = [], [], [], []
        for round in range(ROUNDS):
            await found.app.store.checkpoint()
            before = Path(str(found.path) + ".before")
            shutil.copy(found.path, before)
            with Recorder() as noted:
                await _ours(found, round)
            statements = [_plain(sql, params) for sql, params in noted.statements]
            spent = process_time()
            speed = await _ours(found, round)
            cpu.append((process_time() - spent) / LINES * 1e6)
            raw = await asyncio.to_thread(_raw, before, statements, LINES)
            ours.append(speed)
            raws.append(raw)
            ratios.append(speed / raw)
            await asyncio.to_thread(before.unlink)
    ratio = middle(ratios)
    return [
        Figure(
            "B1",
            f"relay, SQLite, {AT_ONCE} at once: beside raw sqlite3 with the same statements",
            f"{ratio:.0%} ({middle(ours):,.0f}/s of {middle(raws):,.0f}/s; "
            f"{len(statements) / LINES:.0f} statements a line)",
            ">= 35 %",
            ratio >= 0.35,
        ),
        Figure(
            "B1",
            "the same, lines a second on one core",
            f"{1e6 / middle(cpu):,.0f}/s of processor time ({middle(cpu):.0f} us a line)",
            ">= 1,000/s",
            middle(cpu) <= 1_000,
        ),
    ]


def _plain(sql: str, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    from bot.store.sqltext import as_json, for_sqlite

    text = for_sqlite(sql)
    return text.text, {k: as_json(v) if k in text.lists and not isinstance(v, str) else v for k, v in params.items()}
