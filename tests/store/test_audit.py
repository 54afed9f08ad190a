"""The audit: whoever changes a row, takes one away or cuts off the end is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot import audit
from bot.audit import Verdict
from bot.store.db import Store, Tx


def entry(n: int) -> Callable[[Tx], None]:
    def job(tx: Tx) -> None:
        audit.record(tx, actor="token:t1", action="case.read", object=f"case:{n}", detail={"b": 1, "a": "x"}, now=n)

    return job


async def test_entries_form_a_chain(store: Store) -> None:
    assert await store.read(audit.verify) == Verdict(0)
    await asyncio.gather(*(store.write(entry(n)) for n in range(12)))
    assert await store.read(audit.verify) == Verdict(12)
    row = await store.read(lambda tx: tx.one("SELECT actor, action, detail FROM audit ORDER BY id LIMIT 1"))
    assert row is not None and list(row) == ["token:t1", "case.read", '{"a":"x","b":1}']


@pytest.mark.parametrize(
    ("harm", "broken"),
    [
        ("UPDATE audit SET actor = 'token:t2' WHERE id = 3", 3),
        ("UPDATE audit SET at = 77 WHERE id = 3", 3),
        ("UPDATE audit SET detail = '{}' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 5", 0),
        ("UPDATE audit SET hash = 'f00' WHERE id = 5", 5),
        ("DELETE FROM audit", 0),
    ],
)
async def test_a_change_is_seen(store: Store, harm: str, broken: int) -> None:
    for n in range(5):
        await store.write(entry(n))
    await store.write(lambda tx: tx.run(harm))
    assert (await store.read(audit.verify)).broken == broken


async def test_a_job_that_fails_leaves_no_gap(store: Store) -> None:
    def fails(tx: Tx) -> None:
        entry(1)(tx)
        raise LookupError

    await store.write(entry(0))
    with pytest.raises(LookupError):
        await store.write(fails)
    await store.write(entry(2))
    assert await store.read(audit.verify) == Verdict(2)
