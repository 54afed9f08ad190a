"""Exporting and erasing somebody by their alias, when they ask a coordinator instead of the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import audit, erasing, exporting, people
from bot.refusals import Conflict, Missing
from bot.store.db import Tx
from flows.effects import Say
from flows.events import End, Leave, StudentGone

if TYPE_CHECKING:
    from bot.engine import Engine

_OF_STAFF = "SELECT person_id FROM staff WHERE lower(alias) = lower(:alias)"
_STANDING = "SELECT status FROM staff WHERE person_id = :person"
_TRIES = "SELECT event FROM timers WHERE kind = 'erase' AND target = :person"


def person_of(tx: Tx, alias: str) -> int:
    """Whose alias it is, a student's or a staff member's. Raises Missing, also for somebody erased."""
    found = people.by_alias(tx, alias)
    if found is None:
        found = tx.value(_OF_STAFF, alias=alias.strip())
    if found is None or tx.value("SELECT erased_at FROM people WHERE id = :id", id=found) is not None:
        raise Missing("Nobody has this alias: write it as helpers see it, or they are erased already")
    return int(found)


def export(tx: Tx, alias: str, *, actor: str, now: int) -> dict[str, Any]:
    """Everything kept about a person, as `/dataku` gives it. Raises Missing."""
    person = person_of(tx, alias)
    audit.record(tx, actor=actor, action="person.export", object=f"person:{person}", detail={}, now=now)
    return exporting.gather(tx, person)


def erase(engine: Engine, tx: Tx, alias: str, *, actor: str) -> int:
    """Begin to erase a person as if by `/hapus`: an open case's owner is told, chat and request end, the words go now;
    key and address follow when the last notice has left. Raises Missing, and Conflict for somebody of the roster."""
    person = person_of(tx, alias)
    if tx.value(_STANDING, person=person) in ("active", "suspended"):
        raise Conflict("This is somebody of the roster: remove them there first")
    turn = engine.turn(tx, engine.clock(), person, actor)
    facts = turn.facts
    for kind, thing, event in (
        ("case", facts.open_case(person), StudentGone(erased=True)),
        ("chat", facts.open_chat_of(person), End("erased")),
        ("request", facts.open_request_of(person), Leave("erased")),
    ):
        if thing is not None:
            turn.internal(kind, thing.id, event)
    turn.apply([Say("erase.done", to=person)])
    erasing.begin(turn, person)
    return person


def progress(tx: Tx, person: int) -> str | None:
    """How the erasing of a person stands, as an opaque value that changes while a worker is at it; None at its end."""
    found = tx.value(_TRIES, person=str(person))
    return None if found is None else str(found)


def finish(tx: Tx, person: int, now: int) -> None:
    """Destroy key and address now, whatever is still on its way."""
    if erasing.under_way(tx, person):
        erasing.finish(tx, person, erasing.LAST, now)
