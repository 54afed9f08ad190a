"""What the semantic net asks a counselor to look at. Words are read by counselors only, and every such reading is an
audit entry (P5); nobody sees a student who keeps them away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import audit, withheld
from bot.acting import Acting
from bot.lists import Ask, Listing, Page, page
from bot.messages import BODY
from bot.refusals import Conflict, Missing
from bot.semantic import verdicts
from bot.store import entities
from bot.store.db import Tx

if TYPE_CHECKING:
    from bot.engine import Engine

BEFORE, AFTER = 6, 3
"""Lines shown around the one that is asked about."""


@dataclass(frozen=True, slots=True)
class Review:
    """`score` in thousandths; times in ms; `decided_by` an actor of the audit, "system" where the net opened the case
    by itself; `case` what it became."""

    id: str
    alias: str
    score: int
    state: str
    created_at: int
    decided_at: int | None
    decided_by: str | None
    case: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the student's story; `asked` for the one in question."""

    by: str  # student | helper
    text: str
    at: int
    asked: bool


LISTING = Listing(
    name="reviews",
    columns=(
        "reviews.id, people.alias, reviews.score, reviews.state, reviews.created_at, reviews.decided_at, "
        "reviews.decided_by, reviews.case_id"
    ),
    source="reviews JOIN people ON people.id = reviews.person_id",
    key="reviews.id",
    sorts={"created_at": "reviews.created_at", "score": "reviews.score"},
    filters={
        "state": "reviews.state = :state",
        "id": "reviews.id = :id",
        "shown_to": withheld.not_from("reviews.person_id"),
    },
    default="-created_at",
)
_ROW = "SELECT person_id, message_id, state, head FROM reviews WHERE id = :id"
_LINES = "SELECT id, person_id, body, owner_id, created_at FROM messages WHERE owner_id = :person AND body IS NOT NULL"
_UNTIL = f"{_LINES} AND id <= :id ORDER BY id DESC LIMIT :limit"
_SINCE = f"{_LINES} AND id > :id ORDER BY id LIMIT :limit"
_DECIDE = """UPDATE reviews SET state = :state, decided_at = :now, decided_by = :by
WHERE id = :id AND state = 'open'"""


def listed(tx: Tx, ask: Ask) -> Page[Review]:
    """One page of reviews, without a word of them."""
    found = page(tx, LISTING, ask)
    return Page([Review(*row) for row in found.items], found.next_cursor)


def read(tx: Tx, id: str) -> Review:
    """Raises Missing."""
    found = listed(tx, Ask(limit=1, filters={"id": id})).items
    if not found:
        raise Missing("There is no such review.")
    return found[0]


def context(tx: Tx, acting: Acting, id: str) -> list[Line]:
    """The text and what stands around it, oldest first; empty where it was erased meanwhile. Raises Missing."""
    person, message, _state, _head = _row(tx, id)
    rows = [*reversed(tx.all(_UNTIL, person=person, id=message, limit=BEFORE)),
            *tx.all(_SINCE, person=person, id=message, limit=AFTER)]  # fmt: skip
    audit.record(tx, actor=acting.actor, action="review.read", object=f"review:{id}", detail={}, now=acting.now)
    lines = []
    for number, by, body, owner, at in rows:
        text = tx.text(owner, body, BODY)
        if text is not None:
            lines.append(Line("student" if by == person else "helper", text, int(at), number == message))
    return lines


def refuse_kept_from(tx: Tx, acting: Acting, id: str, staff: str | None) -> bool:
    """Whether its student keeps this person of the roster away: then that they asked is an audit entry, and they are to
    be refused. Raises Missing."""
    if staff is None or not withheld.keeps_away(tx, _row(tx, id)[0], staff):
        return False
    audit.record(tx, actor=acting.actor, action="review.refused", object=f"review:{id}", detail={}, now=acting.now)
    return True


def dismiss(tx: Tx, acting: Acting, id: str) -> None:
    """Nothing is to be done. Raises Missing, and Conflict where it was decided before."""
    _decide(tx, id, "dismissed", acting.actor, acting.now)


def open_as_case(engine: Engine, tx: Tx, id: str, *, actor: str) -> str:
    """The counselor hears danger in it: the student is answered and the ladder paged, as by a text of level high. The
    id of the case. Raises Missing, and Conflict where it was decided before or the words are gone."""
    person, message, _state, head = _row(tx, id)
    entities.hold_person(tx, person)
    now = engine.clock()
    _decide(tx, id, "opened", actor, now)
    case = verdicts.open_case(engine.turn(tx, now, person, actor), message, person, head)
    if case is None:
        raise Conflict("The words of this review are gone: nothing can be opened for them.")
    return case


def _row(tx: Tx, id: str) -> tuple[int, int, str, str]:
    row = tx.one(_ROW, id=id)
    if row is None:
        raise Missing("There is no such review.")
    return int(row[0]), int(row[1]), str(row[2]), str(row[3])


def _decide(tx: Tx, id: str, state: str, actor: str, now: int) -> None:
    if tx.run(_DECIDE, id=id, state=state, by=actor, now=now) != 1:
        raise Conflict(f"It was decided before ({_row(tx, id)[2]}).")
    audit.record(tx, actor=actor, action=f"review.{state}", object=f"review:{id}", detail={}, now=now)
