"""Shifts: when a staff member is planned to be on duty, and where nobody is.

The rota acts by timers: at the beginning and at the end of a time that is covered by a person's shifts, their desk is
told. Shifts may overlap or follow each other without a break; such a run is one time of duty, so nobody is put off
duty at the seam.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import audit, timers
from bot.acting import Acting
from bot.ids import new_id
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Conflict, FieldError, Invalid, Missing, check_version
from bot.store.db import Row, Tx
from flows.events import DutySet

RANKS = ("primary", "backup")
LONGEST = 7 * 24 * 3_600_000
"""ms. A longer shift is a slip of the pen: nobody is on duty for more than a week."""
WIDEST = 92 * 24 * 3_600_000
"""ms between the ends of a question about gaps."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Times in ms; `role` is the staff member's."""

    id: str
    staff: str
    rank: str
    starts_at: int
    ends_at: int
    created_at: int
    updated_at: int
    version: int
    role: str
    person: int


Span = tuple[int, int]

_COLUMNS = (
    "shifts.id, shifts.staff_id, shifts.rank, shifts.starts_at, shifts.ends_at, shifts.created_at, "
    "shifts.updated_at, shifts.version, staff.role, staff.person_id"
)
_SOURCE = "shifts JOIN staff ON staff.id = shifts.staff_id"
_READ = (
    "SELECT shifts.id, shifts.staff_id, shifts.rank, shifts.starts_at, shifts.ends_at, shifts.created_at, "
    "shifts.updated_at, shifts.version, staff.role, staff.person_id "
    "FROM shifts JOIN staff ON staff.id = shifts.staff_id WHERE shifts.id = :id"
)
_STAFF = "SELECT person_id, role, status FROM staff WHERE id = :id"
_OF_PERSON = (
    "SELECT shifts.id, shifts.starts_at, shifts.ends_at FROM shifts JOIN staff ON staff.id = shifts.staff_id "
    "WHERE staff.person_id = :person AND shifts.ends_at > :now ORDER BY shifts.starts_at, shifts.id"
)
_ADD = (
    "INSERT INTO shifts (id, staff_id, rank, starts_at, ends_at, created_at, updated_at, version) "
    "VALUES (:id, :staff, :rank, :starts_at, :ends_at, :now, :now, 1)"
)
_CHANGE = (
    "UPDATE shifts SET rank = :rank, starts_at = :starts_at, ends_at = :ends_at, updated_at = :now, "
    "version = version + 1 WHERE id = :id"
)
_REMOVE = "DELETE FROM shifts WHERE id = :id"
_REMOVE_ALL = "DELETE FROM shifts WHERE staff_id = :staff AND ends_at > :now"
_CLEAR = "DELETE FROM timers WHERE kind = 'desk' AND target = :person AND substr(name, 1, 6) = 'shift:'"
_COVERED = (
    "SELECT shifts.starts_at, shifts.ends_at FROM shifts JOIN staff ON staff.id = shifts.staff_id "
    "WHERE staff.role = :role AND staff.status = 'active' AND shifts.ends_at > :since AND shifts.starts_at < :until "
    "ORDER BY shifts.starts_at"
)

LISTING = Listing(
    name="shifts",
    columns=_COLUMNS,
    source=_SOURCE,
    key="shifts.id",
    sorts={"starts_at": "shifts.starts_at", "ends_at": "shifts.ends_at", "created_at": "shifts.created_at"},
    filters={
        "staff": "shifts.staff_id = :staff",
        "role": "staff.role = :role",
        "rank": "shifts.rank = :rank",
        "from": "shifts.ends_at > :from",
        "to": "shifts.starts_at < :to",
    },
    default="starts_at",
)


def read(tx: Tx, shift: str) -> Shift:
    """Raises Missing."""
    row = tx.one(_READ, id=shift)
    if row is None:
        raise Missing("There is no such shift.")
    return Shift(*row)


def listed(tx: Tx, ask: Ask) -> Page[Shift]:
    """One page of shifts."""
    found = page(tx, LISTING, ask)
    return Page([Shift(*row) for row in found.items], found.next_cursor)


def add(tx: Tx, acting: Acting, *, staff: str, rank: str, starts_at: int, ends_at: int) -> Shift:
    """Plan a shift. Raises Invalid, and Conflict for somebody who is not active."""
    _check(rank, starts_at, ends_at)
    row = tx.one(_STAFF, id=staff)
    if row is None:
        raise Invalid.one("staff", "is nobody of the roster: give the id of a supporter, counselor or coordinator")
    person, _role, status = row
    if status != "active":
        raise Conflict("This person is not active: they cannot be on duty.", "staff")
    id = new_id()
    before = _runs(tx, person, acting.now)
    tx.run(_ADD, id=id, staff=staff, rank=rank, starts_at=starts_at, ends_at=ends_at, now=acting.now)
    _replan(tx, acting, person, before)
    _record(tx, acting, "shift.create", id, {"staff": staff})
    return read(tx, id)


def change(tx: Tx, acting: Acting, shift: str, versions: Collection[int] | None, values: Mapping[str, object]) -> Shift:
    """Change rank, beginning or end. Raises Missing, Stale and Invalid."""
    found = read(tx, shift)
    check_version(found.version, versions)
    wanted = replace(found, **values)  # type: ignore[arg-type]  # the schema of the route has typed each of them
    _check(wanted.rank, wanted.starts_at, wanted.ends_at)
    before = _runs(tx, found.person, acting.now)
    tx.run(_CHANGE, id=shift, rank=wanted.rank, starts_at=wanted.starts_at, ends_at=wanted.ends_at, now=acting.now)
    _replan(tx, acting, found.person, before)
    _record(tx, acting, "shift.change", shift, {"fields": ",".join(sorted(values))})
    return read(tx, shift)


def remove(tx: Tx, acting: Acting, shift: str) -> None:
    """Take a shift off the rota; whoever is on duty by it alone goes off. Raises Missing."""
    found = read(tx, shift)
    before = _runs(tx, found.person, acting.now)
    tx.run(_REMOVE, id=shift)
    _replan(tx, acting, found.person, before)
    _record(tx, acting, "shift.delete", shift, {"staff": found.staff})


def drop(tx: Tx, staff: str, person: int, now: int) -> None:
    """Take every running and coming shift of somebody who leaves off the rota. Their desk is told otherwise."""
    tx.run(_REMOVE_ALL, staff=staff, now=now)
    tx.run(_CLEAR, person=str(person))


def silence(tx: Tx, person: int) -> None:
    """While somebody is suspended their shifts stay planned and do nothing."""
    tx.run(_CLEAR, person=str(person))


def resume(tx: Tx, acting: Acting, person: int) -> None:
    """The shifts of somebody who is active again act again; one that is running puts them on duty now."""
    _replan(tx, acting, person, [])


def gaps(tx: Tx, since: int, until: int, role: str = "counselor") -> list[Span]:
    """The times between `since` and `until` in which nobody active of the role has a shift, of either rank."""
    if until <= since:
        raise Invalid.one("to", "must be later than from")
    if until - since > WIDEST:
        raise Invalid.one("to", "must be at most 92 days after from")
    open_from = since
    found: list[Span] = []
    for start, end in merged(_spans(tx.all(_COVERED, role=role, since=since, until=until))):
        if start > open_from:
            found.append((open_from, start))
        open_from = end
    if open_from < until:
        found.append((open_from, until))
    return found


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans, which begin in order, with those that touch or overlap joined."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _check(rank: str, starts_at: int, ends_at: int) -> None:
    errors = []
    if rank not in RANKS:
        errors.append(FieldError("rank", f"must be one of {', '.join(RANKS)}"))
    if ends_at <= starts_at:
        errors.append(FieldError("ends_at", "must be later than starts_at"))
    elif ends_at - starts_at > LONGEST:
        errors.append(FieldError("ends_at", "must be at most 7 days after starts_at"))
    if errors:
        raise Invalid(errors)


def _runs(tx: Tx, person: int, now: int) -> list[Span]:
    """The times of duty that are running or to come."""
    return merged(_spans(tx.all(_OF_PERSON, person=person, now=now)))


def _spans(rows: Iterable[Row]) -> list[Span]:
    return [(row["starts_at"], row["ends_at"]) for row in rows]


def _replan(tx: Tx, acting: Acting, person: int, before: Sequence[Span]) -> None:
    """Set the timers of a person's rota anew. The desk is told at once only where this change decides whether the
    present moment is covered, so that somebody who went off by their own word is not put on again by another change."""
    now = acting.now
    tx.run(_CLEAR, person=str(person))
    rows = tx.all(_OF_PERSON, person=person, now=now)
    runs = merged(_spans(rows))
    for start, end in runs:
        first = next(row[0] for row in rows if row[1] == start)
        last = next(row[0] for row in rows if row[2] == end)
        if start > now:
            timers.put(tx, "desk", person, f"shift:{first}:start", start, DutySet(on=True))
        timers.put(tx, "desk", person, f"shift:{last}:end", end, DutySet(on=False))
    was, is_now = _covers(before, now), _covers(runs, now)
    if was != is_now:
        acting.tell_desk(tx, person, DutySet(on=is_now))


def _covers(spans: Iterable[Span], now: int) -> bool:
    return any(start <= now < end for start, end in spans)


def _record(tx: Tx, acting: Acting, action: str, shift: str, detail: Mapping[str, str]) -> None:
    audit.record(tx, actor=acting.actor, action=action, object=f"shift:{shift}", detail=detail, now=acting.now)
