"""A house for every story."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.failures.house import House, house
from tests.store.conftest import migrated_file

__all__ = ["migrated_file"]


@pytest.fixture
async def home(tmp_path: Path, migrated_file: bytes) -> AsyncIterator[House]:
    """The service, polling, with the usual settings."""
    async with house(tmp_path, migrated_file) as made:
        yield made
