"""Published versions of the edited lexicon as rows: counted from 1, never changed, each with the whole overlay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.lists import Ask, Listing, Page, page
from bot.refusals import Missing
from bot.rules.documents import RulesError
from bot.rules.overlay import SHIPPED, Overlay, read_overlay
from bot.store.db import Tx

_COLUMNS = (
    "number, hash, fingerprint, draft, restores, reason, forced, proposed_by, published_by, published_at"
)  # fmt: skip
_NEWEST = "SELECT COALESCE(max(number), 0) FROM lexicon_versions"
_ONE = f"SELECT {_COLUMNS} FROM lexicon_versions WHERE number = :number"  # noqa: S608 - constants of this file
_OVERLAY = "SELECT overlay, hash FROM lexicon_versions WHERE number = :number"
_INSERT = (
    f"INSERT INTO lexicon_versions ({_COLUMNS}, overlay) "  # noqa: S608 - constants of this file
    "VALUES (:number, :hash, :fingerprint, :draft, :restores, :reason, :forced, :proposed_by, :published_by, "
    ":published_at, :overlay)"
)
LISTING = Listing(
    name="lexicon_versions",
    columns=_COLUMNS,
    source="lexicon_versions",
    key="number",
    sorts={"number": "number"},
    filters={"fingerprint": "fingerprint = :fingerprint"},
    default="-number",
)


@dataclass(frozen=True, slots=True)
class Version:
    """One published version, without its overlay. `restores` is the version brought back (0: as shipped), `fingerprint`
    what messages and cases name; actors are the audit's; `published_at` in ms."""

    number: int
    hash: str
    fingerprint: str
    draft: str | None
    restores: int | None
    reason: str
    forced: bool
    proposed_by: str
    published_by: str
    published_at: int


def newest(tx: Tx) -> int:
    """The version in force; 0 while nothing was ever published."""
    return int(tx.value(_NEWEST))


def read(tx: Tx, number: int) -> Version:
    """Raises Missing."""
    row = tx.one(_ONE, number=number)
    if row is None:
        raise Missing("There is no such version of the lexicon.")
    return _version(row)


def overlay(tx: Tx, number: int) -> Overlay:
    """What was edited as of a version (0: nothing). Raises Missing, and RulesError where it is not what was stored."""
    if number == 0:
        return SHIPPED
    row = tx.one(_OVERLAY, number=number)
    if row is None:
        raise Missing("There is no such version of the lexicon.")
    text, digest = str(row[0]), row[1]
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise RulesError(f"version {number} of the lexicon was changed in the store")
    return read_overlay(text)


def add(tx: Tx, version: Version, edited: Overlay) -> None:
    """Publish. Raises store errors' Conflict where the number is taken."""
    tx.run(
        _INSERT, number=version.number, hash=version.hash, fingerprint=version.fingerprint, draft=version.draft,
        restores=version.restores, reason=version.reason, forced=version.forced, proposed_by=version.proposed_by,
        published_by=version.published_by, published_at=version.published_at, overlay=edited.canonical(),
    )  # fmt: skip


def listed(tx: Tx, ask: Ask) -> Page[Version]:
    """One page of versions, newest first."""
    found = page(tx, LISTING, ask)
    return Page([_version(row) for row in found.items], found.next_cursor)


def _version(row: Iterable[Any]) -> Version:
    number, digest, fingerprint, draft, restores, reason, forced, proposed_by, published_by, published_at = row
    return Version(
        number, digest, fingerprint, draft, restores, reason, bool(forced), proposed_by, published_by, published_at
    )
