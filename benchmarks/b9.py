"""B9: what a second process on PostgreSQL brings: throughput where cores are free, else the price of a line."""

from __future__ import annotations

import os

from benchmarks.b3 import settled
from benchmarks.flood import flood
from benchmarks.house import house
from benchmarks.loopback import BotApi
from benchmarks.postgres import database, served
from benchmarks.served import Process, serving
from benchmarks.table import Figure, middle

CHATS, LINES, ROUNDS, WARM = 40, 800, 3, 100
CORES = 6
"""From so many on, two processes, PostgreSQL and what feeds them do not take them from each other."""
NOISE = 1.1
"""How much dearer a line may seem before it is called a rise."""


async def measure(chats: int = CHATS, lines: int = LINES, rounds: int = ROUNDS, on: str = "") -> list[Figure]:
    api = BotApi()
    speeds: dict[int, list[float]] = {1: [], 2: []}
    prices: dict[int, list[float]] = {1: [], 2: []}
    lost = 0
    with served(on) as server:
        async with house(chats, helpers=chats, url=database(server, "bench")) as found, api.serving():
            await found.rest()
            for n in range(rounds):
                for count in (1, 2) if n % 2 else (2, 1):
                    async with serving(found.url, found.keys, api, count=count) as processes:
                        await settled(api)
                        await flood(found, api, processes, chats, WARM)
                        began = _cpu(processes)
                        speed, missed = await flood(found, api, processes, chats, lines)
                        speeds[count].append(speed)
                        prices[count].append((_cpu(processes) - began) / lines * 1e3)
                        lost += missed
    ratios = [two / one for one, two in zip(speeds[1], speeds[2], strict=True)]
    dearer = [two / max(one, 1e-9) for one, two in zip(prices[1], prices[2], strict=True)]
    spare = (os.cpu_count() or 1) >= CORES
    return [
        Figure(
            "B9",
            "two processes on PostgreSQL beside one: lines a second in and out",
            f"{middle(ratios):.2f} x ({middle(speeds[2]):,.0f}/s of {middle(speeds[1]):,.0f}/s, {lost} lost)",
            ">= 1.7 x with spare cores",
            (middle(ratios) >= 1.7 if spare else None) if not lost else False,
        ),
        Figure(
            "B9",
            "the same, processor time of a line in all processes",
            f"{middle(dearer):.2f} x ({middle(prices[2]):.1f} ms of {middle(prices[1]):.1f} ms)",
            f"<= {NOISE} x",
            middle(dearer) <= NOISE,
        ),
    ]


def _cpu(processes: list[Process]) -> float:
    return sum(process.cpu() for process in processes)
