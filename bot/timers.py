"""What is due later: one row for each (kind, target, name), in the same commit as what set it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from bot.store.db import END_MATCH, Tx
from flows.events import Internal, Tick, from_json, to_json

MATCH = "match"

_SET = """INSERT INTO timers (kind, target, name, due_at, event, crisis, cause)
VALUES (:kind, :target, :name, :due, :event, :crisis, :cause)
ON CONFLICT (kind, target, name) DO UPDATE SET due_at = excluded.due_at, event = excluded.event,
    crisis = excluded.crisis, cause = excluded.cause"""
_SOONER = """INSERT INTO timers (kind, target, name, due_at, event, crisis, cause)
VALUES (:kind, :target, :name, :due, :event, :crisis, :cause)
ON CONFLICT (kind, target, name) DO UPDATE SET due_at = excluded.due_at WHERE excluded.due_at < timers.due_at"""
_CLEAR = "DELETE FROM timers WHERE kind = :kind AND target = :target AND name = :name"
_DUE = """SELECT kind, target, name, due_at, event, crisis, cause FROM timers WHERE due_at <= :now
ORDER BY crisis DESC, due_at, kind, target, name LIMIT :limit"""
_CLAIM = "DELETE FROM timers WHERE kind = :kind AND target = :target AND name = :name AND due_at = :due"
_PUT_OFF = """UPDATE timers SET due_at = :until
WHERE kind = :kind AND target = :target AND name = :name AND due_at = :due"""
_CAUSES = """SELECT target, cause FROM timers WHERE kind = :kind AND name = :name AND target IN :targets
AND cause IS NOT NULL"""
_NEXT = "SELECT MIN(due_at) FROM timers"


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come."""

    kind: str
    target: str
    name: str
    due: int
    event: Internal
    crisis: bool
    cause: int | None = None


def put(
    tx: Tx, kind: str, target: str | int, name: str, due: int, event: Internal, *, crisis: bool = False,
    sooner: bool = False,
) -> None:  # fmt: skip
    """Set a timer, in place of an earlier one of that name. `sooner`: keep the earlier one if it is due before."""
    tx.run(
        _SOONER if sooner else _SET,
        kind=kind,
        target=str(target),
        name=name,
        due=due,
        event=orjson.dumps(to_json(event)).decode(),
        crisis=crisis,
        cause=tx.cause if kind != MATCH else None,  # a round serves everybody
    )


def clear(tx: Tx, kind: str, target: str | int, name: str) -> None:
    tx.run(_CLEAR, kind=kind, target=str(target), name=name)


def due(tx: Tx, now: int, limit: int = 100) -> list[Due]:
    """What is due, crisis first."""
    return [
        Due(str(r[0]), str(r[1]), str(r[2]), int(r[3]), from_json(orjson.loads(r[4])), bool(r[5]), r[6])
        for r in tx.all(_DUE, now=now, limit=limit)
    ]


def claim(tx: Tx, timer: Due) -> bool:
    """Take a due timer away in the transaction that acts on it; False when somebody else was quicker or it was set
    anew. What caused the timer is the cause of what it does."""
    tx.cause = timer.cause
    return tx.run(_CLAIM, kind=timer.kind, target=timer.target, name=timer.name, due=timer.due) == 1


def match(tx: Tx, due: int) -> None:
    """Have a matching round at `due`, or before. Everybody writes this one row, so it is written last."""
    known: int | None = tx.memo.get("match")
    soonest = due if known is None else min(due, known)
    tx.memo["match"] = soonest
    tx.at_end(
        (END_MATCH,), lambda: put(tx, MATCH, "all", "round", soonest, Tick("match"), sooner=True)
    )  # fmt: skip


def lease(tx: Tx, timer: Due, until: int) -> Due | None:
    """Claim a due timer that is acted on in a transaction of its own: it comes again at `until` unless it is cleared
    by then, so that a crash loses nothing. None when somebody else was quicker."""
    if not claim(tx, timer):
        return None
    later = replace(timer, due=until)
    put(tx, later.kind, later.target, later.name, later.due, later.event, crisis=later.crisis)
    return later


def put_off(tx: Tx, timer: Due, until: int) -> bool:
    """Have a due timer come at `until` instead; False when it was acted on, or set anew, meanwhile."""
    return tx.run(_PUT_OFF, kind=timer.kind, target=timer.target, name=timer.name, due=timer.due, until=until) == 1


def causes(tx: Tx, kind: str, name: str, targets: Sequence[str]) -> dict[str, int]:
    """The inbounds from which the timers of this name come, by target; those that have one."""
    return {str(row[0]): int(row[1]) for row in tx.all(_CAUSES, kind=kind, name=name, targets=targets)}


def next_due(tx: Tx) -> int | None:
    """When the next timer is due (ms), or None."""
    value = tx.value(_NEXT)
    return None if value is None else int(value)
