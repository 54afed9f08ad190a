"""Putting things into the outbox, within the transaction that wants them (M5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.journal import QUEUED
from bot.outbox.payload import KINDS, Amended, Payload, Speech, Unbutton, decode, encode, has_buttons
from bot.store.db import END_LANES, Tx
from bot.window import closed
from flows.effects import Class

PULLED = frozenset({"web"})
"""Channels whose people fetch for themselves: their rows wait without a lane."""
LASTING = frozenset({"whatsapp"})
"""Channels on which the buttons of a sent message cannot be taken away."""
PARKED = 2**52
"""A lane's `next_at` while nothing can be done before its person writes; a new row has it looked at once more."""
PAYLOAD = "outbox.payload"
"""The context that payloads are sealed for."""
_MEMO = "outbox.touched"

_REACHED = """SELECT id, channel, window_until FROM addresses
WHERE person_id = :person AND reachable AND revoked_at IS NULL
AND (expires_at IS NULL OR expires_at > :now) ORDER BY COALESCE(last_in_at, 0) DESC, id DESC"""
_ONE = "SELECT id, channel FROM addresses WHERE id = :address AND person_id = :person"
_CHANNEL = "SELECT channel FROM addresses WHERE id = :address"
_ADD = """INSERT INTO outbox (person_id, address_id, cls, kind, payload, owner_id, ref, notice, chat_id, case_id,
message_id, status, has_buttons, attempts, created_at, cause) VALUES (:person, :address, :cls, :kind, :payload, :owner,
:ref, :notice, :chat, :case, :message, 0, :buttons, 0, :now, :cause) RETURNING id"""
# An existing lane is touched, so that it cannot be given up at this very moment by a worker that sees it empty.
_LANE = """INSERT INTO lanes (address_id, cls, next_at, lease_until, attempts) VALUES (:address, :cls, :now, 0, 0)
ON CONFLICT (address_id, cls) DO UPDATE SET
next_at = CASE WHEN lanes.next_at >= :parked THEN excluded.next_at ELSE lanes.next_at END"""
_SAYING = """SELECT payload FROM outbox WHERE address_id = :address AND status = 0 AND kind = 'say'
AND owner_id IS NULL AND payload IS NOT NULL ORDER BY id DESC LIMIT 5"""
_UNSENT = """SELECT outbox.id, outbox.kind, outbox.message_id, outbox.owner_id, outbox.payload, outbox.external_id,
COALESCE(lanes.lease_until, 0) AS leased FROM outbox LEFT JOIN lanes ON lanes.address_id = outbox.address_id
AND lanes.cls = outbox.cls WHERE outbox.status = 0 AND outbox.kind IN ('relay', 'amend') AND outbox.chat_id =
(SELECT chat_id FROM messages WHERE id = :message) ORDER BY outbox.id"""
_DELETED = """UPDATE outbox SET status = 3, payload = NULL, reason = 'deleted' WHERE id IN :rows AND status = 0"""
_WITHDRAW = """UPDATE outbox SET status = 3, has_buttons = :off, reason = 'withdrawn'
WHERE ref = :ref AND status = 0 AND has_buttons AND (CAST(:only AS BIGINT) IS NULL OR person_id = :only)"""
_BARE = """UPDATE outbox SET has_buttons = :off
WHERE ref = :ref AND status = 0 AND has_buttons AND (CAST(:only AS BIGINT) IS NULL OR person_id = :only)"""
_LATE = """UPDATE outbox SET status = 3, has_buttons = :off, reason = 'withdrawn'
WHERE ref = :ref AND status = 0 AND has_buttons AND reason = 'window'
AND (CAST(:only AS BIGINT) IS NULL OR person_id = :only)"""
_SPENT = """UPDATE outbox SET has_buttons = :off
WHERE ref = :ref AND status = 1 AND has_buttons AND (CAST(:only AS BIGINT) IS NULL OR person_id = :only)
RETURNING id, person_id, address_id, cls, chat_id, case_id"""


@dataclass(frozen=True, slots=True)
class Queued:
    """The rows made, one for each address; false when nobody could be reached."""

    ids: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ids)


@dataclass(frozen=True, slots=True)
class Touched:
    """The addresses that something was queued for, and whether any of it is crisis."""

    addresses: frozenset[int] = frozenset()
    crisis: bool = False


_NOBODY = Touched()


def enqueue(
    tx: Tx,
    *,
    person: int,
    cls: Class,
    payload: Payload,
    now: int,
    address_id: int | None = None,
    everywhere: bool = False,
    owner: int | None = None,
    ref: str | None = None,
    notice: str | None = None,
    chat_id: str | None = None,
    case_id: str | None = None,
    message_id: int | None = None,
) -> Queued:
    """Queue `payload` for a person: to `address_id`, to every address that reaches them (`everywhere`: a page), else to
    the one last heard from. `owner` is whose key seals it (None: the service's). Nobody reached is a false answer, and
    the caller says what that means. Raises ValueError for button data that no platform takes, Erased where the owner's
    key is gone."""
    if address_id is not None:
        found = [(row[0], row[1]) for row in tx.all(_ONE, address=address_id, person=person)]
    else:
        reached = [(row[0], row[1], row[2]) for row in tx.all(_REACHED, person=person, now=now)]
        found = [(one[0], one[1]) for one in (reached if everywhere else _best(reached, now))]
    if not found:
        return Queued()
    body, buttons = encode(payload), has_buttons(payload)
    ids = []
    for address, channel in found:
        row = tx.value(
            _ADD,
            person=person,
            address=address,
            cls=int(cls),
            kind=KINDS[type(payload)],
            payload=tx.seal(owner, body, PAYLOAD),
            owner=owner,
            ref=ref,
            notice=notice,
            chat=chat_id,
            case=case_id,
            message=message_id,
            buttons=buttons,
            now=now,
            cause=tx.cause,
        )
        ids.append(int(row))
        if channel not in PULLED:
            line_up(tx, int(address), int(cls), now)
    touch(tx, *(int(address) for address, _ in found), crisis=cls == Class.CRISIS)
    tx.memo[QUEUED] = tx.memo.get(QUEUED, 0) + len(ids)
    return Queued(tuple(ids))


def line_up(tx: Tx, address: int, cls: int, now: int) -> None:
    """Give the recipient a lane, or touch theirs. Last in the transaction and in one order: two that write to the same
    people do not wait for each other."""
    tx.at_end(
        (END_LANES, address, cls), lambda: tx.run(_LANE, address=address, cls=cls, now=now, parked=PARKED)
    )  # fmt: skip


def _best(reached: list[tuple[int, str, int | None]], now: int) -> list[tuple[int, str, int | None]]:
    """The address last heard from; where its platform's window is closed, another that is pushed and open, if any."""
    if reached and closed(reached[0][1], reached[0][2], now):
        open_ones = [one for one in reached if one[1] not in PULLED and not closed(one[1], one[2], now)]
        return (open_ones or reached)[:1]
    return reached[:1]


def say_once(tx: Tx, person: int, address: int, payload: Speech, now: int) -> None:
    """Queue an ordinary line of nobody's story, unless just this waits for the address already."""
    waiting = [tx.unseal(None, row[0], PAYLOAD) for row in tx.all(_SAYING, address=address)]
    if encode(payload) not in waiting:
        enqueue(tx, person=person, cls=Class.ORDINARY, payload=payload, now=now, address_id=address)


def withdraw(tx: Tx, message: int, now: int) -> bool:
    """Take a relayed line back before it leaves, with its new words; false where it has left, or is leaving now."""
    rows = tx.all(_UNSENT, message=message)
    line = next((row for row in rows if row["message_id"] == message), None)
    if line is None or line["external_id"] or line["leased"] > now:
        return False
    amended = [row["id"] for row in rows if row["kind"] == "amend" and _amends(tx, row, message)]
    return tx.run(_DELETED, rows=[line["id"], *amended]) > 0


def _amends(tx: Tx, row: Any, message: int) -> bool:
    payload = decode(tx.unseal(row["owner_id"], row["payload"], PAYLOAD))
    return isinstance(payload, Amended) and payload.original == message


def spend(tx: Tx, ref: str, *, now: int, only: int | None = None) -> None:
    """Take the buttons of `ref` away (to person `only`, if given). What has not left goes out without them, an offer
    not at all; what is on its way loses them once it has arrived; what has arrived loses them next."""
    if ref.startswith("case:"):  # a page that waits for its counselor to write is worth nothing once it was answered
        tx.run(_LATE, ref=ref, only=only, off=False)
    tx.run(_WITHDRAW if ref.startswith("offer:") else _BARE, ref=ref, only=only, off=False)
    for row in tx.all(_SPENT, ref=ref, only=only, off=False):
        unbutton(tx, row["id"], row["person_id"], row["address_id"], row["cls"], now=now)


def unbutton(tx: Tx, row: int, person: int, address: int, cls: int, *, now: int) -> None:
    """Queue the end of a sent row's buttons, in the class of the row. Where sent buttons stay, nothing is queued: the
    flow answers a press that came too late."""
    if tx.value(_CHANNEL, address=address) in LASTING:
        return
    enqueue(tx, person=person, cls=Class(cls), payload=Unbutton(row=row), now=now, address_id=address)


def touch(tx: Tx, *addresses: int, crisis: bool = False) -> None:
    """Have these looked at once this transaction is committed."""
    before = touched(tx)
    tx.memo[_MEMO] = Touched(before.addresses | set(addresses), before.crisis or crisis)


def touched(tx: Tx) -> Touched:
    """Whom to wake once this transaction is committed."""
    found: Touched = tx.memo.get(_MEMO, _NOBODY)
    return found
