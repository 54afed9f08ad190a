"""Bringing a store's schema to this version. Alembic is imported only where there is something to do: it costs a
second that an ordinary start does not need."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.store.db import Tx, sqlite_path
from bot.store.errors import StoreError, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""Every revision in migrations/versions, oldest first."""
HEAD = REVISIONS[-1]
_LOCK = 5_359_201  # any number of our own: one process migrates a PostgreSQL at a time


class Schema(StrEnum):
    """How a store's schema stands to this version."""

    EMPTY = "empty"
    OLD = "old"
    CURRENT = "current"
    NEWER = "newer"  # made by a later version


def schema(url: str) -> Schema:
    """Look, without changing anything. Raises StoreError where the store is out of reach."""
    if url.startswith("sqlite:"):
        path = sqlite_path(url)
        return Schema.CURRENT if path is None else _standing(_sqlite_version(path))
    return _standing(_postgres_version(url))


def needs_migration(url: str) -> bool:
    """Whether `migrate` has something to do."""
    return schema(url) in (Schema.EMPTY, Schema.OLD)


def _standing(version: str | None) -> Schema:
    if version is None:
        return Schema.EMPTY
    if version == HEAD:
        return Schema.CURRENT
    return Schema.OLD if version in REVISIONS else Schema.NEWER


def _sqlite_version(path: str) -> str | None:
    if not Path(path).exists():
        return None
    from bot.store.sqlite import connect

    try:
        with contextlib.closing(connect(path, read_only=True)) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise Unavailable(f"the database file cannot be read: {error}") from None
    return None if row is None else str(row[0])


def _postgres_version(url: str) -> str | None:
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return None if row is None else str(row[0])
    except psycopg.Error:
        pass
    raise Unavailable("PostgreSQL does not answer: check SEBAYA_DATABASE_URL, and whether the server runs")


def migrate(url: str, now: int, *, to: str = "head") -> None:
    """Bring the schema to this version in one transaction, and give a new store the help directory as of `now` (ms).

    Harmless where nothing is to be done, and when several processes try at once. Raises StoreError for a store of a
    later version. `to` is a revision of REVISIONS, or "base" to take everything away.
    """
    if schema(url) is Schema.NEWER:
        raise StoreError("this store was made by a later version of Sebaya: install that version, or restore a backup")
    with _connection(url) as connection:
        _upgrade(connection, to)
        if to == "head":
            _welcome(_tx(connection), now)


def _upgrade(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if _steps(to) < _steps(_applied(connection)):
        command.downgrade(config, to)
    else:
        command.upgrade(config, to)


def _steps(revision: str | None) -> int:
    """How many revisions lie behind a store at `revision`."""
    if revision is None or revision == "base":
        return 0
    return 1 + REVISIONS.index(HEAD if revision == "head" else revision)


def _applied(connection: Connection) -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


@contextlib.contextmanager
def _connection(url: str) -> Iterator[Connection]:
    """A locked transaction, committed at the end."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    if url.startswith("sqlite:"):
        path = sqlite_path(url)
        if path is None:
            raise StoreError("a store in memory is ready when it is opened")
        from bot.store.sqlite import connect

        engine = create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
        lock = "BEGIN IMMEDIATE"
    else:
        engine = create_engine(f"postgresql+psycopg:{url.partition(':')[2]}", poolclass=NullPool)
        lock = f"SELECT pg_advisory_xact_lock({_LOCK})"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(lock)
            yield connection
            connection.commit()
        return
    except SQLAlchemyError as error:
        failed = type(error).__name__
    finally:
        engine.dispose()
    raise StoreError(f"the migration failed and changed nothing ({failed})")


def _tx(connection: Connection) -> Tx:
    """The house's own transaction on SQLAlchemy's connection."""
    driver: Any = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        from bot.store.sqlite import SqliteTx

        return SqliteTx(driver, None)
    from bot.store.postgres import PostgresTx

    return PostgresTx(driver, None)


def _welcome(tx: Tx, now: int) -> None:
    if tx.value("SELECT count(*) FROM resources") == 0:
        from bot.directory import load_directory

        load_directory(tx, now)


def fill_memory(connection: sqlite3.Connection) -> None:
    """Give a connection in memory a migrated store. The first one of a process is made by the migrations, the others
    are its copies."""
    connection.deserialize(_image())


@cache
def _image() -> bytes:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    from bot.store.sqlite import connect

    with contextlib.closing(connect(None)) as source:
        engine = create_engine("sqlite://", creator=lambda: source, poolclass=StaticPool)
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _upgrade(connection, "head")
            _welcome(_tx(connection), 0)
            connection.commit()
            return source.serialize()
