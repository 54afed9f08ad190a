"""Students who are not looking at their page. "Delivered" means that the browser has it; what nobody has seen for 30
seconds means away, and the helper is told once while lines wait, and again when they are read."""

from __future__ import annotations

from collections.abc import Sequence

from bot import outbox
from bot.outbox.payload import Speech
from bot.outbox.rows import Row as Sending
from bot.outbox.rows import Told
from bot.store.db import Tx
from flows.effects import Class

UNSEEN = 30_000
"""ms after which a line that no page has acknowledged means that its person is away."""
MARK = "away"

_WAITING = """SELECT 1 FROM outbox JOIN addresses ON addresses.id = outbox.address_id
JOIN chats ON chats.id = outbox.chat_id AND chats.student = outbox.person_id AND chats.state = 'open'
WHERE addresses.channel = 'web' AND outbox.status = 0 AND outbox.kind = 'relay' AND outbox.reason IS NULL
AND outbox.created_at <= :seen LIMIT 1"""
_MARK = """UPDATE outbox SET reason = 'away' WHERE status = 0 AND kind = 'relay' AND reason IS NULL
AND created_at <= :seen AND address_id IN (SELECT id FROM addresses WHERE channel = 'web')
AND EXISTS (SELECT 1 FROM chats WHERE chats.id = outbox.chat_id AND chats.student = outbox.person_id
AND chats.state = 'open') RETURNING id, chat_id"""
_TOLD = """SELECT COUNT(*) FROM outbox WHERE chat_id = :chat AND status = 0 AND kind = 'relay' AND reason = 'away'"""
_CHAT = "SELECT helper, alias FROM chats WHERE id = :chat AND state = 'open'"
_LEFT = """SELECT COUNT(*) FROM outbox WHERE address_id = :address AND chat_id = :chat AND status = 0
AND kind = 'relay' AND reason = 'away'"""
_MARKED = """SELECT DISTINCT chat_id FROM outbox WHERE address_id = :address AND id IN :ids AND status = 0
AND kind = 'relay' AND reason = 'away'"""
_GIVE_UP = """UPDATE outbox SET status = 2, reason = :reason, has_buttons = false
WHERE address_id = :address AND status = 0 RETURNING id, person_id, address_id, cls, kind, ref, notice, chat_id,
case_id, message_id, owner_id, attempts, created_at"""
_EXPIRED = """SELECT DISTINCT addresses.id, addresses.person_id FROM addresses
JOIN outbox ON outbox.address_id = addresses.id AND outbox.status = 0
WHERE addresses.channel = 'web' AND addresses.revoked_at IS NULL AND addresses.expires_at <= :now"""


def waiting(tx: Tx, now: int) -> bool:
    """Whether a helper has to be told of somebody who is away."""
    return tx.one(_WAITING, seen=now - UNSEEN) is not None


def tell(tx: Tx, now: int) -> int:
    """Tell each helper whose lines wait unseen; how many. Once while they wait."""
    marked: dict[str, int] = {}
    for row in tx.all(_MARK, seen=now - UNSEEN):
        marked[row[1]] = marked.get(row[1], 0) + 1
    told = 0
    for chat, count in marked.items():
        if int(tx.value(_TOLD, chat=chat)) == count:
            told += _say(tx, chat, "chat.away", now)
    return told


def returning(tx: Tx, address: int, ids: Sequence[int]) -> list[str]:
    """The chats whose helper was told "away" and whose lines are among those about to be acknowledged."""
    return [str(row[0]) for row in tx.all(_MARKED, address=address, ids=ids)]


def welcome(tx: Tx, address: int, chats: Sequence[str], now: int) -> None:
    """Tell the helpers of `chats` that everything has been read, where it has."""
    for chat in chats:
        if not tx.value(_LEFT, address=address, chat=chat):
            _say(tx, chat, "chat.back", now)


def _say(tx: Tx, chat: str, key: str, now: int) -> int:
    found = tx.one(_CHAT, chat=chat)
    if found is None:
        return 0
    speech = Speech(key=key, args={"alias": found[1]})
    queued = outbox.enqueue(tx, person=found[0], cls=Class.ORDINARY, payload=speech, chat_id=chat, now=now)
    return len(queued.ids)


def give_up(tx: Tx, address: int, reason: str, now: int, told: Told) -> int:
    """The session of this address is over: what it has not seen is refused, and whoever must know is told (M4)."""
    lost = [Sending(*row) for row in tx.all(_GIVE_UP, address=address, reason=reason)]
    for row in sorted(lost, key=lambda one: one.id):
        if row.kind not in ("unbutton", "typing"):
            told.refused(tx, row, reason, now)
    return len(lost)


def expired(tx: Tx, now: int) -> list[tuple[int, int]]:
    """Sessions that ended by time while something waited for them: address and person."""
    return [(int(row[0]), int(row[1])) for row in tx.all(_EXPIRED, now=now)]
