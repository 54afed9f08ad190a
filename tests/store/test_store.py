"""Transactions: all or nothing, answered after the commit, one failing job harming no other."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.store.db import Store, Tx, open_store, sqlite_path
from bot.store.errors import Again, Busy, Closed, Conflict, QueueFull, StoreError, Unavailable
from bot.store.migrate import migrate

ADD = "INSERT INTO settings (key, value, updated_at) VALUES (:key, :value, 0)"
COUNT = "SELECT count(*) FROM settings"


def put(key: str, value: str = "1") -> Callable[[Tx], str]:
    def job(tx: Tx) -> str:
        tx.run(ADD, key=key, value=value)
        return key

    return job


async def keys(store: Store) -> list[str]:
    return [row["key"] for row in await store.read(lambda tx: tx.all("SELECT key FROM settings ORDER BY key"))]


async def test_what_is_written_is_read(store: Store) -> None:
    assert await store.write(put("a", "x")) == "a"
    row = await store.read(lambda tx: tx.one("SELECT key, value FROM settings WHERE key = :key", key="a"))
    assert row is not None
    assert (row["key"], row[1], len(row), list(row), list(row.keys())) == ("a", "x", 2, ["a", "x"], ["key", "value"])
    assert await store.read(lambda tx: tx.one("SELECT key FROM settings WHERE key = 'b'")) is None
    assert await store.read(lambda tx: tx.value("SELECT value FROM settings WHERE key = 'b'")) is None


async def test_counts_lists_and_signs_in_texts(store: Store) -> None:
    def job(tx: Tx) -> None:
        tx.many(ADD, [{"key": k, "value": "50% 'of:it'"} for k in "abcd"])
        assert tx.run("UPDATE settings SET version = 2 WHERE key IN :some", some=("a", "b")) == 2
        assert tx.run("UPDATE settings SET version = 3 WHERE key NOT IN :some", some=["a", "b", "c"]) == 1
        assert tx.all("SELECT key FROM settings WHERE key IN :none", none=[]) == []
        assert tx.value("SELECT count(*) FROM settings WHERE value LIKE '50%' AND value <> ':some'") == 4
        assert tx.value("SELECT key FROM settings WHERE version = 3 FOR UPDATE SKIP LOCKED") == "d"
        assert tx.run("INSERT INTO settings (key, value, updated_at) VALUES ('a', '', 0) ON CONFLICT DO NOTHING") == 0

    await store.write(job)


async def test_an_error_takes_back_its_own_job_only(store: Store) -> None:
    def fails(tx: Tx) -> None:
        tx.run(ADD, key="lost", value="1")
        raise LookupError("no")

    await store.write(put("d"))
    results = await asyncio.gather(
        store.write(put("a")), store.write(fails), store.write(put("b")), store.write(put("d")), store.write(put("c")),
        return_exceptions=True,
    )  # fmt: skip
    assert [type(result) for result in results] == [str, LookupError, str, Conflict, str]
    assert await keys(store) == ["a", "b", "c", "d"]


async def test_no_message_of_an_error_holds_a_value(store: Store) -> None:
    secret = "rahasia-kanari"
    await store.write(put(secret))
    with pytest.raises(Conflict) as conflict:
        await store.write(put(secret))
    with pytest.raises(StoreError) as refused:
        await store.write(lambda tx: tx.run("INSERT INTO settings (key, value) VALUES (:a, :a)", a=secret + "2"))
    for error in (conflict.value, refused.value):
        chain: BaseException | None = error
        while chain is not None:
            assert secret not in str(chain)
            chain = chain.__cause__ or chain.__context__


async def test_hooks_run_on_the_loop_after_the_commit_and_only_then(store: Store) -> None:
    told: list[tuple[str, int]] = []
    here = threading.get_ident()

    def job(tx: Tx, name: str, fail: bool) -> None:
        tx.run(ADD, key=name, value="1")
        tx.after(lambda: told.append((name, threading.get_ident())))
        if fail:
            raise LookupError

    def broken(tx: Tx) -> str:
        tx.after(lambda: {}["nothing"])
        return "done"

    await asyncio.gather(
        store.write(lambda tx: job(tx, "good", False)), store.write(lambda tx: job(tx, "bad", True)),
        return_exceptions=True,
    )  # fmt: skip
    assert told == [("good", here)]
    assert await store.write(broken) == "done"


async def test_a_job_that_was_beaten_is_run_again(store: Store) -> None:
    runs: list[int] = []

    def job(tx: Tx) -> int:
        tx.run(ADD, key="x", value="1")
        runs.append(1)
        if len(runs) < 3:
            raise Again("somebody was quicker")
        return len(runs)

    assert await store.write(job) == 3
    assert await keys(store) == ["x"]

    def always(tx: Tx) -> None:
        runs.append(1)
        raise Again("for ever")

    runs.clear()
    with pytest.raises(Again):
        await store.write(always)
    assert 2 <= len(runs) <= 10


async def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.read(put("a"))
    assert await keys(store) == []
    await store.write(put("b"))
    assert await keys(store) == ["b"]


async def test_readers_of_memory_cannot_write_either(memory: Store) -> None:
    with pytest.raises(StoreError):
        await memory.read(put("a"))
    await memory.write(put("b"))
    assert await keys(memory) == ["b"]


async def test_each_senders_order_is_kept(store: Store) -> None:
    def job(tx: Tx, sender: int, n: int) -> None:
        before = tx.value("SELECT count(*) FROM settings WHERE value = :sender", sender=str(sender))
        assert before == n
        tx.run(ADD, key=f"{sender}:{n}", value=str(sender))

    await asyncio.gather(*(store.write(lambda tx, s=s, n=n: job(tx, s, n), key=s) for n in range(10) for s in range(5)))
    assert await store.read(lambda tx: tx.value(COUNT)) == 50


async def test_a_crisis_is_committed_before_what_waits(url: str) -> None:
    """Behind a busy writer, a crisis is the first to be answered (C4)."""
    store = open_store(url, writers=1)
    started, go = threading.Event(), threading.Event()
    order: list[str] = []

    def slow(tx: Tx) -> None:
        started.set()
        assert go.wait(30)

    async def ordered(name: str, crisis: bool) -> None:
        await store.write(put(name), crisis=crisis, key=name)
        order.append(name)

    first = asyncio.ensure_future(store.write(slow))
    await asyncio.to_thread(started.wait, 30)
    rest = [asyncio.ensure_future(ordered(f"line{n}", False)) for n in range(200)]
    await asyncio.sleep(0)
    crisis = asyncio.ensure_future(ordered("crisis", True))
    await asyncio.sleep(0)
    assert store.waiting() == 201
    go.set()
    await asyncio.gather(first, crisis, *rest)
    assert order[0] == "crisis"
    await store.close()


async def test_a_crisis_waits_for_no_ordinary_message_after_it(url: str) -> None:
    """It is answered while the next ordinary message is still being worked on, though both could share a commit."""
    store = open_store(url, writers=1)
    started, go, release = threading.Event(), threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        started.set()
        assert go.wait(30)

    first = asyncio.ensure_future(store.write(slow))
    await asyncio.to_thread(started.wait, 30)
    ordinary = asyncio.ensure_future(store.write(lambda tx: release.wait(30)))
    crisis = asyncio.ensure_future(store.write(put("crisis"), crisis=True))
    await asyncio.sleep(0)
    go.set()
    assert await crisis == "crisis"
    assert not release.is_set()
    release.set()
    assert await ordinary
    await first
    await store.close()


async def test_a_full_queue_says_so_and_takes_nothing(url: str) -> None:
    store = open_store(url, bound=2, writers=1)
    started, go = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        started.set()
        assert go.wait(30)

    first = asyncio.ensure_future(store.write(slow))
    await asyncio.to_thread(started.wait, 30)
    waiting = [asyncio.ensure_future(store.write(put(k), key=k)) for k in "ab"]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await store.write(put("c"))
    go.set()
    await asyncio.gather(first, *waiting)
    assert await keys(store) == ["a", "b"]
    await store.close()


async def test_closing_finishes_what_waits(url: str) -> None:
    store = open_store(url)
    waiting = [asyncio.ensure_future(store.write(put(f"k{n:02}"))) for n in range(30)]
    await asyncio.sleep(0)
    await store.close()
    assert len(await asyncio.gather(*waiting)) == 30
    with pytest.raises(Closed):
        await store.write(put("late"))
    with pytest.raises(Closed):
        await keys(store)
    again = open_store(url)
    assert len(await keys(again)) == 30
    await again.close()


async def test_a_caller_who_left_harms_nobody(store: Store) -> None:
    gone = asyncio.ensure_future(store.write(put("gone")))
    await asyncio.sleep(0)
    gone.cancel()
    await store.write(put("here"))
    assert "here" in await keys(store)


async def test_nothing_a_job_raises_ends_the_writer(url: str) -> None:
    class Ending(BaseException):
        """Not an Exception, as what ends a thread or a test is not."""

    def ends(tx: Tx) -> None:
        tx.run(ADD, key="lost", value="1")
        raise Ending

    store = open_store(url, writers=1)
    with pytest.raises(Ending):
        await store.write(ends)
    assert await store.write(put("a")) == "a"
    assert await keys(store) == ["a"]
    await store.close()


async def test_stop_iteration_is_not_swallowed(store: Store) -> None:
    with pytest.raises(RuntimeError):
        await store.write(lambda tx: next(iter(())))


async def test_another_process_may_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    migrate(f"sqlite:///{path}", 0)
    store = open_store(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO settings (key, value, updated_at) VALUES ('other', '1', 0)")
    ours = asyncio.ensure_future(store.write(put("ours")))
    await asyncio.sleep(0.05)
    assert not ours.done()  # it waits for the other one
    other.execute("COMMIT")
    assert await ours == "ours"
    assert await keys(store) == ["other", "ours"]
    other.close()
    await store.close()


async def test_two_stores_on_one_database(url: str) -> None:
    """As `serve` and a command beside it."""
    one, two = open_store(url), open_store(url)
    await asyncio.gather(*((one, two)[n % 2].write(put(f"k{n:02}")) for n in range(40)))
    assert len(await keys(one)) == len(await keys(two)) == 40
    await one.close()
    await two.close()


async def test_deadlocks_are_run_again(migrated_postgres: str) -> None:
    store = open_store(migrated_postgres)
    await store.write(lambda tx: tx.many(ADD, [{"key": k, "value": "0"} for k in "ab"]))
    meet = threading.Barrier(2, timeout=30)
    met: list[int] = []
    change = "UPDATE settings SET version = version + 1 WHERE key = :key"

    def job(tx: Tx, first: str, second: str) -> None:
        tx.run(change, key=first)
        if len(met) < 2:  # only the first time: the second run finds nobody to meet
            met.append(1)
            meet.wait()
        tx.run(change, key=second)

    await asyncio.gather(store.write(lambda tx: job(tx, "a", "b")), store.write(lambda tx: job(tx, "b", "a")))
    assert await store.read(lambda tx: tx.value("SELECT sum(version) FROM settings")) == 2 + 4
    await store.close()


async def test_a_lost_connection_is_replaced(migrated_postgres: str) -> None:
    store = open_store(migrated_postgres, writers=1)
    await store.write(put("a"))
    # The server ends every session of this store, as a restart would.
    import psycopg

    with psycopg.connect(migrated_postgres, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'sebaya'"
        )
    await store.write(put("b"))
    assert await keys(store) == ["a", "b"]
    await store.close()


async def test_a_database_that_is_full_stores_nothing_and_recovers(tmp_path: Path) -> None:
    path = tmp_path / "full.db"
    migrate(f"sqlite:///{path}", 0)
    store = open_store(f"sqlite:///{path}")
    pages = await store.write(lambda tx: tx.value("PRAGMA page_count"))
    await store.write(lambda tx: tx.value(f"PRAGMA max_page_count = {pages + 2}"))
    results = await asyncio.gather(*(store.write(put(f"k{n}", "x" * 3000)) for n in range(20)), return_exceptions=True)
    failed = [result for result in results if isinstance(result, Unavailable)]
    assert failed
    stored = await keys(store)
    assert len(stored) == sum(isinstance(result, str) for result in results)  # answered means stored
    await store.write(lambda tx: tx.value("PRAGMA max_page_count = 1000000"))
    assert await store.write(put("after")) == "after"
    await store.close()


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'own.db'}", 0)
    assert (tmp_path / "own.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///sebaya.db", "sebaya.db"),
        ("sqlite:////data/sebaya.db", "/data/sebaya.db"),
        ("sqlite:///my%20data.db", "my data.db"),
    ],
)
def test_addresses_of_files(url: str, path: str | None) -> None:
    assert sqlite_path(url) == path


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite://host/x.db", "sqlite:///x.db?mode=ro", "mysql://x", "x.db"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="SEBAYA_DATABASE_URL"):
        open_store(url)


def test_a_server_that_does_not_answer_is_said_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as error:
        from bot.store.postgres import PostgresStore

        PostgresStore(f"postgresql://ani:sesame@/sebaya?host={tmp_path}", connect_seconds=1)
    assert "sesame" not in str(error.value) and "SEBAYA_DATABASE_URL" in str(error.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="SEBAYA_DATABASE_URL"):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}")


async def test_busy_is_said_when_it_lasts(tmp_path: Path) -> None:
    from bot.store.sqlite import SqliteStore

    path = tmp_path / "busy.db"
    migrate(f"sqlite:///{path}", 0)
    store = SqliteStore(str(path), busy_seconds=0.05, busy_times=2)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        await store.write(put("a"))
    other.execute("ROLLBACK")
    other.close()
    assert await store.write(put("a")) == "a"
    await store.close()
