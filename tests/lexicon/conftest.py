"""A store in memory with the small lexicon on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.lexicon.service import Lexicon
from bot.store.db import Store, open_store
from bot.store.seal import open_seal
from tests.lexicon.small import KEY, book


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_store("sqlite://")
    await open_seal(opened, [KEY])
    yield opened
    await opened.close()


@pytest.fixture
async def lexicon(store: Store) -> Lexicon:
    return Lexicon(store, book())
