"""One file that holds a whole store, and the way back.

A backup is gzipped JSON lines: what it is, then each table with its rows in the order of their keys, then a checksum
keyed by the store's own secret. It is read inside one snapshot while the service goes on, and is the same for SQLite
and PostgreSQL, so that a deployment moves from one to the other by it. What is sealed stays sealed: SECRET_KEYS are not
in it, and nothing can be restored without them.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bot.store.db import Tx
from bot.store.seal import KeyRing, Seal

FORMAT = 1
CHUNK = 2_000
"""Rows read, or written, at once."""
LONGEST_LINE = 64 * 1024 * 1024
Tell = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


class BackupError(Exception):
    """A file that is no backup, is damaged, or does not fit here. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """How a table lies in a backup. `kinds` says which columns need translating: "bytes", "bool" or ""."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself. `made_at` in ms; `rows` by table; `counted` the highest number ever given out."""

    schema: str
    made_at: int
    rows: Mapping[str, int]
    counted: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


# --- writing ----------------------------------------------------------------------------------------------------------


def tables() -> list[Table]:
    """Every table, those that others refer to first."""
    from sqlalchemy import Boolean, LargeBinary

    from bot.store.tables import metadata

    def kind(of: Any) -> str:
        if isinstance(of.type, LargeBinary):
            return "bytes"
        return "bool" if isinstance(of.type, Boolean) else ""

    return [
        Table(
            str(table.name),
            tuple(column.name for column in table.columns),
            tuple(kind(column) for column in table.columns),
            tuple(column.name for column in table.primary_key.columns),
        )
        for table in metadata.sorted_tables
    ]


def dump(tx: Tx, path: Path, *, schema: str, now: int, tell: Tell) -> Header:
    """Write everything that `tx` sees into the new file `path`, readable by its owner only. The transaction must not
    have read anything yet. Raises OSError, and leaves no file, where it cannot be written; may be run again."""
    if tx.dialect == "postgresql":
        tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    kept = tables()
    rows = {table.name: int(tx.value(f"SELECT count(*) FROM {table.name}")) for table in kept}  # noqa: S608 - names of our own tables
    header = Header(schema, now, rows, _counted(tx, kept))
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with _private(part) as file:
            _write(tx, file, kept, header, tell)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return header


@contextmanager
def _private(path: Path) -> Iterator[gzip.GzipFile]:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        # mtime 0: the header says when it was made.
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
            yield packed
        file.flush()
        os.fsync(file.fileno())


def _write(tx: Tx, file: gzip.GzipFile, kept: Sequence[Table], header: Header, tell: Tell) -> None:
    digest = hashlib.sha256()
    done = 0

    def line(value: object) -> None:
        data = orjson.dumps(value) + b"\n"
        digest.update(data)
        file.write(data)

    line({
        "sebaya": "backup", "format": FORMAT, "schema": header.schema, "made_at": header.made_at, "rows": header.rows,
        "counted": header.counted,
    })  # fmt: skip
    for table in kept:
        line({"table": table.name, "columns": table.columns, "kinds": table.kinds})
        for row in _rows(tx, table):
            line([_out(value, kind) for value, kind in zip(row, table.kinds, strict=True)])
            done += 1
            if done % CHUNK == 0:
                tell(done, header.total)
    tell(done, header.total)
    sealed = tx.keeper.chain(digest.digest())
    file.write(orjson.dumps({"end": done, "sha256": digest.hexdigest(), "keyed": sealed}) + b"\n")


def _rows(tx: Tx, table: Table) -> Iterator[Any]:
    names, key = ", ".join(table.columns), ", ".join(table.key)
    first = f"SELECT {names} FROM {table.name} ORDER BY {key} LIMIT {CHUNK}"  # noqa: S608 - names of our own tables
    places = ", ".join(f":k{n}" for n in range(len(table.key)))
    after = f"SELECT {names} FROM {table.name} WHERE ({key}) > ({places}) ORDER BY {key} LIMIT {CHUNK}"  # noqa: S608 - names of our own tables
    found = tx.all(first)
    while found:
        yield from found
        if len(found) < CHUNK:
            return
        last = found[-1]
        found = tx.all(after, **{f"k{n}": last[name] for n, name in enumerate(table.key)})


def _out(value: Any, kind: str) -> Any:
    if value is None or not kind:
        return value
    return base64.b64encode(value).decode() if kind == "bytes" else bool(value)


def _counted(tx: Tx, kept: Sequence[Table]) -> dict[str, int]:
    """The highest number that each counting table has given out: no id is given twice, also after a restore."""
    names = {table.name for table in kept}
    if tx.dialect == "sqlite":
        return {row[0]: int(row[1]) for row in tx.all("SELECT name, seq FROM sqlite_sequence") if row[0] in names}
    found = tx.all(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() "
        "AND last_value IS NOT NULL"
    )
    return {name: int(last) for sequence, last in found if (name := str(sequence).removesuffix("_id_seq")) in names}


# --- reading ----------------------------------------------------------------------------------------------------------


def check(path: Path, keys: Sequence[bytes], tell: Tell) -> Header:
    """Read a backup through and prove that it is whole, unchanged, and of these SECRET_KEYS. Raises BackupError,
    WrongKeys, OSError."""
    wrapped: dict[str, bytes] = {}
    digest = hashlib.sha256()
    done, header, place = 0, None, ""
    for line in _lines(path):
        value = _parsed(line)
        if header is None:
            header = _header(value)
        elif isinstance(value, dict) and "end" in value:
            if value["end"] != done or value.get("sha256") != digest.hexdigest() or done != header.total:
                raise _damaged()
            _check_keys(KeyRing(keys), wrapped, digest.digest(), str(value.get("keyed")))
            return header
        elif isinstance(value, dict):
            place = str(value.get("table"))
        else:
            done += 1
            if place == "meta" and str(value[0]).startswith("key."):
                wrapped[value[0]] = base64.b64decode(value[1])
            if done % CHUNK == 0:
                tell(done, header.total)
        digest.update(line)
    raise BackupError("the file ends too early: it was cut off, so take another backup")


def _check_keys(ring: KeyRing, wrapped: Mapping[str, bytes], digest: bytes, keyed: str) -> None:
    if not {"key.service", "key.lookup"} <= set(wrapped):
        raise _damaged()
    seal = Seal(ring, *(ring.unwrap(wrapped[name], name) for name in ("key.service", "key.lookup")))
    if not hmac.compare_digest(seal.chain(digest), keyed):
        raise _damaged()


def load(tx: Tx, path: Path, tell: Tell) -> None:
    """Fill an empty store with a backup that `check` has read. Raises BackupError where the store is not empty."""
    _empty(tx)
    header: Header | None = None
    table: Table | None = None
    waiting: list[dict[str, object]] = []
    done = 0

    def put() -> None:
        nonlocal done
        if table is not None and waiting:
            columns = ", ".join(table.columns)
            values = ", ".join(f":{name}" for name in table.columns)
            tx.many(f"INSERT INTO {table.name} ({columns}) VALUES ({values})", waiting)  # noqa: S608 - names that `_table` has checked
            done += len(waiting)
            waiting.clear()
            tell(done, header.total if header is not None else 0)

    for line in _lines(path):
        value = _parsed(line)
        if header is None:
            header = _header(value)
        elif isinstance(value, dict):
            put()
            table = None if "end" in value else _table(value)
        elif table is not None:
            cells = zip(table.columns, table.kinds, value, strict=True)
            waiting.append({name: _in(cell, kind) for name, kind, cell in cells})
            if len(waiting) >= CHUNK:
                put()
    if header is not None:
        _count_on(tx, header.counted)


def _empty(tx: Tx) -> None:
    """Only the directory, and keys of a store that nobody has used, may be there; they make place."""
    for name in ("people", "inbox", "audit", "tokens", "settings", "invitations"):
        if tx.one(f"SELECT 1 FROM {name} LIMIT 1") is not None:  # noqa: S608 - names of our own tables
            raise BackupError("the database is not empty: point SEBAYA_DATABASE_URL to a new one, and restore there")
    tx.run("DELETE FROM resources")
    tx.run("DELETE FROM meta")


def _table(value: Mapping[str, Any]) -> Table:
    names = (str(value["table"]), *(str(column) for column in value["columns"]))
    if not all(name.replace("_", "").isalnum() and name.isascii() and name.islower() for name in names):
        raise _damaged()
    return Table(names[0], names[1:], tuple(value["kinds"]))


def _in(value: Any, kind: str) -> Any:
    return base64.b64decode(value) if kind == "bytes" and value is not None else value


def _count_on(tx: Tx, counted: Mapping[str, int]) -> None:
    for name, number in counted.items():
        if tx.dialect == "sqlite":
            # A table that was filled has its row by now; one that is empty has none.
            if tx.run("UPDATE sqlite_sequence SET seq = :number WHERE name = :name", name=name, number=number) == 0:
                tx.run("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)", name=name, number=number)
        else:
            tx.value("SELECT setval(pg_get_serial_sequence(:name, 'id'), :number)", name=name, number=number)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            while line := file.readline(LONGEST_LINE):
                yield line
    except EOFError:
        return  # cut off: its last line is missed
    except (gzip.BadGzipFile, zlib.error):
        raise BackupError("this is no backup of Sebaya, or it is damaged: take another file") from None


def _parsed(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _damaged() from None


def _header(value: Any) -> Header:
    if not isinstance(value, dict) or value.get("sebaya") != "backup":
        raise BackupError("this is no backup of Sebaya: take another file")
    if value.get("format") != FORMAT:
        raise BackupError("this backup was made by a later version of Sebaya: install that version")
    return Header(str(value["schema"]), int(value["made_at"]), dict(value["rows"]), dict(value["counted"]))


def _damaged() -> BackupError:
    return BackupError("the backup is damaged or was changed: take another one")
