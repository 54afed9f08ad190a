"""The outbox's side of the store: claiming lanes, reading what is next in one, recording what became of it.

Every function runs inside a transaction and is valid on SQLite and PostgreSQL. A lane is one recipient and one class;
whoever holds its lease alone sends from it, so that order holds, also between processes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from bot.outbox import holding
from bot.outbox import rows as states
from bot.outbox.pacing import DAY, FLEETING
from bot.outbox.payload import Amended, Relayed, Speech, Unbutton, decode
from bot.outbox.queue import PARKED, PAYLOAD, PULLED, unbutton
from bot.outbox.rows import Row, Told, Work
from bot.store.db import Tx
from bot.store.entities import hold_person
from bot.store.errors import StoreError
from bot.store.seal import Erased
from bot.window import WINDOWS

log = logging.getLogger(__name__)

LEASE = 30_000
"""ms that a claimed lane is ours without a sign of life; after a crash another worker goes on then."""
ADDRESS = "addresses.sealed"
SKIPPED = 200
"""How many dead rows one transaction puts away before it lets others in."""
FLEETING_KINDS = frozenset({"unbutton", "typing"})
"""Nobody refers to these, and nobody is told when they fail."""

_CLAIM = """WITH due AS (SELECT address_id AS one, cls AS two FROM lanes
WHERE cls = :cls AND next_at <= :now AND lease_until <= :now ORDER BY next_at LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE lanes SET lease_until = :lease, holder = :holder FROM due
WHERE lanes.address_id = due.one AND lanes.cls = due.two RETURNING address_id, cls"""
_CLAIM_BUT = """WITH due AS (SELECT address_id AS one, cls AS two FROM lanes
WHERE cls = :cls AND next_at <= :now AND lease_until <= :now AND NOT EXISTS
(SELECT 1 FROM addresses WHERE addresses.id = lanes.address_id AND addresses.channel IN :paused)
ORDER BY next_at LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE lanes SET lease_until = :lease, holder = :holder FROM due
WHERE lanes.address_id = due.one AND lanes.cls = due.two RETURNING address_id, cls"""
_NEXT_DUE = """SELECT MIN(at) FROM (SELECT MIN(next_at) AS at FROM lanes WHERE cls = :crisis AND next_at > :now
UNION ALL SELECT MIN(next_at) FROM lanes WHERE cls = :ordinary AND next_at > :now) AS due"""
_HOLD = """UPDATE lanes SET lease_until = :lease WHERE address_id = :address AND cls = :cls AND holder = :holder
AND lease_until > 0"""
_GIVE_UP = "DELETE FROM lanes WHERE address_id = :address AND cls = :cls"
_LET_GO = """UPDATE lanes SET lease_until = 0, holder = NULL, next_at = :next, attempts = :attempts
WHERE address_id = :address AND cls = :cls AND holder = :holder"""
_GIVE_WAY = "UPDATE lanes SET next_at = :until WHERE address_id = :address AND cls = :ordinary AND next_at < :until"
_ATTEMPTS = "SELECT attempts FROM lanes WHERE address_id = :address AND cls = :cls"
_CALM = "UPDATE lanes SET attempts = 0 WHERE address_id = :address AND cls = :cls AND attempts > 0"
_FREE_ALL = "UPDATE lanes SET lease_until = 0, holder = NULL WHERE lease_until > 0"
_FREE_MINE = "UPDATE lanes SET lease_until = 0, holder = NULL WHERE holder = :holder"
_FREE_DEAD = """WITH dead AS (SELECT address_id AS one, cls AS two FROM lanes WHERE lease_until > 0 AND NOT EXISTS
(SELECT 1 FROM leases WHERE leases.holder = lanes.holder AND leases.until_at >= :now) FOR UPDATE SKIP LOCKED)
UPDATE lanes SET lease_until = 0, holder = NULL FROM dead
WHERE lanes.address_id = dead.one AND lanes.cls = dead.two RETURNING address_id"""
_CHANNEL_ON = """UPDATE lanes SET next_at = :now WHERE next_at > :now AND next_at < :parked AND EXISTS
(SELECT 1 FROM outbox JOIN addresses ON addresses.id = outbox.address_id WHERE outbox.address_id = lanes.address_id
AND outbox.cls = lanes.cls AND outbox.status = 0 AND outbox.reason = 'channel_off'
AND addresses.channel IN :channels)"""
_BRAKE = """INSERT INTO brakes (channel, until_at) VALUES (:channel, :until) ON CONFLICT (channel)
DO UPDATE SET until_at = excluded.until_at WHERE brakes.until_at < excluded.until_at OR brakes.until_at > :far"""
_BRAKES = "SELECT channel, until_at FROM brakes WHERE until_at > :now AND until_at <= :far"
_ORPHANS = """INSERT INTO lanes (address_id, cls, next_at, lease_until, attempts)
SELECT DISTINCT outbox.address_id, outbox.cls, CAST(:now AS BIGINT), 0, 0 FROM outbox
JOIN addresses ON addresses.id = outbox.address_id
WHERE outbox.status = 0 AND addresses.channel NOT IN :pulled AND NOT EXISTS
(SELECT 1 FROM lanes WHERE lanes.address_id = outbox.address_id AND lanes.cls = outbox.cls)
ON CONFLICT DO NOTHING"""

_FIRST = """SELECT id, person_id, address_id, cls, kind, ref, notice, chat_id, case_id, message_id, owner_id, attempts,
created_at, cause, payload, has_buttons, external_id FROM outbox
WHERE address_id = :address AND cls = :cls AND status = 0 ORDER BY id LIMIT 1"""
_ADDRESS = """SELECT addresses.channel, addresses.sealed, addresses.revoked_at, people.language, people.key,
addresses.window_until, addresses.invited_at, addresses.last_in_at
FROM addresses JOIN people ON people.id = addresses.person_id WHERE addresses.id = :address"""
_COPY_OF = """SELECT external_id FROM copies WHERE address_id = :address AND message_id = :message
ORDER BY LENGTH(external_id), external_id LIMIT :limit"""
_LAST_OF = """SELECT id, external_id FROM outbox WHERE address_id = :address AND ref = :ref AND status = 1
AND kind = 'say' AND external_id IS NOT NULL ORDER BY id DESC LIMIT 1"""
_EXTERNAL = "SELECT external_id FROM outbox WHERE id = :row AND status IN (1, 3)"

_SENT = """UPDATE outbox SET status = 1, sent_at = :now, external_id = :external, reason = NULL
WHERE id = :row AND status = 0 RETURNING has_buttons"""
_SENT_AFTER_ALL = "UPDATE outbox SET sent_at = :now, external_id = :external WHERE id = :row"
_PROGRESS = "UPDATE outbox SET external_id = :external WHERE id = :row AND status = 0"
_AGAIN = """UPDATE outbox SET attempts = attempts + 1, reason = :reason, external_id = :external
WHERE id = :row AND status = 0"""
_END = "UPDATE outbox SET status = :status, reason = :reason WHERE id = :row AND status = 0"
_REPLACED = """UPDATE outbox SET has_buttons = :off WHERE address_id = :address AND ref = :ref AND status = 1
AND id < :row AND external_id = :external"""
_COPY = """INSERT INTO copies (address_id, external_id, message_id, chat_id, outbox_id)
VALUES (:address, :external, :message, :chat, :row) ON CONFLICT (address_id, external_id) DO UPDATE SET
message_id = COALESCE(excluded.message_id, copies.message_id), chat_id = COALESCE(excluded.chat_id, copies.chat_id),
outbox_id = excluded.outbox_id"""
_UNREACHABLE = "UPDATE addresses SET reachable = :off, unreachable_at = :now WHERE id = :address AND reachable"
_REFUSE_ALL = """UPDATE outbox SET status = 2, reason = :reason WHERE address_id = :address AND status = 0
RETURNING id, person_id, address_id, cls, kind, ref, notice, chat_id, case_id, message_id, owner_id, attempts,
created_at, cause"""
_NO_LANES = "DELETE FROM lanes WHERE address_id = :address"


# --- lanes ---


def claim(tx: Tx, cls: int, limit: int, *, now: int, holder: str, paused: frozenset[str]) -> list[tuple[int, int]]:
    """Take up to `limit` due lanes of a class, longest waiting first."""
    given: dict[str, Any] = {"cls": cls, "now": now, "limit": limit, "lease": now + LEASE, "holder": holder}
    found = tx.all(_CLAIM_BUT, paused=sorted(paused), **given) if paused else tx.all(_CLAIM, **given)
    return [(int(address), int(kind)) for address, kind in found]


def next_due(tx: Tx, now: int) -> int | None:
    """When the next waiting lane may be tried (ms), or None."""
    found = tx.value(_NEXT_DUE, crisis=states.CRISIS, ordinary=states.ORDINARY, now=now)
    return None if found is None else int(found)


def renew(tx: Tx, lanes: Iterable[tuple[int, int]], holder: str, now: int) -> None:
    """A sign of life for lanes that are being served."""
    tx.many(_HOLD, [{"address": a, "cls": c, "holder": holder, "lease": now + LEASE} for a, c in sorted(lanes)])


def free(tx: Tx, holder: str | None) -> None:
    """Let go of what `holder` held; of everything, for None (no other process can be alive)."""
    if holder is None:
        tx.run(_FREE_ALL)
    else:
        tx.run(_FREE_MINE, holder=holder)


def switched_on(tx: Tx, channels: Sequence[str], now: int) -> int:
    """What waited for a channel that was off is due at once now that it is on; how many lanes."""
    return tx.run(_CHANNEL_ON, channels=channels, now=now, parked=PARKED)


def free_dead(tx: Tx, now: int) -> int:
    """Let go of what processes held that give no sign of life (see `bot.leases`); how many lanes."""
    return len(tx.all(_FREE_DEAD, now=now))


def brake(tx: Tx, channel: str, until: int, now: int) -> None:
    """Ordinary messages of this channel rest until then, in every process."""
    tx.run(_BRAKE, channel=channel, until=until, far=now + DAY)


def brakes(tx: Tx, now: int) -> dict[str, int]:
    """The channels whose ordinary messages rest, and until when."""
    return {str(channel): int(until) for channel, until in tx.all(_BRAKES, now=now, far=now + DAY)}


def keep(tx: Tx, lane: tuple[int, int], holder: str, now: int) -> bool:
    """Whether the lane is ours still; then it stays ours."""
    return tx.run(_HOLD, address=lane[0], cls=lane[1], holder=holder, lease=now + LEASE) == 1


def adopt(tx: Tx, now: int) -> int:
    """Give a lane to pending rows that have none; how many. There are none unless something went wrong."""
    return tx.run(_ORPHANS, now=now, pulled=sorted(PULLED))


def let_go(tx: Tx, lane: tuple[int, int], holder: str, *, next_at: int, failures: int) -> None:
    """Give the lane back, to be tried at `next_at`."""
    tx.run(_LET_GO, address=lane[0], cls=lane[1], holder=holder, next=next_at, attempts=failures)


def give_way(tx: Tx, address: int, until: int) -> None:
    """Ordinary messages to a recipient whom the platform has slowed down wait for the crisis ones (C4)."""
    tx.run(_GIVE_WAY, address=address, until=until, ordinary=states.ORDINARY)


def failures(tx: Tx, lane: tuple[int, int]) -> int:
    """How often in a row sending from this lane has failed."""
    return int(tx.value(_ATTEMPTS, address=lane[0], cls=lane[1]) or 0)


# --- what is next ---


def following(tx: Tx, lane: tuple[int, int], holder: str, now: int, told: Told) -> Work | None:
    """The next row of a lane that we hold, ready to be sent. None: the lane is empty and given up, or not ours any
    more. Rows that cannot or need not be sent are put away on the way."""
    address, cls = lane
    if not keep(tx, lane, holder, now):
        return None
    for _ in range(SKIPPED):
        found = tx.one(_FIRST, address=address, cls=cls)
        if found is None:
            tx.run(_GIVE_UP, address=address, cls=cls)
            return None
        row = Row(*(found[at] for at in range(14)))
        where = tx.one(_ADDRESS, address=address)
        if where is not None and holding.closed(where, now):
            return holding.hold(tx, row, where, holder, now, told)
        ready = work(tx, row, found, where, now, told)
        if ready is not None:
            return ready
    tx.run(_LET_GO, address=address, cls=cls, holder=holder, next=now, attempts=0)
    return None


def work(tx: Tx, row: Row, found: Any, where: Any, now: int, told: Told) -> Work | None:
    """A pending row (`found`) to an address (`where`, None if there is none) with all that sending it needs; None where
    it cannot or need not be sent, and was put away."""
    age = now - (row.created_at if where is None else holding.since(row.created_at, where))
    if row.kind == "typing" and age > FLEETING:
        _put_away(tx, row, states.WITHDRAWN, "late")
        return None
    if row.cls == states.ORDINARY and age > DAY:
        _put_away(tx, row, states.FAILED, "too_old", told, now)
        return None
    if where is None or where["revoked_at"] is not None:
        _put_away(tx, row, states.REFUSED, "no_address", told, now)
        return None
    try:
        tx.keeper.prime(tx, row.person_id, where["key"])
        address = tx.unseal(row.person_id, where["sealed"], ADDRESS).decode()
        if found["payload"] is None:
            _put_away(tx, row, states.WITHDRAWN, "erased")
            return None
        payload = decode(tx.unseal(row.owner_id, found["payload"], PAYLOAD))
    except Erased:
        _put_away(tx, row, states.WITHDRAWN, "erased")
        return None
    except (StoreError, ValueError, KeyError, TypeError) as error:
        log.error("outbox: row %d cannot be read: %s", row.id, type(error).__name__)
        _put_away(tx, row, states.FAILED, "unreadable", told, now)
        return None
    edit_id = quote_id = ""
    if isinstance(payload, Amended):
        copies = _copies(tx, row.address_id, payload.original, 2)
        edit_id = copies[0] if len(copies) == 1 else ""  # what was split cannot be edited as one
    elif isinstance(payload, Unbutton):
        edit_id = _last_part(tx.value(_EXTERNAL, row=payload.row))
    elif isinstance(payload, Speech) and payload.replaces and row.ref is not None:
        last = tx.one(_LAST_OF, address=row.address_id, ref=row.ref)
        edit_id = str(last["external_id"]) if last is not None and " " not in last["external_id"] else ""
    elif isinstance(payload, Relayed) and payload.quote is not None:
        quote_id = next(iter(_copies(tx, row.address_id, payload.quote, 1)), "")
    return Work(
        row,
        channel=str(where["channel"]),
        address=address,
        language=str(where["language"]),
        payload=payload,
        buttons=bool(found["has_buttons"]),
        sent=tuple((found["external_id"] or "").split()),
        edit_id=edit_id,
        quote_id=quote_id,
        window=where["window_until"],
    )


def _copies(tx: Tx, address: int, message: int, limit: int) -> list[str]:
    return [str(row[0]) for row in tx.all(_COPY_OF, address=address, message=message, limit=limit)]


def _last_part(external: object) -> str:
    return str(external or "").rpartition(" ")[2]


def _put_away(tx: Tx, row: Row, status: int, reason: str, told: Told | None = None, now: int = 0) -> None:
    if tx.run(_END, row=row.id, status=status, reason=reason) and told is not None:
        told.refused(tx, row, reason, now)


# --- what became of it ---


def sent(tx: Tx, work: Work, ids: tuple[str, ...], now: int, told: Told, *, buttons: bool) -> None:
    """All of it was accepted, as these messages of the platform. `buttons`: it left with buttons."""
    row = work.row
    found = tx.one(_SENT, row=row.id, now=now, external=" ".join(ids) or None)
    if found is None:
        sent_after_all(tx, row, ids, now)
    for one in ids if copied(work) else ():
        copy(tx, row, one, anyway=True)
    after_sent(tx, work, ids, now, told, buttons=buttons, bare=found is None or not found["has_buttons"])


def sent_after_all(tx: Tx, row: Row, ids: tuple[str, ...], now: int) -> None:
    """It had its end already when it left: that it did is recorded all the same."""
    tx.run(_SENT_AFTER_ALL, row=row.id, now=now, external=" ".join(ids) or None)


def copied(work: Work) -> bool:
    """Whether its messages on the platform are remembered: for quotes and edits, and where statuses come for
    everything that left."""
    row = work.row
    return row.kind not in FLEETING_KINDS and (work.channel in WINDOWS or _referred(row))


def after_sent(tx: Tx, work: Work, ids: tuple[str, ...], now: int, told: Told, *, buttons: bool, bare: bool) -> None:
    """What else follows from its being sent. `bare`: its buttons were spent while it was on its way."""
    row, external = work.row, " ".join(ids)
    if row.kind in FLEETING_KINDS:
        return
    if row.ref is not None and external:
        tx.run(_REPLACED, address=row.address_id, ref=row.ref, row=row.id, external=external, off=False)
    if buttons and bare:
        unbutton(tx, row.id, row.person_id, row.address_id, row.cls, now=now)
    if row.notice is not None:
        told.sent(tx, row, now)


def calm(tx: Tx, lane: tuple[int, int]) -> None:
    """Sending from this lane works again."""
    tx.run(_CALM, address=lane[0], cls=lane[1])


def copy(tx: Tx, row: Row, external_id: str, *, anyway: bool = False) -> None:
    """Remember which message of the platform is a copy of what, for quotes, edits and (`anyway`) statuses."""
    if anyway or _referred(row):
        tx.run(
            _COPY,
            address=row.address_id,
            external=external_id,
            message=row.message_id,
            chat=row.chat_id,
            row=row.id,
        )


def _referred(row: Row) -> bool:
    return row.chat_id is not None or row.message_id is not None or row.ref is not None


def progress(tx: Tx, work: Work, ids: tuple[str, ...]) -> None:
    """These first parts have left; after a crash the next one follows."""
    tx.run(_PROGRESS, row=work.row.id, external=" ".join(ids))


def again(tx: Tx, work: Work, ids: tuple[str, ...], reason: str) -> None:
    """Not now."""
    tx.run(_AGAIN, row=work.row.id, reason=reason, external=" ".join(ids) or None)


def refused(tx: Tx, work: Work, reason: str, now: int, told: Told) -> None:
    """This one never."""
    quiet = work.row.kind in FLEETING_KINDS
    _put_away(tx, work.row, states.REFUSED, reason, None if quiet else told, now)


def unreachable(tx: Tx, work: Work, reason: str, now: int, told: Told) -> None:
    """Nothing to this address any more: everything pending is refused, and whoever must know is told of each."""
    lost_for_good(tx, work.row.person_id, work.row.address_id, reason, now, told)


def lost_for_good(tx: Tx, person: int, address: int, reason: str, now: int, told: Told) -> None:
    """The same for an address of which the platform says so later."""
    hold_person(tx, person)
    first = tx.run(_UNREACHABLE, address=address, now=now, off=False)
    lost = [Row(*found) for found in tx.all(_REFUSE_ALL, address=address, reason=reason)]
    tx.run(_NO_LANES, address=address)
    for row in sorted(lost, key=lambda one: one.id):
        if row.kind not in FLEETING_KINDS:
            told.refused(tx, row, reason, now)
    if first:
        told.unreachable(tx, person, address, now)
