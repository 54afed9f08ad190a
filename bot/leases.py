"""What only one of several processes may do, and which processes live. A lease whose holder stalls is overtaken within
seconds; a holder that wakes up after that finds it gone. Times are the database's (`Tx.moment`)."""

from __future__ import annotations

from bot.store.db import Tx

LEASE = 6_000
"""ms that a lease lasts without a sign of life."""
PROCESS = "process:"
FORGOTTEN = 60_000

_TAKE = """INSERT INTO leases (name, holder, until_at) VALUES (:name, :holder, :until)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
WHERE leases.holder = excluded.holder OR leases.until_at < :now OR leases.until_at > :far"""
_DROP = "DELETE FROM leases WHERE holder = :holder"
_LIVE = """SELECT COUNT(*) FROM leases WHERE name LIKE 'process:%' AND holder <> :holder AND until_at >= :now
AND until_at <= :far"""
_FORGET = "DELETE FROM leases WHERE until_at < :old"


def take(tx: Tx, name: str, holder: str, now: int) -> bool:
    """Take a lease, or prolong one's own; false while somebody else has it. One that ends later than any can is from
    before the clock was set back."""
    return tx.run(_TAKE, name=name, holder=holder, until=now + LEASE, now=now, far=now + 2 * LEASE) == 1


def live(tx: Tx, holder: str, now: int) -> bool:
    """Say that the process lives; false where it was given up meanwhile, and lives again from now on."""
    name = PROCESS + holder
    known = tx.value("SELECT until_at FROM leases WHERE name = :name", name=name)
    take(tx, name, holder, now)
    return known is not None and known >= now


def others(tx: Tx, holder: str, now: int) -> int:
    """How many other processes live; forgets those long gone."""
    tx.run(_FORGET, old=now - FORGOTTEN)
    return int(tx.value(_LIVE, holder=holder, now=now, far=now + 2 * LEASE))


def drop(tx: Tx, holder: str) -> None:
    """The process ends: whoever waits need not wait for its leases to end."""
    tx.run(_DROP, holder=holder)
