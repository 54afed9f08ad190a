"""B7: a relayed line in a store with years of history, beside the same in an empty one, in turns."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.history import invent
from benchmarks.house import House, house
from benchmarks.table import Figure, middle
from bot.app import build
from bot.settings import load_settings

CHATS, LINES, ROUNDS, AT_ONCE = 32, 480, 9, 32
STUDENTS, STORED = 20_000, 500_000
WHOLE = {"students": 200_000, "stored": 5_000_000}
KILOBYTES = 1.6
"""Of disk for each stored line, with the room that filling needs."""


class NoRoom(Exception):
    """The disk has no room for the history; says how much is needed."""


async def measure(
    students: int = STUDENTS, stored: int = STORED, chats: int = CHATS, lines: int = LINES, rounds: int = ROUNDS
) -> list[Figure]:
    async with house(chats) as empty:
        await empty.relay(chats, chats, AT_ONCE)
        await empty.app.store.checkpoint()
        path = empty.path.with_name("full.db")
        _check_room(path, stored)
        began = perf_counter()
        await asyncio.to_thread(shutil.copy, empty.path, path)
        await asyncio.to_thread(invent, path, students, stored)
        took = perf_counter() - began
        size = path.stat().st_size / 1e9
        url = f"sqlite:///{path}"
        settings = load_settings(env_file=None, database_url=url, secret_keys=empty.keys)
        app = await build(settings, channels={"telegram": empty.taker})
        full = House(app, empty.taker, path, url, empty.keys, empty.ids)
        try:
            speeds, prices = await _in_turns(empty, full, chats, lines, rounds)
        finally:
            await full.rest()
    ratio = middle(f / e for e, f in speeds)
    return [
        Figure(
            "B7",
            f"relay, SQLite, beside the empty store: {stored:,} stored lines, {students:,} students "
            f"({size:.1f} GB, made in {took:.0f} s)",
            f"{ratio:.0%} ({middle(f for _, f in speeds):,.0f}/s of {middle(e for e, _ in speeds):,.0f}/s)",
            ">= 90 %",
            ratio >= 0.9,
        ),
        Figure(
            "B7",
            "the same, processor time of a line",
            f"{middle(f / e for e, f in prices):.2f} x ({middle(f for _, f in prices):.0f} us of "
            f"{middle(e for e, _ in prices):.0f} us)",
        ),
    ]


def _check_room(path: Path, stored: int) -> None:
    needed, free = stored * KILOBYTES * 1024, shutil.disk_usage(path.parent).free
    if free < 1.5 * needed:
        raise NoRoom(f"B7 needs {1.5 * needed / 1e9:.0f} GB in the temporary folder, {free / 1e9:.0f} GB are free")


async def _in_turns(
    empty: House, full: House, chats: int, lines: int, rounds: int
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Lines a second, and processor time of a line in us: each of the empty and of the full store."""
    speeds, prices = [], []
    for round in range(-1, rounds):
        found: dict[bool, tuple[float, float]] = {}
        for is_full in (False, True) if round % 2 else (True, False):
            spent = process_time()
            speed = await (full if is_full else empty).relay(lines, chats, AT_ONCE)
            found[is_full] = speed, (process_time() - spent) / lines * 1e6
        if round >= 0:
            speeds.append((found[False][0], found[True][0]))
            prices.append((found[False][1], found[True][1]))
    return speeds, prices
