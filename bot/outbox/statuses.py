"""What a platform says of a message later: delivered, or failed after all. A failure is told to whoever must know (M4).

A status may come before we have recorded that its message was sent, late, twice, or in any order: a state is taken in
once, and one that comes too early is found again when its message is recorded (`early`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot import people
from bot.channels.base import FAILURES, Inbound, Status, status_id
from bot.journal import fields
from bot.outbox import holding, lanes
from bot.outbox.queue import touch
from bot.outbox.rows import PENDING, REFUSED, SENT, Row, Told
from bot.store.db import Tx

log = logging.getLogger(__name__)

AGAIN = "again"
"""What `outbox.reason` says of a row that was accepted and has to leave once more."""
LONGEST = 64_000
"""Longest pause (ms) after the platform has slowed one recipient down."""

_OF = """SELECT outbox.id, outbox.person_id, outbox.address_id, outbox.cls, outbox.kind, outbox.ref, outbox.notice,
outbox.chat_id, outbox.case_id, outbox.message_id, outbox.owner_id, outbox.attempts, outbox.created_at, outbox.cause,
outbox.status,
outbox.reason, outbox.sent_at, outbox.delivered_at FROM copies JOIN outbox ON outbox.id = copies.outbox_id
WHERE copies.address_id = :address AND copies.external_id = :external"""
_DELIVERED = "UPDATE outbox SET delivered_at = :now WHERE id = :row AND status = 1 AND delivered_at IS NULL"
_FAILED = "UPDATE outbox SET status = :status, reason = :reason WHERE id = :row AND status = 1"
_AGAIN = """UPDATE outbox SET status = 0, reason = :reason, external_id = NULL, sent_at = NULL, attempts = attempts + 1
WHERE id = :row AND status = 1"""
_LANE = """INSERT INTO lanes (address_id, cls, next_at, lease_until, attempts) VALUES (:address, :cls, :at, 0, 0)
ON CONFLICT (address_id, cls) DO UPDATE SET next_at = excluded.next_at"""
_WINDOW = "SELECT window_until, last_in_at FROM addresses WHERE id = :address"
_SEEN = "SELECT external_id FROM inbox WHERE channel = :channel AND external_id IN :ids"


def seen(tx: Tx, incoming: Inbound, now: int, told: Told) -> bool:
    """Take a status in; False where its message is not known (yet), and the status must be remembered."""
    status = incoming.status
    if status is None:
        return True
    names = [name for name in (incoming.sender, incoming.linked) if name]
    found = [one for one in (people.find(tx, incoming.channel, name) for name in names) if one is not None]
    for address in found:
        row = tx.one(_OF, address=address.id, external=status.external_id)
        if row is not None:
            _apply(tx, row, status, now, told)
            return True
    return False


def early(tx: Tx, channel: str, row: Row, ids: Sequence[str], now: int, told: Told) -> None:
    """Statuses of these messages that came before the row was recorded as sent."""
    asked: dict[str, Status] = {}
    for one in ids:
        asked[status_id(one, "delivered")] = Status(one, "delivered")
        asked |= {status_id(one, "failed", why): Status(one, "failed", why) for why in FAILURES}
    for found in tx.all(_SEEN, channel=channel, ids=list(asked)) if asked else ():
        status = asked[str(found[0])]
        known = tx.one(_OF, address=row.address_id, external=status.external_id)
        if known is not None:
            _apply(tx, known, status, now, told)


def _apply(tx: Tx, found: Any, status: Status, now: int, told: Told) -> None:
    row = Row(*(found[at] for at in range(14)))
    if status.state in ("delivered", "read"):
        tx.run(_DELIVERED, row=row.id, now=now)
    elif status.state == "failed" and found["delivered_at"] is None:
        if found["status"] == PENDING and found["reason"] == holding.HELD:
            _uninvited(tx, row, status.reason, now, told)
        elif found["status"] == SENT:
            _failed(tx, row, status.reason, int(found["sent_at"] or 0), now, told)


def _failed(tx: Tx, row: Row, reason: str, sent_at: int, now: int, told: Told) -> None:
    log.warning("failed after it was accepted", extra=fields(trace=row.cause, row=row.id, reason=reason))
    if reason == "window":
        known = tx.one(_WINDOW, address=row.address_id)
        if known is not None and int(known["last_in_at"] or 0) <= sent_at:
            holding.shut(tx, row.address_id, known["window_until"], now)
        _put_back(tx, row, AGAIN, now)
    elif reason == "limit":
        _put_back(tx, row, reason, now + min(LONGEST, 1000 * 4 ** min(row.attempts, 5)))
    elif tx.run(_FAILED, row=row.id, status=REFUSED, reason=reason):
        told.refused(tx, replace(row, notice=None), reason, now)  # its notice was given when it was accepted
        if reason == "undeliverable":
            lanes.lost_for_good(tx, row.person_id, row.address_id, reason, now, told)


def _put_back(tx: Tx, row: Row, reason: str | None, at: int) -> None:
    """Into its old place, before everything that was queued after it."""
    if tx.run(_AGAIN, row=row.id, reason=reason):
        tx.run(_LANE, address=row.address_id, cls=row.cls, at=at)
        touch(tx, row.address_id)


def _uninvited(tx: Tx, row: Row, reason: str, now: int, told: Told) -> None:
    """The invitation back did not arrive."""
    if reason == "undeliverable":
        lanes.lost_for_good(tx, row.person_id, row.address_id, reason, now, told)
        return
    holding.uninvited(tx, row.address_id, row.cls, reason, now, told)
