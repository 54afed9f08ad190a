"""B3: a line on its way through a served process at a steady pace: webhook in, request to the Bot API out."""

from __future__ import annotations

import asyncio
from time import perf_counter

from benchmarks.house import LINE, STUDENT, house
from benchmarks.loopback import BotApi, Webhook, update
from benchmarks.served import serving
from benchmarks.table import Figure, percentile

CHATS, PACE, WARM, SECONDS = 40, 80, 3, 15
"""`WARM`: seconds at the same pace before anything counts."""
LATE = 10.0
"""Seconds after the last line for which its request is waited."""


async def measure(chats: int = CHATS, pace: int = PACE, warm: int = WARM, seconds: int = SECONDS) -> list[Figure]:
    api = BotApi()
    arrived: dict[str, float] = {}
    lines, before = pace * (warm + seconds), pace * warm
    async with house(chats, helpers=chats) as found, api.serving():
        await found.rest()
        async with serving(found.url, found.keys, api) as (process,):
            await settled(api)
            began: dict[str, float] = {}

            def sent(at: float, chat: str, text: str) -> None:
                arrived.setdefault(text.rpartition(" ")[2], at)

            api.sent = sent
            hook = Webhook(process.port)
            spent = process.cpu()
            answers = await _paced(hook, [next(found.ids) for _ in range(lines)], chats, pace, began)
            for _ in range(int(LATE / 0.05)):
                if all(one in arrived for one in began):
                    break
                await asyncio.sleep(0.05)
            hook.close()
            spent = (process.cpu() - spent) / lines * 1e3
    counted = list(began)[before:]
    lost = sum(one not in arrived for one in counted)
    ways = [(arrived[one] - began[one]) * 1000 if one in arrived else LATE * 1000 for one in counted]
    answered = [seconds * 1000 for seconds in answers[before:]]
    p50, p99, p99_answer = percentile(ways, 0.5), percentile(ways, 0.99), percentile(answered, 0.99)
    return [
        Figure(
            "B3",
            f"webhook begun to Bot API request, {pace} lines/s for {seconds} s, SQLite",
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {lost} lost",
            "p50 <= 10, p99 <= 50 ms",
            p50 <= 10 and p99 <= 50 and not lost,
        ),
        Figure(
            "B3",
            "the same, webhook answered",
            f"p50 {percentile(answered, 0.5):.1f} ms, p99 {p99_answer:.1f} ms",
            "p99 <= 100 ms",
            p99_answer <= 100,
        ),
        Figure("B3", "the same, processor time of the served process", f"{spent:.1f} ms a line, in and out"),
    ]


async def settled(api: BotApi) -> None:
    """Until nothing has been sent for half a second: what lay in the outbox has left."""
    for _ in range(60):
        before = api.calls
        await asyncio.sleep(0.5)
        if api.calls == before:
            return


async def _paced(hook: Webhook, numbers: list[int], chats: int, pace: int, began: dict[str, float]) -> list[float]:
    """Deliver the lines at their moments, however long the answers take; how long each took (s)."""
    tasks = []
    start = perf_counter()
    for n, number in enumerate(numbers):
        await asyncio.sleep(max(0.0, start + n / pace - perf_counter()))
        began[str(number)] = perf_counter()
        tasks.append(asyncio.create_task(hook.post(update(number, STUDENT + n % chats, f"{LINE} {number}"))))
    return await asyncio.gather(*tasks)
