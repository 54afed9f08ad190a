"""The other processes on the same PostgreSQL: told at once what was committed here, and watched for signs of life.

News only makes things quicker: everything is found by a sweep too. They leave after the commit, many together, because
PostgreSQL lets only one transaction with news commit at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import orjson

from bot import leases
from bot.clock import Clock
from bot.outbox import lanes
from bot.store.db import Store, Tx
from bot.store.errors import StoreError

log = logging.getLogger(__name__)

BEAT = 1.5
"""Seconds between two signs of life."""
SURE = 4.0
"""Seconds after a sign of life during which nobody can have overtaken us: well within a lease."""
TOGETHER = 0.02
"""Seconds between two pieces of news of a busy process."""
PAUSE = 1.0
NAMED = 400
"""So many pages are named in one piece of news; of more it says "all"."""


@dataclass(slots=True)
class News:
    """What others should look at. `pages` and `typing` are addresses and people."""

    mail: bool = False
    timers: bool = False
    outbox: bool = False
    crisis: bool = False
    pages: set[int] = field(default_factory=set)
    typing: set[int] = field(default_factory=set)
    lexicon: bool = False
    everything: bool = False

    def __bool__(self) -> bool:
        return any((self.mail, self.timers, self.outbox, self.crisis, self.pages, self.typing, self.lexicon,
                    self.everything))  # fmt: skip

    def text(self, sender: str) -> str:
        """At most 8,000 bytes."""
        everything = self.everything or len(self.pages) + len(self.typing) > NAMED
        told = {
            "by": sender, "mail": self.mail, "timers": self.timers, "outbox": self.outbox, "crisis": self.crisis,
            "lexicon": self.lexicon, "everything": everything, "pages": [] if everything else sorted(self.pages),
            "typing": [] if everything else sorted(self.typing),
        }  # fmt: skip
        return orjson.dumps(told).decode()

    @classmethod
    def read(cls, text: str, me: str) -> News | None:
        """None for what this process said itself, or what a later version says that we do not understand."""
        try:
            told = orjson.loads(text)
            if told["by"] == me:
                return None
            return cls(
                bool(told["mail"]), bool(told["timers"]), bool(told["outbox"]), bool(told["crisis"]),
                {int(one) for one in told["pages"]}, {int(one) for one in told["typing"]}, bool(told["lexicon"]),
                bool(told["everything"]),
            )  # fmt: skip
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return cls(everything=True)


class Peers:
    """One process among others."""

    def __init__(self, store: Store, url: str, clock: Clock) -> None:
        self.holder = secrets.token_hex(8)
        self._store, self._url, self._clock = store, url, clock
        self._heard: Callable[[News], None] = lambda news: None
        self._wanted: tuple[str, ...] = ()
        self._news = News()
        self._others = 0
        self._seen = self._led_at = 0.0
        self._led: frozenset[str] = frozenset()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._told = asyncio.Event()

    # --- to others ---

    def mail(self) -> None:
        self._news.mail = True
        self._tell()

    def timers(self) -> None:
        self._news.timers = True
        self._tell()

    def outbox(self, addresses: Iterable[int], *, ordinary: bool, crisis: bool) -> None:
        """Rows were queued for these addresses; `ordinary`: also whoever sends should look for ordinary ones."""
        self._news.outbox |= ordinary
        self._news.crisis |= crisis
        self._news.pages.update(addresses)
        self._tell()

    def lexicon(self) -> None:
        """A version of the lexicon was published."""
        self._news.lexicon = True
        self._tell()

    def typing(self, person: int) -> None:
        self._news.typing.add(person)
        self._tell()

    def _tell(self) -> None:
        if self._others:
            self._told.set()
        else:
            self._news = News()

    # --- what is ours ---

    def alive(self) -> bool:
        """Whether nobody can have taken us for dead."""
        return time.monotonic() - self._seen < SURE

    def leads(self, name: str) -> bool:
        """Whether this process alone does what `name` says."""
        return name in self._led and self.alive()

    async def changed(self) -> None:
        """Until a lease came or went, or a second has passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PAUSE):
                await self._changed.wait()
        self._changed.clear()

    # --- its life ---

    async def start(self, heard: Callable[[News], None], wanted: Collection[str]) -> None:
        """Live from now on. `heard` is called on the event loop with what others say; `wanted` are the leases that this
        process would have. Raises StoreError."""
        self._heard, self._wanted = heard, tuple(wanted)
        await self._beat()
        for name, run in (("beat", self._beats), ("listen", self._listen), ("tell", self._tells)):
            self._tasks.append(asyncio.create_task(run(), name=f"sebaya-{name}"))

    @property
    def running(self) -> bool:
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def resign(self) -> None:
        """Give every lease back, this process's life with them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._led = frozenset()
        news = News(everything=True).text(self.holder)

        def job(tx: Tx) -> None:
            leases.drop(tx, self.holder)
            tx.notify(news)

        with contextlib.suppress(StoreError):
            await self._store.write(job, crisis=True)

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self._beat()
            except Exception as error:
                log.error("no sign of life could be given (%s); trying again", type(error).__name__)

    async def _beat(self) -> None:
        began = time.monotonic()
        was = self._led

        def job(tx: Tx) -> tuple[bool, frozenset[str], int, int]:
            now = tx.moment(self._clock())
            lived = leases.live(tx, self.holder, now)
            led = frozenset(name for name in self._wanted if leases.take(tx, name, self.holder, now))
            return lived, led, leases.others(tx, self.holder, now), lanes.free_dead(tx, now)

        lived, self._led, self._others, freed = await self._store.write(job, crisis=True)
        if not lived and self._seen:
            log.error("this process gave no sign of life for %d s; others went on with its work", began - self._seen)
        self._seen = began
        if self._led != was:
            self._changed.set()
        if freed:
            log.warning("took over %d recipients from a process that gave no sign of life", freed)
            self._heard(News(crisis=True, outbox=True))

    async def _listen(self) -> None:
        from bot.store.news import listening

        while True:
            try:
                async with listening(self._url) as news:
                    self._heard(News(everything=True))  # what was said before is not repeated
                    async for text in news:
                        told = News.read(text, self.holder)
                        if told:
                            self._heard(told)
            except Exception:
                log.warning("news of other processes are not heard now; the sweep finds their work")
            await asyncio.sleep(PAUSE)

    async def _tells(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            news, self._news = self._news, News()
            text = news.text(self.holder)
            with contextlib.suppress(StoreError):
                await self._store.write(lambda tx, text=text: tx.notify(text), crisis=news.crisis)  # type: ignore[misc]  # a job with its text
            await asyncio.sleep(TOGETHER)
