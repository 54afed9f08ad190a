"""B2: a relayed line on PostgreSQL, from what a channel parsed to the commit, beside raw asyncpg running the same
statements on a copy of the database that follows it line for line, in turns."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from time import perf_counter, process_time
from typing import Any

from benchmarks.house import house
from benchmarks.postgres import database, name_of, served
from benchmarks.table import Figure, middle
from bot.store.postgres import PostgresTx
from bot.store.sqltext import for_postgres

CHATS, LINES, ROUNDS, AT_ONCE = 32, 640, 9, 16
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")

Statement = tuple[str, dict[str, Any]]


class Recorder:
    """Notes the statements of every committed transaction while it is open."""

    def __init__(self) -> None:
        self.transactions: list[list[Statement]] = []
        self._do, self._end = PostgresTx._do, PostgresTx.end
        self._open: dict[int, list[Statement]] = {}

    def __enter__(self) -> Recorder:
        do, end, running, done = self._do, self._end, self._open, self.transactions

        def noted(tx: PostgresTx, sql: str, params: dict[str, object]) -> Any:
            running.setdefault(id(tx), []).append((sql, dict(params)))
            return do(tx, sql, params)

        def ended(tx: PostgresTx) -> None:
            end(tx)
            done.append(running.pop(id(tx), []))

        PostgresTx._do = noted  # type: ignore[method-assign]  # a measuring instrument, for the length of one block
        PostgresTx.end = ended  # type: ignore[method-assign]  # as above
        return self

    def __exit__(self, *error: object) -> None:
        PostgresTx._do = self._do  # type: ignore[method-assign]  # as above
        PostgresTx.end = self._end  # type: ignore[method-assign]  # as above


class Raw:
    """asyncpg alone: a pool, prepared statements, one transaction a line."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._texts: dict[str, tuple[str, tuple[str, ...]]] = {}

    def numbered(self, sql: str) -> tuple[str, tuple[str, ...]]:
        """asyncpg's text ($1, $2) and the names in their order."""
        found = self._texts.get(sql)
        if found is None:
            names: list[str] = []

            def place(match: re.Match[str]) -> str:
                name = match[1]
                if name is None:
                    return "%"
                if name not in names:
                    names.append(name)
                return f"${names.index(name) + 1}"

            text = _PARAMETER.sub(place, for_postgres(sql).text)
            found = self._texts[sql] = (text, tuple(names))
        return found

    async def run(self, transactions: Sequence[Sequence[Statement]]) -> float:
        """Transactions a second."""
        ready = [[self._plain(sql, params) for sql, params in one] for one in transactions]
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(statements: Sequence[tuple[str, list[Any]]]) -> None:
            async with gate, self._pool.acquire() as connection, connection.transaction():
                for text, values in statements:
                    await connection.fetch(text, *values)

        began = perf_counter()
        await asyncio.gather(*(one(statements) for statements in ready))
        return len(ready) / (perf_counter() - began)

    def _plain(self, sql: str, params: dict[str, Any]) -> tuple[str, list[Any]]:
        text, names = self.numbered(sql)
        return text, [list(params[n]) if isinstance(params[n], (set, frozenset, tuple)) else params[n] for n in names]


async def measure(chats: int = CHATS, lines: int = LINES, rounds: int = ROUNDS, on: str = "") -> list[Figure]:
    import asyncpg

    ratios, ours, raws, each = [], [], [], 0.0
    cpu: list[tuple[float, float]] = []
    with served(on) as server:
        where = database(server, "ours")
        beside: list[str] = []
        made = house(chats, url=where, copied=lambda: beside.append(database(server, "raw", like=name_of(where))))
        async with made as found, asyncpg.create_pool(beside[0], min_size=AT_ONCE, max_size=AT_ONCE) as pool:
            raw = Raw(pool)
            for round in range(-1, rounds):
                with Recorder() as noted:
                    spent = process_time()
                    speed = await found.relay(lines, chats, AT_ONCE)
                    spent = (process_time() - spent) / lines * 1e6
                apart = process_time()
                ceiling = await raw.run(noted.transactions)
                apart = (process_time() - apart) / lines * 1e6
                if round >= 0:  # the first is for preparing statements
                    ours.append(speed)
                    raws.append(ceiling)
                    cpu.append((spent, apart))
                    ratios.append(speed / ceiling)
                each = sum(map(len, noted.transactions)) / lines
    ratio = middle(ratios)
    return [
        Figure(
            "B2",
            f"relay, PostgreSQL, {AT_ONCE} at once: beside raw asyncpg with the same statements",
            f"{ratio:.0%} ({middle(ours):,.0f}/s of {middle(raws):,.0f}/s; {each:.0f} statements a line)",
            ">= 35 %",
            ratio >= 0.35,
        ),
        Figure(
            "B2",
            "the same by processor time, the server's left out",
            f"{middle(raw / own for own, raw in cpu):.0%} ({middle(own for own, _ in cpu):.0f} us a line, "
            f"asyncpg {middle(raw for _, raw in cpu):.0f} us)",
        ),
    ]
