"""B4: from a crisis text to the counselor's page request, with 10,000 ordinary messages waiting in the outbox."""

from __future__ import annotations

import asyncio
from time import perf_counter

from benchmarks.house import COUNSELOR, CRISIS, STUDENT, house
from benchmarks.table import Figure, percentile

CHATS, WAITING, CRISES = 40, 10_000, 40
MORE = """INSERT INTO outbox (person_id, address_id, cls, kind, payload, owner_id, status, has_buttons, attempts,
created_at) SELECT person_id, address_id, 1, 'say', payload, owner_id, 0, has_buttons, 0, created_at
FROM outbox WHERE kind = 'say' AND cls = 1 ORDER BY id LIMIT :n"""
LANES = """INSERT INTO lanes (address_id, cls, next_at, lease_until, attempts)
SELECT DISTINCT address_id, cls, 0, 0, 0 FROM outbox WHERE status = 0 ON CONFLICT DO NOTHING"""


async def measure() -> list[Figure]:
    async with house(CHATS) as found:
        text, lanes = MORE, LANES
        for _ in range(50):
            await found.app.store.write(lambda tx: tx.run(text, n=WAITING // 10))
            if (
                await found.app.store.read(lambda tx: tx.value("SELECT COUNT(*) FROM outbox WHERE status = 0"))
                > WAITING
            ):
                break
        await found.app.store.write(lambda tx: tx.run(lanes))
        waiting = await found.app.store.read(lambda tx: tx.value("SELECT COUNT(*) FROM outbox WHERE status = 0"))
        found.taker.watch = {}
        await found.app.start()
        waits = []
        for n in range(CRISES):
            seen = len(found.taker.watch.get(str(COUNSELOR), []))
            began = perf_counter()
            await found.app.engine.receive(found.line(STUDENT + n, CRISIS))
            for _ in range(2_000):
                pages = found.taker.watch.get(str(COUNSELOR), [])[seen:]
                if any("bunuh diri" in said for _, said in pages):
                    break
                await asyncio.sleep(0.001)
            at = next((t for t, said in found.taker.watch.get(str(COUNSELOR), [])[seen:] if "bunuh diri" in said), None)
            waits.append((at - began) * 1000 if at is not None else 2_000.0)
    p99 = percentile(waits, 0.99)
    return [
        Figure(
            "B4",
            f"crisis text to page request, {waiting:,} ordinary rows waiting",
            f"p50 {percentile(waits, 0.5):.0f} ms, p99 {p99:.0f} ms",
            "p99 <= 250 ms",
            p99 <= 250,
        )
    ]
