"""Proposed changes as rows: open until they are published or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.lists import Ask, Listing, Page, page
from bot.refusals import Conflict, Missing
from bot.rules.changes import CHANGES, Change
from bot.store.db import Tx

MOST_OPEN = 200
"""Open proposals at once: more is nobody's careful work."""
_COLUMNS = "id, state, base, change, reason, proposed_by, proposed_at, decided_by, decided_at"
_ONE = f"SELECT {_COLUMNS} FROM lexicon_drafts WHERE id = :id"  # noqa: S608 - constants of this file
_OPEN = "SELECT count(*) FROM lexicon_drafts WHERE state = 'open'"
_INSERT = (
    "INSERT INTO lexicon_drafts (id, state, base, change, reason, proposed_by, proposed_at) "
    "VALUES (:id, 'open', :base, :change, :reason, :by, :now)"
)
_DECIDE = (
    "UPDATE lexicon_drafts SET state = :state, decided_by = :by, decided_at = :now, version = version + 1 "
    "WHERE id = :id AND state = 'open'"
)
LISTING = Listing(
    name="lexicon_drafts",
    columns=_COLUMNS,
    source="lexicon_drafts",
    key="id",
    sorts={"proposed_at": "proposed_at"},
    filters={"state": "state = :state"},
    default="-proposed_at",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal. `base` is the version that it was proposed on, actors are the audit's, times in ms."""

    id: str
    state: str
    base: int
    changes: tuple[Change, ...]
    reason: str
    proposed_by: str
    proposed_at: int
    decided_by: str | None
    decided_at: int | None


def read(tx: Tx, id: str) -> Draft:
    """Raises Missing."""
    row = tx.one(_ONE, id=id)
    if row is None:
        raise Missing("There is no such proposal.")
    return _draft(row)


def add(tx: Tx, id: str, base: int, changes: Sequence[Change], reason: str, by: str, now: int) -> None:
    """Keep a proposal. Raises Conflict where too many are open."""
    if int(tx.value(_OPEN)) >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} proposals are open: publish or withdraw some of them first.")
    text = CHANGES.dump_json(list(changes)).decode()
    tx.run(_INSERT, id=id, base=base, change=text, reason=reason, by=by, now=now)


def decide(tx: Tx, id: str, state: str, by: str, now: int) -> None:
    """Close an open proposal as "published" or "withdrawn". Raises Missing, and Conflict where it was before."""
    if tx.run(_DECIDE, id=id, state=state, by=by, now=now) != 1:
        raise Conflict(f"This proposal was {read(tx, id).state} before.")


def listed(tx: Tx, ask: Ask) -> Page[Draft]:
    """One page of proposals, newest first."""
    found = page(tx, LISTING, ask)
    return Page([_draft(row) for row in found.items], found.next_cursor)


def _draft(row: Iterable[Any]) -> Draft:
    id, state, base, change, reason, proposed_by, proposed_at, decided_by, decided_at = row
    changes = tuple(CHANGES.validate_json(str(change)))
    return Draft(id, state, base, changes, reason, proposed_by, proposed_at, decided_by, decided_at)
