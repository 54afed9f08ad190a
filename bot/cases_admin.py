"""Cases as staff see them over the admin API: level, state and who has it. The words that opened a case and what was
noted about it are read by counselors only, and every such reading is an audit entry (P5).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot import audit, withheld
from bot.acting import Acting
from bot.ids import new_id
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Conflict, Missing
from bot.store.db import Tx
from bot.store.seal import Erased

LONGEST_NOTE = 4000
"""Characters of one note."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """Times in ms; `level` from 0 to 3; `owner`, `paged` and `asking` are ids of the roster, `chat` the open one."""

    id: str
    alias: str
    about: str
    state: str
    level: int
    category: str
    source: str
    opened_at: int
    raised_at: int
    episode: int
    rung: str
    lap: int
    paged: tuple[str, ...]
    asking: tuple[str, ...]
    told_at: int | None
    owner: str | None
    acknowledged_at: int | None
    acted_at: int | None
    reminded_at: int | None
    resolved_at: int | None
    outcome: str | None
    chat: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody noted about a case; `by` is an id of the roster, None for a token that belongs to nobody of it."""

    id: str
    by: str | None
    text: str
    created_at: int


LISTING = Listing(
    name="cases",
    columns=(
        "cases.id, cases.alias, cases.about, cases.state, cases.level, cases.category, cases.source, cases.opened_at, "
        "cases.raised_at, cases.episode, cases.rung, cases.lap, cases.paged, cases.asking, cases.told_at, staff.id, "
        "cases.acknowledged_at, cases.acted_at, cases.reminded_at, cases.resolved_at, cases.outcome, "
        "(SELECT max(chats.id) FROM chats WHERE chats.student = cases.student AND chats.state = 'open'), cases.version"
    ),
    source="cases LEFT JOIN staff ON staff.person_id = cases.owner",
    key="cases.id",
    sorts={
        "opened_at": "cases.opened_at",
        "level": "cases.level",
        "raised_at": "cases.raised_at",
        "resolved_at": "COALESCE(cases.resolved_at, 0)",
    },
    filters={
        "state": "cases.state = :state",
        "level": "cases.level = :level",
        "category": "cases.category = :category",
        "owner": "staff.id = :owner",
        "open": "(cases.state <> 'resolved') = (:open = 1)",
        "opened_after": "cases.opened_at >= :opened_after",
        "opened_before": "cases.opened_at < :opened_before",
        "id": "cases.id = :id",
        "shown_to": withheld.not_from("cases.student"),
    },
    default="-opened_at",
)
_STAFF_IDS = "SELECT person_id, id FROM staff WHERE person_id IN :people"
_STUDENT = "SELECT student, words, words_version FROM cases WHERE id = :id"
_NOTES = (
    "SELECT notes.id, staff.id, notes.body, notes.created_at FROM notes "
    "LEFT JOIN staff ON staff.person_id = notes.by_person "
    "WHERE notes.case_id = :case_id ORDER BY notes.created_at, notes.id"
)
_ADD_NOTE = (
    "INSERT INTO notes (id, case_id, chat_id, by_person, body, owner_id, created_at) "
    "VALUES (:id, :case_id, NULL, :by, :body, :owner, :now)"
)


def listed(tx: Tx, ask: Ask) -> Page[CaseRow]:
    """One page of cases."""
    found = page(tx, LISTING, ask)
    paged = [(json.loads(row[12] or "[]"), json.loads(row[13] or "[]")) for row in found.items]
    people = sorted({person for pair in paged for group in pair for person in group})
    ids = {row[0]: row[1] for row in tx.all(_STAFF_IDS, people=people)} if people else {}
    items = []
    for row, groups in zip(found.items, paged, strict=True):
        values = list(row)
        values[12:14] = (tuple(ids[person] for person in group if person in ids) for group in groups)
        items.append(CaseRow(*values))
    return Page(items, found.next_cursor)


def read(tx: Tx, case: str) -> CaseRow:
    """Raises Missing."""
    found = listed(tx, Ask(limit=1, filters={"id": case})).items
    if not found:
        raise Missing("There is no such case.")
    return found[0]


def refuse_kept_from(tx: Tx, acting: Acting, case: str, staff: str | None) -> bool:
    """Whether this case is kept from the person of the roster with this id, by its student: then that they asked is an
    audit entry, and they are to be refused."""
    if staff is None or not withheld.kept_from(tx, case, staff):
        return False
    _read_by(tx, acting, "case.refused", case)
    return True


def words(tx: Tx, acting: Acting, case: str) -> tuple[str, str]:
    """The words that opened a case, and the version of the lexicon that judged; empty where there are none (opened by
    a button, or erased). Raises Missing."""
    owner, sealed, version = _student(tx, case)
    text = tx.text(owner, sealed, "cases.words")
    _read_by(tx, acting, "case.words", case)
    return text or "", version


def notes(tx: Tx, acting: Acting, case: str) -> list[Note]:
    """What was noted, oldest first; what belonged to an erased person is gone. Raises Missing."""
    owner, _sealed, _version = _student(tx, case)
    kept = []
    for id, by, body, created_at in tx.all(_NOTES, case_id=case):
        text = tx.text(owner, body, "notes.body")
        if text is not None:
            kept.append(Note(id, by, text, created_at))
    _read_by(tx, acting, "case.notes", case)
    return kept


def note(tx: Tx, acting: Acting, case: str, by: int | None, text: str) -> Note:
    """Keep a note, sealed under the key of the person it is about. Raises Missing, and Conflict where that person has
    been erased."""
    owner, _sealed, _version = _student(tx, case)
    try:
        body = tx.seal(owner, text, "notes.body")
    except Erased:
        raise Conflict("The person of this case has been erased: nothing more can be kept about them.") from None
    id = new_id()
    tx.run(_ADD_NOTE, id=id, case_id=case, by=by, body=body, owner=owner, now=acting.now)
    audit.record(tx, actor=acting.actor, action="case.note", object=f"case:{case}", detail={"note": id}, now=acting.now)
    return Note(id, _staff_id(tx, by), text, acting.now)


def _student(tx: Tx, case: str) -> tuple[int, bytes | None, str]:
    row = tx.one(_STUDENT, id=case)
    if row is None:
        raise Missing("There is no such case.")
    student, sealed, version = row
    return student, sealed, version


def _staff_id(tx: Tx, person: int | None) -> str | None:
    rows = tx.all(_STAFF_IDS, people=[person]) if person is not None else []
    return rows[0][1] if rows else None


def _read_by(tx: Tx, acting: Acting, action: str, case: str) -> None:
    audit.record(tx, actor=acting.actor, action=action, object=f"case:{case}", detail={}, now=acting.now)
