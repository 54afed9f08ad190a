"""Many lanes in one go: what `lanes` does row by row, in a statement or two where each is a trip to a server.

On PostgreSQL the results of a batch are marked by two statements, and the next rows of its lanes come by two more. On
SQLite, where a statement costs microseconds, it is a loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.outbox import holding, lanes
from bot.outbox.rows import Row, Told, Work
from bot.store.db import Tx

Lane = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Left:
    """A row that was accepted at `at` ms as these messages of the platform. `buttons`: it left with buttons."""

    work: Work
    ids: tuple[str, ...]
    at: int
    buttons: bool


_SENT = """UPDATE outbox SET status = 1, sent_at = sent.at, external_id = sent.external, reason = NULL
FROM unnest(CAST(:rows AS BIGINT[]), CAST(:externals AS TEXT[]), CAST(:moments AS BIGINT[])) AS sent (id, external, at)
WHERE outbox.id = sent.id AND outbox.status = 0 RETURNING outbox.id, outbox.has_buttons"""
_COPIES = """INSERT INTO copies (address_id, external_id, message_id, chat_id, outbox_id)
SELECT * FROM unnest(CAST(:addresses AS BIGINT[]), CAST(:externals AS TEXT[]), CAST(:messages AS BIGINT[]),
CAST(:chats AS TEXT[]), CAST(:rows AS BIGINT[])) ON CONFLICT (address_id, external_id) DO UPDATE SET
message_id = COALESCE(excluded.message_id, copies.message_id), chat_id = COALESCE(excluded.chat_id, copies.chat_id),
outbox_id = excluded.outbox_id"""
# Lanes are locked in their order, as by everybody who queues rows for several people.
_KEEP = """WITH mine AS (SELECT lanes.address_id AS one, lanes.cls AS two
FROM lanes JOIN unnest(CAST(:addresses AS BIGINT[]), CAST(:classes AS INTEGER[])) AS asked (address, class)
ON lanes.address_id = asked.address AND lanes.cls = asked.class WHERE lanes.holder = :holder AND lanes.lease_until > 0
ORDER BY lanes.address_id, lanes.cls FOR NO KEY UPDATE OF lanes)
UPDATE lanes SET lease_until = :lease, attempts = CASE WHEN :calm THEN 0 ELSE attempts END FROM mine
WHERE lanes.address_id = mine.one AND lanes.cls = mine.two RETURNING lanes.address_id, lanes.cls"""
_FIRST = """SELECT first.*, addresses.channel, addresses.sealed, addresses.revoked_at, people.language, people.key,
addresses.window_until, addresses.invited_at, addresses.last_in_at
FROM unnest(CAST(:addresses AS BIGINT[]), CAST(:classes AS INTEGER[])) AS asked (address, class)
JOIN LATERAL (SELECT id, person_id, address_id, cls, kind, ref, notice, chat_id, case_id, message_id, owner_id,
attempts, created_at, cause, payload, has_buttons, external_id FROM outbox WHERE address_id = asked.address
AND cls = asked.class AND status = 0 ORDER BY id LIMIT 1) AS first ON true
LEFT JOIN addresses ON addresses.id = first.address_id LEFT JOIN people ON people.id = addresses.person_id"""
_GIVE_UP = """DELETE FROM lanes USING unnest(CAST(:addresses AS BIGINT[]), CAST(:classes AS INTEGER[]))
AS empty (address, class) WHERE lanes.address_id = empty.address AND lanes.cls = empty.class"""


def sent(tx: Tx, left: Sequence[Left], told: Told) -> None:
    """Record all of them, as `lanes.sent` does each."""
    if tx.dialect == "sqlite" or len(left) < 2:
        for one in left:
            lanes.sent(tx, one.work, one.ids, one.at, told, buttons=one.buttons)
        return
    marked = tx.all(
        _SENT,
        rows=[one.work.row.id for one in left],
        externals=[" ".join(one.ids) or None for one in left],
        moments=[one.at for one in left],
    )
    known = {int(row): bool(buttons) for row, buttons in marked}
    copies: dict[tuple[int, str], Row] = {}
    for one in left:
        row = one.work.row
        if row.id not in known:
            lanes.sent_after_all(tx, row, one.ids, one.at)
        for id in one.ids if lanes.copied(one.work) else ():
            if (row.address_id, id) in copies:  # the same message of the platform twice: one after the other
                lanes.copy(tx, copies[row.address_id, id], id, anyway=True)
            copies[row.address_id, id] = row
    if copies:
        tx.run(
            _COPIES,
            addresses=[address for address, _ in copies],
            externals=[external for _, external in copies],
            messages=[row.message_id for row in copies.values()],
            chats=[row.chat_id for row in copies.values()],
            rows=[row.id for row in copies.values()],
        )
    for one in left:
        lanes.after_sent(
            tx, one.work, one.ids, one.at, told, buttons=one.buttons, bare=not known.get(one.work.row.id, False)
        )


def following(
    tx: Tx, asked: Iterable[Lane], holder: str, now: int, told: Told, *, calm: bool = False
) -> dict[Lane, Work]:
    """The next row of each of these lanes that we hold, as `lanes.following` gives one; a lane that has none is given
    up. `calm`: sending from them works."""
    wanted = sorted(asked)
    if tx.dialect == "sqlite" or len(wanted) < 2:
        return _one_by_one(tx, wanted, holder, now, told, calm)
    mine: list[Lane] = [
        (int(address), int(cls))
        for address, cls in tx.all(_KEEP, holder=holder, lease=now + lanes.LEASE, calm=calm, **_arrays(wanted))
    ]
    found = {(int(row["address_id"]), int(row["cls"])): row for row in tx.all(_FIRST, **_arrays(mine))}
    empty = [lane for lane in mine if lane not in found]
    if empty:
        tx.run(_GIVE_UP, **_arrays(empty))
    works: dict[Lane, Work] = {}
    odd: list[Lane] = []
    for lane, row in sorted(found.items()):
        where = row if row["channel"] is not None else None
        if where is not None and holding.closed(where, now):
            odd.append(lane)
            continue
        work = lanes.work(tx, Row(*(row[at] for at in range(14))), row, where, now, told)
        if work is None:
            odd.append(lane)  # it was put away: the one behind it is next
        else:
            works[lane] = work
    return works | _one_by_one(tx, odd, holder, now, told, False)


def _one_by_one(tx: Tx, wanted: Sequence[Lane], holder: str, now: int, told: Told, calm: bool) -> dict[Lane, Work]:
    works: dict[Lane, Work] = {}
    for lane in wanted:
        if calm:
            lanes.calm(tx, lane)
        work = lanes.following(tx, lane, holder, now, told)
        if work is not None:
            works[lane] = work
    return works


def _arrays(some: Sequence[Lane]) -> dict[str, Any]:
    return {"addresses": [address for address, _ in some], "classes": [cls for _, cls in some]}
