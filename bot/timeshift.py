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
    """Notices that `clock` goes back. `steady` gives seconds that never do."""

    def __init__(self, clock: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._steady = clock, steady
        self._seen = (clock(), steady())

    def back(self) -> int:
        """By how many ms the clock was set back since this was asked last; 0 for what is no matter."""
        was, then = self._seen
        now, current = self._seen = (self._clock(), self._steady())
        lost = int((current - then) * 1000) - (now - was)
        return lost if lost >= LEAST else 0


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
