"""The help directory, as coordinators keep it: every entry says where it comes from and when it was last checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from bot import audit
from bot.acting import Acting
from bot.ids import new_id
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Conflict, FieldError, Invalid, Missing, check_version
from bot.store.db import Tx
from bot.times import day_of

STATUSES = ("reported", "unconfirmed", "confirmed", "retired")
SHOWN = ("reported", "confirmed")
"""An unconfirmed entry is shown to nobody before somebody has confirmed it."""
CHECK_AGAIN = timedelta(days=90)
"""How long a confirmed entry counts where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an entry says. Days are ISO dates; `valid_until` is the last day on which it may be shown."""

    name: str
    kind: str
    contact: str
    area: str = ""
    what_for: str = ""
    hours: str = ""
    language: str = "id"
    source: str = ""
    checked_on: str | None = None
    valid_until: str | None = None
    status: str = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Resource:
    """An entry with its place in the store. Times in ms."""

    id: str
    content: Content
    created_at: int
    updated_at: int
    version: int


FIELDS = tuple(field.name for field in fields(Content))
_COLUMNS = (
    "id, name, kind, contact, area, what_for, hours, language, source, checked_on, valid_until, status, created_at, "
    "updated_at, version"
)
_READ = (
    "SELECT id, name, kind, contact, area, what_for, hours, language, source, checked_on, valid_until, status, "
    "created_at, updated_at, version FROM resources WHERE id = :id"
)
_ADD = (
    "INSERT INTO resources (id, name, kind, contact, area, what_for, hours, language, source, checked_on, valid_until, "
    "status, created_at, updated_at, version) VALUES (:id, :name, :kind, :contact, :area, :what_for, :hours, "
    ":language, :source, :checked_on, :valid_until, :status, :now, :now, 1)"
)
_CHANGE = (
    "UPDATE resources SET name = :name, kind = :kind, contact = :contact, area = :area, what_for = :what_for, "
    "hours = :hours, language = :language, source = :source, checked_on = :checked_on, valid_until = :valid_until, "
    "status = :status, updated_at = :now, version = version + 1 WHERE id = :id"
)
_OTHERS = "SELECT count(*) FROM resources WHERE id <> :id AND status IN ('reported', 'confirmed')"

LISTING = Listing(
    name="resources",
    columns=_COLUMNS,
    source="resources",
    key="id",
    sorts={
        "name": "name",
        "created_at": "created_at",
        "checked_on": "COALESCE(checked_on, '')",
        "valid_until": "COALESCE(valid_until, '9999-12-31')",
    },
    filters={
        "status": "status = :status",
        "kind": "kind = :kind",
        "area": "area = :area",
        "language": "language = :language",
        "expiring_by": "(valid_until IS NOT NULL AND valid_until <= :expiring_by)",
    },
    default="name",
)


def _resource(row: Any) -> Resource:
    id, *content, created_at, updated_at, version = row
    values = dict(zip(FIELDS, content, strict=True))
    for name in ("area", "what_for", "hours", "source"):
        values[name] = values[name] or ""
    return Resource(id, Content(**values), created_at, updated_at, version)


def read(tx: Tx, resource: str) -> Resource:
    """Raises Missing."""
    row = tx.one(_READ, id=resource)
    if row is None:
        raise Missing("There is no such entry of the directory.")
    return _resource(row)


def listed(tx: Tx, ask: Ask) -> Page[Resource]:
    """One page of the directory."""
    found = page(tx, LISTING, ask)
    return Page([_resource(row) for row in found.items], found.next_cursor)


def add(tx: Tx, acting: Acting, content: Content) -> Resource:
    """A new entry. Raises Invalid."""
    _check(content)
    id = new_id()
    tx.run(_ADD, id=id, now=acting.now, **_columns(content))
    _record(tx, acting, "resource.create", id, {})
    return read(tx, id)


def change(
    tx: Tx, acting: Acting, resource: str, versions: Collection[int] | None, values: Mapping[str, object]
) -> Resource:
    """Change fields of an entry. Raises Missing, Stale, Invalid, and Conflict for retiring the last one."""
    found = read(tx, resource)
    check_version(found.version, versions)
    content = Content(**{**_columns(found.content), **values})
    _check(content)
    if found.content.status in SHOWN and content.status not in SHOWN and not tx.value(_OTHERS, id=resource):
        # A crisis answer never lacks a number (contract: Crisis).
        raise Conflict("This is the last entry that can be shown: add another one first.", "status")
    tx.run(_CHANGE, id=resource, now=acting.now, **_columns(content))
    _record(tx, acting, "resource.change", resource, {"fields": ",".join(sorted(values))})
    return read(tx, resource)


def retire(tx: Tx, acting: Acting, resource: str) -> None:
    """Show an entry no more; it stays readable for referrals that named it. Raises Missing and Conflict."""
    change(tx, acting, resource, None, {"status": "retired"})


def confirm(
    tx: Tx, acting: Acting, resource: str, *, checked_on: date | None = None, valid_until: date | None = None
) -> Resource:
    """Somebody has checked an entry: today, and it counts for 90 days, where nothing else is said."""
    day = checked_on or day_of(acting.now, acting.zone)
    if day > day_of(acting.now, acting.zone):
        raise Invalid.one("checked_on", "must not lie in the future")
    until = valid_until or day + CHECK_AGAIN
    values = {"checked_on": day.isoformat(), "valid_until": until.isoformat(), "status": "confirmed"}
    return change(tx, acting, resource, None, values)


def _columns(content: Content) -> dict[str, Any]:
    return {name: getattr(content, name) for name in FIELDS}


def _check(content: Content) -> None:
    errors: list[FieldError] = []
    if content.status not in STATUSES:
        errors.append(FieldError("status", f"must be one of {', '.join(STATUSES)}"))
    if content.checked_on and content.valid_until and content.valid_until < content.checked_on:
        errors.append(FieldError("valid_until", "must not lie before checked_on"))
    if content.status == "confirmed" and not content.checked_on:
        errors.append(FieldError("checked_on", "is required for a confirmed entry"))
    if errors:
        raise Invalid(errors)


def _record(tx: Tx, acting: Acting, action: str, resource: str, detail: Mapping[str, str]) -> None:
    audit.record(tx, actor=acting.actor, action=action, object=f"resource:{resource}", detail=detail, now=acting.now)
