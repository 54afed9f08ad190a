"""Lines through served processes as fast as they take them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from time import perf_counter

from benchmarks.house import LINE, STUDENT, House
from benchmarks.loopback import BotApi, Webhook, update
from benchmarks.served import Process

AT_ONCE = 16
LATE = 30.0
"""Seconds after the last webhook for which what it relays is waited."""


async def flood(found: House, api: BotApi, processes: Sequence[Process], chats: int, lines: int) -> tuple[float, int]:
    """Deliver `lines` to the processes in turn: lines a second from the first webhook to the last request out, and how
    many never left."""
    waiting = {str(next(found.ids)) for _ in range(lines)}
    numbers = itertools.cycle(range(chats))
    sent = sorted(waiting, key=int)

    def arrived(at: float, chat: str, text: str) -> None:
        waiting.discard(text.rpartition(" ")[2])

    api.sent = arrived
    hooks = [Webhook(process.port) for process in processes]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(hook: Webhook, number: str) -> None:
        async with gate:
            await hook.post(update(int(number), STUDENT + next(numbers), f"{LINE} {number}"))

    began = perf_counter()
    await asyncio.gather(*(one(hooks[n % len(hooks)], number) for n, number in enumerate(sent)))
    until = perf_counter() + LATE
    while waiting and perf_counter() < until:  # noqa: ASYNC110 - what is waited for happens in other processes
        await asyncio.sleep(0.01)
    took = perf_counter() - began
    for hook in hooks:
        hook.close()
    return lines / took, len(waiting)
