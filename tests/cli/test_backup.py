"""`sebaya backup` and `sebaya restore`: whole, while somebody writes, on either database and from one to the other."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import sqlite3
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from bot import audit, people
from bot.ids import RandomIds
from bot.store.db import Tx, open_store
from bot.store.keys import key_text, new_key, parse_keys
from bot.store.migrate import REVISIONS, Schema, migrate, schema
from bot.store.seal import open_seal
from tests.cli.conftest import House
from tests.store.postgres import empty_postgres, postgres

__all__ = ["empty_postgres", "postgres"]

NOW = 1_795_000_000_000
IDS = RandomIds()
WORDS = "cerita yang tidak boleh hilang"


def arrive(tx: Tx, number: int) -> None:
    """Somebody new, something sealed, something counted: all of it or nothing."""
    address = people.find_or_create(tx, "telegram", str(7_000_000_000 + number), language="id", now=NOW, ids=IDS)
    tx.run(
        "INSERT INTO messages (id, person_id, address_id, kind, body, owner_id, sent_at, created_at) "
        "VALUES (:id, :person, :address, 'text', :body, :person, :now, :now)",
        id=IDS.message(NOW), person=address.person, address=address.id,
        body=tx.seal(address.person, f"{WORDS} {number}", "messages.body"), now=NOW,
    )  # fmt: skip
    audit.record(tx, actor="system", action="test.arrive", object=f"person:{address.person}", detail={}, now=NOW)


def fill(house: House, count: int = 30) -> None:
    def job(tx: Tx) -> None:
        for number in range(count):
            arrive(tx, number)

    house.write(job)


def told(tx: Tx) -> list[str]:
    """Every word, opened."""
    return [
        str(tx.text(row[0], row[1], "messages.body"))
        for row in tx.all("SELECT owner_id, body FROM messages ORDER BY id")
    ]


@contextlib.contextmanager
def another(house: House, name: str) -> Iterator[House]:
    """The same keys, a new database."""
    other = replace(house, folder=house.folder / name)
    other.folder.mkdir()
    other.write_env()
    yield other


def backed_up(house: House) -> Path:
    path = house.folder / "one.backup"
    done = house.do("backup", str(path))
    assert done.status == 0, done.err
    return path


def test_what_went_in_comes_out(house: House) -> None:
    fill(house)
    path = backed_up(house)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with another(house, "two") as other:
        done = other.do("restore", str(path))
        assert done.status == 0, done.err
        assert other.read(told) == house.read(told)
        assert other.read(told)[29] == f"{WORDS} 29"
        verdict = other.read(audit.verify)
        assert verdict.broken is None
        # What was restored stands in the audit, after everything that was there.
        assert other.read(lambda tx: tx.value("SELECT action FROM audit ORDER BY id DESC LIMIT 1")) == "store.restore"
        assert house.read(lambda tx: tx.value("SELECT action FROM audit ORDER BY id DESC LIMIT 1")) == "store.backup"


def test_a_backup_holds_no_plain_word_and_no_key(house: House) -> None:
    fill(house, 3)
    data = gzip.decompress(backed_up(house).read_bytes())
    assert WORDS.encode() not in data
    assert b"7000000001" not in data
    assert house.keys.encode() not in data


def test_it_is_one_moment_while_somebody_writes(house: House) -> None:
    fill(house)
    stop, wrote = threading.Event(), []

    async def write() -> None:
        store = open_store(house.url)
        await open_seal(store, parse_keys(house.keys))
        number = 1_000
        while not stop.is_set() and number < 20_000:
            await store.write(lambda tx, n=number: arrive(tx, n))  # type: ignore[misc]  # the default binds the number
            number += 1
            wrote.append(number)
        await store.close()

    writer = threading.Thread(target=lambda: asyncio.run(write()))
    writer.start()
    try:
        while len(wrote) < 5:
            stop.wait(0.01)
        before = len(wrote)
        path = backed_up(house)
        after = len(wrote)
    finally:
        stop.set()
        writer.join()
    with another(house, "two") as other:
        assert other.do("restore", str(path)).status == 0
        people_there, messages, entries = other.read(
            lambda tx: (
                tx.value("SELECT count(*) FROM people"),
                tx.value("SELECT count(*) FROM messages"),
                tx.value("SELECT count(*) FROM audit WHERE action = 'test.arrive'"),
            )
        )
        assert people_there == messages == entries
        assert 30 + before <= people_there <= 30 + after + 1
        assert other.read(audit.verify).broken is None
        assert len(other.read(told)) == messages


def test_no_number_is_given_twice_after_a_restore(house: House) -> None:
    fill(house, 5)

    def lose(tx: Tx) -> int:
        newest = int(
            tx.value("INSERT INTO mail (kind, person_id, event, created_at) VALUES ('desk', 1, '{}', 0) RETURNING id")
        )
        tx.run("DELETE FROM mail")
        return newest

    given = house.write(lose)
    path = backed_up(house)
    with another(house, "two") as other:
        other.do("restore", str(path))
        assert other.write(lose) > given


def test_the_same_keys_are_needed(house: House) -> None:
    fill(house, 2)
    path = backed_up(house)
    with another(house, "two") as other:
        other.keys = key_text([new_key()])
        other.write_env()
        done = other.do("restore", str(path))
        assert done.status == 1
        assert "SEBAYA_SECRET_KEYS lacks the key" in done.err
        assert not other.database.exists()


def test_a_store_in_use_is_never_written_over(house: House) -> None:
    fill(house, 2)
    path = backed_up(house)
    before = house.read(told)
    done = house.do("restore", str(path))
    assert done.status == 1
    assert "not empty" in done.err
    assert house.read(told) == before


def test_a_store_that_was_only_opened_counts_as_empty(house: House, migrated: bytes) -> None:
    fill(house, 2)
    path = backed_up(house)
    with another(house, "two") as other:
        other.database.write_bytes(migrated)
        other.read(lambda tx: None)  # has keys of its own now
        assert other.do("restore", str(path)).status == 0
        assert other.read(told) == house.read(told)


@pytest.mark.parametrize("at", [0.2, 0.5, 0.999])
def test_a_file_that_was_cut_is_refused(house: House, at: float) -> None:
    fill(house, 40)
    path = backed_up(house)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * at)])
    with another(house, "two") as other:
        done = other.do("restore", str(path))
        assert done.status == 1
        assert "backup" in done.err
        assert not other.database.exists()


def test_a_file_that_was_changed_is_refused(house: House) -> None:
    fill(house, 3)
    path = backed_up(house)
    lines = gzip.decompress(path.read_bytes())
    changed = lines.replace(b'"test.arrive"', b'"test.depart"', 1)
    assert changed != lines
    path.write_bytes(gzip.compress(changed))
    with another(house, "two") as other:
        done = other.do("restore", str(path))
        assert done.status == 1
        assert "damaged or was changed" in done.err


def test_a_forged_checksum_is_refused(house: House) -> None:
    """Whoever holds the file but not the keys can compute a plain checksum anew, and no keyed one."""
    fill(house, 3)
    path = backed_up(house)
    *lines, last = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    changed = b"".join(lines).replace(b'"test.arrive"', b'"test.depart"', 1)
    end = {**orjson.loads(last), "sha256": hashlib.sha256(changed).hexdigest()}
    path.write_bytes(gzip.compress(changed + orjson.dumps(end) + b"\n"))
    with another(house, "two") as other:
        assert other.do("restore", str(path)).status == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"role,name\n", gzip.compress(b"{}\n"), gzip.compress(b"[1]\n"), gzip.compress(b"x")],
    ids=["empty", "csv", "other object", "other list", "no JSON"],
)
def test_what_is_no_backup_is_refused(house: House, data: bytes) -> None:
    path = house.folder / "other.file"
    path.write_bytes(data)
    with another(house, "two") as other:
        done = other.do("restore", str(path))
        assert done.status == 1
        assert len(done.err.splitlines()) == 1


def test_a_file_that_exists_is_never_written_over(house: House) -> None:
    path = house.folder / "precious"
    path.write_text("precious")
    done = house.do("backup", str(path))
    assert done.status == 1
    assert path.read_text() == "precious"


def test_a_place_that_cannot_be_written_is_said_and_leaves_nothing(house: House) -> None:
    done = house.do("backup", str(house.folder / "nowhere" / "x.backup"))
    assert done.status == 1
    assert "cannot be written" in done.err


def test_a_missing_file_is_unusable(house: House) -> None:
    assert house.do("restore", "nowhere.backup").status == 2


@pytest.mark.timeout(300)
def test_from_sqlite_to_postgresql_and_back(house: House, empty_postgres: str) -> None:
    fill(house, 25)
    first = backed_up(house)
    large = replace(house, folder=house.folder / "large")
    large.folder.mkdir()
    large.write_env(DATABASE_URL=empty_postgres)
    done = large.do("restore", str(first))
    assert done.status == 0, done.err
    second = large.folder / "two.backup"
    done = large.do("backup", str(second))
    assert done.status == 0, done.err
    with another(house, "back") as back:
        done = back.do("restore", str(second))
        assert done.status == 0, done.err
        assert back.read(told) == house.read(told)
        assert back.read(audit.verify).broken is None
        assert back.read(lambda tx: [bool(row[0]) for row in tx.all("SELECT on_duty FROM people")]) == [False] * 25


def test_postgresql_gives_no_number_twice(house: House, empty_postgres: str) -> None:
    fill(house, 5)
    path = backed_up(house)
    large = replace(house, folder=house.folder / "large")
    large.folder.mkdir()
    large.write_env(DATABASE_URL=empty_postgres)
    assert large.do("restore", str(path)).status == 0

    async def newcomer() -> int:
        store = open_store(empty_postgres)
        try:
            await open_seal(store, parse_keys(house.keys))
            await store.write(lambda tx: arrive(tx, 99))
            return await store.read(lambda tx: int(tx.value("SELECT max(id) FROM people")))
        finally:
            await store.close()

    assert asyncio.run(newcomer()) == 6


def test_a_backup_of_an_earlier_version_is_brought_to_this_one(house: House) -> None:
    fill(house, 6)
    path = as_of(house, backed_up(house), REVISIONS[-2])
    with another(house, "two") as other:
        done = other.do("restore", str(path))
        assert done.status == 0, done.err
        assert schema(other.url) is Schema.CURRENT
        assert other.read(told) == house.read(told)
        # A store that is of this version already has no place for rows of an earlier one.
        again = other.do("restore", str(path))
        assert again.status == 1
        assert "different versions" in again.err


def as_of(house: House, path: Path, revision: str) -> Path:
    """The same backup as a version with this schema would have made it."""
    old = house.folder / "old.db"
    migrate(f"sqlite:///{old}", NOW, to=revision)
    with contextlib.closing(sqlite3.connect(old)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        known = {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in names}
    lines: list[bytes] = []
    header, kept, rows, name = {}, [], {}, ""
    for line in gzip.decompress(path.read_bytes()).splitlines():
        value = orjson.loads(line)
        if isinstance(value, list):
            if kept:
                lines.append(orjson.dumps([value[place] for place in kept]))
                rows[name] += 1
        elif "sebaya" in value:
            header = {**value, "schema": revision}
        elif "table" in value:
            name = value["table"]
            kept = [place for place, column in enumerate(value["columns"]) if column in known.get(name, ())]
            if kept:
                rows[name] = 0
                cut = {part: [value[part][place] for place in kept] for part in ("columns", "kinds")}
                lines.append(orjson.dumps({"table": name, **cut}))
    counted = {name: number for name, number in header["counted"].items() if name in known}
    lines.insert(0, orjson.dumps({**header, "rows": rows, "counted": counted}))
    data = b"".join(line + b"\n" for line in lines)
    digest = hashlib.sha256(data)
    keyed = house.read(lambda tx: tx.keeper.chain(digest.digest()))
    end = {"end": sum(rows.values()), "sha256": digest.hexdigest(), "keyed": keyed}
    made = house.folder / "old.backup"
    made.write_bytes(gzip.compress(data + orjson.dumps(end) + b"\n"))
    return made
