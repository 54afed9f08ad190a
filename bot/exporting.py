"""Everything that is kept about a person, for themselves: their own lines, what was said to them, choices and dates.
Never a word, name or account of the other side's person beyond the alias that they have seen already."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from bot import audit, outbox
from bot.outbox.payload import Document
from bot.store import entities
from bot.store.db import Tx
from flows.effects import Class

if TYPE_CHECKING:
    from bot.turn import Turn

LINES = 20_000
_OWN = """SELECT kind, body, owner_id, fate, chat_id, created_at, level FROM messages WHERE person_id = :person
ORDER BY id LIMIT :limit"""
_HEARD = """SELECT m.kind, m.body, m.owner_id, m.chat_id, m.created_at FROM messages m JOIN chats c ON c.id = m.chat_id
WHERE c.student = :person AND m.person_id <> :person AND m.fate = 'relayed' ORDER BY m.id LIMIT :limit"""
_CHATS = "SELECT id, role, opened_at, ended_at, reason FROM chats WHERE student = :person ORDER BY opened_at"
_REQUESTS = "SELECT topic, heavy, state, opened_at FROM requests WHERE student = :person ORDER BY opened_at"
_CASES = "SELECT level, category, state, opened_at, resolved_at FROM cases WHERE student = :person ORDER BY opened_at"
_FEEDBACK = "SELECT chat_id, heavy_before, heavy_after, helpful, created_at FROM feedback WHERE student_id = :person"
_WITHHELD = "SELECT kind, created_at FROM withheld WHERE student_id = :person ORDER BY created_at"
_REVIEWS = "SELECT state, created_at, decided_at FROM reviews WHERE person_id = :person ORDER BY created_at"
_ADDRESSES = "SELECT channel, created_at, last_in_at FROM addresses WHERE person_id = :person"


def _when(ms: int | None) -> str | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")


def _rows(tx: Tx, sql: str, person: int, *times: str) -> list[dict[str, Any]]:
    found = []
    for row in tx.all(sql, person=person):
        values = {key: row[key] for key in row.keys()}  # noqa: SIM118 - a row is no mapping: it iterates over values
        found.append({k: _when(v) if k in times else v for k, v in values.items()})
    return found


def gather(tx: Tx, person: int) -> dict[str, Any]:
    """All that is kept about a person, as plain JSON values with ISO times."""
    who = entities.person(tx, person)
    student = who.student if who is not None else None
    own = [
        {"at": _when(r[5]), "kind": r[0], "text": tx.text(r[2], r[1], "messages.body"), "became": r[3], "chat": r[4]}
        for r in tx.all(_OWN, person=person, limit=LINES)
    ]
    heard = [
        {"at": _when(r[4]), "kind": r[0], "text": tx.text(r[2], r[1], "messages.body"), "chat": r[3]}
        for r in tx.all(_HEARD, person=person, limit=LINES)
    ]
    return {
        "what": "Sebaya: everything that is kept about you",
        "alias": who.alias if who is not None else None,
        "language": who.language if who is not None else None,
        "consent": student.consent if student is not None else None,
        "age": student.age if student is not None else None,
        "addresses": _rows(tx, _ADDRESSES, person, "created_at", "last_in_at"),
        "requests": _rows(tx, _REQUESTS, person, "opened_at"),
        "chats": _rows(tx, _CHATS, person, "opened_at", "ended_at"),
        "cases": _rows(tx, _CASES, person, "opened_at", "resolved_at"),
        "feedback": _rows(tx, _FEEDBACK, person, "created_at"),
        "kept_from": _rows(tx, _WITHHELD, person, "created_at"),
        "second_looks": _rows(tx, _REVIEWS, person, "created_at", "decided_at"),
        "your_lines": own,
        "lines_to_you": heard,
    }


def send(turn: Turn, person: int) -> None:
    """Send the export into the person's own chat as a document."""
    data = orjson.dumps(gather(turn.tx, person), option=orjson.OPT_INDENT_2)
    audit.record(
        turn.tx, now=turn.now, actor=f"person:{person}", action="person.export", object=f"person:{person}", detail={}
    )
    outbox.enqueue(
        turn.tx,
        person=person,
        cls=Class.ORDINARY,
        payload=Document(data=data, name="sebaya.json", mime="application/json", key="data.document"),
        owner=person,
        now=turn.now,
    )
