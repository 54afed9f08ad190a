"""Every fault on both stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.failures.house import House, house
from tests.store.conftest import migrated_file
from tests.store.postgres import empty_postgres, migrated_postgres, postgres

__all__ = ["empty_postgres", "migrated_file", "migrated_postgres", "postgres"]


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated store without people."""
    if request.param == "postgresql":
        address: str = request.getfixturevalue("migrated_postgres")
        return address
    path = tmp_path / "sebaya.db"
    path.write_bytes(request.getfixturevalue("migrated_file"))
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: bytes) -> str:
    """The address of a migrated file without people."""
    path = tmp_path / "sebaya.db"
    path.write_bytes(migrated_file)
    return f"sqlite:///{path}"


@pytest.fixture
async def home(store_url: str) -> AsyncIterator[House]:
    """The service in this process, polling, with the usual settings."""
    async with house(store_url) as made:
        yield made
