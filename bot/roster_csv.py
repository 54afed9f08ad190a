"""The roster as a CSV file (contract: Roster CSV): read whole or not at all, unless a partial import is asked for.

A row stands for the person whose Telegram or WhatsApp id it gives, or else for the one of that role and name; importing
the same file twice changes nothing. Of a person who stands in the roster already, an empty cell takes nothing away.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot import audit, roster, staff_addresses
from bot.acting import Acting
from bot.lists import Ask
from bot.refusals import Conflict, FieldError, Invalid, Refusal
from bot.roster_fields import COLUMNS, Entry, as_columns, entry
from bot.store.db import Tx

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be imported. The header is line 1."""

    line: int
    errors: tuple[FieldError, ...]

    def __str__(self) -> str:
        return f"line {self.line}: " + "; ".join(f"{e.field} {e.message}" for e in self.errors)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file did, in people; `refused` is empty unless the import was partial."""

    added: int
    changed: int
    unchanged: int
    refused: tuple[Refused, ...]


class RosterRefused(Refusal):
    """The file was refused, and nothing of it imported. The message names the first bad row and counts the others."""

    def __init__(self, rows: tuple[Refused, ...]) -> None:
        more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
        super().__init__(f"{rows[0]}{more}")
        self.rows = rows


def text_of(data: bytes) -> str:
    """The text of a file. Raises RosterRefused where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _whole("the file", "must be saved as CSV in UTF-8") from None


def load(tx: Tx, acting: Acting, text: str, *, partial: bool = False) -> Imported:
    """Import a file. Raises RosterRefused, and nothing is imported, for a header that cannot be understood and, unless
    `partial`, for any bad row."""
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    refused: list[Refused] = []
    lines: dict[tuple[str, str], int] = {}
    names = _names(tx, acting)
    for line, row in _rows(text):
        try:
            if isinstance(row, FieldError):
                raise Invalid([row])
            wanted = entry(row)
            _check_repeated(lines, line, wanted)
            filled = [column for column, cell in row.items() if str(cell).strip()]
            counts[_apply(tx, acting, wanted, filled, names)] += 1
        except Invalid as error:
            refused.append(Refused(line, error.errors))
        except Conflict as error:
            refused.append(Refused(line, (FieldError(error.field or "row", str(error)),)))
    if refused and not partial:
        raise RosterRefused(tuple(refused))
    detail = {**counts, "refused": len(refused)}
    audit.record(tx, actor=acting.actor, action="roster.import", object="roster:all", detail=detail, now=acting.now)
    return Imported(**counts, refused=tuple(refused))


def dump(tx: Tx, acting: Acting) -> str:
    """Everybody who is active or suspended, in the file's columns."""
    audit.record(tx, actor=acting.actor, action="roster.export", object="roster:all", detail={}, now=acting.now)
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for member in everybody(tx, acting):
        if member.status != "removed":
            writer.writerow(as_columns(member.entry))
    return out.getvalue()


def everybody(tx: Tx, acting: Acting) -> Iterator[roster.Member]:
    """The whole roster, oldest entry first."""
    cursor: str | None = None
    while True:
        some = roster.listed(tx, acting, Ask(limit=200, cursor=cursor))
        yield from some.items
        cursor = some.next_cursor
        if cursor is None:
            return


def _rows(text: str) -> Iterator[tuple[int, dict[str, object] | FieldError]]:
    """Line and cells of each row. Raises RosterRefused for a header that cannot be understood."""
    first = text.split("\n", 1)[0]
    delimiter = ";" if ";" in first and "," not in first else ","  # how spreadsheets in Indonesian save it
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
    except csv.Error:
        raise _whole("the header", "cannot be read") from None
    _check_header(header)
    while True:
        line = reader.line_num + 1
        if line > MOST_ROWS + 1:
            raise RosterRefused((Refused(line, (FieldError("file", f"has more than {MOST_ROWS} rows"),)),))
        try:
            cells = next(reader, None)
        except csv.Error:
            yield line, FieldError("row", "is not CSV: check its quotation marks")
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            yield line, FieldError("row", f"has {len(cells)} cells, and the header has {len(header)}")
            continue
        yield line, dict(zip(header, cells, strict=False))


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        raise _whole("the header", f"may only hold {', '.join(COLUMNS)}")
    if len(set(header)) < len(header):
        raise _whole("the header", "names a column twice")
    for name in ("role", "name"):
        if name not in header:
            raise _whole(name, "is missing from the header")


def _whole(field: str, message: str) -> RosterRefused:
    return RosterRefused((Refused(1, (FieldError(field, message),)),))


def _check_repeated(lines: dict[tuple[str, str], int], line: int, wanted: Entry) -> None:
    """Two rows of one file must not give the same id to two people."""
    for channel in staff_addresses.CHANNELS:
        external = getattr(wanted, channel)
        if external is None:
            continue
        before = lines.setdefault((channel, external), line)
        if before != line:
            raise Invalid.one(channel, f"stands in line {before} too")


def _names(tx: Tx, acting: Acting) -> dict[tuple[str, str], str]:
    """Who is meant by role and name where a row gives no channel id: the entry's id, empty where several are."""
    found: dict[tuple[str, str], str] = {}
    for member in everybody(tx, acting):
        if member.status != "removed":
            key = (member.entry.role, member.entry.name.casefold())
            found[key] = "" if key in found else member.id
    return found


def _apply(tx: Tx, acting: Acting, wanted: Entry, filled: Sequence[str], names: dict[tuple[str, str], str]) -> str:
    before = _meant(tx, acting, wanted, names)
    if before is None:
        added = roster.add(tx, acting, wanted)
        names.setdefault((wanted.role, wanted.name.casefold()), added.id)
        return "added"
    if before.entry.role != wanted.role:
        raise Conflict(f"is not the role in which this person stands in the roster ({before.entry.role})", "role")
    values = {column: getattr(wanted, column) for column in filled}
    if all(getattr(before.entry, name) == value for name, value in values.items()):
        return "unchanged"
    roster.change(tx, acting, before.id, None, values)
    return "changed"


def _meant(tx: Tx, acting: Acting, wanted: Entry, names: dict[tuple[str, str], str]) -> roster.Member | None:
    """The entry that a row speaks of, if it is there already and not removed."""
    channels = [c for c in staff_addresses.CHANNELS if getattr(wanted, c) is not None]
    ids: list[str | None] = []
    for channel in channels:
        person = staff_addresses.holder(tx, channel, getattr(wanted, channel))
        if person is not None:
            ids.append(roster.entry_of(tx, person))
    if not channels:
        ids.append(names.get((wanted.role, wanted.name.casefold())))
    known = [id for id in ids if id]
    if not known:
        return None
    found = roster.read(tx, acting, known[0])
    return None if found.status == "removed" else found
