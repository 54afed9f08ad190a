"""Lists that page by cursor: filtered and sorted by what a listing allows, and stable while rows come and go.

A cursor holds the place where the page before ended (its sort value and the row's id), so a row that is added or
removed meanwhile shifts nothing. It is opaque to clients and only valid for the sort it was made with.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from bot.refusals import Invalid
from bot.store.db import Tx

T = TypeVar("T")
LARGEST = 200
"""Rows in one page at most."""


@dataclass(frozen=True, eq=False)
class Listing:
    """What may be asked of one table. Every text is a constant of the program, never a client's.

    `key` is the unique column that settles ties. A sort expression is never null (the place of a row must be
    comparable); a filter is a condition over the parameter of its own name.
    """

    name: str
    columns: str
    source: str
    key: str
    sorts: Mapping[str, str]
    filters: Mapping[str, str] = field(default_factory=dict)
    default: str = "-created_at"
    where: str = "1 = 1"


@dataclass(frozen=True, slots=True)
class Ask:
    """One page, as a client asks for it. `sort` is a name of the listing, with `-` before it for descending."""

    limit: int = 50
    cursor: str | None = None
    sort: str | None = None
    filters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next_cursor: str | None


@cache
def _statement(listing: Listing, sort: str, descending: bool, filters: tuple[str, ...], after: bool) -> str:
    """The SQL text; cached, so that the store meets each combination as one constant."""
    order = "DESC" if descending else "ASC"
    expression = listing.sorts[sort]
    conditions = [listing.where, *(listing.filters[name] for name in filters)]
    if after:
        conditions.append(f"({expression}, {listing.key}) {'<' if descending else '>'} (:after, :after_key)")
    return " ".join(
        (
            "SELECT", ", ".join((expression, listing.key, listing.columns)),
            "FROM", listing.source,
            "WHERE", " AND ".join(f"({condition})" for condition in conditions),
            "ORDER BY", f"{expression} {order}, {listing.key} {order}",
            "LIMIT :limit",
        )
    )  # fmt: skip


def _encode(made_for: str, value: object, key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps([made_for, value, key]).encode()).decode().rstrip("=")


def _place(value: object) -> bool:
    """Whether a value can stand in a cursor: a text, or an integer that a column holds."""
    return isinstance(value, str) or (type(value) is int and -(2**63) <= value < 2**63)


def _decode(cursor: str, made_for: str) -> tuple[Any, Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        origin, value, key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error):
        raise Invalid.one("cursor", "is not a cursor of this list") from None
    if origin != made_for or not _place(value) or not _place(key):
        raise Invalid.one("cursor", "belongs to another list or another sort: start again without it")
    return value, key


def page(tx: Tx, listing: Listing, ask: Ask) -> Page[Sequence[Any]]:
    """One page of rows (the listing's columns). Raises Invalid for an unknown sort or a foreign cursor."""
    sort = ask.sort or listing.default
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    if name not in listing.sorts:
        known = ", ".join(sorted(listing.sorts))
        raise Invalid.one("sort", f"must be one of {known}; a - before it turns the order around")
    filters = {name: value for name, value in ask.filters.items() if value is not None}
    parameters: dict[str, Any] = {**filters, "limit": min(max(ask.limit, 1), LARGEST) + 1}
    if ask.cursor is not None:
        parameters["after"], parameters["after_key"] = _decode(ask.cursor, f"{listing.name}:{sort}")
    sql = _statement(listing, name, descending, tuple(sorted(filters)), ask.cursor is not None)
    rows = tx.all(sql, **parameters)
    more = len(rows) == parameters["limit"]
    kept = rows[:-1] if more else rows
    cursor = _encode(f"{listing.name}:{sort}", kept[-1][0], kept[-1][1]) if more else None
    return Page([tuple(row)[2:] for row in kept], cursor)


def sliced(name: str, items: Sequence[T], key: Callable[[T], str], ask: Ask) -> Page[T]:
    """One page of what is at hand in memory, in the order of `key` (unique). Raises Invalid for a foreign cursor, and
    for any other sort."""
    if ask.sort not in (None, "id"):
        raise Invalid.one("sort", "must be id")
    after = "" if ask.cursor is None else str(_decode(ask.cursor, f"{name}:id")[1])
    left = sorted((item for item in items if key(item) > after), key=key)
    limit = min(max(ask.limit, 1), LARGEST)
    cursor = _encode(f"{name}:id", key(left[limit - 1]), key(left[limit - 1])) if len(left) > limit else None
    return Page(left[:limit], cursor)
