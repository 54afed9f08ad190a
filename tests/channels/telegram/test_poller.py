"""The poll by itself, against a source in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from bot.channels.base import Answer, Inbound
from bot.channels.telegram.polling import Poller


class Source:
    """Hands out one update, then nothing new."""

    def __init__(self) -> None:
        self.asked = 0

    async def updates(self, offset: int, timeout: int) -> Sequence[Any]:
        self.asked += 1
        message = {"message_id": 1, "date": 1_700_000_000, "chat": {"id": 7, "type": "private"}, "text": "halo"}
        return [{"update_id": 1, "message": message | {"from": {"id": 7, "is_bot": False, "first_name": "A"}}}]

    async def answer(self, callback_id: str, text: str) -> None:
        raise AssertionError("nobody tapped")


@pytest.mark.parametrize("later", range(8))
async def test_a_poll_that_is_cancelled_just_as_an_update_is_finished_ends(later: int) -> None:
    """A process whose lease is gone cancels its poll; if that met the end of an update, the poll went on for ever."""
    committed = asyncio.Event()

    async def receive(inbound: Inbound) -> Answer:
        await committed.wait()
        return Answer(fresh=True)

    async def unreadable(raw: bytes) -> None:
        raise AssertionError("it can be read")

    source = Source()
    poll = asyncio.create_task(Poller(source, receive, unreadable).run())
    for _ in range(100):
        await asyncio.sleep(0)
    assert source.asked >= 2
    committed.set()
    for _ in range(later):
        await asyncio.sleep(0)
    poll.cancel()
    done, _ = await asyncio.wait((poll,), timeout=30)
    if not done:
        poll.cancel()
    assert done, "the poll goes on"
    assert poll.cancelled()
