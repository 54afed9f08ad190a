"""Who is on duty now, and putting somebody on or off by hand."""

from __future__ import annotations

from dataclasses import dataclass

from bot import audit
from bot.acting import Acting
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Conflict, Missing
from bot.store.db import Tx
from flows.events import DutySet


@dataclass(frozen=True, slots=True)
class Duty:
    """One staff member's duty. Times in ms; `load` counts open chats; `rank` is of the shift that runs now, None for
    somebody who is on by their own word."""

    staff: str
    role: str
    alias: str
    person: int
    site: str | None
    status: str
    on: bool
    since: int | None
    paused_until: int | None
    capacity: int
    load: int
    reachable: bool
    rank: str | None


_COLUMNS = (
    "staff.id, staff.role, staff.alias, staff.person_id, staff.site, staff.status, people.on_duty, people.duty_since, "
    "people.paused_until, staff.capacity, "
    "(SELECT count(*) FROM chats WHERE chats.helper = staff.person_id AND chats.state = 'open'), "
    "people.unreachable_at IS NULL, "
    "(SELECT max(shifts.rank) FROM shifts WHERE shifts.staff_id = staff.id "
    "AND shifts.starts_at <= :now AND shifts.ends_at > :now)"
)
_SOURCE = "staff JOIN people ON people.id = staff.person_id"
LISTING = Listing(
    name="duty",
    columns=_COLUMNS,
    source=_SOURCE,
    key="staff.id",
    sorts={"since": "COALESCE(people.duty_since, 0)", "role": "staff.role", "alias": "staff.alias"},
    filters={
        "role": "staff.role = :role",
        "site": "staff.site = :site",
        "on": "people.on_duty = :on",
        "now": ":now > 0",
    },
    default="since",
    where="staff.status = 'active'",
)
_READ = " ".join(("SELECT", _COLUMNS, "FROM", _SOURCE, "WHERE staff.id = :id"))


def _duty(row: tuple[object, ...]) -> Duty:
    made = Duty(*row)  # type: ignore[arg-type]  # the statement's columns are these fields, in this order
    return made


def read(tx: Tx, staff: str, now: int) -> Duty:
    """Raises Missing."""
    row = tx.one(_READ, id=staff, now=now)
    if row is None:
        raise Missing("There is nobody of this id in the roster.")
    return _duty(tuple(row))


def listed(tx: Tx, ask: Ask) -> Page[Duty]:
    """One page of active staff; the filter `now` is always given."""
    found = page(tx, LISTING, ask)
    return Page([_duty(tuple(row)) for row in found.items], found.next_cursor)


def put(tx: Tx, acting: Acting, staff: str, on: bool) -> Duty:
    """Ask somebody's desk to go on or off duty; it acts on it at once after the commit, as if by /on or /off.
    Raises Missing, and Conflict for somebody suspended or removed."""
    found = read(tx, staff, acting.now)
    if found.status != "active":
        raise Conflict("This person is not active: set their status to active first.", "status")
    acting.tell_desk(tx, found.person, DutySet(on=on))
    audit.record(
        tx, actor=acting.actor, action="duty.on" if on else "duty.off", object=f"staff:{staff}", detail={},
        now=acting.now,
    )  # fmt: skip
    return found
