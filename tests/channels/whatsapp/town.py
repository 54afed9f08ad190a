"""A whole service between a loopback Cloud API and a loopback Bot API, with a roster on both."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from admin_api.main import create_app
from bot import roster, staff_addresses
from bot.app import App, build
from bot.clock import SetClock
from bot.roster_fields import Entry
from bot.rules.rulebook import Rulebook
from bot.settings import Settings, load_settings
from bot.words import LOCALES
from tests.platforms.telegram import BotApi
from tests.platforms.telegram import Clock as TelegramClock
from tests.platforms.whatsapp import CloudApi, Person

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
NOON = 1_795_270_000_000  # 21 November 2026
_RULES: list[Rulebook] = []


@dataclass
class Town:
    """The service and both platforms. `now` is the clock of all three."""

    app: App
    cloud: CloudApi
    telegram: BotApi
    clock: SetClock
    people: dict[str, Any] = field(default_factory=dict)

    async def staff(self, role: str, name: str, **ids: str) -> None:
        """Put somebody into the roster by their accounts."""
        entry = Entry(role=role, name=name, certified_until=date(2027, 12, 31), capacity=3, **ids)
        await self.app.store.write(lambda tx: roster.add(tx, self.app.acting("cli"), entry))

    async def staff_again(self, whatsapp: str) -> None:
        """The coordinator saves the one roster entry with the same account once more."""

        def give(tx: Any) -> None:
            person = tx.value("SELECT person_id FROM staff")
            staff_addresses.check(tx, "whatsapp", whatsapp, person)
            staff_addresses.give(tx, self.app.acting("cli"), "whatsapp", whatsapp, person)

        await self.app.store.write(give)

    async def settle(self) -> None:
        """Until nothing moves on either platform."""
        for _ in range(100):
            await self.cloud.wait_idle(quiet=0.02)
            await self.telegram.wait_idle(quiet=0.02)
            left = await self.app.store.read(lambda tx: tx.value(LEFT, now=self.clock()))
            if not left and not self.app.dispatcher.busy:
                return
        raise AssertionError("the town does not come to rest")

    async def until(self, look: Callable[[], object], seconds: float = 30) -> None:
        """Until `look` finds something; AssertionError otherwise."""
        end = asyncio.get_running_loop().time() + seconds
        while not look():
            if asyncio.get_running_loop().time() > end:
                raise AssertionError("it never happened")
            await asyncio.sleep(0.01)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the service and its platforms at once."""
        self.clock.advance(int(seconds * 1000))
        self.app.wake()

    async def column(self, sql: str, **params: Any) -> list[Any]:
        return await self.app.store.read(lambda tx: [row[0] for row in tx.all(sql, **params)])

    async def accompanied(self, student: Person) -> None:
        """Bring a student into the queue with the shortest possible intake."""
        await student.say("/start")
        for data in ("consent:yes", "age:18-21", "menu:peer", "topic:study"):
            await student.wait_for(button=data)
            await student.press(data)
        await student.wait_for(button="heavy:6")
        await student.press("heavy:6")
        await student.wait_for(button="skip:wish")
        await student.press("skip:wish")
        await student.wait_for(button="skip:note")
        await student.press("skip:note")
        await student.wait_for(button="queue:leave")


# Rows and mail that could move now; what waits for somebody to write does not.
LEFT = """SELECT (SELECT COUNT(*) FROM mail) + (SELECT COUNT(*) FROM lanes WHERE next_at <= :now)
+ (SELECT COUNT(*) FROM timers WHERE due_at <= :now)"""


def settings(cloud: CloudApi, telegram: BotApi, **more: Any) -> Settings:
    """The settings of a deployment with both channels."""
    return load_settings(
        env_file=None,
        **{
            "database_url": "sqlite://",
            "secret_keys": KEY,
            "telegram_token": telegram.token,
            "telegram_api_url": telegram.url,
            "whatsapp_token": cloud.token,
            "whatsapp_phone_id": cloud.phone_id,
            "whatsapp_app_secret": cloud.app_secret,
            "whatsapp_verify_token": cloud.verify_token,
            "whatsapp_api_url": cloud.url,
            **more,
        },
    )


@asynccontextmanager
async def town(**more: Any) -> AsyncIterator[Town]:
    """A service that runs, on a clock that stands still until it is moved."""
    if not _RULES:
        _RULES.append(Rulebook.read(LOCALES))
    clock = SetClock(NOON)
    async with AsyncExitStack() as stack:
        cloud = await stack.enter_async_context(CloudApi(clock=lambda: clock() / 1000))
        telegram = await stack.enter_async_context(BotApi(clock=TelegramClock(lambda: clock() / 1000)))
        app = await build(settings(cloud, telegram, **more), clock=clock, rules=_RULES[0], strict=True)
        await app.start()
        stack.push_async_callback(app.stop)
        stack.push_async_callback(cloud.delivery.stop)
        await cloud.connect(create_app(app, with_pages=False))
        yield Town(app, cloud, telegram, clock)
