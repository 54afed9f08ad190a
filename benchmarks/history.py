"""Years of use in a SQLite file, in minutes: rows of the store's own, copied with ids, times and random bytes of the
same lengths in place of what is sealed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

PEOPLE, FIRST = 10_000_000, 10_000_000
"""Ids from which the invented people and outgoing rows are numbered."""
BEFORE = 1_600_000_000_000
"""ms: when the invented history began; a line a second from then on."""
CHUNK = 50_000
_HELPER = "(SELECT helper FROM chats ORDER BY opened_at LIMIT 1)"
_STUDENT = f"({PEOPLE} + (i - 1) / :each + 1)"
_CHAT = "('h' || ((i - 1) / :each + 1))"
_AT = f"({BEFORE} + i * 1000)"
_MESSAGE = f"({_AT} << 21)"
_HELPERS_ADDRESS = "(SELECT a.id FROM addresses a JOIN chats c ON c.helper = a.person_id ORDER BY c.opened_at LIMIT 1)"
_WRITER = f"CASE WHEN i % 2 THEN {_STUDENT} ELSE :helper END"
_READER = f"CASE WHEN i % 2 THEN :helper ELSE {_STUDENT} END"
_FROM = f"CASE WHEN i % 2 THEN {_STUDENT} ELSE :helpers_address END"
_TO = f"CASE WHEN i % 2 THEN :helpers_address ELSE {_STUDENT} END"

Columns = dict[str, str]

A_STUDENT: dict[str, tuple[str, Columns]] = {
    "people": ("student IS NOT NULL AND key IS NOT NULL", {
        "id": f"{PEOPLE} + i", "alias": "'H' || i", "key": "randomblob(length(s.key))",
    }),
    "addresses": ("1", {
        "id": f"{PEOPLE} + i", "person_id": f"{PEOPLE} + i", "lookup": "randomblob(length(s.lookup))",
        "sealed": "randomblob(length(s.sealed))",
    }),
    "requests": ("state = 'matched'", {"id": "'h' || i", "student": f"{PEOPLE} + i", "opened_at": f"{BEFORE} + i"}),
    "chats": ("state = 'open'", {
        "id": "'h' || i", "request": "'h' || i", "student": f"{PEOPLE} + i", "state": "'ended'",
        "opened_at": f"{BEFORE} + i", "ended_at": f"{BEFORE} + i + 1",
    }),
}  # fmt: skip
"""What each invented student has: which row is copied, and the columns that differ."""

A_LINE: dict[str, tuple[str, Columns]] = {
    "messages": ("fate = 'relayed'", {
        "id": _MESSAGE, "person_id": _WRITER, "address_id": _FROM, "chat_id": _CHAT, "request_id": _CHAT,
        "owner_id": _STUDENT, "body": "randomblob(length(s.body))", "external_id": "'h' || i", "sent_at": _AT,
        "created_at": _AT,
    }),
    "inbox": ("1", {"id": f"{FIRST} + i", "external_id": "'h' || i", "received_at": _AT}),
    "outbox": ("kind = 'relay'", {
        "id": f"{FIRST} + i", "person_id": _READER, "address_id": _TO, "owner_id": _STUDENT, "chat_id": _CHAT,
        "message_id": _MESSAGE, "payload": "randomblob(length(s.payload))", "status": "1", "external_id": "'ho' || i",
        "created_at": _AT, "sent_at": _AT,
    }),
}  # fmt: skip

_COPIES = (
    "INSERT INTO copies (address_id, external_id, message_id, chat_id, outbox_id) "  # noqa: S608 - constants of this file
    f"SELECT {_FROM}, 'h' || i, {_MESSAGE}, {_CHAT}, NULL FROM n UNION ALL "
    f"SELECT {_TO}, 'ho' || i, {_MESSAGE}, {_CHAT}, {FIRST} + i FROM n"
)
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT :low UNION ALL SELECT i + 1 FROM n WHERE i < :high) "


def invent(path: Path, students: int, lines: int) -> None:
    """Fill a file in which at least one line was relayed. Its speed of writing is bought with its safety, which a
    file that is thrown away does not need."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-400000", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        given = {
            "each": max(1, lines // students),
            "helper": connection.execute(f"SELECT {_HELPER}").fetchone()[0],
            "helpers_address": connection.execute(f"SELECT {_HELPERS_ADDRESS}").fetchone()[0],
        }
        for table, (which, columns) in A_STUDENT.items():
            _many(connection, _copying(connection, table, which, columns), students, given)
        for table, (which, columns) in A_LINE.items():
            _many(connection, _copying(connection, table, which, columns), lines, given)
        _many(connection, _COPIES, lines, given)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _copying(connection: sqlite3.Connection, table: str, which: str, columns: Columns) -> str:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(columns.get(name, f"s.{name}") for name in names)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM n, "  # noqa: S608 - names of our own tables
        f"(SELECT * FROM {table} WHERE {which} LIMIT 1) s"
    )


def _many(connection: sqlite3.Connection, sql: str, count: int, given: dict[str, int]) -> None:
    for low in range(1, count + 1, CHUNK):
        connection.execute("BEGIN")
        connection.execute(_NUMBERS + sql, given | {"low": low, "high": min(count, low + CHUNK - 1)})
        connection.execute("COMMIT")
