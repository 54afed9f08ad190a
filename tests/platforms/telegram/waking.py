"""Wakes whoever waits for the world to change, in whatever thread and event loop they wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class Waking:
    """A notice board shared by the server's thread and the tests' event loops."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._waiters: dict[int, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}
        self._next = 0

    def wake(self) -> None:
        """Something changed: let every waiter look again."""
        with self._lock:
            waiters = list(self._waiters.values())
        for loop, event in waiters:
            try:
                loop.call_soon_threadsafe(event.set)
            except RuntimeError:  # that loop has closed meanwhile; its waiter is gone with it
                continue

    async def until(self, look: Callable[[], Found | None], timeout: float | None) -> Found | None:
        """`look` under the lock after every change until it finds something; None after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        event = asyncio.Event()
        deadline = None if timeout is None else loop.time() + timeout
        with self._lock:
            self._next += 1
            key = self._next
            self._waiters[key] = (loop, event)
        try:
            while True:
                event.clear()
                with self._lock:
                    found = look()
                if found is not None:
                    return found
                remaining = None if deadline is None else deadline - loop.time()
                if remaining is not None and remaining <= 0:
                    return None
                try:
                    async with asyncio.timeout(remaining):
                        await event.wait()
                except TimeoutError:
                    continue
        finally:
            with self._lock:
                del self._waiters[key]
