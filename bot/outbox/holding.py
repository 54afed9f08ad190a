"""Rows that wait because a platform's window is closed: in order, told to whoever must know, until the person writes.

Whoever they wait for is invited back by the channel's approved template: once while a window stays closed, and anew for
a page, because a counselor must be reached at night.
"""

from __future__ import annotations

import logging
from typing import Any

from bot.channels.base import Refused, Sent, Shut
from bot.outbox.payload import Invite
from bot.outbox.queue import PARKED, touch
from bot.outbox.rows import CRISIS, REFUSED, Row, Told, Work
from bot.store.db import Tx
from bot.window import HOUR, WINDOWS
from bot.window import closed as window_closed

log = logging.getLogger(__name__)

HELD = "window"
"""What `outbox.reason` says of a row that waits for its person to write."""
PAGE_AGAIN = 60_000
"""ms between two invitations for pages: no more than one rings at a time."""
ADDRESS = "addresses.sealed"

_WAITING = """SELECT id, person_id, address_id, cls, kind, ref, notice, chat_id, case_id, message_id, owner_id,
attempts, created_at, cause FROM outbox WHERE address_id = :address AND cls = :cls AND status = 0
AND (reason IS NULL OR reason <> 'window') ORDER BY id"""
_FLEETING = """UPDATE outbox SET status = 3, reason = 'late' WHERE address_id = :address AND cls = :cls AND status = 0
AND kind IN ('typing', 'unbutton')"""
_MARK = "UPDATE outbox SET reason = 'window' WHERE address_id = :address AND cls = :cls AND status = 0"
_PARK = """UPDATE lanes SET lease_until = 0, holder = NULL, next_at = :next, attempts = 0
WHERE address_id = :address AND cls = :cls AND holder = :holder"""
_INVITED = "UPDATE addresses SET invited_at = :at WHERE id = :address"
_SHUT = """UPDATE addresses SET window_until = :now WHERE id = :address AND window_until > :now
AND window_until = CAST(:seen AS BIGINT)"""
_OPEN = "UPDATE lanes SET next_at = :now WHERE address_id = :address AND next_at >= :parked"
_REFUSE = """UPDATE outbox SET status = :status, reason = :reason
WHERE address_id = :address AND cls = :cls AND status = 0"""
_HELD = """SELECT id, person_id, address_id, cls, kind, ref, notice, chat_id, case_id, message_id, owner_id, attempts,
created_at, cause FROM outbox WHERE address_id = :address AND cls = :cls AND status = 0 ORDER BY id"""
_COPY = """INSERT INTO copies (address_id, external_id, message_id, chat_id, outbox_id)
VALUES (:address, :external, NULL, NULL, :row) ON CONFLICT (address_id, external_id) DO NOTHING"""


def closed(where: Any, now: int) -> bool:
    """Whether the window of this address (a row of it) is closed."""
    return where["revoked_at"] is None and window_closed(str(where["channel"]), where["window_until"], now)


def since(created_at: int, where: Any) -> int:
    """From when a row's age counts (ms): what waited for a reply is as young as the reply."""
    return max(created_at, int(where["last_in_at"] or 0)) if where["channel"] in WINDOWS else created_at


def hold(tx: Tx, first: Row, where: Any, holder: str, now: int, told: Told) -> Work | None:
    """Mark everything that waits in this lane and tell who must know of it; the invitation to send now, or None where
    the lane is parked."""
    lane = {"address": first.address_id, "cls": first.cls}
    tx.run(_FLEETING, **lane)
    fresh = [Row(*found) for found in tx.all(_WAITING, **lane)]
    if fresh:
        tx.run(_MARK, **lane)
    for row in fresh:
        told.held(tx, row, now)
    if _due(where["invited_at"], first.cls == CRISIS and bool(fresh), now):
        tx.keeper.prime(tx, first.person_id, where["key"])
        address = tx.text(first.person_id, where["sealed"], ADDRESS)
        if address is not None:
            return Work(first, str(where["channel"]), address, str(where["language"]), Invite(), buttons=False,
                        window=where["window_until"])  # fmt: skip
    tx.run(_PARK, next=PARKED, holder=holder, **lane)
    return None


def _due(invited_at: int | None, page: bool, now: int) -> bool:
    if invited_at is None:
        return True
    if invited_at < 0:  # it was refused then
        return now + int(invited_at) >= HOUR
    return page and now - int(invited_at) >= PAGE_AGAIN


def invited(tx: Tx, work: Work, result: Sent | Refused | Shut, ids: tuple[str, ...], holder: str, now: int,
            told: Told) -> None:  # fmt: skip
    """Record what became of an invitation."""
    row = work.row
    if isinstance(result, Sent):
        tx.run(_INVITED, at=now, address=row.address_id)
        for one in ids:
            tx.run(_COPY, address=row.address_id, external=one, row=row.id)
    else:
        log.error("outbox: an invitation to write again is refused: %s", result.reason)
        uninvited(tx, row.address_id, row.cls, result.reason, now, told)
    tx.run(_PARK, next=PARKED, holder=holder, address=row.address_id, cls=row.cls)


def uninvited(tx: Tx, address: int, cls: int, reason: str, now: int, told: Told) -> None:
    """Nobody can be invited back at this time; an hour later a new line tries again. A page is refused at once, so
    that the ladder climbs; the other class goes on waiting for the person to write."""
    tx.run(_INVITED, at=-now, address=address)
    if cls != CRISIS:
        return
    lost = [Row(*found) for found in tx.all(_HELD, address=address, cls=cls)]
    tx.run(_REFUSE, address=address, cls=cls, status=REFUSED, reason=reason)
    for row in lost:
        told.refused(tx, row, reason, now)


def shut(tx: Tx, address: int, seen: int | None, now: int) -> None:
    """The platform says that the window is closed, whatever we thought. `seen` is what we knew when the row was taken:
    a reply that came meanwhile has opened it again."""
    tx.run(_SHUT, address=address, seen=seen, now=now)


def reopen(tx: Tx, channel: str, address: int, now: int) -> None:
    """The person has written: what waits for them leaves, in order."""
    if channel in WINDOWS and tx.run(_OPEN, address=address, now=now, parked=PARKED):
        touch(tx, address)
