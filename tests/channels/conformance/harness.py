"""Every channel behind one face: a payload goes in, what a person then has on their screen comes out.

A new channel is one function here (and its payloads); the suite beside this file then holds for it too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.channels.base import Channel, Media, Outgoing, Result, Sent
from bot.channels.telegram import Telegram
from bot.channels.web import WebChannel
from bot.channels.whatsapp import WhatsApp
from bot.media import clean
from bot.outbox import Payload, enqueue, pull
from bot.render import Target, render
from bot.store.db import open_store
from bot.store.keys import new_key
from bot.store.seal import open_seal
from bot.words import Words
from flows.effects import Class
from tests.bot.fakes import add_address, add_person
from tests.platforms.telegram import BotApi
from tests.platforms.whatsapp import CloudApi

WORDS = Words(strict=True)


@dataclass(frozen=True)
class Shown:
    """A message as somebody sees it."""

    text: str = ""
    data: tuple[str, ...] = ()
    kind: str = "text"
    content: bytes = b""
    file_name: str = ""
    place: tuple[float, float] | None = None


class Harness(Protocol):
    """A channel with one person on it, and a way to make its platform misbehave."""

    channel: Channel
    pushes: bool

    async def deliver(self, payload: Payload, *, quote: str = "", edit: str = "") -> list[Result]: ...

    def shown(self) -> list[Shown]: ...

    def trouble(self, kind: str) -> None:
        """`unavailable`: one 5xx; `cut`: one message is taken and not answered; `lost`: one connection breaks; `gone`:
        the person cannot be reached any more; `slow`: one request is told to come later."""
        ...

    def outgoing(self) -> bytes: ...


@dataclass
class Pushed:
    """A channel that sends."""

    channel: Channel
    address: str
    look: Callable[[], list[Shown]]
    spoil: Callable[[str], None]
    scan: Callable[[], bytes]
    files: dict[str, bytes] = field(default_factory=dict)
    pushes: bool = True

    async def deliver(self, payload: Payload, *, quote: str = "", edit: str = "") -> list[Result]:
        target = Target("id", self.channel.abilities, quote_id=quote, edit_id=edit)
        results: list[Result] = []
        for part in render(payload, WORDS, target):
            results.append(await self.channel.send(self.address, self._cleaned(part)))
            if not isinstance(results[-1], Sent):
                break
        return results

    def _cleaned(self, part: Outgoing) -> Outgoing:
        """As the outbox does, whatever the channel: fetched from where it lies, and without its maker."""
        if part.kind != "media" or part.media is None:
            return part
        bare = clean(part.media, self.files[part.media.file_id])
        return replace(part, data=bare.data, file_name=bare.name, mime=bare.mime)

    def shown(self) -> list[Shown]:
        return self.look()

    def trouble(self, kind: str) -> None:
        self.spoil(kind)

    def outgoing(self) -> bytes:
        return self.scan()


@dataclass
class Pulled:
    """A channel whose people fetch: what is shown is what a page would be handed."""

    channel: Channel
    put: Callable[[Payload], AbstractAsyncContextManager[list[Outgoing]]]
    parts: list[Outgoing] = field(default_factory=list)
    pushes: bool = False

    async def deliver(self, payload: Payload, *, quote: str = "", edit: str = "") -> list[Result]:
        async with self.put(payload) as parts:
            self.parts += parts
            return [Sent(str(number)) for number, _ in enumerate(parts)]

    def shown(self) -> list[Shown]:
        return [
            Shown(
                part.text,
                tuple(choice.data for row in part.buttons for choice in row),
                part.media.kind.value if part.media is not None else part.kind,
                part.data,
                part.file_name,
                (part.place.latitude, part.place.longitude) if part.place is not None else None,
            )
            for part in self.parts
        ]

    def trouble(self, kind: str) -> None:
        raise AssertionError("a page that fetches has no platform to fail")

    def outgoing(self) -> bytes:
        return repr(self.parts).encode()


@asynccontextmanager
async def telegram() -> AsyncIterator[Harness]:
    async with BotApi() as api:
        channel = Telegram(api.token, api_url=api.url)
        ani = api.person(7_000_000_011, "Ani", last_name="Wijaya", started=True)

        def look() -> list[Shown]:
            return [
                Shown(
                    m.text, tuple(m.data), m.kind, m.content or b"", m.file_name or "",
                    (m.wire["location"]["latitude"], m.wire["location"]["longitude"]) if m.kind == "location" else None,
                )
                for m in ani.inbox
            ]  # fmt: skip

        def spoil(kind: str) -> None:
            if kind == "gone":
                api.faults.add("403", times=None)
            elif kind == "slow":
                api.faults.add("429", retry_after=3)
            else:
                api.faults.add({"unavailable": "500", "cut": "cut", "lost": "drop"}[kind])

        yield Pushed(channel, str(ani.id), look, spoil, api.outgoing_bytes)
        await channel.close()


@asynccontextmanager
async def whatsapp() -> AsyncIterator[Harness]:
    async with CloudApi() as api:
        channel = WhatsApp(api.token, api.phone_id, app_secret=api.app_secret, api_url=api.url)
        ani = api.person(name="Ani Wijaya")
        ani.wrote_at = api.clock.now()

        def look() -> list[Shown]:
            kinds = {"image": "photo", "interactive": "text"}
            return [
                Shown(b.text, tuple(b.data), kinds.get(b.type, b.type), b.content, b.file_name, b.place)
                for b in ani.inbox
            ]

        def spoil(kind: str) -> None:
            if kind == "gone":
                ani.leave()
            elif kind == "slow":
                api.faults.add(130429)
            else:
                api.faults.add({"unavailable": "500", "cut": "cut", "lost": "drop"}[kind])

        yield Pushed(channel, f"{ani.user_id} {ani.phone}", look, spoil, api.outgoing_bytes)
        await channel.close()


@asynccontextmanager
async def web() -> AsyncIterator[Harness]:
    store = open_store("sqlite://")
    await open_seal(store, [new_key()])

    async def no_bytes(id: str) -> bytes:
        raise FileNotFoundError(id)

    channel = WebChannel(lambda address: True, no_bytes)
    person = await store.write(lambda tx: add_person(tx, "ani"))
    address = await store.write(lambda tx: add_address(tx, person, "page", channel="web"))
    seen = [0]

    @asynccontextmanager
    async def put(payload: Payload) -> AsyncIterator[list[Outgoing]]:
        ordinary = Class.ORDINARY
        await store.write(lambda tx: enqueue(tx, person=person, cls=ordinary, payload=payload, now=1))
        rows = await store.read(lambda tx: pull(tx, WORDS, channel.abilities, address, seen[0]))
        seen[0] = rows[-1].row.id
        yield [part for row in rows for part in row.parts]

    yield Pulled(channel, put)
    await store.close()


CHANNELS: dict[str, Callable[[], AbstractAsyncContextManager[Harness]]] = {
    "telegram": telegram,
    "whatsapp": whatsapp,
    "web": web,
}
PUSHED = [name for name in CHANNELS if name != "web"]


def at(channel: str, kind: str) -> Media:
    """A piece of media that lies on some channel, under its sender's own file."""
    from bot.channels.base import Kind

    return Media(channel, "file", Kind(kind))
