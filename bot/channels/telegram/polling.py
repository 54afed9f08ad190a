"""Long polling that confirms an update only when what it means is committed (M1).

Updates of one person are received in order, those of different people at the same time. While some are unfinished,
the poll goes on from the oldest of them: Telegram repeats what is known, which is skipped, and hands out what is new.
So a person whose update cannot be received now delays nobody else, and a crash at any point loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from bot.channels.base import Answer, Inbound, Unreadable
from bot.channels.telegram.parse import parse_update

log = logging.getLogger(__name__)

WAIT_SECONDS = 25
"""How long Telegram holds an empty poll (it allows 50)."""
BUSY_SECONDS = 0.1
"""Pause between polls while updates are unfinished and nothing new came."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between attempts after an error: quick to recover, never a storm."""
STOP_SECONDS = 5.0

Receive = Callable[[Inbound], Awaitable[Answer]]
Aside = Callable[[bytes], Awaitable[None]]


class Source(Protocol):
    """Where updates come from, and where taps are answered."""

    async def updates(self, offset: int, timeout: int) -> Sequence[Any]:
        """getUpdates; raises Hiccup when there are none to be had now."""
        ...

    async def answer(self, callback_id: str, text: str) -> None: ...


class Hiccup(Exception):
    """No updates now; try again after `after` seconds, or after our own pause if it is 0."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


def pauses() -> Callable[[], float]:
    """Growing pauses: each call gives the next one, in seconds."""
    state = [FIRST_PAUSE]

    def following() -> float:
        pause = state[0]
        state[0] = min(pause * 2, LONGEST_PAUSE)
        return pause

    return following


class Poller:
    """One bot's poll. `run` until `stop`."""

    def __init__(
        self, source: Source, receive: Receive, on_unreadable: Aside, *, wait_seconds: int = WAIT_SECONDS
    ) -> None:
        self._source = source
        self._wait_seconds = wait_seconds
        self._receive = receive
        self._on_unreadable = on_unreadable
        self._stopping = asyncio.Event()
        self._finished = asyncio.Event()
        self._open: set[int] = set()  # update ids that are being received
        self._done: set[int] = set()  # committed, and not known to be confirmed
        self._next = 0
        self._lines: dict[str, deque[dict[str, Any]]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._toasts: set[asyncio.Task[None]] = set()

    @property
    def offset(self) -> int:
        """What may be confirmed: everything below is committed."""
        return min(self._open) if self._open else self._next

    async def run(self) -> None:
        """Poll until stopped; then finish what is being received and confirm it, within seconds."""
        pause = pauses()
        while not self._stopping.is_set():
            confirmed = self.offset
            try:
                found = await self._poll(confirmed)
            except Hiccup as hiccup:
                await self._rest(hiccup.after or pause())
                continue
            pause = pauses()
            fresh = sum([self._take(update) for update in found])
            # Confirmed now, and not to be seen again; what was finished meanwhile may still be in the next answer.
            self._done = {number for number in self._done if number >= confirmed}
            if self._open and not fresh:
                await self._until_one_is_finished()
            elif not found and not self._open and not self._stopping.is_set() and confirmed == self._next:
                # All is confirmed. After a quiet week Telegram counts from a new number, perhaps a lower one.
                self._next = 0
        await self._finish()

    def stop(self) -> None:
        """End soon. What is not committed by then stays unconfirmed and comes again."""
        self._stopping.set()

    async def _poll(self, offset: int) -> Sequence[Any]:
        ask = asyncio.create_task(self._source.updates(offset, 0 if self._open else self._wait_seconds))
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((ask, stop), return_when=asyncio.FIRST_COMPLETED)
            return await ask if ask.done() else ()
        finally:
            for task in (ask, stop):
                task.cancel()
            await asyncio.gather(ask, stop, return_exceptions=True)

    def _take(self, update: Any) -> bool:
        """Line an update up behind its person's earlier ones; whether it was new."""
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int):
            log.error("telegram: an update without a number cannot be confirmed, and is left aside")
            return False
        if number in self._open or number in self._done:
            return False
        self._open.add(number)
        self._next = max(self._next, number + 1)
        line = self._lines.get(key := person_of(update))
        if line is not None:
            line.append(update)
            return True
        self._lines[key] = deque([update])
        worker = asyncio.create_task(self._work(key))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)
        return True

    async def _work(self, key: str) -> None:
        line = self._lines[key]
        while line:
            await self._until_received(line[0])
            number = line.popleft()["update_id"]
            self._open.discard(number)
            self._done.add(number)
            self._finished.set()
        del self._lines[key]

    async def _until_received(self, update: dict[str, Any]) -> None:
        pause = pauses()
        while True:
            try:
                await self._once(update)
                return
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.error("telegram: an update could not be received now: %s", type(error).__name__)
                await asyncio.sleep(pause())

    async def _once(self, update: dict[str, Any]) -> None:
        try:
            inbound = parse_update(update)
        except Unreadable:
            import orjson

            await self._on_unreadable(orjson.dumps(update))
            return
        answer = await self._receive(inbound)
        if inbound.callback_id:
            toast = asyncio.create_task(self._source.answer(inbound.callback_id, answer.toast))
            self._toasts.add(toast)
            toast.add_done_callback(self._toasts.discard)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _until_one_is_finished(self) -> None:
        self._finished.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BUSY_SECONDS):
                await self._finished.wait()

    async def _finish(self) -> None:
        if running := self._workers | self._toasts:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        for task in self._workers | self._toasts:
            task.cancel()
        await asyncio.gather(*self._workers, *self._toasts, return_exceptions=True)
        if self._next:
            # Confirming asks for an update that nobody will look at; unconfirmed, it comes again.
            with contextlib.suppress(Hiccup, TimeoutError):
                async with asyncio.timeout(2):
                    await self._source.updates(self.offset, 0)


def person_of(update: dict[str, Any]) -> str:
    """Whose order an update keeps; its own number if it cannot be read."""
    try:
        return parse_update(update).sender or str(update.get("update_id"))
    except Unreadable:
        return f"unreadable {update.get('update_id')}"
