"""The stage of a transcript: the whole service on SQLite in memory, with a clock that is moved by hand, ids that count,
and platforms in memory. Nothing here decides anything: it hands in what people do, and reads what they see."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache, partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot import roster, shifts, timers
from bot.acting import Acting
from bot.app import App, build
from bot.channels.base import Abilities, Inbound, Kind
from bot.channels.script import Bubble, News, Screen, Script
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from bot.clock import SetClock
from bot.ids import CountedIds
from bot.outbox import Dispatcher
from bot.replay.story import Actor, Story, StoryError
from bot.roster_fields import checked
from bot.rules.rulebook import Rulebook
from bot.settings import Settings, load_settings
from bot.store.db import Tx
from bot.words import LOCALES

T = TypeVar("T")
SECOND = 1_000
HOUR = 3_600_000
ROUNDS = 200
"""How often the service may go round before a step is taken for a loop."""
CERTIFIED = "2030-12-31"
_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
_LANES = "SELECT MIN(next_at) FROM lanes"


class StoryIds(CountedIds):
    """Names are given in the order in which people arrive, whatever else is counted."""

    def __init__(self) -> None:
        super().__init__()
        self._picked = 0

    def pick(self, choices: Sequence[T]) -> T:
        self._picked += 1
        return choices[self._picked * 7919 % len(choices)]


class Stage:
    """A service with the people of one story."""

    def __init__(self, story: Story, app: App, clock: SetClock, ids: StoryIds, channels: Mapping[str, Script]) -> None:
        self.story = story
        self.app = app
        self.clock = clock
        self.ids = ids
        self.channels = channels
        self.addresses = {name: self.address_of(name, n) for n, name in enumerate(story.actors)}
        self.staff: dict[str, str] = {}
        self.toasts: list[tuple[str, str]] = []
        self.hooks: list[str] = []
        self.codes: dict[str, str] = {}
        self.last: Inbound | None = None
        self.kept: list[News] = []
        # One thing at a time, so that the order between people is always the same. Order for each person is M3's.
        self.dispatcher = Dispatcher(
            app.store,
            app.words,
            dict(channels),
            app.engine,
            clock=clock,
            jitter=lambda: 1.0,
            lanes_at_once=1,
            reserved=0,
        )

    # --- people -------------------------------------------------------------------------------------------------------

    def address_of(self, name: str, number: int) -> str:
        """What the platform calls the person who is named as number `number` in the story."""
        return str(7_000_000_001 + number)

    def called(self, name: str) -> str:
        """How the store knows the address of somebody."""
        return self.addresses[name]

    def actor(self, name: str) -> Actor:
        return self.story.actors[name]

    def channel(self, name: str) -> Script:
        return self.channels[self.actor(name).channel]

    def screen(self, name: str) -> Screen:
        return self.channel(name).screen(self.addresses[name])

    def acting(self, actor: str = "token:coordinator") -> Acting:
        return Acting(actor, self.clock(), self.app.settings.zone, self.app.engine.wakes.mail, self.ids)

    async def cast(self) -> None:
        """Put the staff of the story into the roster, and those on duty on duty."""
        for actor in self.story.actors.values():
            if actor.role != "student":
                await self.app.store.write(partial(self._hire, actor))
        await self.settle()
        for actor in self.story.actors.values():
            if actor.role != "student" and actor.on_duty:
                await self.receive(actor.name, Kind.TEXT, text="/on")
        await self.settle()

    def _hire(self, actor: Actor, tx: Tx) -> None:
        fields = {"name": actor.name, **actor.fields}
        fields.setdefault("language", fields.pop("languages", actor.language))
        if actor.role == "supporter":
            fields.setdefault("certified_until", CERTIFIED)
        entry = roster.Entry(**checked({"role": actor.role, actor.channel: self.addresses[actor.name], **fields}))
        member = roster.add(tx, self.acting(), entry)
        self.staff[actor.name] = member.id
        if actor.rota:
            now = self.clock()
            shifts.add(
                tx, self.acting(), staff=member.id, rank=actor.rota, starts_at=now - HOUR, ends_at=now + 8 * HOUR
            )  # fmt: skip

    # --- what people do -----------------------------------------------------------------------------------------------

    async def receive(self, name: str, kind: Kind, *, sent_at: int | None = None, **more: Any) -> None:
        """Hand in one thing that somebody did."""
        channel = self.channel(name)
        incoming = Inbound(
            channel=channel.name,
            external_id=channel.number(),
            sender=self.addresses[name],
            kind=kind,
            sent_at=(self.clock() if sent_at is None else sent_at) // SECOND * SECOND,
            language=self.actor(name).language,
            **more,
        )
        self.last = incoming
        await self.hand_in(name, incoming)

    async def hand_in(self, name: str, incoming: Inbound) -> None:
        answer = await self.app.engine.receive(incoming)
        if answer.toast:
            self.toasts.append((name, answer.toast))

    def pressing(
        self, name: str, label: str, *, of: str = "", under: str = "", old: bool = False
    ) -> tuple[Bubble, str]:
        """The message with this button, newest first, and the button's data. Raises StoryError."""
        for bubble in reversed(self.screen(of or name).bubbles):
            if under and under not in bubble.text:
                continue
            rows = self.spent.get(bubble.id, bubble.buttons) if old else bubble.buttons
            for choice in (choice for row in rows for choice in row):
                if choice.label == label:
                    return bubble, choice.data
        shown = [c.label for b in self.screen(of or name).bubbles for row in b.buttons for c in row]
        raise StoryError(f"{name} sees no button {label!r}; there are {', '.join(shown) or 'none'}")

    @property
    def spent(self) -> dict[str, Any]:
        """The buttons that messages once had."""
        fresh = [news for channel in self.channels.values() for news in channel.news]
        return {news.bubble.id: news.gone for news in (*self.kept, *fresh) if news.gone}

    # --- time ---------------------------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Let the service do everything that is due at this moment."""
        for _ in range(ROUNDS):
            before = self._done()
            mailed = await self.app.engine.run_mail()
            await self.app.engine.run_timers(self._hook)
            await self.dispatcher.drain()
            if not mailed and before == self._done():
                return
        raise StoryError("the service does not come to rest")

    def _done(self) -> tuple[int, int]:
        return sum(self.dispatcher.counts.values()), len(self.hooks)

    async def wait(self, ms: int) -> None:
        """Let time pass; whatever is due meanwhile happens at its moment."""
        until = self.clock() + ms
        for _ in range(ROUNDS * 10):
            due = await self._next()
            if due is None or due > until:
                break
            self.clock.now = max(self.clock(), due)
            await self.settle()
        self.clock.now = until
        await self.settle()

    async def _next(self) -> int | None:
        def job(tx: Tx) -> int | None:
            lane = tx.value(_LANES)
            due = [at for at in (timers.next_due(tx), None if lane is None else int(lane)) if at is not None]
            return min(due, default=None)

        found = await self.app.store.read(job)
        return None if found is None else max(found, self.clock() + 1)

    async def _hook(self, timer: timers.Due) -> None:
        self.hooks.append(timer.name)
        await self.app.store.write(lambda tx: timers.claim(tx, timer))

    def news(self) -> list[News]:
        """What people have noticed since this was asked last, in order on each platform."""
        found: list[News] = []
        for channel in self.channels.values():
            self.kept.extend(channel.news)
            found += channel.news
            channel.news.clear()
        return found

    def name_of(self, news: News) -> str:
        """Whose address it is on that platform."""
        return next(
            name
            for name, address in self.addresses.items()
            if address == news.address and self.actor(name).channel == news.channel
        )


@cache
def _rules() -> Rulebook:
    """The rules, compiled once for all transcripts of a run."""
    return Rulebook.read(LOCALES)


def _settings(story: Story, database: str) -> Settings:
    """The defaults, whatever this machine's environment says, and what the story sets."""
    plain = {
        name: field.default
        for name, field in Settings.model_fields.items()
        if isinstance(field.default, bool | int | str) and field.default != ""
    }
    return load_settings(
        env_file=None, **{**plain, "database_url": database, "secret_keys": _KEY, **story.settings}
    )  # fmt: skip


def _moment(text: str, zone: ZoneInfo) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * SECOND
    except ValueError:
        raise StoryError("start is a moment like 2026-11-16 20:00") from None


PLATFORMS: Mapping[str, Abilities] = {"telegram": Telegram.abilities, "whatsapp": WhatsApp.abilities}


def scripts(clock: SetClock) -> Mapping[str, Script]:
    """Platforms in memory."""
    return {name: Script(name, abilities) for name, abilities in PLATFORMS.items()}


Platforms = Callable[[SetClock], Mapping[str, Script]]
"""The platforms of a story, on its clock."""


@asynccontextmanager
async def stage(
    story: Story, database: str = "sqlite://", platforms: Platforms = scripts, kind: type[Stage] = Stage
) -> AsyncIterator[Stage]:
    """A stage with the story's staff on it, thrown away afterwards. `database` is a migrated store without people;
    `platforms` and `kind` are for stories that are told by other platforms than those in memory."""
    settings = _settings(story, database)
    clock, ids = SetClock(_moment(story.start, settings.zone)), StoryIds()
    channels = platforms(clock)
    app = await build(settings, clock=clock, ids=ids, channels=channels, rules=_rules(), strict=True)
    try:
        made = kind(story, app, clock, ids, channels)
        await made.cast()
        yield made
    finally:
        await app.stop()
