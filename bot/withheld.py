"""Whom a student keeps away from their cases, as rows. Nowhere is written who that is but here: whoever reads the audit
may be the one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.store.db import Tx

_OF = (
    "SELECT staff.person_id FROM withheld JOIN staff ON (withheld.kind = 'person' AND staff.id = withheld.value) "
    "OR (withheld.kind = 'site' AND staff.site = withheld.value) WHERE withheld.student_id = :student"
)
_OF_MANY = (
    "SELECT withheld.student_id, staff.person_id FROM withheld JOIN staff "
    "ON (withheld.kind = 'person' AND staff.id = withheld.value) "
    "OR (withheld.kind = 'site' AND staff.site = withheld.value) WHERE withheld.student_id IN :students"
)
_FROM = (
    "SELECT 1 FROM cases JOIN withheld ON withheld.student_id = cases.student JOIN staff "
    "ON (withheld.kind = 'person' AND staff.id = withheld.value) "
    "OR (withheld.kind = 'site' AND staff.site = withheld.value) WHERE cases.id = :case AND staff.id = :staff LIMIT 1"
)
_CHAT_FROM = _FROM.replace("cases", "chats").replace(":case", ":id")
_REQUEST_FROM = _FROM.replace("cases", "requests").replace(":case", ":id")
_KEEPS_AWAY = (
    "SELECT 1 FROM withheld JOIN staff ON (withheld.kind = 'person' AND staff.id = withheld.value) "
    "OR (withheld.kind = 'site' AND staff.site = withheld.value) "
    "WHERE withheld.student_id = :student AND staff.id = :staff LIMIT 1"
)
_ADD = (
    "INSERT INTO withheld (student_id, kind, value, created_at) VALUES (:student, :kind, :value, :now) "
    "ON CONFLICT DO NOTHING"
)
_COPY = (
    "INSERT INTO withheld (student_id, kind, value, created_at) SELECT :into, kind, value, created_at FROM withheld "
    "WHERE student_id = :student ON CONFLICT DO NOTHING"
)
_ANY = "SELECT 1 FROM withheld LIMIT 1"
_CLEAR = "DELETE FROM withheld WHERE student_id = :student"
_UNSENT = (
    "UPDATE outbox SET status = 3, payload = NULL WHERE status = 0 AND person_id IN :people "
    "AND case_id IN (SELECT id FROM cases WHERE student = :student)"
)


def not_from(student: str) -> str:
    """A condition over rows whose student stands in column `student`: they are not kept from the person of the roster
    whose id is `shown_to`."""
    return (
        "NOT EXISTS (SELECT 1 FROM withheld JOIN staff AS caller "  # noqa: S608 - columns of our own code
        "ON (withheld.kind = 'person' AND caller.id = withheld.value) "
        "OR (withheld.kind = 'site' AND caller.site = withheld.value) "
        f"WHERE withheld.student_id = {student} AND caller.id = :shown_to)"
    )


def of(tx: Tx, student: int) -> frozenset[int]:
    """The people of the roster whom a student keeps away."""
    return frozenset(row[0] for row in tx.all(_OF, student=student))


def of_many(tx: Tx, students: Sequence[int]) -> dict[int, frozenset[int]]:
    """The same for several students, those with somebody only."""
    found: dict[int, set[int]] = {}
    for student, person in tx.all(_OF_MANY, students=students) if students else ():
        found.setdefault(student, set()).add(person)
    return {student: frozenset(people) for student, people in found.items()}


def anybody(tx: Tx) -> bool:
    """Whether any student keeps anybody away: where none does, nobody need be looked up."""
    return tx.one(_ANY) is not None


def kept_from(tx: Tx, case: str, staff: str) -> bool:
    """Whether a case is kept from this person of the roster (their id)."""
    return tx.one(_FROM, case=case, staff=staff) is not None


def kept_chat(tx: Tx, chat: str, staff: str) -> bool:
    """The same of a chat."""
    return tx.one(_CHAT_FROM, id=chat, staff=staff) is not None


def kept_request(tx: Tx, request: str, staff: str) -> bool:
    """The same of a request."""
    return tx.one(_REQUEST_FROM, id=request, staff=staff) is not None


def keeps_away(tx: Tx, student: int, staff: str) -> bool:
    """Whether a student keeps this person of the roster (their id) away."""
    return tx.one(_KEEPS_AWAY, student=student, staff=staff) is not None


def add(tx: Tx, student: int, kind: str, value: str, now: int) -> None:
    """Keep a person or a site away from now (ms) on; what waits to be sent to them about the student's cases is not."""
    tx.run(_ADD, student=student, kind=kind, value=value, now=now)
    tx.run(_UNSENT, student=student, people=sorted(of(tx, student)) or [0])


def move(tx: Tx, student: int, into: int) -> None:
    """Two addresses turn out to be one person's: what either has said holds."""
    tx.run(_COPY, student=student, into=into)
    clear(tx, student)


def clear(tx: Tx, student: int) -> None:
    """Keep nobody away any more."""
    tx.run(_CLEAR, student=student)
