"""The loops of a worker: internal mail, timers, outside hooks. Each wakes on a commit, else by a slow sweep."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.clock import Clock

log = logging.getLogger(__name__)

SWEEP = 1.0
PAUSE = 0.5
"""After a failure (seconds), so that a broken store is not hammered."""
FIRST_NIGHT, NIGHT = 60.0, 600.0
"""Seconds until, and between, two looks for the night's work."""


class Waker:
    """An event that a commit sets and a loop waits for."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Until woken, or `seconds` have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._event.wait()
        self._event.clear()


class Loops:
    """All loops of one process, started and stopped together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._mail = Waker()
        self._timers = Waker()
        self._next: int | None = None
        self.failed: dict[str, int] = {}

    def wake_mail(self) -> None:
        self._mail.wake()

    def wake_timers(self, due: int) -> None:
        if self._next is None or due < self._next:
            self._next = due
            self._timers.wake()

    @property
    def running(self) -> bool:
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    def start(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tasks.append(asyncio.create_task(run(), name=f"sebaya-{name}"))

    async def mail(self, run: Callable[[], Awaitable[int]]) -> None:
        """Step waiting mail until there is none, then wait."""
        while True:
            done = await self._guarded("mail", run)
            if not done:
                await self._mail.wait(SWEEP)

    async def timers(self, run: Callable[[], Awaitable[int | None]]) -> None:
        """Fire what is due, then wait for the next."""
        while True:
            self._next = None
            due = await self._guarded("timers", run)
            if due is not None and (self._next is None or due < self._next):
                self._next = due
            wait = SWEEP if self._next is None else min(SWEEP, (self._next - self._clock()) / 1000)
            await self._timers.wait(wait)

    async def nightly(self, run: Callable[[], Awaitable[int]]) -> None:
        """Ask now and then whether the night's work is to be done; not in the first minute of a process."""
        pause = FIRST_NIGHT
        while True:
            await asyncio.sleep(pause)
            await self._guarded("nightly", run)
            pause = NIGHT

    async def _guarded(self, name: str, run: Callable[[], Awaitable[int | None]]) -> int | None:
        try:
            return await run()
        except Exception as error:
            self.failed[name] = self.failed.get(name, 0) + 1
            log.error("the %s loop failed (%s); it goes on", name, type(error).__name__)
            await asyncio.sleep(PAUSE)
            return None

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
