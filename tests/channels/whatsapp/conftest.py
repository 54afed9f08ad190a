"""A loopback Cloud API and the channel that speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.whatsapp import WhatsApp
from tests.platforms.whatsapp import CloudApi, Person


@pytest.fixture
async def cloud() -> AsyncIterator[CloudApi]:
    async with CloudApi() as server:
        yield server


@pytest.fixture
async def channel(cloud: CloudApi) -> AsyncIterator[WhatsApp]:
    made = WhatsApp(cloud.token, cloud.phone_id, app_secret=cloud.app_secret, api_url=cloud.url)
    yield made
    await made.close()


@pytest.fixture
def ani(cloud: CloudApi) -> Person:
    """Somebody who has just written."""
    person = cloud.person(name="Ani")
    person.wrote_at = cloud.clock.now()
    return person
