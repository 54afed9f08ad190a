"""Internal inbox rows: what one person's act means for another's dialog, durable in the same commit, in order."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from bot.store.db import Tx
from flows.events import Internal, from_json, to_json

_ADD = """INSERT INTO mail (kind, person_id, event, attempts, created_at, cause)
VALUES (:kind, :person, :event, 0, :now, :cause)"""
_WHO = "SELECT DISTINCT person_id FROM mail ORDER BY person_id LIMIT :limit"
_OF = "SELECT id, kind, event, attempts, cause FROM mail WHERE person_id = :person ORDER BY id LIMIT :limit"
_DROP = "DELETE FROM mail WHERE id = :id"
_FAILED = "UPDATE mail SET attempts = attempts + 1 WHERE id = :id"


@dataclass(frozen=True, slots=True)
class Letter:
    """One internal event on its way to a dialog (`student` or `desk`)."""

    id: int
    kind: str
    event: Internal
    attempts: int
    cause: int | None = None


def post(tx: Tx, kind: str, person: int, event: Internal, now: int) -> None:
    """Leave an event for a person's dialog."""
    tx.run(_ADD, kind=kind, person=person, event=orjson.dumps(to_json(event)).decode(), now=now, cause=tx.cause)


def people(tx: Tx, limit: int = 200) -> list[int]:
    """Whose mail waits."""
    return [int(row[0]) for row in tx.all(_WHO, limit=limit)]


def of(tx: Tx, person: int, limit: int = 50) -> list[Letter]:
    """A person's mail, oldest first."""
    return [
        Letter(int(row[0]), str(row[1]), from_json(orjson.loads(row[2])), int(row[3]), row[4])
        for row in tx.all(_OF, person=person, limit=limit)
    ]


def drop(tx: Tx, id: int) -> bool:
    """Take a letter away in the transaction that acts on it; False when somebody else has."""
    return tx.run(_DROP, id=id) == 1


def failed(tx: Tx, id: int) -> None:
    tx.run(_FAILED, id=id)
