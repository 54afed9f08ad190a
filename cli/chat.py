"""`sebaya chat`: the whole service in this terminal, in memory, with invented helpers beside you."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from cli import opening
from cli.errors import UNUSABLE, Failed

if TYPE_CHECKING:
    from rich.console import Console

    from bot.app import App
    from bot.channels.terminal import Terminal
    from bot.settings import Settings

app = typer.Typer(add_completion=False)

YOU = "you"
HELPERS = {"sari": ("supporter", "Sari"), "rini": ("counselor", "Bu Rini")}
COLORS = {YOU: "cyan", "sari": "green", "rini": "magenta"}
PATIENCE = 100
"""Looks, 20 ms apart, until a line's consequences are all shown."""
_WAITS = """SELECT (SELECT count(*) FROM outbox WHERE status = 0) + (SELECT count(*) FROM mail)
+ (SELECT count(*) FROM timers WHERE due_at <= :now)"""


@app.command()
def chat(
    language: Annotated[str, typer.Option("--language", help="id or en.")] = "id",
) -> None:
    """Talk to Sebaya as a student. Nothing is kept, nothing leaves this terminal. A choice is its number; `@sari` and
    `@rini` in front of a line, or alone, speak as the supporter and the counselor, `@you` as the student again.
    Ctrl-D ends it."""
    from bot.settings import load_settings
    from bot.store.keys import key_text, new_key
    from bot.words import Words

    if language not in Words().languages:
        raise Failed(f"--language {language} has no catalogue: choose one of {', '.join(Words().languages)}", UNUSABLE)
    settings = load_settings(
        opening.env_file(), database_url="sqlite://", secret_keys=key_text([new_key()]), telegram_token="",
        whatsapp_token="", escalation_webhook_url="",
    )  # fmt: skip
    opening.run(_Table(language).play(settings))


@dataclass
class _Table:
    """Who sits at this terminal."""

    language: str
    speaker: str = YOU
    console: Console = field(init=False)
    muted: bool = True

    def show(self, address: str, text: str) -> None:
        """Print what somebody sees."""
        if self.muted:
            return
        from rich.text import Text

        shown = Text()
        for number, line in enumerate(text.split("\n")):
            name = f"{address:>5}" if number == 0 else " " * 5
            shown.append(f"{name} | ", style=COLORS.get(address, ""))
            shown.append(f"{line}\n")
        self.console.print(shown, end="")

    async def play(self, settings: Settings) -> None:
        """Until the end of stdin."""
        from rich.console import Console

        from bot.app import build
        from bot.channels.terminal import Terminal
        from bot.clock import system_clock

        self.console = Console(highlight=False, soft_wrap=True)
        terminal = Terminal(self.show, system_clock)
        app = await build(settings, channels={terminal.name: terminal})
        try:
            await self._seat(app)
            await app.start()
            await self._quiet(app)
            self.muted = False
            async for line in _lines():
                await self._hear(app, terminal, line)
        finally:
            await app.stop()

    async def _seat(self, app: App) -> None:
        """Put the helpers on duty."""
        from datetime import timedelta

        from bot import duty, people, roster
        from bot.channels.terminal import NAME
        from bot.roster_fields import Entry
        from bot.store.db import Tx
        from bot.times import day_of

        acting = app.acting("demo")
        certified = day_of(acting.now, acting.zone) + timedelta(days=365)

        def job(tx: Tx) -> None:
            for address, (role, name) in HELPERS.items():
                given = Entry(role=role, name=name, language=(self.language, "id", "en"), certified_until=certified)
                made = roster.add(tx, acting, given)
                people.add_address(tx, made.person, NAME, address, now=acting.now)
                duty.put(tx, acting, made.id, True)
            people.find_or_create(tx, NAME, YOU, language=self.language, now=acting.now, ids=app.ids)

        await app.store.write(job)

    async def _hear(self, app: App, terminal: Terminal, line: str) -> None:
        said = line.rstrip("\r\n")
        if said.startswith("@"):
            name, _, rest = said[1:].partition(" ")
            if name.lower() not in (YOU, *HELPERS):
                self.show(self.speaker, f"(nobody here is called {name}: @you, @sari or @rini)")
                return
            if not rest.strip():
                self.speaker = name.lower()
                return
            await self._say(app, terminal, name.lower(), rest)
        elif said.strip():
            await self._say(app, terminal, self.speaker, said)

    async def _say(self, app: App, terminal: Terminal, address: str, text: str) -> None:
        inbound = terminal.said(address, text)
        answer = await app.engine.receive(inbound)
        if answer.toast and inbound.callback_id:
            await terminal.answer(inbound.callback_id, answer.toast)
        await self._quiet(app)

    async def _quiet(self, app: App) -> None:
        """Until everything that a line has caused is shown."""
        for _ in range(PATIENCE):
            await asyncio.sleep(0.02)
            waits = await app.store.read(lambda tx: tx.value(_WAITS, now=app.clock()))
            if not waits and not app.store.waiting() and not app.dispatcher.busy:
                return


async def _lines() -> AsyncIterator[str]:
    """What is typed, without holding up the messages that come meanwhile."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        # A thread of its own that nobody waits for at the end: a terminal's readline cannot be interrupted.
        while line := sys.stdin.readline():
            loop.call_soon_threadsafe(typed.put_nowait, line)
        loop.call_soon_threadsafe(typed.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await typed.get():
        yield line
