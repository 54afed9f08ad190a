"""The help directory as the flows are shown it: which numbers, in which order, and how old their last check is.

An entry is shown while it is reported (somebody published it) or confirmed (this site has asked), and not past its
`valid_until`; without that date it is shown with the date of its last check, however old, and `doctor` asks for a new
check. An unconfirmed entry waits for its confirmation.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.ids import new_id
from bot.store.db import Row, Tx
from bot.store.errors import StoreError
from flows.facts import Number

DIRECTORY = Path(__file__).resolve().parent.parent / "locales" / "directory.csv"
COUNTRY = "ID"
STALE_DAYS = 400
"""An entry without `valid_until` whose last check is older than this is on the list of those to be asked again."""

_ADD = (
    "INSERT INTO resources (id, name, kind, contact, area, what_for, hours, language, source, checked_on, status, "
    "created_at, updated_at) VALUES (:id, :name, :kind, :contact, :area, :what_for, :hours, :language, :source, "
    ":checked_on, :status, :now, :now)"
)
_ALL = (
    "SELECT name, contact, kind, area, what_for, hours, checked_on, valid_until, status FROM resources "
    "WHERE status <> 'retired' ORDER BY created_at, name, contact"
)
_STALE = (
    "SELECT id, name, contact, checked_on, valid_until FROM resources WHERE status IN ('reported', 'confirmed') "
    "AND (valid_until < :soon OR (valid_until IS NULL AND COALESCE(checked_on, '') < :old)) "
    "ORDER BY COALESCE(valid_until, checked_on, '')"
)


def load_directory(tx: Tx, now: int, path: Path = DIRECTORY) -> int:
    """Fill the directory from the project's data file as of `now` (ms); how many entries. Raises StoreError for a
    file that cannot be read."""
    rows = _file(path)
    for place, row in enumerate(rows):
        tx.run(
            _ADD, id=new_id(), name=row["name"], kind=row["kind"], contact=row["contact"], area=row["area"],
            what_for=row["for"], hours=row["hours"], language=row["language"], source=row["source"],
            checked_on=row["source_date"] or None, status=row["status"], now=now + place,
        )  # fmt: skip
    return len(rows)


def _file(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise StoreError(f"the directory file {path.name} cannot be read ({type(error).__name__})") from None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the directory with what decides about showing it."""

    number: Number
    area: str
    status: str

    @property
    def shown(self) -> bool:
        return self.status != "unconfirmed" and not self.number.expired

    @property
    def national(self) -> bool:
        return self.area in ("", COUNTRY) or self.area.startswith(f"{COUNTRY} ")


def entries(tx: Tx, today: date) -> list[Entry]:
    """Every entry that is not retired."""
    return [_entry(row, today) for row in tx.all(_ALL)]


def _entry(row: Row, today: date) -> Entry:
    name, contact, kind, area, what_for, hours, checked_on, valid_until, status = row
    expired = valid_until is not None and valid_until < today.isoformat()
    return Entry(Number(name, contact, kind, checked_on or "", expired, what_for, hours), area, status)


# What an entry is for, best first, for each kind of danger. Words of the directory's `what_for`.
_VIOLENCE = ("violence", "abuse", "kekerasan")
_MIND = ("suicide", "mental health", "bunuh diri", "kesehatan jiwa")
_EMERGENCY = ("emergency", "darurat")
_WANTED: dict[str, tuple[tuple[str, ...], ...]] = {
    "abuse": (_VIOLENCE, _MIND, _EMERGENCY),
    "sexual_abuse": (_VIOLENCE, _MIND, _EMERGENCY),
    "violence_to_others": (_EMERGENCY, _MIND, _VIOLENCE),
}
_USUAL = (_MIND, _EMERGENCY)
_KINDS = {"phone": 0, "whatsapp": 1}


def _rank(entry: Entry, category: str) -> int:
    """The place of what the entry is for; the number of places where it is for something else."""
    wanted = _WANTED.get(category, _USUAL)
    what = entry.number.what_for.lower()
    return next((place for place, words in enumerate(wanted) if any(word in what for word in words)), len(wanted))


def _here(entry: Entry, site: str | None, area: str | None) -> bool:
    if entry.national or (site and entry.area == site):
        return True
    return bool(area) and (
        entry.area == area or entry.area.startswith(f"{area}-") or str(area).startswith(f"{entry.area}-")
    )


def for_crisis(tx: Tx, today: date, category: str, site: str | None, area: str | None = None) -> Sequence[Number]:
    """What may be shown for a crisis of this category, best first; never empty.

    National entries, those of the student's site and those of the deployment's area (ISO 3166-2, "ID-JK"): first what
    is made for this kind of danger, the site's own before national ones, phones before pages. Where nothing that may be
    shown serves this kind, the newest expired entry that does comes first, with its old date and marked expired (the
    coordinator is to be alarmed). Where nothing is left at all: the newest expired one, then one that waits for its
    confirmation, then the project's own data file.
    """
    useless = len(_WANTED.get(category, _USUAL))
    known = [entry for entry in entries(tx, today) if _here(entry, site, area)]

    def order(entry: Entry) -> tuple[int, bool, bool, int]:
        own = site is not None and entry.area == site
        return _rank(entry, category), not own, entry.status != "confirmed", _KINDS.get(entry.number.kind, 2)

    shown = sorted((entry for entry in known if entry.shown), key=order)
    useful = [entry.number for entry in shown if _rank(entry, category) < useless]
    if useful:
        return useful
    others = [entry.number for entry in shown]
    expired = [entry for entry in known if entry.status != "unconfirmed" and entry.number.expired]
    fitting = [entry for entry in expired if _rank(entry, category) < useless]
    if fitting:
        return [_newest(fitting, category), *others]
    if others:
        return others
    return [_newest(expired or [entry for entry in known if not entry.shown] or _packaged(DIRECTORY), category)]


def _newest(found: Sequence[Entry], category: str) -> Number:
    """The best fitting of them, national before regional, the one checked last."""
    best = min((_rank(entry, category), not entry.national) for entry in found)
    among = [entry.number for entry in found if (_rank(entry, category), not entry.national) == best]
    return max(among, key=lambda number: number.checked)


@cache
def _packaged(path: Path) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            Number(row["name"], row["contact"], row["kind"], row["source_date"], True, row["for"], row["hours"]),
            row["area"],
            row["status"],
        )
        for row in _file(path)
    )


def near(tx: Tx, today: date, site: str | None, area: str | None = None) -> Sequence[Number]:
    """What may be shown to somebody who looks for help near them: what serves their site and area first, then the
    country, and regional entries of elsewhere only where nobody has said where this deployment is."""
    known = [entry for entry in entries(tx, today) if entry.shown]
    if area or site:
        known = [entry for entry in known if _here(entry, site, area)]
    known.sort(key=lambda entry: (entry.national, entry.status != "confirmed"))
    return [entry.number for entry in known]


def to_check(tx: Tx, today: date) -> list[Row]:
    """Entries shown now that somebody should ask again: expired, expiring within two weeks, or long unchecked."""
    return tx.all(
        _STALE,
        soon=date.fromordinal(today.toordinal() + 14).isoformat(),
        old=date.fromordinal(today.toordinal() - STALE_DAYS).isoformat(),
    )


def day(now: int, zone: ZoneInfo) -> date:
    """The date at `now` (ms) there."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date()
