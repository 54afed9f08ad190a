"""The roster: supporters, counselors and coordinators, added, changed, suspended and removed.

Names and e-mail addresses are sealed under the person's own key. Suspending or removing somebody tells their desk in
the same commit (which ends their chats), ends the tokens that carry their name, and stops their shifts: within a
second nothing of theirs works any more (P4).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import orjson

from bot import aliases, audit, people, shifts, staff_addresses, tokens
from bot.acting import Acting
from bot.ids import new_id
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Invalid, Missing, check_version
from bot.roster_fields import ROLES, Entry, checked
from bot.store.db import Tx
from bot.store.errors import Again
from bot.times import day_of, end_of_day
from flows.events import Revoked

__all__ = ["Entry", "Member", "add", "change", "entry_of", "join", "listed", "named", "read", "remove"]

STATUSES = ("active", "suspended", "removed")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the roster: what the coordinator wrote (`entry`) and what the service knows beside. Times in ms."""

    id: str
    person: int
    alias: str
    entry: Entry
    status: str
    on_duty: bool
    created_at: int
    updated_at: int
    version: int


_COLUMNS = (
    "staff.id, staff.person_id, staff.alias, staff.role, staff.name, staff.languages, staff.gender, staff.site, "
    "staff.topics, staff.capacity, staff.email, staff.certified_until, staff.status, people.on_duty, "
    "staff.created_at, staff.updated_at, staff.version"
)
LISTING = Listing(
    name="staff",
    columns=_COLUMNS,
    source="staff JOIN people ON people.id = staff.person_id",
    key="staff.person_id",  # rises: who came in one file stay in its order
    sorts={
        "created_at": "staff.created_at",
        "updated_at": "staff.updated_at",
        "alias": "staff.alias",
        "site": "COALESCE(staff.site, '')",
        "status": "staff.status",
        "certified_until": "COALESCE(staff.certified_until, 0)",
    },
    filters={
        "role": "staff.role = :role",
        "status": "staff.status = :status",
        "site": "staff.site = :site",
        "topic": "staff.topics LIKE '%\"' || :topic || '\"%'",
        "language": "staff.languages LIKE '%\"' || :language || '\"%'",
        "on_duty": "people.on_duty = :on_duty",
        "certified_before": "(staff.certified_until IS NULL OR staff.certified_until < :certified_before)",
        "id": "staff.id = :id",
    },
    default="created_at",
)
_OF_PERSON = "SELECT id, status FROM staff WHERE person_id = :person"
_ADD = (
    "INSERT INTO staff (id, person_id, role, alias, name, email, language, languages, gender, site, topics, capacity, "
    "status, certified_until, created_at, updated_at, version) VALUES (:id, :person, :role, :alias, :name, :email, "
    ":language, :languages, :gender, :site, :topics, :capacity, :status, :certified_until, :now, :now, 1)"
)
_CHANGE = (
    "UPDATE staff SET role = :role, name = :name, email = :email, language = :language, languages = :languages, "
    "gender = :gender, site = :site, topics = :topics, capacity = :capacity, status = :status, "
    "certified_until = :certified_until, updated_at = :now, version = version + 1 WHERE id = :id"
)


def listed(tx: Tx, acting: Acting, ask: Ask) -> Page[Member]:
    """One page of the roster."""
    found = page(tx, LISTING, ask)
    accounts = staff_addresses.of(tx, [row[1] for row in found.items]) if found.items else {}
    return Page([_member(tx, acting, row, accounts.get(row[1], {})) for row in found.items], found.next_cursor)


def read(tx: Tx, acting: Acting, staff: str, role: str | None = None) -> Member:
    """Raises Missing, also for somebody of another role than the one asked for."""
    found = listed(tx, acting, Ask(limit=1, filters={"id": staff, "role": role})).items
    if not found:
        raise Missing(f"There is no {role or 'such person'} of this id in the roster.")
    return found[0]


def entry_of(tx: Tx, person: int) -> str | None:
    """The id under which a person stands in the roster, whatever their status; None for everybody else."""
    row = tx.one(_OF_PERSON, person=person)
    return None if row is None else str(row[0])


def add(tx: Tx, acting: Acting, entry: Entry) -> Member:
    """A new person of the roster; with a channel id they are reached at once, before they ever write. Somebody who was
    removed comes back under their old id. Raises Conflict (naming the field) where a channel id is another's."""
    holders = [staff_addresses.holder(tx, channel, getattr(entry, channel)) for channel in staff_addresses.CHANNELS]
    person = next((holder for holder in holders if holder is not None), None)
    for channel in staff_addresses.CHANNELS:
        staff_addresses.check(tx, channel, getattr(entry, channel), None)
        staff_addresses.check(tx, channel, getattr(entry, channel), person)
    if person is None:
        person = people.create(tx, language=entry.language[0], now=acting.now, ids=acting.ids)
    for channel in staff_addresses.CHANNELS:
        if getattr(entry, channel) is not None:
            staff_addresses.give(tx, acting, channel, getattr(entry, channel), person)
    return read(tx, acting, join(tx, acting, person, entry))


def join(tx: Tx, acting: Acting, person: int, entry: Entry) -> str:
    """Put a person who has an address already on the roster; their id there."""
    before = entry_of(tx, person)
    if before is not None:
        tx.run(_CHANGE, id=before, **_columns(tx, acting, person, entry, "active"))
        _record(tx, acting, "staff.return", before, {"role": entry.role})
        return before
    id = new_id()
    # Not the alias that helpers know the same person by as a student (P1).
    alias = aliases.choose(tx, acting.ids)
    if not aliases.keep(tx, alias, person, acting.now):
        raise Again("somebody else was given this alias meanwhile")
    named = entry if entry.name else replace(entry, name=alias)
    tx.run(_ADD, id=id, person=person, alias=alias, **_columns(tx, acting, person, named, "active"))
    _record(tx, acting, "staff.create", id, {"role": entry.role})
    return id


def change(
    tx: Tx, acting: Acting, staff: str, versions: Collection[int] | None, values: Mapping[str, object]
) -> Member:
    """Change columns of an entry and, with `status`, what the person may do. Raises Missing, Stale, Invalid, and
    Conflict where a channel id is another's."""
    found = read(tx, acting, staff)
    check_version(found.version, versions)
    status = str(values.get("status", found.status))
    if status not in STATUSES:
        raise Invalid.one("status", f"must be one of {', '.join(STATUSES)}")
    columns = checked({name: value for name, value in values.items() if name != "status"})
    if columns.get("role", found.entry.role) != found.entry.role:
        raise Invalid.one("role", "cannot change: remove the person, and add them in the other role")
    wanted = replace(found.entry, **columns)
    moved = [c for c in staff_addresses.CHANNELS if getattr(wanted, c) != getattr(found.entry, c)]
    for channel in moved:
        staff_addresses.check(tx, channel, getattr(wanted, channel), found.person)
    for channel in moved:
        staff_addresses.give(tx, acting, channel, getattr(wanted, channel), found.person)
    tx.run(_CHANGE, id=staff, **_columns(tx, acting, found.person, wanted, status))
    changed = [field.name for field in fields(Entry) if getattr(wanted, field.name) != getattr(found.entry, field.name)]
    if changed:
        _record(tx, acting, "staff.change", staff, {"fields": ",".join(changed)})
    if status != found.status:
        _set_status(tx, acting, found, status)
    return read(tx, acting, staff)


def remove(tx: Tx, acting: Acting, staff: str) -> None:
    """Take somebody off the roster. Their entry stays, removed, for what they did. Raises Missing."""
    change(tx, acting, staff, None, {"status": "removed"})


def _set_status(tx: Tx, acting: Acting, before: Member, status: str) -> None:
    """What a new status means, in the same commit."""
    if status == "active":
        shifts.resume(tx, acting, before.person)
    elif status == "suspended":
        shifts.silence(tx, before.person)
    else:
        shifts.drop(tx, before.id, before.person, acting.now)
    if status != "active":
        names = (before.entry.name, before.alias, before.id)
        tokens.revoke_named(tx, names, now=acting.now, actor=acting.actor)
        acting.tell_desk(tx, before.person, Revoked())
    action = {"active": "staff.restore", "suspended": "staff.suspend", "removed": "staff.remove"}[status]
    _record(tx, acting, action, before.id, {"role": before.entry.role})


def named(tx: Tx, acting: Acting, name: str, roles: Collection[str] = ROLES) -> Member | None:
    """The active person of these roles whom a token's name means: an id, an alias or a name of the roster; None where
    nobody or more than one is called so."""
    wanted = name.strip().casefold()
    found: list[Member] = []
    cursor: str | None = None
    for _ in range(50):  # 10,000 people
        some = listed(tx, acting, Ask(limit=200, cursor=cursor, filters={"status": "active"}))
        for member in some.items:
            if member.entry.role not in roles:
                continue
            if member.id == name.strip():
                return member
            if wanted in (member.entry.name.casefold(), member.alias.casefold()):
                found.append(member)
        cursor = some.next_cursor
        if cursor is None:
            break
    return found[0] if len(found) == 1 else None


def _member(tx: Tx, acting: Acting, row: Sequence[Any], accounts: Mapping[str, str]) -> Member:
    (
        id, person, alias, role, name, languages, gender, site, topics, capacity, email, certified_until, status,
        on_duty, created_at, updated_at, version,
    ) = row  # fmt: skip
    entry = Entry(
        role=role,
        name=tx.text(person, name, "staff.name") or alias,
        language=tuple(orjson.loads(languages)) or ("id",),
        gender=gender,
        site=site,
        topics=tuple(orjson.loads(topics)),
        capacity=capacity,
        telegram=accounts.get("telegram"),
        whatsapp=accounts.get("whatsapp"),
        email=tx.text(person, email, "staff.email"),
        certified_until=None if certified_until is None else day_of(certified_until, acting.zone),
    )
    return Member(id, person, alias, entry, status, bool(on_duty), created_at, updated_at, version)


def _columns(tx: Tx, acting: Acting, person: int, entry: Entry, status: str) -> dict[str, Any]:
    until = entry.certified_until
    return {
        "role": entry.role,
        "name": tx.seal(person, entry.name, "staff.name"),
        "email": None if entry.email is None else tx.seal(person, entry.email, "staff.email"),
        "language": entry.language[0],
        "languages": orjson.dumps(entry.language).decode(),
        "gender": entry.gender,
        "site": entry.site,
        "topics": orjson.dumps(entry.topics).decode(),
        "capacity": entry.capacity,
        "status": status,
        "certified_until": None if until is None else end_of_day(until, acting.zone),
        "now": acting.now,
    }


def _record(tx: Tx, acting: Acting, action: str, staff: str, detail: Mapping[str, str]) -> None:
    audit.record(tx, actor=acting.actor, action=action, object=f"staff:{staff}", detail=detail, now=acting.now)
