"""A fresh desk for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.admin_api.desk import Desk, open_desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """The admin API over a store in memory, with a token of each role."""
    async with open_desk() as opened:
        yield opened
