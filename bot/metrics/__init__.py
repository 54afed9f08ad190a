"""Figures for Prometheus: what waits and for how long, what was sent and refused, what will be wrong tomorrow. Numbers
and names of the contract only, nothing about anybody (P3).

What all processes share is read from the store when it is asked for, once a second at most (what changes slowly twice a
minute); what one process did is counted in it. Ages and durations are seconds; a process that stops working is seen by
the ages rising.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.registry import Collector

from bot.condition import Standing, disk, standing
from bot.metrics.process import of_process
from bot.metrics.queues import Metric, Shared, gauge, of_shared, shared
from bot.metrics.slow import of_disk, of_standing

if TYPE_CHECKING:
    from bot.app import App

FRESH = 1_000
"""ms for which figures of the store are kept: nobody loads it by asking."""
SLOW = 30_000
"""The same for what changes slowly, and costs more to find."""
SECONDS = 5
"""How long the store may take to answer."""


class Metrics(Collector):
    """The registry of one App, filled anew when it is asked for."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._shared = Shared()
        self._standing = Standing()
        self._stood = -SLOW
        self._up = 0
        self._reading = asyncio.Lock()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    async def fresh(self) -> CollectorRegistry:
        """The registry with figures of this moment. While the store does not answer, its last figures stand, and
        `sebaya_store_up` says so."""
        async with self._reading:
            now = self._app.clock()
            try:
                if not 0 <= now - self._shared.at < FRESH:
                    async with asyncio.timeout(SECONDS):
                        self._shared = await self._app.store.read(lambda tx: shared(tx, now))
                    self._up = 1
                if not 0 <= now - self._stood < SLOW:
                    async with asyncio.timeout(SECONDS):
                        self._standing = await self._stand(now)
                    self._stood = now
            except Exception:  # whatever keeps the store from answering, the other figures are still wanted
                self._up = 0
        return self._registry

    async def _stand(self, now: int) -> Standing:
        settings = self._app.settings
        return await self._app.store.read(lambda tx: standing(tx, now, settings.zone, settings.area))

    def collect(self) -> Iterable[Metric]:
        yield gauge("sebaya_store_up", "1 when the database answered just now.", self._up)
        yield from of_shared(self._shared, self._app.clock())
        yield from of_standing(self._standing)
        yield from of_disk(disk(self._app.settings.store_url))
        yield from of_process(self._app)
