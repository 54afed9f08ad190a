"""A stage whose process can die at a chosen commit, and be followed by another one on the same store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from bot import timers
from bot.app import App, build
from bot.channels.base import Inbound
from bot.channels.script import Script
from bot.clock import SetClock
from bot.outbox import Dispatcher, lanes
from bot.replay.stage import Stage, StoryIds, _moment, _rules, _settings
from bot.replay.story import Story
from bot.settings import Settings
from bot.store.db import Store, Tx
from bot.words import Words
from tests.faults.breaking import Breaking, alive

DEATHS = 20
"""How often one moment may be broken off before it is taken for a loop."""


@cache
def words() -> Words:
    return Words(strict=True)


@cache
def _settled() -> Settings:
    return _settings(Story("", {}, []), "sqlite://")


class Mortal(Stage):
    """A service whose process may die. What people do is kept by their platforms until it is received (M1)."""

    life: Breaking

    def __init__(self, story: Story, app: App, clock: SetClock, ids: StoryIds, channels: Mapping[str, Script]) -> None:
        super().__init__(story, app, clock, ids, channels)
        self.deaths = 0
        self._owed: list[Inbound] = []

    async def begin(self, store: Store) -> None:
        """A new process on the store."""
        self.life = Breaking(store)
        self.app = await build(self.app.settings, clock=self.clock, ids=self.ids, channels=self.channels,
                               rules=_rules(), words=words(), store=self.life)  # fmt: skip
        self.dispatcher = Dispatcher(self.life, self.app.words, dict(self.channels), self.app.engine, clock=self.clock,
                                     jitter=lambda: 1.0, lanes_at_once=1, reserved=0)  # fmt: skip
        # As a dispatcher begins on SQLite, and as living processes do for a dead one on PostgreSQL.
        await self.life.write(lambda tx: lanes.free(tx, None))
        self.life.commits = 0

    def end(self) -> None:
        """The process is gone."""
        self.dispatcher._performer.close()

    async def died(self) -> None:
        """The process has just died: start another one."""
        self.end()
        await self.begin(self.life.inner)

    async def hand_in(self, name: str, incoming: Inbound) -> None:
        self._owed.append(incoming)

    async def settle(self) -> None:
        for _ in range(DEATHS):
            if await alive(self.life, self._all()):
                return
            self.deaths += 1
            await self.died()
        raise AssertionError("the process dies again and again")

    async def _all(self) -> None:
        while self._owed:
            await self.app.engine.receive(self._owed[0])
            self._owed.pop(0)
        await super().settle()

    async def _next(self) -> int | None:
        """What is due and was not done waits for a platform that slows the whole bot down."""
        now = self.clock()

        def job(tx: Tx) -> list[int | None]:
            return [timers.next_due(tx), lanes.next_due(tx, now)]

        found = [*await self.life.inner.read(job), *self.dispatcher._brake.paused(now).values()]
        return min((max(at, now + 1) for at in found if at is not None), default=None)


@asynccontextmanager
async def mortal(
    story: Story, store: Store, kind: type[Mortal] = Mortal, clock: SetClock | None = None, **channels: Script
) -> AsyncIterator[Any]:
    """A stage with the staff of the story on it; closes the store."""
    settings = _settled().model_copy(update=dict(story.settings))
    time, ids = clock or SetClock(begins(story)), StoryIds()
    life = Breaking(store)
    app = await build(settings, clock=time, ids=ids, channels=channels, rules=_rules(), words=words(), store=life)
    made = kind(story, app, time, ids, channels)
    made.life = life
    try:
        await made.cast()
        yield made
    finally:
        made.end()
        await store.close()


def begins(story: Story) -> int:
    """When a story begins, in ms."""
    return _moment(story.start, _settled().zone)
