"""Rows of a channel that is pulled: shown to whoever asks, and delivered when the person's device says so (M2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bot.channels.base import Abilities, Outgoing
from bot.outbox import lanes
from bot.outbox.payload import Amended, Payload, Relayed, Speech, Unbutton, decode
from bot.outbox.queue import PAYLOAD
from bot.outbox.rows import SENT, Row, Told, Work
from bot.store.db import Tx
from bot.store.errors import StoreError
from bot.words import Words

LIMIT = 200

_AFTER = """SELECT id, person_id, address_id, cls, kind, ref, notice, chat_id, case_id, message_id, owner_id, attempts,
created_at, cause, payload, has_buttons, status FROM outbox
WHERE address_id = :address AND id > :after AND status IN (0, 1) ORDER BY id LIMIT :limit"""
_LANGUAGE = """SELECT people.language FROM addresses JOIN people ON people.id = addresses.person_id
WHERE addresses.id = :address"""
_SHOWN_AS = """SELECT MIN(id) FROM outbox WHERE address_id = :address AND message_id = :message AND kind = 'relay'
AND status IN (0, 1)"""
_CAME_AS = "SELECT MIN(external_id) FROM copies WHERE address_id = :address AND message_id = :message"
_PENDING = """SELECT id, person_id, address_id, cls, kind, ref, notice, chat_id, case_id, message_id, owner_id,
attempts, created_at, cause, has_buttons FROM outbox WHERE address_id = :address AND id IN :rows
AND status = 0 ORDER BY id"""
_LAST = """SELECT id FROM outbox WHERE address_id = :address AND ref = :ref AND id < :row AND status IN (0, 1)
AND kind = 'say' ORDER BY id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as its person sees it: `parts` are empty for what shows nothing. `person`: somebody else's words.
    `delivered`: acknowledged before."""

    row: Row
    payload: Payload
    parts: tuple[Outgoing, ...]
    person: bool
    delivered: bool


def pull(
    tx: Tx, words: Words, abilities: Abilities, address_id: int, after: int, *, limit: int = LIMIT
) -> Sequence[Shown]:
    """The rows of an address above id `after`, oldest first, rendered. On such a channel the platform's id of a row's
    message is the row's id; quotes and edits refer to it, or to the id under which a person's own line came in."""
    from bot.render import Target, render

    language = tx.value(_LANGUAGE, address=address_id)
    if language is None:
        return ()
    shown = []
    for found in tx.all(_AFTER, address=address_id, after=after, limit=limit):
        row = Row(*(found[at] for at in range(14)))
        try:
            if found["payload"] is None:
                continue
            payload = decode(tx.unseal(row.owner_id, found["payload"], PAYLOAD))
        except (StoreError, ValueError, KeyError, TypeError):
            continue
        target = Target(
            language=language,
            abilities=abilities,
            quote_id=_quoted(tx, row, payload),
            edit_id=_edited(tx, row, payload),
            buttons=bool(found["has_buttons"]),
        )
        person = row.kind in ("relay", "amend")
        parts = render(payload, words, target)
        shown.append(Shown(row, payload, parts, person, delivered=found["status"] == SENT))
    return shown


def acknowledge(
    tx: Tx, address_id: int, rows: Sequence[int], *, now: int, told: Told, seen: Callable[[Row], None] | None = None
) -> int:
    """The person's device has these rows: they are delivered. How many were news; `seen` is told of each after the
    commit."""
    found = tx.all(_PENDING, address=address_id, rows=list(rows))
    for one in found:
        row = Row(*(one[at] for at in range(14)))
        work = Work(row, "", "", "", Unbutton(row=0), buttons=bool(one["has_buttons"]))
        tx.cause = row.cause
        lanes.sent(tx, work, (str(row.id),), now, told, buttons=bool(one["has_buttons"]))
        if seen is not None:
            tx.after(partial(seen, row))
    return len(found)


def _quoted(tx: Tx, row: Row, payload: Payload) -> str:
    if isinstance(payload, Relayed) and payload.quote is not None:
        shown = tx.value(_SHOWN_AS, address=row.address_id, message=payload.quote)
        return str(shown or tx.value(_CAME_AS, address=row.address_id, message=payload.quote) or "")
    return ""


def _edited(tx: Tx, row: Row, payload: Payload) -> str:
    if isinstance(payload, Amended):
        return str(tx.value(_SHOWN_AS, address=row.address_id, message=payload.original) or "")
    if isinstance(payload, Unbutton):
        return str(payload.row)
    if isinstance(payload, Speech) and payload.replaces and row.ref is not None:
        return str(tx.value(_LAST, address=row.address_id, ref=row.ref, row=row.id) or "")
    return ""
