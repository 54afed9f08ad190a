"""A loopback Bot API and the channel that speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram import Telegram
from tests.platforms.telegram import BotApi, Person

SECRET = "a-secret-of-the-webhook"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as server:
        yield server


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[Telegram]:
    made = Telegram(api.token, api_url=api.url, webhook_secret=SECRET)
    yield made
    await made.close()


@pytest.fixture
def ani(api: BotApi) -> Person:
    return api.person(7_000_000_011, "Ani", started=True)
