"""The store as everybody sees it: `await store.write(job)`, `await store.read(job)`, and the `Tx` a job is given.

A job is a plain function of a `Tx`, run in a thread inside one transaction. It may be run more than once (a deadlock, a
serialization failure, `Again`), so it changes nothing but the store; what shall follow its commit it leaves with
`tx.after`.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeVar

from bot.store.errors import StoreError, Unavailable
from bot.store.queue import Job
from bot.store.seal import Erased, Seal

T = TypeVar("T")
log = logging.getLogger(__name__)

END_MATCH, END_LANES = 1, 2
_THERE = "INSERT INTO meta (key, value) VALUES ('probe', :value)"
_GONE = "DELETE FROM meta WHERE key = 'probe'"


class Row(Protocol):
    """A row, by position or by column name."""

    def __getitem__(self, key: int | str, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __len__(self) -> int: ...

    def keys(self) -> Sequence[str]: ...


class Tx(ABC):
    """One open transaction. `sql` is a constant text with `:name` parameters (see `sqltext`).

    Raises Conflict where a constraint refuses, other StoreErrors for what the database cannot do. After an error the
    transaction is lost: let it pass. To insert "unless it is there", say ON CONFLICT DO NOTHING and read the count.
    `memo` is a scratch pad that lives as long as the transaction; `cause` is the inbound (its number in `inbox`) that
    all of it comes from, kept with whatever it leaves for later.
    """

    __slots__ = ("_ends", "_seal", "cause", "hooks", "memo")
    dialect: ClassVar[str]

    def __init__(self, seal: Seal | None) -> None:
        self._seal = seal
        self.hooks: list[Callable[[], None]] = []
        self.memo: dict[Hashable, Any] = {}
        self.cause: int | None = None
        self._ends: dict[tuple[int, ...], Callable[[], object]] = {}

    @abstractmethod
    def one(self, sql: str, /, **params: object) -> Row | None:
        """The first row, or None."""

    @abstractmethod
    def all(self, sql: str, /, **params: object) -> list[Row]:
        """All rows."""

    @abstractmethod
    def run(self, sql: str, /, **params: object) -> int:
        """Do it; how many rows it touched."""

    @abstractmethod
    def many(self, sql: str, rows: Sequence[dict[str, object]], /) -> None:
        """Do it once for each set of parameters."""

    def value(self, sql: str, /, **params: object) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, **params)
        return None if row is None else row[0]

    @property
    def keeper(self) -> Seal:
        """The store's seal. Raises StoreError before `open_seal`."""
        if self._seal is None:
            raise StoreError("the store has no seal yet: open_seal comes first")
        return self._seal

    def seal(self, owner: int | None, data: str | bytes, context: str) -> bytes:
        """`Seal.seal` in this transaction."""
        return self.keeper.seal(self, owner, data, context)

    def unseal(self, owner: int | None, sealed: bytes, context: str) -> bytes:
        """`Seal.unseal` in this transaction."""
        return self.keeper.unseal(self, owner, sealed, context)

    def text(self, owner: int | None, sealed: bytes | None, context: str) -> str | None:
        """A sealed text; None where there is none, or its owner is erased."""
        if sealed is None:
            return None
        try:
            return self.keeper.unseal(self, owner, sealed, context).decode()
        except Erased:
            return None

    def moment(self, now: int) -> int:
        """The time (ms) by which processes measure each other: the database's, or `now` where there is one process."""
        return now

    def notify(self, news: str) -> None:
        """Tell every process that listens to this store, with the commit (`bot.store.news`); at most 8,000 bytes."""
        return

    def at_end(self, place: tuple[int, ...], job: Callable[[], object]) -> None:
        """Do `job` last in this transaction, in the order of `place`; one for each place, the newest counts. What many
        transactions write is locked for a moment only so, and by all in the same order (END_MATCH, END_LANES)."""
        self._ends[place] = job

    def end(self) -> None:
        """The store calls it before the commit."""
        while self._ends:
            ends, self._ends = self._ends, {}
            for place in sorted(ends):
                ends[place]()

    def alone(self, name: str) -> None:
        """Wait until no other transaction is alone under this name, and be it until the end. On SQLite every one is."""
        return

    def after(self, hook: Callable[[], None]) -> None:
        """Call `hook` on the caller's event loop once this transaction is committed; never if it is not."""
        self.hooks.append(hook)


def probe(tx: Tx) -> None:
    """Change something, and change it back: it is written all the same. SQLite writes nothing where a row is given the
    value that it has."""
    tx.run(_THERE, value=b"\0")
    tx.run(_GONE)


class Store(ABC):
    """Owns the connections. Made by `open_store`."""

    dialect: ClassVar[str]
    seal: Seal | None = None
    trouble: str = ""
    """Why something could not be stored; empty while all can. It stays until somebody has found out that it can again,
    by writing: a transaction that changes nothing succeeds on a full disk too."""

    @cached_property
    def failures(self) -> Counter[str]:
        """Transactions of this process that could not be stored, by the kind of error; for the metrics."""
        return Counter()

    @cached_property
    def reruns(self) -> Counter[str]:
        """Transactions of this process that were run again, by reason; for the metrics."""
        return Counter()

    def use(self, seal: Seal) -> None:
        """Give every transaction from here on this seal (see `open_seal`)."""
        self.seal = seal

    @abstractmethod
    def _put(self, job: Job) -> None: ...

    async def write(self, job: Callable[[Tx], T], *, crisis: bool = False, key: Hashable | None = None) -> T:
        """Run `job` in one transaction and answer after its commit. Crisis jobs go first; jobs of one `key` keep
        their order. Raises what the job raises (and nothing is stored), QueueFull, Closed, Busy or Unavailable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(Job(job, loop, future, crisis, key))
        try:
            return await future
        except Unavailable as error:
            self.trouble = str(error)
            self.failures[type(error).__name__] += 1
            raise
        except StoreError as error:
            self.failures[type(error).__name__] += 1
            raise

    @abstractmethod
    async def read(self, job: Callable[[Tx], T]) -> T:
        """Run `job` on a snapshot that it cannot change, beside the writers."""

    @abstractmethod
    def waiting(self) -> int:
        """How many write jobs wait."""

    @abstractmethod
    async def checkpoint(self) -> None:
        """Let nothing that was erased linger in the write-ahead log."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what waits, take nothing new, let go of the database."""


Outcome = tuple[Job, Any, BaseException | None, list[Callable[[], None]]]


def settle(outcomes: Sequence[Outcome]) -> None:
    """From a store's thread: tell each job's caller how it ended, after running the hooks of those committed."""
    for loop in {outcome[0].loop for outcome in outcomes}:
        mine = [outcome for outcome in outcomes if outcome[0].loop is loop]
        try:
            loop.call_soon_threadsafe(_resolve, mine)
        except RuntimeError:  # the caller's loop has ended: nobody waits for an answer
            log.warning("store: %d answers found nobody waiting", len(mine))


def _resolve(outcomes: Sequence[Outcome]) -> None:
    for job, result, error, hooks in outcomes:
        for hook in hooks if error is None else ():
            try:
                hook()
            except Exception as failure:
                log.error("store: a hook after commit failed: %s", type(failure).__name__)
        if job.future.done():  # its caller has gone
            continue
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)


def open_store(url: str, *, bound: int = 10_000, readers: int = 2, writers: int = 8) -> Store:
    """The store of a DATABASE_URL: `sqlite:///file`, `sqlite://` (in memory, ready to use) or `postgresql://...`.

    Does not migrate (see `bot.store.migrate`). `writers` counts for PostgreSQL only: SQLite has one.
    Raises StoreError where the address is not understood or the database cannot be opened.
    """
    if url.startswith("sqlite:"):
        from bot.store.sqlite import SqliteStore

        return SqliteStore(sqlite_path(url), bound=bound, readers=readers)
    if url.startswith(("postgresql:", "postgres:")):
        from bot.store.postgres import PostgresStore

        return PostgresStore(url, bound=bound, readers=readers, writers=writers)
    raise StoreError("SEBAYA_DATABASE_URL must begin with sqlite:/// or postgresql://")


def sqlite_path(url: str) -> str | None:
    """The file that a sqlite URL names, or None for a store in memory. Raises StoreError for any other form."""
    rest = url.removeprefix("sqlite:")
    if rest in ("//", "///:memory:"):
        return None
    if not rest.startswith("///") or len(rest) == 3 or "?" in rest:
        raise StoreError("SEBAYA_DATABASE_URL for SQLite is sqlite:///relative/file.db or sqlite:////absolute/file.db")
    from urllib.parse import unquote

    return unquote(rest[3:])
