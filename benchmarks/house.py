"""A service on a temporary store with people in it, and a channel that takes everything at once."""

from __future__ import annotations

import asyncio
import base64
import datetime
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bot import roster
from bot.app import App, build
from bot.channels.base import Abilities, Inbound, Kind, Media, Outgoing, Result, Sent
from bot.roster_fields import Entry
from bot.settings import load_settings
from bot.store.migrate import migrate
from flows.crisis.assessment import Level

LINE = "aku lagi capek banget sama tugas kuliah yang numpuk, rasanya nggak selesai-selesai"
CRISIS = "aku mau bunuh diri malam ini"
SUPPORTER, COUNSELOR, STUDENT = 900, 800, 10_000
INTAKE = ("consent:yes", "age:18-21", "menu:peer", "skip:topic", "skip:heavy", "skip:wish", "skip:note")


class Taker:
    """A platform that accepts everything. `seen` remembers what was asked to be sent to whom, and when."""

    name = "telegram"
    abilities = Abilities()

    def __init__(self) -> None:
        self.count = 0
        self.watch: dict[str, list[tuple[float, str]]] | None = None

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        return None

    def parse(self, body: bytes) -> Sequence[Inbound]:
        return ()

    async def send(self, address: str, out: Outgoing) -> Result:
        self.count += 1
        if self.watch is not None:
            self.watch.setdefault(address, []).append((perf_counter(), out.text))
        return Sent(str(self.count))

    async def fetch(self, media: Media) -> bytes:
        return b""

    async def answer(self, callback_id: str, text: str) -> None:
        return None


@dataclass
class House:
    """A service under measure."""

    app: App
    taker: Taker
    path: Path
    url: str
    keys: str
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def line(self, sender: int, text: str = LINE, kind: Kind = Kind.TEXT, data: str = "") -> Inbound:
        n = str(next(self.ids))
        return Inbound(
            channel="telegram",
            external_id=n,
            sender=str(sender),
            kind=kind,
            sent_at=self.app.clock(),
            text=text,
            message_id=n if kind is Kind.TEXT else "",
            data=data,
        )

    async def relay(self, lines: int, chats: int, at_once: int) -> float:
        """Lines a second that the service takes in, `at_once` of them under way."""
        sent = [self.line(STUDENT + n % chats) for n in range(lines)]
        gate = asyncio.Semaphore(at_once)

        async def one(line: Inbound) -> None:
            async with gate:
                await self.app.engine.receive(line)

        began = perf_counter()
        await asyncio.gather(*(one(line) for line in sent))
        return lines / (perf_counter() - began)

    async def rest(self) -> None:
        """Let go of the store, so that others can work on it."""
        await self.app.stop()

    async def press(self, sender: int, data: str) -> None:
        await self.app.engine.receive(self.line(sender, "", Kind.PRESS, data))

    async def chats(self, count: int, helpers: int = 0) -> None:
        """`count` students, each in a chat with one of the supporters (of one for forty, unless told)."""
        helpers = helpers or max(1, count // 40)

        def people(tx: object) -> None:
            acting = self.app.engine.acting("cli", self.app.clock())
            until = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=365)
            for n in range(helpers):
                entry = Entry(
                    role="supporter", name=f"S{n}", telegram=str(SUPPORTER + n), capacity=50, certified_until=until
                )
                roster.add(tx, acting, entry)  # type: ignore[arg-type]  # a Tx, named object to spare the import
            roster.add(tx, acting, Entry(role="counselor", name="C", telegram=str(COUNSELOR)))  # type: ignore[arg-type]  # as above

        await self.app.store.write(people)
        for n in range(helpers):
            await self.app.engine.receive(self.line(SUPPORTER + n, "/on"))
        await self.app.engine.receive(self.line(COUNSELOR, "/on"))
        for n in range(count):
            student = STUDENT + n
            await self.app.engine.receive(self.line(student, "/start"))
            for data in INTAKE:
                await self.press(student, data)
            await self._accept()
        await self._accept()
        await self.app.engine.run_mail()

    async def _accept(self) -> None:
        async def no_hook(timer: object) -> None:
            return None

        await self.app.engine.run_timers(no_hook)
        open_offers = """SELECT o.id, o.helper FROM offers o JOIN (SELECT request, MIN(id) AS id FROM offers
            WHERE state = 'open' GROUP BY request) f ON f.id = o.id"""
        found = await self.app.store.read(lambda tx: [(r[0], int(r[1])) for r in tx.all(open_offers)])
        for id, helper in found:
            from bot import people

            where = await self.app.store.read(
                lambda tx, helper=helper: people.external(
                    tx, int(tx.value("SELECT id FROM addresses WHERE person_id = :p", p=helper))
                )
            )
            if where is not None:
                await self.press(int(where[1]), f"offer:accept:{id}")


@asynccontextmanager
async def house(
    chats: int,
    *,
    helpers: int = 0,
    loops: bool = False,
    url: str | None = None,
    copied: Callable[[], object] | None = None,
) -> AsyncIterator[House]:
    """A service on a fresh store with `chats` chats; `loops` starts its workers. `copied` may copy the store, while
    nothing is connected to it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        where = url or f"sqlite:///{path}"
        keys = base64.urlsafe_b64encode(os.urandom(32)).decode()
        settings = load_settings(env_file=None, database_url=where, secret_keys=keys)
        migrate(where, 0)
        taker = Taker()
        app = await build(settings, channels={"telegram": taker})
        made = House(app, taker, path, where, keys)
        await made.chats(chats, helpers)
        if copied is not None:
            await made.rest()
            await asyncio.to_thread(copied)
            made.app = await build(settings, channels={"telegram": taker})
        if loops:
            await made.app.start()
        try:
            yield made
        finally:
            await made.app.stop()


__all__ = ["CRISIS", "LINE", "House", "Level", "Taker", "house"]
