"""PostgreSQL: the same interface over a psycopg pool, jobs in threads, each in a transaction of its own.

A job that meets a serialization failure, a deadlock or a lost connection before its commit is run again, a bounded
number of times. PostgreSQL's messages may quote rows, so none of them leaves this file (P3).
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, TypeVar, cast

import psycopg
from psycopg import IsolationLevel
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import ConnectionPool, PoolTimeout

from bot.store.db import Outcome, Row, Store, Tx, settle
from bot.store.errors import Again, Busy, Closed, Conflict, StoreError, Unavailable
from bot.store.queue import Job, JobQueue
from bot.store.seal import Seal
from bot.store.sqltext import for_postgres

T = TypeVar("T")
Connection = psycopg.Connection[Any]
Cursor = psycopg.RawCursor[tuple[Any, ...]]
log = logging.getLogger(__name__)

RUNS = 6
TAKEN_RUNS = 2
CONNECT_SECONDS = 10
PREPARED = 500
"""Statements that a connection keeps prepared: all of the service's."""
SETTINGS = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; SET application_name = 'sebaya'"

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


class PostgresRow:
    """A row, by position or by column name."""

    __slots__ = ("_columns", "_values")

    def __init__(self, values: Sequence[Any], columns: dict[str, int]) -> None:
        self._values = values
        self._columns = columns

    def __getitem__(self, key: int | str, /) -> Any:
        return self._values[key if isinstance(key, int) else self._columns[key]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> list[str]:
        return list(self._columns)


class _Text:
    """A statement for this driver, prepared for calling it many times. `columns` is known once it was run."""

    __slots__ = ("columns", "lists", "names", "text")

    def __init__(self, sql: str) -> None:
        known = for_postgres(sql)
        names: list[str] = []

        def place(found: re.Match[str]) -> str:
            if found[1] is None:
                return "%"
            if found[1] not in names:
                names.append(found[1])
            return f"${names.index(found[1]) + 1}"

        self.text = _PARAMETER.sub(place, known.text).encode()
        self.names = names
        self.lists = known.lists
        self.columns: dict[str, int] = {}

    def row(self, cursor: Cursor, values: Sequence[Any]) -> PostgresRow:
        if len(self.columns) != len(values):
            self.columns = {column.name: place for place, column in enumerate(cursor.description or ())}
        return PostgresRow(values, self.columns)


class _Retry(StoreError):
    """The transaction is lost and may be run again."""


class _Taken(Conflict):
    """Somebody else was quicker: run again, the transaction sees what they did."""


class _Lost(Unavailable):
    """The connection is lost, and the transaction with it."""


_texts: dict[str, _Text] = {}


class PostgresTx(Tx):
    """One transaction on one connection."""

    __slots__ = ("_connection", "_cursor")
    dialect: ClassVar[str] = "postgresql"

    def __init__(self, connection: Connection, seal: Seal | None) -> None:
        super().__init__(seal)
        self._connection = connection
        self._cursor = Cursor(connection)  # one for all: each result is read before the next statement

    def _do(self, sql: str, params: dict[str, object]) -> _Text:
        known = _texts.get(sql)
        if known is None:
            known = _texts[sql] = _Text(sql)
        for name in known.lists:
            params[name] = list(cast(Iterable[object], params[name]))
        try:
            self._cursor.execute(known.text, [params[name] for name in known.names])
            return known
        except psycopg.Error as error:
            named = _named(error)
        raise named  # outside of the handler, so that no traceback carries the driver's message along

    def one(self, sql: str, /, **params: object) -> Row | None:
        known = self._do(sql, params)
        values = self._cursor.fetchone()
        return None if values is None else known.row(self._cursor, values)

    def all(self, sql: str, /, **params: object) -> list[Row]:
        known = self._do(sql, params)
        return [known.row(self._cursor, values) for values in self._cursor.fetchall()]

    def run(self, sql: str, /, **params: object) -> int:
        self._do(sql, params)
        return self._cursor.rowcount

    def moment(self, now: int) -> int:
        return int(self.value("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"))

    def notify(self, news: str) -> None:
        self._do("SELECT pg_notify('sebaya', :news)", {"news": news})

    def alone(self, name: str) -> None:
        self._do("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", {"name": name})

    def many(self, sql: str, rows: Sequence[dict[str, object]], /) -> None:
        text = for_postgres(sql).text
        cursor = self._connection.cursor()
        try:
            cursor.executemany(text.encode(), rows)
            return
        except psycopg.Error as error:
            named = _named(error)
        raise named


def _named(error: psycopg.Error) -> StoreError:
    state = error.sqlstate or ""
    if state in ("40001", "40P01"):
        return _Retry(f"the transaction collided with another (SQLSTATE {state})")
    if state == "55P03":
        return Busy("rows were locked for too long (SQLSTATE 55P03)")
    if state.startswith("23"):
        kind = _Taken if state == "23505" else Conflict
        return kind(f"constraint {error.diag.constraint_name or error.diag.column_name} (SQLSTATE {state})")
    if state.startswith(("08", "57P")) or (isinstance(error, psycopg.OperationalError) and not state):
        return _Lost("the connection to PostgreSQL is lost")
    if state.startswith(("53", "58", "25006")):
        return Unavailable(f"PostgreSQL cannot store: {type(error).__name__} (SQLSTATE {state})")
    return StoreError(f"{type(error).__name__} (SQLSTATE {state or 'none'})")


def _configure(connection: Connection) -> None:
    connection.execute(SETTINGS)
    connection.commit()
    connection.prepare_threshold = 2  # every text is a constant: prepare it at its second use
    connection.prepared_max = PREPARED
    # One type for all integers: one prepared statement a text, and no sum of ours that overflows a narrow one.
    connection.adapters.register_dumper(int, Int8Dumper)


class PostgresStore(Store):
    """`writers` jobs at a time, `readers` beside them."""

    dialect: ClassVar[str] = "postgresql"

    def __init__(
        self,
        url: str,
        *,
        bound: int = 10_000,
        readers: int = 2,
        writers: int = 8,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._queue = JobQueue(bound)
        self._closing = False
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url, min_size=1, max_size=readers + writers, open=False, timeout=connect_seconds, configure=_configure,
            kwargs={"connect_timeout": CONNECT_SECONDS}, name="sebaya", num_workers=2,
        )  # fmt: skip
        try:
            self._pool.open(wait=True, timeout=connect_seconds)
            failed = False
        except (PoolTimeout, psycopg.Error):
            self._pool.close()
            failed = True
        if failed:
            raise Unavailable("PostgreSQL does not answer: check SEBAYA_DATABASE_URL, and whether the server runs")
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-reader")
        self._writers = [
            threading.Thread(target=self._serve, name=f"store-writer-{n}", daemon=True) for n in range(writers)
        ]
        for writer in self._writers:
            writer.start()

    def _put(self, job: Job) -> None:
        self._queue.put(job)

    def waiting(self) -> int:
        return len(self._queue)

    def _serve(self) -> None:
        while (job := self._queue.take()) is not None:
            outcome = self._attempt(job)
            self._queue.done(job)  # only after the commit: the next of this key must see it
            settle([outcome])

    def _attempt(self, job: Job) -> Outcome:
        try:
            result, hooks = self._transact(job.run)
        except StopIteration:  # a future would not carry it
            return (job, None, RuntimeError("a job let StopIteration pass"), [])
        except BaseException as error:  # also one that means to end a thread: this thread serves everybody
            return (job, None, error, [])
        return (job, result, None, hooks)

    def _transact(self, job: Callable[[Tx], T], *, read_only: bool = False) -> tuple[T, list[Callable[[], None]]]:
        failure: StoreError = Unavailable("the transaction was never run")
        for run in range(RUNS):
            if run:
                self.reruns[type(failure).__name__.strip("_").lower()] += 1
                time.sleep(0.005 * 2**run * random.uniform(0.5, 1.5))  # noqa: S311 - spreads collisions, no secret
            try:
                return self._once(job, read_only)
            except _Taken as error:
                failure = error
                if run + 1 >= TAKEN_RUNS:  # it was there before
                    break
            except _Lost as error:
                failure = error
                self._pool.drain()  # what else lies there was cut off by the same restart
            except (_Retry, Again) as error:
                failure = error
        if isinstance(failure, _Taken):
            raise Conflict(str(failure)) from None
        if isinstance(failure, _Retry):
            raise Busy(f"the transaction collided {RUNS} times with others") from None
        raise failure

    def _once(self, job: Callable[[Tx], T], read_only: bool) -> tuple[T, list[Callable[[], None]]]:
        try:
            connection = self._pool.getconn()
        except (PoolTimeout, psycopg.Error):
            connection = None
        if connection is None:
            raise Unavailable("no connection to PostgreSQL could be had")
        try:
            if connection.read_only != read_only:
                connection.read_only = read_only
                # Readers see one moment; writers see what was committed before each statement, once they hold its lock.
                connection.isolation_level = IsolationLevel.REPEATABLE_READ if read_only else None
            tx = PostgresTx(connection, self.seal)
            result = job(tx)
            tx.end()
            _end(connection, commit=not read_only)
            return result, tx.hooks
        except BaseException:
            _end(connection, commit=False, quiet=True)
            raise
        finally:
            self._pool.putconn(connection)

    async def read(self, job: Callable[[Tx], T]) -> T:
        if self._closing:
            raise Closed("the store is closing")
        loop = asyncio.get_running_loop()
        result, _ = await loop.run_in_executor(self._readers, lambda: self._transact(job, read_only=True))
        return result

    async def checkpoint(self) -> None:
        """Nothing to do: PostgreSQL's log holds sealed bytes only, and ages out by itself."""

    async def close(self) -> None:
        self._closing = True
        self._queue.close()
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        self._readers.shutdown(wait=True)
        for writer in self._writers:
            writer.join()
        self._pool.close()


def _end(connection: Connection, *, commit: bool, quiet: bool = False) -> None:
    """Commit or roll back. Raises Unavailable where a commit's fate is unknown: what was stored once is found by its
    deduplication, so the caller may try again."""
    try:
        if commit:
            connection.commit()
        else:
            connection.rollback()
        return
    except psycopg.Error as error:
        named = _named(error)
    if quiet:
        return
    if isinstance(named, _Lost):
        raise Unavailable("the connection to PostgreSQL was lost during a commit")
    raise named
