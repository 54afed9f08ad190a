"""A clock that was set back: what was to happen in a minute must not wait for hours (C3).

Timers and lanes say when in the machine's time. Where that goes back, they go back with it: by what the monotonic
clock shows while the service runs, and after a start by what the newest row says.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from bot.clock import Clock
from bot.leases import take
from bot.outbox.queue import PARKED
from bot.store.db import Store, Tx

log = logging.getLogger(__name__)

LEAST = 5_000
"""ms by which clocks may differ or be corrected without a word."""

_TIMERS = "UPDATE timers SET due_at = due_at - :back"
_LANES = "UPDATE lanes SET next_at = next_at - :back WHERE next_at < :parked"
_LEASED = "UPDATE lanes SET lease_until = lease_until - :back WHERE lease_until > :back"
_NEWEST = "SELECT received_at FROM inbox ORDER BY id DESC LIMIT 1"


class Watch:
    """A clock that notices when the one beneath it goes back. Everybody reads it, so that nothing is set by a time that
    it has not seen, however short the clock was ahead. `steady` gives seconds that never go back."""

    def __init__(self, clock: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._steady = clock, steady
        self._ahead = self._offset()[1]

    def _offset(self) -> tuple[int, int]:
        now = self._clock()
        return now, now - int(self._steady() * 1000)

    def __call__(self) -> int:
        """The time (ms)."""
        now, offset = self._offset()
        self._ahead = max(self._ahead, offset)
        return now

    def back(self) -> int:
        """By how many ms the clock stands behind what somebody has read since this was asked last; 0 for what is no
        matter."""
        offset = self._offset()[1]
        lost = self._ahead - offset
        if lost < LEAST:
            return 0
        self._ahead = offset
        return lost


async def after_start(store: Store, clock: Clock) -> int:
    """By how many ms the newest row is ahead of the clock, everything having been moved by it; 0 mostly."""
    newest = await store.read(lambda tx: tx.value(_NEWEST))
    ahead = 0 if newest is None else int(newest) - clock()
    if ahead < LEAST:
        return 0
    await move(store, clock, ahead)
    return ahead


async def move(store: Store, clock: Clock, back: int) -> None:
    """Move what is due by a clock that was set back by `back` ms. Of several processes that notice it, one does."""

    me = secrets.token_hex(8)

    def job(tx: Tx) -> bool:
        if not take(tx, "clock", me, tx.moment(clock())):
            return False
        tx.run(_TIMERS, back=back)
        tx.run(_LANES, back=back, parked=PARKED)
        tx.run(_LEASED, back=back)
        return True

    if await store.write(job, crisis=True):
        log.error("the clock was set back by %d s; everything due was moved with it", back // 1000)
