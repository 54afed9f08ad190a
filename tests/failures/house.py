"""The whole service on a store of its own, on a loopback Telegram: what the stories of failure happen to."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from functools import cache
from typing import Any

from bot import duty, roster
from bot.app import App, build
from bot.directory import load_directory
from bot.roster_fields import Entry
from bot.rules.rulebook import Rulebook
from bot.settings import load_settings
from bot.store.db import Tx
from bot.words import LOCALES
from tests.platforms.telegram import BotApi, Message, Person

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
LONG = 30.0
"""Seconds after which something is taken not to happen at all; never waited for where all is well."""
CERTIFIED = date(2035, 12, 31)

_WAITING = (
    "SELECT (SELECT count(*) FROM outbox WHERE status = 0) + (SELECT count(*) FROM mail) "
    "+ (SELECT count(*) FROM timers WHERE due_at <= :now)"
)


@cache
def rulebook() -> Rulebook:
    """The rules, compiled once."""
    return Rulebook.read(LOCALES)


class Shared(str):
    """The address of a store that two workers serve at once, one of which polls."""


class House:
    """A service that can be stopped and started anew on the same store, and its people on Telegram. `app` is its first
    process, `others` those that work beside it."""

    def __init__(self, api: BotApi, given: dict[str, Any], roles: tuple[str, ...] = ("all",)) -> None:
        self.api = api
        self.given = given
        self.roles = roles
        self.app: App
        self.others: list[App] = []
        self.staff: dict[int, str] = {}

    # --- the process ---

    async def start(self) -> None:
        """New processes on the store."""
        settings = load_settings(env_file=None, **self.given)
        apps = [await build(settings, rules=rulebook(), strict=True) for _ in self.roles]
        for app, role in zip(apps, self.roles, strict=True):
            app.role = role
            await app.start()
        self.app, *self.others = apps

    async def stop(self) -> None:
        for app in (*self.others, self.app):
            await app.stop()

    async def crash(self) -> None:
        """Everything under way is dropped where it stands; nothing is finished, told or given back."""
        for app in (self.app, *self.others):
            await crashed(app)

    async def quiet(self) -> None:
        """Until everything that was said has been handled and everything to be said has left. AssertionError after
        LONG seconds."""
        async with asyncio.timeout(LONG):
            while True:
                await self.api.wait_idle(quiet=0.02, timeout=LONG)
                if not await self.value(_WAITING, now=self.app.clock()):
                    return
                await asyncio.sleep(0.01)

    async def value(self, sql: str, **params: object) -> Any:
        return await self.app.store.read(lambda tx: tx.value(sql, **params))

    async def until(self, sql: str, **params: object) -> None:
        """Until the value of a statement is true. AssertionError after LONG seconds."""
        async with asyncio.timeout(LONG):
            while True:
                if await self.value(sql, **params):
                    return
                await asyncio.sleep(0.02)

    async def column(self, sql: str, **params: object) -> list[Any]:
        return await self.app.store.read(lambda tx: [row[0] for row in tx.all(sql, **params)])

    # --- people ---

    async def hire(self, role: str, id: int, name: str, *, on: bool = True, **more: Any) -> Person:
        """Somebody of the roster, known to Telegram, on duty unless said otherwise."""
        person = self.api.person(id, name, started=True)
        entry = Entry(role=role, name=name, telegram=str(id), certified_until=CERTIFIED, **more)
        acting = self.app.acting("cli")
        self.staff[id] = await self.app.store.write(lambda tx: roster.add(tx, acting, entry).id)
        if on:
            await self.app.store.write(lambda tx: duty.put(tx, acting, self.staff[id], True))
            await person.wait_for("/off", timeout=LONG)
        return person

    async def suspend(self, person: Person) -> None:
        acting, staff = self.app.acting("cli"), self.staff[person.id]

        def job(tx: Tx) -> None:
            roster.change(tx, acting, staff, None, {"status": "suspended"})

        await self.app.store.write(job)

    async def welcome(self, person: Person) -> None:
        """From the first word to the menu."""
        await person.say("/start")
        await self.press(person, "consent:yes")
        await self.press(person, "age:18-21")
        await person.wait_for(button="menu:peer", timeout=LONG)

    async def ask(self, person: Person) -> None:
        """From the menu into the queue, every question skipped."""
        for data in ("menu:peer", "skip:topic", "skip:heavy", "skip:wish", "skip:note"):
            await self.press(person, data)
        await person.wait_for(button="queue:leave", timeout=LONG)

    async def press(self, person: Person, data: str) -> str:
        """A press on the newest button of this kind, once it is there; its answer."""
        card = await person.wait_for(button=data, again=True, timeout=LONG)
        answer = await person.press(card, next(d for d in card.data if d.startswith(data)), timeout=LONG)
        assert answer is not None, "the press was never answered"
        return answer

    async def chat(self, student: Person, helper: Person) -> None:
        """A student who is welcome already, and a helper, in a chat."""
        await self.ask(student)
        await self.press(helper, "offer:accept")
        await student.wait_for("konselor sebaya terlatih", timeout=LONG)
        await helper.wait_for("Kamu tersambung", timeout=LONG)


async def crashed(app: App) -> None:
    """A process ends as a power cut would end it."""
    running = [*app._tasks, *app.loops._tasks, *app.dispatcher._active.values()]
    if app.peers is not None:
        running += app.peers._tasks
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert app.telegram is not None
    await app.telegram.close()
    await app.store.close()


def said(person: Person) -> list[str]:
    """Every text that the bot has ever shown to somebody, also what was edited since."""
    return [text for message in person.inbox for text in message.history]


def spent(message: Message) -> bool:
    return not message.data


@asynccontextmanager
async def house(store_url: str, **given: Any) -> AsyncIterator[House]:
    """A house on a migrated store without people. `given` are settings."""
    async with BotApi() as api:
        made = House(
            api,
            {
                "database_url": str(store_url),
                "secret_keys": KEY,
                "telegram_token": api.token,
                "telegram_api_url": api.url,
                **given,
            },
            ("all", "worker") if isinstance(store_url, Shared) else ("all",),
        )
        await made.start()
        await made.app.store.write(lambda tx: tx.value("SELECT 1 FROM resources") or load_directory(tx, 0))
        try:
            yield made
        finally:
            await made.stop()
