"""Putting things into the outbox, within the transaction that wants them (M5)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.outbox.payload import KINDS, Payload, Unbutton, encode, has_buttons
from bot.store.db import Tx
from flows.effects import Class

PULLED = frozenset({"web"})
"""Channels whose people fetch for themselves: their rows wait without a lane."""
PAYLOAD = "outbox.payload"
"""The context that payloads are sealed for."""
_MEMO = "outbox.touched"

_REACHED = """SELECT id, channel FROM addresses WHERE person_id = :person AND reachable AND revoked_at IS NULL
AND (expires_at IS NULL OR expires_at > :now) ORDER BY COALESCE(last_in_at, 0) DESC, id DESC"""
_ONE = "SELECT id, channel FROM addresses WHERE id = :address AND person_id = :person"
_ADD = """INSERT INTO outbox (person_id, address_id, cls, kind, payload, owner_id, ref, notice, chat_id, case_id,
message_id, status, has_buttons, attempts, created_at) VALUES (:person, :address, :cls, :kind, :payload, :owner, :ref,
:notice, :chat, :case, :message, 0, :buttons, 0, :now) RETURNING id"""
# An existing lane is touched, so that it cannot be given up at this very moment by a worker that sees it empty.
_LANE = """INSERT INTO lanes (address_id, cls, next_at, lease_until, attempts) VALUES (:address, :cls, :now, 0, 0)
ON CONFLICT (address_id, cls) DO UPDATE SET next_at = lanes.next_at"""
_WITHDRAW = """UPDATE outbox SET status = 3, has_buttons = :off, reason = 'withdrawn'
WHERE ref = :ref AND status = 0 AND has_buttons AND (CAST(:only AS BIGINT) IS NULL OR person_id = :only)"""
_BARE = """UPDATE outbox SET has_buttons = :off
WHERE ref = :ref AND status = 0 AND has_buttons AND (CAST(:only AS BIGINT) IS NULL OR person_id = :only)"""
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
        found = tx.all(_ONE, address=address_id, person=person)
    else:
        found = tx.all(_REACHED, person=person, now=now)[: None if everywhere else 1]
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
        )
        ids.append(int(row))
        if channel not in PULLED:
            tx.run(_LANE, address=address, cls=int(cls), now=now)
    before = touched(tx)
    now_touched = before.addresses | {int(address) for address, _ in found}
    tx.memo[_MEMO] = Touched(now_touched, before.crisis or cls == Class.CRISIS)
    return Queued(tuple(ids))


def spend(tx: Tx, ref: str, *, now: int, only: int | None = None) -> None:
    """Take the buttons of `ref` away (to person `only`, if given). What has not left goes out without them, an offer
    not at all; what is on its way loses them once it has arrived; what has arrived loses them next."""
    tx.run(_WITHDRAW if ref.startswith("offer:") else _BARE, ref=ref, only=only, off=False)
    for row in tx.all(_SPENT, ref=ref, only=only, off=False):
        unbutton(tx, row["id"], row["person_id"], row["address_id"], row["cls"], now=now)


def unbutton(tx: Tx, row: int, person: int, address: int, cls: int, *, now: int) -> None:
    """Queue the end of a sent row's buttons, in the class of the row."""
    enqueue(tx, person=person, cls=Class(cls), payload=Unbutton(row=row), now=now, address_id=address)


def touched(tx: Tx) -> Touched:
    """Whom to wake once this transaction is committed."""
    found: Touched = tx.memo.get(_MEMO, _NOBODY)
    return found
