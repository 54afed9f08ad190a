"""Records results in few transactions: what finishes while one commit is under way is in the next, together."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, TypeVar

from bot.outbox import together
from bot.outbox.rows import CRISIS, Row, Told
from bot.outbox.together import Left
from bot.store.db import Store, Tx
from bot.store.errors import Again, Busy, Closed, QueueFull, Unavailable

T = TypeVar("T")
log = logging.getLogger(__name__)

TOGETHER = 64
"""How many results share a transaction at most."""
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 12, 0.25, 5.0
"""Attempts and pauses (seconds) while the database cannot take a result; about 45 s in all, longer than a lease:
another worker may then send the row again, which is at least once (M4)."""

PASSING = (Busy, Unavailable, QueueFull, Again)
"""What the store may get over by itself."""

Act = Callable[[Tx, Told], T]
NOWHERE = (-1, -1)
"""The lane of what needs none."""


def _nothing(tx: Tx, told: Told) -> None:
    pass


class Nobody:
    """Told of nothing."""

    def sent(self, tx: Tx, row: Row, at: int) -> None:
        pass

    def refused(self, tx: Tx, row: Row, reason: str, at: int) -> None:
        pass

    def unreachable(self, tx: Tx, person: int, address: int, at: int) -> None:
        pass

    def held(self, tx: Tx, row: Row, at: int) -> None:
        pass


@dataclass(slots=True)
class _Entry:
    """A result: `first` writes rows of the outbox, `then` its lane. What simply `left` is written with its like;
    `onward` names who holds its lane and sends on from it, in place of `then`."""

    first: Act[object]
    then: Act[Any]
    lane: tuple[int, int]
    crisis: bool
    future: asyncio.Future[Any]
    left: Left | None = None
    onward: str = ""


def _run(entries: Sequence[_Entry], told: Told, tx: Tx) -> list[Any]:
    """Rows before lanes, and lanes in their order: as everybody else takes them who writes to the same people."""
    for entry in entries:
        entry.first(tx, told)
    left = [entry.left for entry in entries if entry.left is not None]
    together.sent(tx, left, told)
    results: dict[int, Any] = {}
    for holder, some in groupby(sorted(entries, key=lambda entry: entry.lane), key=lambda entry: entry.onward):
        run = list(some)
        if holder:
            at = max(one.at for one in left)
            works = together.following(tx, [entry.lane for entry in run], holder, at, told, calm=True)
            results |= {id(entry): works.get(entry.lane) for entry in run}
        else:
            results |= {id(entry): entry.then(tx, told) for entry in run}
    return [results[id(entry)] for entry in entries]


class Recorder:
    """Writes results for the lanes of one process."""

    def __init__(self, store: Store, told: Told, counts: Counter[str]) -> None:
        self._store = store
        self._told = told
        self._counts = counts
        self._waiting: list[_Entry] = []
        self._flushing: asyncio.Task[None] | None = None

    async def record(
        self, first: Act[object], *, crisis: bool, then: Act[Any] = _nothing, lane: tuple[int, int] = NOWHERE
    ) -> Any:
        """Run `first`, which writes rows, and `then`, which writes the lane, in a transaction, perhaps with others;
        answer what `then` says after its commit. Raises Closed, or what the store says when it has not taken it for
        long."""
        return await self._add(_Entry(first, then, lane, crisis, asyncio.get_running_loop().create_future()))

    async def left(self, left: Left, *, holder: str) -> Any:
        """The same for a row that was accepted, as most are, and whose lane `holder` sends on from: the next row, or
        None."""
        row = left.work.row
        lane = (row.address_id, row.cls)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        return await self._add(_Entry(_nothing, _nothing, lane, row.cls == CRISIS, future, left, holder))

    async def _add(self, entry: _Entry) -> Any:
        self._waiting.append(entry)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return await entry.future

    async def alone(self, act: Act[T], *, crisis: bool) -> T:
        """The same at once, in a transaction of its own."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._alone(_Entry(_nothing, act, NOWHERE, crisis, future))
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            self._waiting.sort(key=lambda entry: not entry.crisis)  # stable: crisis first (C4)
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            if not await self._together(batch):
                for entry in batch:
                    await self._alone(entry)

    async def _together(self, batch: list[_Entry]) -> bool:
        if len(batch) == 1:
            return False

        try:
            results = await self._store.write(partial(_run, batch, self._told), crisis=batch[0].crisis)
        except Exception:
            return False  # one by one then, to find out whose fault it is
        for entry, result in zip(batch, results, strict=True):
            if not entry.future.done():
                entry.future.set_result(result)
        return True

    async def _alone(self, entry: _Entry) -> None:
        told: Told = self._told
        pause = FIRST_PAUSE
        for _ in range(TRIES):
            try:
                (result,) = await self._store.write(partial(_run, (entry,), told), crisis=entry.crisis)
            except PASSING:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception as error:
                if isinstance(error, Closed) or isinstance(told, Nobody):
                    self._fail(entry, error)
                    return
                # What was sent is sent, whatever those who wanted to know make of it.
                log.error("outbox: a result could not be told: %s", type(error).__name__)
                self._counts["untold"] += 1
                told = Nobody()
            else:
                if not entry.future.done():
                    entry.future.set_result(result)
                return
        self._fail(entry, Unavailable("the database has not taken a result for long"))

    @staticmethod
    def _fail(entry: _Entry, error: Exception) -> None:
        if not entry.future.done():
            entry.future.set_exception(error)
