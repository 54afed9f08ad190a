"""Erasing a person is destroying their data key, once the last notices have left. Words go at once; the address, which
the last notice still needs, within seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import audit, people, timers
from bot.store.db import Tx
from flows.events import Tick

if TYPE_CHECKING:
    from bot.turn import Turn

RETRY = 1_000
LAST = 60_000
"""How long the last notice may take to leave (ms); after it the address goes all the same."""

_BODIES = "UPDATE messages SET body = NULL, media = NULL WHERE person_id = :person OR owner_id = :person"
_WORDS = "UPDATE cases SET words = NULL WHERE student = :person"
_REVIEWS = "DELETE FROM reviews WHERE person_id = :person"
_NOTES = "DELETE FROM notes WHERE owner_id = :person"
_OTHERS = """UPDATE outbox SET payload = NULL, status = CASE WHEN status = 0 THEN 3 ELSE status END
WHERE owner_id = :person"""
_PENDING = "SELECT COUNT(*) FROM outbox WHERE person_id = :person AND status = 0"
_STUDENT = "UPDATE people SET student = NULL WHERE id = :person"
_UNDER_WAY = "SELECT 1 FROM timers WHERE kind = 'erase' AND target = :person"


def begin(turn: Turn, person: int) -> None:
    """Take the words away now, in this commit; the key and the address follow when the last notice has left."""
    tx = turn.tx
    for sql in (_BODIES, _WORDS, _NOTES, _REVIEWS, _OTHERS, _STUDENT):
        tx.run(sql, person=person)
    if turn.message is not None and turn.message.person == person:
        turn.message.text = ""
        turn.message.media = None
    timers.put(tx, "erase", person, "erase", turn.now + RETRY, Tick("erase", 0))
    turn.engine.expect(tx, turn.now + RETRY)
    actor = f"person:{person}" if turn.actor == "system" else turn.actor
    audit.record(tx, now=turn.now, actor=actor, action="person.erase", object=f"person:{person}",
                 detail={})  # fmt: skip


def under_way(tx: Tx, person: int) -> bool:
    """Whether this person has asked to be erased and the last notice is still on its way."""
    return tx.one(_UNDER_WAY, person=str(person)) is not None


def finish(tx: Tx, person: int, tries: int, now: int) -> bool:
    """Destroy the key and the address; False while a notice is still on its way and there is time for it."""
    waiting = int(tx.value(_PENDING, person=person) or 0)
    if waiting and tries * RETRY < LAST:
        timers.put(tx, "erase", person, "erase", now + RETRY, Tick("erase", tries + 1))
        return False
    timers.clear(tx, "erase", person, "erase")
    people.erase(tx, person, now)
    return True
