"""B6: one matching round, 10,000 waiting and 1,000 supporters."""

from __future__ import annotations

import gc
import itertools
from time import process_time

from benchmarks.table import Figure, middle
from flows.facts import MINUTE, OnDuty, Policy, Ready, Staff, Waiting
from flows.snapshot import Desk, Request
from flows.support.matching import plan

TOPICS = ("study", "family", "friends", "love", "self")


def _round(waiting: int, helpers: int) -> float:
    now = 10**12
    queue = [
        Waiting(
            Request(
                id=f"r{n}", student=10**6 + n, topic=TOPICS[n % 5], opened_at=now - n * 100, risk=(n % 97 == 0) * 2
            ),
            alias=f"a{n}",
        )
        for n in range(waiting)
    ]
    ready = [
        Ready(
            OnDuty(
                Staff(
                    person=n,
                    id=f"s{n}",
                    role="supporter",
                    alias=f"h{n}",
                    name="",
                    topics=(TOPICS[n % 5],),
                    capacity=3,
                    certified_until=now + MINUTE,
                ),
                Desk(person=n, state="on"),
                n % 3,
            )
        )
        for n in range(helpers)
    ]
    ids = itertools.count()
    gc.collect()
    gc.freeze()  # what other measurements left behind is not this one's to walk through
    began = process_time()
    plan(queue, ready, now, Policy(), lambda: str(next(ids)))
    took = (process_time() - began) * 1000
    gc.unfreeze()
    return took


async def measure() -> list[Figure]:
    _round(100, 10)
    full = middle(_round(10_000, 1_000) for _ in range(5))
    half = middle(_round(5_000, 500) for _ in range(5))
    return [
        Figure("B6", "a matching round, 10,000 waiting, 1,000 supporters", f"{full:.0f} ms", "<= 100 ms", full <= 100),
        Figure(
            "B6", "growth when both double", f"{full / max(half, 0.01):.1f} x", "<= 2.4 x (n log n)", full <= half * 2.4
        ),
    ]
