"""SQLite: one writer thread, several messages to a commit, readers apart.

Write-ahead log with synchronous=FULL: what is answered is on the disk. secure_delete: what is erased is overwritten.
Other processes may write the same file meanwhile (the command line beside `serve`); a busy file is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

from bot.store.db import Outcome, Row, Store, Tx, probe, settle
from bot.store.errors import Again, Busy, Closed, Conflict, StoreError, Unavailable
from bot.store.queue import Job, JobQueue
from bot.store.seal import Seal
from bot.store.sqltext import Translated, as_json, for_sqlite

T = TypeVar("T")
log = logging.getLogger(__name__)

BUSY_SECONDS = 10
BUSY_TIMES = 6
BATCH_JOBS = 64
BATCH_SECONDS = 0.020
RERUNS = 3

_texts: dict[str, Translated] = {}


class SqliteTx(Tx):
    """A savepoint on the writer's connection, or a snapshot on a reader's."""

    __slots__ = ("_connection",)
    dialect: ClassVar[str] = "sqlite"

    def __init__(self, connection: sqlite3.Connection, seal: Seal | None) -> None:
        super().__init__(seal)
        self._connection = connection

    def _do(self, sql: str, params: dict[str, object]) -> sqlite3.Cursor:
        known = _texts.get(sql)
        if known is None:
            known = _texts[sql] = for_sqlite(sql)
        for name in known.lists:
            params[name] = as_json(params[name])
        try:
            return self._connection.execute(known.text, params)
        except sqlite3.Error as error:
            raise _named(error) from error

    def one(self, sql: str, /, **params: object) -> Row | None:
        try:
            row: Row | None = self._do(sql, params).fetchone()
        except sqlite3.Error as error:
            raise _named(error) from error
        return row

    def all(self, sql: str, /, **params: object) -> list[Row]:
        try:
            return self._do(sql, params).fetchall()
        except sqlite3.Error as error:
            raise _named(error) from error

    def run(self, sql: str, /, **params: object) -> int:
        return self._do(sql, params).rowcount

    def many(self, sql: str, rows: Sequence[dict[str, object]], /) -> None:
        for params in rows:
            self._do(sql, dict(params))


def _named(error: sqlite3.Error) -> StoreError:
    """SQLite's messages name tables and columns, never values."""
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict(str(error))
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(str(error))
    if code in (
        sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM,
    ):  # fmt: skip
        return Unavailable(str(error))
    return StoreError(str(error))


def connect(path: str | None, *, read_only: bool = False, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """A connection with the house's settings; a new file is made readable by its owner only."""
    if path is None:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    else:
        if not read_only:
            _make(path)
        where = f"file:{quote(str(Path(path).absolute()))}?mode={'ro' if read_only else 'rw'}"
        try:
            connection = sqlite3.connect(
                where, uri=True, isolation_level=None, check_same_thread=False, timeout=busy_seconds,
                cached_statements=512,
            )  # fmt: skip
        except sqlite3.Error as error:
            raise _named(error) from error
    connection.row_factory = sqlite3.Row
    try:
        if path is not None and not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA journal_size_limit=67108864")
            connection.execute("PRAGMA cache_size=-16000")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
    except sqlite3.Error as error:
        connection.close()
        raise _named(error) from error
    return connection


def probe_file(path: str, busy_seconds: float = 3) -> None:
    """Find out whether the file can be written, and change nothing in it. Raises Busy where somebody else holds it,
    Unavailable where it cannot be written."""
    with contextlib.closing(connect(path, busy_seconds=busy_seconds)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            probe(SqliteTx(connection, None))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise _named(error) from error


def _make(path: str) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise Unavailable(f"the database file cannot be made: {error.strerror}; check SEBAYA_DATABASE_URL") from None


class SqliteStore(Store):
    """One writer, `readers` readers. Without a path: one shared connection in memory, already migrated."""

    dialect: ClassVar[str] = "sqlite"

    def __init__(
        self,
        path: str | None,
        *,
        bound: int = 10_000,
        readers: int = 2,
        busy_seconds: float = BUSY_SECONDS,
        busy_times: int = BUSY_TIMES,
    ) -> None:
        self._path = path
        self._busy_times = busy_times
        self._closing = False
        self._queue = JobQueue(bound)
        self._connection = connect(path, busy_seconds=busy_seconds)
        if path is None:
            from bot.store.migrate import fill_memory

            fill_memory(self._connection)
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-reader")
        self._writer = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._writer.start()

    def _put(self, job: Job) -> None:
        self._queue.put(job)

    def waiting(self) -> int:
        return len(self._queue)

    # --- writing ------------------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while (job := self._queue.take()) is not None:
            taken: list[Job] = []
            try:
                outcomes = self._batch(job, taken)
            except BaseException as error:  # whatever it was: nobody waits for ever, and the writer goes on
                log.error("store: a transaction broke off: %s", type(error).__name__)
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                broken = Unavailable("the database broke off a transaction; nothing of it is stored")
                outcomes = [(lost, None, broken, []) for lost in taken]
            settle(outcomes)
        self._connection.close()

    def _batch(self, job: Job, taken: list[Job]) -> list[Outcome]:
        """Run `job`, and what else is ready, in one commit. `taken` learns of every job."""
        taken.append(job)
        try:
            self._begin()
        except StoreError as error:
            self._queue.done(job)
            return [(job, None, error, [])]
        outcomes: list[Outcome] = []
        until = monotonic() + BATCH_SECONDS
        following: Job | None = job
        while following is not None:
            try:
                outcomes.append(self._attempt(following))
            finally:
                self._queue.done(following)
            if not self._connection.in_transaction:  # the error took the whole transaction with it
                lost = Unavailable("the database gave up a transaction; nothing of it is stored")
                return [(j, None, error or lost, []) for j, _, error, _ in outcomes]
            if len(outcomes) >= BATCH_JOBS or monotonic() > until:
                break
            # C4: a crisis waits for no further ordinary message before it is committed.
            following = self._queue.take(wait=False, crisis_only=following.crisis)
            if following is not None:
                taken.append(following)
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            failed = _named(error)
            return [(j, None, own or failed, []) for j, _, own, _ in outcomes]
        return outcomes

    def _begin(self) -> None:
        for attempt in range(self._busy_times):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.Error as error:
                named = _named(error)
                if not isinstance(named, Busy) or attempt == self._busy_times - 1:
                    raise named from error
                self.trouble = "another process holds it"
                log.warning("store: another process holds the database; still waiting (%d)", attempt + 1)

    def _attempt(self, job: Job) -> Outcome:
        """One job in its own savepoint; an error rolls back that savepoint only."""
        for run in range(RERUNS):
            tx = SqliteTx(self._connection, self.seal)
            try:
                result = self._run(job, tx)
            except BaseException as error:  # also one that means to end a thread: this thread serves everybody
                if isinstance(error, Again) and run < RERUNS - 1 and self._connection.in_transaction:
                    self.reruns["again"] += 1
                    continue
                if isinstance(error, StopIteration):  # a future would not carry it
                    return (job, None, RuntimeError("a job let StopIteration pass"), [])
                return (job, None, _named(error) if isinstance(error, sqlite3.Error) else error, [])
            return (job, result, None, tx.hooks)
        raise AssertionError("unreachable: the last run returns")

    def _run(self, job: Job, tx: Tx) -> Any:
        connection = self._connection
        connection.execute("SAVEPOINT job")
        try:
            if job.reads:
                connection.execute("PRAGMA query_only=ON")
            result = job.run(tx)
            if not job.reads:
                tx.end()
                connection.execute("RELEASE job")
                return result
        except BaseException:
            self._undo(job.reads)
            raise
        self._undo(True)
        return result

    def _undo(self, reads: bool) -> None:
        connection = self._connection
        if reads:
            connection.execute("PRAGMA query_only=OFF")
        if connection.in_transaction:
            try:
                connection.execute("ROLLBACK TO job")
                connection.execute("RELEASE job")
            except sqlite3.Error:
                connection.execute("ROLLBACK")

    # --- reading ------------------------------------------------------------------------------------------------------

    async def read(self, job: Callable[[Tx], T]) -> T:
        loop = asyncio.get_running_loop()
        if self._path is None:
            future: asyncio.Future[T] = loop.create_future()
            self._queue.put(Job(job, loop, future, reads=True))
            return await future
        if self._closing:
            raise Closed("the store is closing")
        return await loop.run_in_executor(self._readers, self._read, job)

    def _read(self, job: Callable[[Tx], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self._path, read_only=True)
            self._reading.append(connection)
        try:
            connection.execute("BEGIN")
            return job(SqliteTx(connection, self.seal))
        except sqlite3.Error as error:
            raise _named(error) from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    # --- upkeep -------------------------------------------------------------------------------------------------------

    async def checkpoint(self) -> None:
        if self._path is not None:
            await asyncio.get_running_loop().run_in_executor(self._readers, self._checkpoint)

    def _checkpoint(self) -> None:
        with contextlib.closing(connect(self._path)) as connection:
            busy: Any = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise Busy("the write-ahead log is in use and could not be emptied; it empties itself later")

    async def close(self) -> None:
        self._closing = True
        self._queue.close()
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        self._readers.shutdown(wait=True)
        self._writer.join()
        for connection in self._reading:
            connection.close()
