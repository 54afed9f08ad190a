"""Which texts are looked at next: what students wrote since a mark kept in `meta` and the rules found less than grave.
Nothing older than an hour: a call for help is answered now or found by a person."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import BODY
from bot.store.db import Tx

BATCH = 20
"""Texts of one round at most."""
OLDEST = 3_600_000
"""ms after which a text is skipped."""
SETTLING = 5_000
"""ms in which another process may still commit an earlier id (PostgreSQL; on SQLite ids commit in their order)."""
_META = "semantic"

# A helper's line in a chat is not a student's, nor is what somebody of the roster tells the bot.
_STUDENTS = """m.body IS NOT NULL AND m.level < 2 AND (c.student = m.person_id OR (m.chat_id IS NULL AND NOT EXISTS
(SELECT 1 FROM staff WHERE staff.person_id = m.person_id AND staff.status = 'active')))"""
_FROM = "FROM messages m LEFT JOIN chats c ON c.id = m.chat_id WHERE m.id > :mark AND m.id <= :top"
_TOP = "SELECT MAX(id) FROM messages WHERE id > :mark AND created_at <= :until"
_NEXT = (
    f"SELECT m.id, m.person_id, m.body, m.owner_id {_FROM} AND m.created_at >= :since AND {_STUDENTS} "
    "ORDER BY m.id LIMIT :limit"
)
_OLD = f"SELECT COUNT(*) {_FROM} AND m.created_at < :since AND {_STUDENTS}"
_GET = "SELECT value FROM meta WHERE key = :key"
_SET = """INSERT INTO meta (key, value) VALUES (:key, :value)
ON CONFLICT (key) DO UPDATE SET value = excluded.value"""


@dataclass(frozen=True, slots=True)
class Text:
    """A stored text of a student, in memory only."""

    message: int
    person: int
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The next texts, how many were too old, and where the mark stands after them. `fresh`: the net has just been
    turned on, and begins with what comes from now on."""

    texts: tuple[Text, ...] = ()
    too_old: int = 0
    mark: int = 0
    moved: bool = False


def batch(tx: Tx, now: int, limit: int = BATCH) -> Batch:
    """What is to be looked at now."""
    until = now - (SETTLING if tx.dialect == "postgresql" else 0)
    kept = tx.value(_GET, key=_META)
    mark = int(bytes(kept)) if kept is not None else 0
    top = tx.value(_TOP, mark=mark, until=until)
    if kept is None:  # what was said before the net was turned on was answered without it
        return Batch(mark=int(top or 0), moved=True)
    if top is None:
        return Batch(mark=mark)
    given = {"mark": mark, "top": top, "since": now - OLDEST}
    rows = tx.all(_NEXT, limit=limit, **given)
    end = int(rows[-1][0]) if len(rows) == limit else int(top)
    old = int(tx.value(_OLD, **given | {"top": end}))
    texts = [Text(int(row[0]), int(row[1]), spoken(tx.text(row[3], row[2], BODY) or "")) for row in rows]
    return Batch(tuple(texts), old, end, True)


def keep(tx: Tx, mark: int) -> None:
    """What stands before `mark` has been looked at."""
    tx.run(_SET, key=_META, value=str(mark).encode())


def spoken(text: str) -> str:
    """What a person said: the words behind a command, or all of them."""
    return (text.partition(" ")[2] if text.startswith("/") else text).strip()
