"""B8: cold start of `sebaya serve` to ready, its memory when idle, and after many messages."""

from __future__ import annotations

import asyncio

from benchmarks.b3 import settled
from benchmarks.flood import flood
from benchmarks.house import house
from benchmarks.loopback import BotApi
from benchmarks.served import serving
from benchmarks.table import Figure, middle

STARTS, CHATS, LINES = 3, 40, 5_000
WHOLE = {"lines": 100_000}
REST = 1.0


async def measure(starts: int = STARTS, chats: int = CHATS, lines: int = LINES) -> list[Figure]:
    api = BotApi()
    runs = []
    async with house(chats, helpers=chats) as found, api.serving():
        await found.rest()
        for n in range(starts + 1):
            async with serving(found.url, found.keys) as (process,):
                await asyncio.sleep(REST)
                if n:  # the first one is for the machine's own caches
                    runs.append((process.seconds, process.megabytes()))
        async with serving(found.url, found.keys, api) as (process,):
            await settled(api)
            idle = process.megabytes()
            speed, lost = await flood(found, api, [process], chats, lines)
            await settled(api)
            full = process.megabytes()
    start, memory = middle(run[0] for run in runs), middle(run[1] for run in runs)
    return [
        Figure("B8", "cold start of serve to ready", f"{start:.2f} s", "<= 2 s", start <= 2),
        Figure("B8", "resident memory, idle", f"{memory:.0f} MB", "<= 140 MB", memory <= 140),
        Figure(
            "B8",
            f"resident memory after {lines:,} lines in and out",
            f"{full:.0f} MB, {full / max(idle, 1):.2f} x {idle:.0f} MB ({speed:,.0f} lines/s, {lost} lost)",
            "<= 1.1 x idle",
            full <= 1.1 * idle and not lost,
        ),
    ]
