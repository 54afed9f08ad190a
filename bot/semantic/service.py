"""The loop of the semantic net: one process at a time, one text at a time, in a thread of its own and after everything
that a student waits for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from bot import leases
from bot.histograms import FINE, Histogram
from bot.semantic import reading, verdicts
from bot.semantic.embedder import Embedder
from bot.semantic.head import Head
from bot.semantic.verdicts import Verdict
from bot.store.db import Tx
from bot.store.errors import StoreError

if TYPE_CHECKING:
    from bot.engine import Engine

log = logging.getLogger(__name__)

LEASE = "semantic"
SWEEP, PAUSE = 1.0, 2.0
"""Seconds between two looks for new texts, and after a failure."""
SHORTEST = 2
"""Words of a text: what one word says the rules know."""
GENTLE = 10
"""By how much the thread stands back (nice), so that messages come first on a machine of one core."""


class Semantic:
    """`looked`, `skipped` (why), `verdicts` and `seconds` are this process's figures."""

    def __init__(self, engine: Engine, embedder: Embedder, head: Head) -> None:
        self._engine, self._embedder, self.head = engine, embedder, head
        self._store, self._clock = engine.store, engine.clock
        self._holder = secrets.token_hex(8)
        self._pool = ThreadPoolExecutor(1, "sebaya-semantic", _stand_back)
        self.looked = 0
        self.skipped: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.seconds = Histogram(FINE)

    async def run(self) -> None:
        """Look at what comes, until cancelled."""
        while True:
            pause = SWEEP
            try:
                if await self.round():
                    pause = 0.0
            except Exception as error:
                log.error("the semantic net failed (%s); it goes on", type(error).__name__)
                pause = PAUSE
            await asyncio.sleep(pause)

    async def round(self) -> int:
        """Look at the next texts; how many there were. None where another process has the lease."""
        found = await self._store.read(lambda tx: reading.batch(tx, self._clock()))
        if not found.moved or (found.texts and not await self._store.write(self._lead)):
            return 0
        for each in found.texts:
            await self._look(each)
        if await self._store.write(lambda tx: self._end(tx, found.mark)):
            self.skipped["old"] += found.too_old
        return len(found.texts)

    async def _look(self, each: reading.Text) -> None:
        if len(each.text.split()) < SHORTEST:
            self.skipped["short"] += 1
            return
        try:
            score = await asyncio.get_running_loop().run_in_executor(self._pool, self._score, each.text)
        except Exception as error:  # what cannot be read a second time was read once, by the rules
            log.error("a text could not be looked at (%s)", type(error).__name__)
            self.skipped["failed"] += 1
            return
        value, seconds = score
        self.looked += 1
        self.seconds.observe(seconds)
        if value < self.head.review_at:
            return
        verdict = await self._store.write(
            lambda tx: verdicts.judge(self._engine, tx, each.message, each.person, value, self.head),
            crisis=value >= self.head.raise_at, key=("person", each.person),
        )  # fmt: skip
        if verdict is not Verdict.nothing:
            self.verdicts[verdict.value] += 1

    def _score(self, text: str) -> tuple[float, float]:
        began = time.perf_counter()
        value = self.head.score(self._embedder.embed(text))
        return value, time.perf_counter() - began

    def _lead(self, tx: Tx) -> bool:
        return leases.take(tx, LEASE, self._holder, tx.moment(self._clock()))

    def _end(self, tx: Tx, mark: int) -> bool:
        """Move the mark, unless another process went on meanwhile: it moves its own."""
        leading = self._lead(tx)
        if leading:
            reading.keep(tx, mark)
        return leading

    async def stop(self) -> None:
        """Give the lease back; a text being looked at is looked at again by whoever comes next."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(StoreError):
            await self._store.write(lambda tx: leases.drop(tx, self._holder))


def _stand_back() -> None:
    if sys.platform == "linux":  # elsewhere the priority is a process's
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GENTLE)
