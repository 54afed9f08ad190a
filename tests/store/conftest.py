"""Stores to test on: SQLite in a file and in memory, and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store.db import Store, open_store
from bot.store.migrate import migrate
from bot.store.seal import open_seal
from tests.store.postgres import empty_postgres, migrated_postgres, postgres

__all__ = ["empty_postgres", "migrated_postgres", "postgres"]

KEY = bytes(range(32))
OTHER_KEY = bytes(range(100, 132))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A SQLite file with this version's schema."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}", 0)
    return path.read_bytes()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated store, once on each database."""
    if request.param == "postgresql":
        address: str = request.getfixturevalue("migrated_postgres")
        return address
    path = tmp_path / "sebaya.db"
    path.write_bytes(request.getfixturevalue("migrated_file"))
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store that was never migrated, once on each database."""
    if request.param == "postgresql":
        yield request.getfixturevalue("empty_postgres")
    else:
        yield f"sqlite:///{tmp_path / 'new.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """A sealed store, once on each database."""
    opened = open_store(url)
    await open_seal(opened, [KEY])
    yield opened
    await opened.close()


@pytest.fixture
async def memory() -> AsyncIterator[Store]:
    """A sealed store in memory."""
    opened = open_store("sqlite://")
    await open_seal(opened, [KEY])
    yield opened
    await opened.close()
