"""An outbox with two people in it, a dispatcher, and a channel that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.channels.base import Channel
from bot.outbox import Dispatcher, Payload, Queued, Relayed, Speech, enqueue, spend
from bot.store.db import Store
from bot.words import Words
from flows.effects import Button, Class
from tests.bot.fakes import FakeChannel, FakeClock, FakeTold, add_address, add_person, column

SAYINGS = {
    "hello": ("Hai {name}", "Hi {name}"),
    "offer": ("Ada yang ingin cerita", "Somebody wants to talk"),
    "page": ("Panggilan: {words}", "Page: {words}"),
    "long": ("{words}", "{words}"),
    "button.yes": ("Ya", "Yes"),
    "button.no": ("Tidak", "No"),
    "caption": ("Ini datamu", "Here is your data"),
}
YES_NO = ((Button("offer:accept:x", "button.yes"), Button("offer:pass:x", "button.no")),)
PLURALS = {"id": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}


def sayings(folder: Path) -> Words:
    """Catalogues with a handful of texts."""
    for place, (language, rule) in enumerate(PLURALS.items()):
        texts = "".join(f'msgid "{key}"\nmsgstr "{both[place]}"\n\n' for key, both in SAYINGS.items())
        head = f'"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {rule}\\n"\n\n'
        (folder / language).mkdir(parents=True)
        (folder / language / "bot.po").write_text(f'msgid ""\nmsgstr ""\n{head}{texts}', encoding="utf-8")
    return Words(folder, strict=True)


@dataclass
class House:
    """The store, its dispatcher, and Ani (a student) and Budi (a helper) with an address each."""

    store: Store
    dispatcher: Dispatcher
    channel: FakeChannel
    clock: FakeClock
    told: FakeTold
    words: Words
    ani: int = 0
    budi: int = 0
    ani_at: int = 0
    budi_at: int = 0

    async def people(self, language: str = "id") -> None:
        self.ani, self.ani_at = await self.person("ani", "11", language)
        self.budi, self.budi_at = await self.person("budi", "22", language)

    async def person(self, alias: str, external: str, language: str = "id", **more: Any) -> tuple[int, int]:
        person = await self.store.write(lambda tx: add_person(tx, alias, language))
        return person, await self.address(person, external, **more)

    async def address(self, person: int, external: str, **more: Any) -> int:
        return await self.store.write(lambda tx: add_address(tx, person, external, **more))

    async def queue(self, person: int, payload: Payload, cls: Class = Class.ORDINARY, **more: Any) -> Queued:
        now = self.clock.now
        return await self.store.write(lambda tx: enqueue(tx, person=person, cls=cls, payload=payload, now=now, **more))

    async def line(self, person: int, text: str, cls: Class = Class.ORDINARY, **more: Any) -> Queued:
        return await self.queue(person, Relayed(text=text), cls, **more)

    async def offer(self, person: int, ref: str = "offer:x", cls: Class = Class.ORDINARY, **more: Any) -> Queued:
        return await self.queue(person, Speech(key="offer", buttons=YES_NO), cls, ref=ref, **more)

    async def spend(self, ref: str, only: int | None = None) -> None:
        now = self.clock.now
        await self.store.write(lambda tx: spend(tx, ref, now=now, only=only))

    async def drain(self) -> None:
        await self.dispatcher.drain()

    async def later(self, ms: int) -> None:
        """Let time pass, and send what has become due."""
        self.clock.advance(ms)
        await self.dispatcher.drain()

    async def statuses(self) -> list[object]:
        return await column(self.store, "SELECT status FROM outbox ORDER BY id")

    def another(self, channels: Mapping[str, Channel] | None = None, **more: Any) -> Dispatcher:
        """A second dispatcher on the same store, as after a crash or in another process."""
        given = channels or {self.channel.name: self.channel}
        return Dispatcher(self.store, self.words, given, self.told, clock=self.clock, jitter=lambda: 1.0, **more)


@asynccontextmanager
async def house(store: Store, folder: Path, language: str = "id") -> AsyncIterator[House]:
    """A house on a store."""
    words, channel, clock, told = sayings(folder), FakeChannel(), FakeClock(), FakeTold()
    dispatcher = Dispatcher(store, words, {"telegram": channel}, told, clock=clock, jitter=lambda: 1.0)
    made = House(store, dispatcher, channel, clock, told, words)
    await made.people(language)
    yield made
