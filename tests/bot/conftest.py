"""The stores of tests/store, and a house with an outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.db import Store
from tests.bot.outbox_house import House, house
from tests.store.conftest import memory, migrated_file, store, url
from tests.store.postgres import migrated_postgres, postgres

__all__ = ["memory", "migrated_file", "migrated_postgres", "postgres", "store", "url"]


@pytest.fixture
async def home(memory: Store, tmp_path: Path) -> AsyncIterator[House]:
    """An outbox on SQLite in memory."""
    async with house(memory, tmp_path / "home") as made:
        yield made


@pytest.fixture
async def both(store: Store, tmp_path: Path) -> AsyncIterator[House]:
    """An outbox, once on each database."""
    async with house(store, tmp_path / "both") as made:
        yield made
