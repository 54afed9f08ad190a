"""The dispatcher: wakes, claims lanes, sends from many at once, one thing at a time in each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping

from bot.channels.base import Channel, Refused, Retry, Sent, Shut
from bot.journal import Journal
from bot.outbox import holding, lanes, statuses, together
from bot.outbox.pacing import YIELD, Brake, backoff, grown
from bot.outbox.payload import Invite
from bot.outbox.perform import Outcome, Performer
from bot.outbox.record import Recorder
from bot.outbox.rows import CRISIS, ORDINARY, Told, Work
from bot.outbox.together import Left
from bot.store.db import Store, Tx
from bot.store.errors import StoreError
from bot.window import WINDOWS
from bot.words import Words

log = logging.getLogger(__name__)

LANES, RESERVED = 64, 16
"""How many recipients are sent to at once, and how many of these places only crisis may take."""
TURN = 20
"""How many rows a lane sends before others have their turn."""
SWEEP = 5_000
SHARED_SWEEP = 1_000
RENEW = 10_000
ADOPT = 60_000
"""ms between looks at the store without being woken, signs of life for held lanes, and searches for lost rows."""
STOP_SECONDS = 10.0

Lane = tuple[int, int]


class Dispatcher:
    """Sends what the outbox holds. One for each process; several may share a store.

    `clock` gives ms since 1970, `jitter` a number from 0 to 1. `counts` is for the metrics: sent, retried, refused,
    unreachable, untold, shut (a window was closed), invited.
    """

    def __init__(
        self,
        store: Store,
        words: Words,
        channels: Mapping[str, Channel],
        told: Told,
        *,
        clock: Callable[[], int],
        jitter: Callable[[], float] = random.random,
        lanes_at_once: int = LANES,
        reserved: int = RESERVED,
        holder: str = "",
        alive: Callable[[], bool] = lambda: True,
        journal: Journal | None = None,
    ) -> None:
        self._journal = journal if journal is not None else Journal(clock)
        self._store = store
        self._clock = clock
        self._jitter = jitter
        self._lanes, self._reserved = lanes_at_once, reserved
        self._holder = holder or secrets.token_hex(8)
        self._alive = alive
        # Alone on its store, it is woken by every commit; otherwise news may be lost on the way.
        self._sweep = SWEEP if store.dialect == "sqlite" else SHARED_SWEEP
        self._active: dict[Lane, asyncio.Task[None]] = {}
        self._awake = asyncio.Event()
        self._crisis = False
        self._stopping = self._running = False
        self._ended = asyncio.Event()
        self._brake = Brake()
        self._renew_at = self._adopt_at = 0
        self._full = False
        self.counts: Counter[str] = Counter()
        self._recorder = Recorder(store, told, self.counts)
        self._channels = sorted(channels)
        self._performer = Performer(channels, words, self._progress)

    def wake(self, crisis: bool = False) -> None:
        """Something was queued. Call it on the event loop (`tx.after` does)."""
        self._crisis = self._crisis or crisis
        self._awake.set()

    async def run(self) -> None:
        """Send until stopped."""
        self._running = True
        try:
            await self._begin()
            while not self._stopping:
                self._awake.clear()
                pause = await self._look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause / 1000):
                        await self._awake.wait()
        finally:
            await self._end()
            self._ended.set()

    async def stop(self) -> None:
        """Finish what is being sent, within seconds, and give every lane back."""
        self._stopping = True
        self._awake.set()
        if self._running:
            await self._ended.wait()

    async def drain(self) -> None:
        """Send until nothing is due at this moment; for tests and for the terminal. Not beside `run`."""
        while True:
            await self._look()
            if not self._active:
                return
            await asyncio.gather(*self._active.values())

    @property
    def busy(self) -> int:
        """How many recipients are being sent to now."""
        return len(self._active)

    def paused(self, now: int) -> dict[str, int]:
        """The channels whose ordinary messages rest, and until when (ms)."""
        return self._brake.paused(now)

    # --- looking for work ---

    async def _begin(self) -> None:
        now = self._clock()

        def begin(tx: Tx) -> None:
            if tx.dialect == "sqlite":
                # One process alone serves a SQLite file: whoever held a lease is no more.
                lanes.free(tx, None)
            lanes.switched_on(tx, self._channels, now)

        try:
            await self._store.write(begin)
        except Exception as error:  # leases, and pauses, end by themselves
            log.error("outbox: what was held cannot be given back now: %s", type(error).__name__)

    async def _look(self) -> int:
        """Claim what is due and start it; how many ms until the next look."""
        now = self._clock()
        paused = self._brake.paused(now)
        crisis, self._crisis = self._crisis, False
        try:
            found, due = await self._recorder.alone(
                lambda tx, told: self._claim(tx, told, now, frozenset(paused)), crisis=crisis
            )
        except Exception as error:  # also a fault of ours in one row: the others are looked for again
            log.error("outbox: the store cannot be asked for work: %s", type(error).__name__)
            return 1_000
        for work in found:
            lane = (work.row.address_id, work.row.cls)
            self._active[lane] = asyncio.create_task(self._serve(lane, work))
        later = [at - now for at in (due, *paused.values()) if at is not None]
        return max(1, min([self._sweep, *later]))

    def _claim(self, tx: Tx, told: Told, now: int, paused: frozenset[str]) -> tuple[list[Work], int | None]:
        if not 0 <= self._renew_at - now <= RENEW:
            self._renew_at = now + RENEW
            lanes.renew(tx, tuple(self._active), self._holder, now)
        if not 0 <= self._adopt_at - now <= ADOPT:
            self._adopt_at = now + ADOPT
            lanes.adopt(tx, now)
        if tx.dialect != "sqlite" and (shared := lanes.brakes(tx, now)):
            self._brake.learn(shared)
            paused |= frozenset(shared)
        room = self._lanes - len(self._active)
        ordinary = sum(cls == ORDINARY for _, cls in self._active)
        taken = lanes.claim(tx, CRISIS, room, now=now, holder=self._holder, paused=frozenset()) if room > 0 else []
        room = min(room - len(taken), self._lanes - self._reserved - ordinary)
        more = lanes.claim(tx, ORDINARY, room, now=now, holder=self._holder, paused=paused) if room > 0 else []
        self._full = len(more) >= room  # there may be more than we had places for
        taken += more
        works = together.following(tx, taken, self._holder, now, told)
        return [works[lane] for lane in taken if lane in works], lanes.next_due(tx, now)

    # --- one lane ---

    async def _serve(self, lane: Lane, work: Work | None) -> None:
        count, look = 0, False
        try:
            while work is not None:
                if not self._alive() and not await self._ours(lane):
                    return  # somebody took us for dead, and went on
                outcome = await self._performer.perform(work)
                count += 1
                last = self._stopping or count >= TURN
                look = last or isinstance(outcome.result, Retry)
                work = await self._record(lane, work, outcome, last=last)
        except StoreError as error:
            log.error("outbox: a lane is left until its lease ends: %s", type(error).__name__)
        finally:
            if self._active.get(lane) is asyncio.current_task():  # else it was given back and claimed again already
                del self._active[lane]
            if look or self._full:
                self._awake.set()

    async def _record(self, lane: Lane, work: Work, outcome: Outcome, *, last: bool) -> Work | None:
        result = outcome.result
        now = self._clock()
        if isinstance(result, Retry) and result.named and result.reason == "slow_down":
            self._brake.slowed(work.channel, work.row.address_id, now, result.after)
        elif isinstance(result, Retry) and result.reason == "throughput":
            self._brake.whole(work.channel, now, result.after)
        self._count(work, outcome)
        rest = self._brake.paused(now).get(work.channel)
        invited = isinstance(work.payload, Invite)
        if isinstance(result, Sent) and not (last or invited or rest is not None or work.channel in WINDOWS):
            left = Left(work, outcome.ids, now, outcome.buttons)
            onward: Work | None = await self._recorder.left(left, holder=self._holder)
            return onward

        def first(tx: Tx, told: Told) -> None:
            tx.cause = work.row.cause
            if isinstance(result, Retry):
                if not invited:
                    lanes.again(tx, work, outcome.ids, result.reason)
                if rest is not None and tx.dialect != "sqlite":
                    lanes.brake(tx, work.channel, rest, now)
            elif isinstance(result, Refused):
                if not result.person and not invited:
                    lanes.refused(tx, work, result.reason, now, told)
            elif not isinstance(result, Shut) and not invited:
                lanes.sent(tx, work, outcome.ids, now, told, buttons=outcome.buttons)
                if work.channel in WINDOWS:
                    statuses.early(tx, work.channel, work.row, outcome.ids, now, told)

        def then(tx: Tx, told: Told) -> Work | None:
            tx.cause = work.row.cause
            if isinstance(result, Retry):
                failures = lanes.failures(tx, lane) + 1
                pause = self._pause(result, failures)
                if result.growth and lane[1] == CRISIS:
                    lanes.give_way(tx, lane[0], now + pause + YIELD)
                lanes.let_go(tx, lane, self._holder, next_at=now + pause, failures=failures)
                return None
            if isinstance(result, Refused) and result.person:
                lanes.unreachable(tx, work, result.reason, now, told)
                return None
            if invited:
                holding.invited(tx, work, result, outcome.ids, self._holder, now, told)
                return None
            if isinstance(result, Shut):
                holding.shut(tx, work.row.address_id, work.window, now)
            elif not isinstance(result, Refused):
                lanes.calm(tx, lane)
            if last or (rest is not None and lane[1] == ORDINARY):
                lanes.let_go(tx, lane, self._holder, next_at=now if last or rest is None else rest, failures=0)
                return None
            return lanes.following(tx, lane, self._holder, now, told)

        following: Work | None = await self._recorder.record(first, then=then, lane=lane, crisis=lane[1] == CRISIS)
        return following

    def _pause(self, retry: Retry, failures: int) -> int:
        if retry.named:
            return retry.after
        return grown(retry.growth, failures) if retry.growth else backoff(failures, self._jitter)

    async def _ours(self, lane: Lane) -> bool:
        """After a long silence: whether the lane is ours still."""
        now = self._clock()
        return await self._recorder.alone(lambda tx, told: lanes.keep(tx, lane, self._holder, now), crisis=True)

    async def _progress(self, work: Work, ids: tuple[str, ...]) -> None:
        await self._recorder.record(lambda tx, told: lanes.progress(tx, work, ids), crisis=work.row.cls == CRISIS)

    def _count(self, work: Work, outcome: Outcome) -> None:
        result = outcome.result
        if not isinstance(work.payload, Invite):
            self._journal.sent(work.row, work.channel, result)
        if isinstance(result, Retry):
            self.counts["retried"] += 1
        elif isinstance(result, Shut):
            self.counts["shut"] += 1
        elif isinstance(work.payload, Invite) and not isinstance(result, Refused):
            self.counts["invited"] += 1
        elif isinstance(result, Refused):
            self.counts["unreachable" if result.person else "refused"] += 1
        else:
            self.counts["sent"] += 1

    # --- the end ---

    async def _end(self) -> None:
        running = list(self._active.values())
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._performer.close()
        with contextlib.suppress(StoreError):
            await self._store.write(lambda tx: lanes.free(tx, self._holder))
