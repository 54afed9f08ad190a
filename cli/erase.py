"""`sebaya erase`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli import opening
from cli.errors import UNUSABLE, Failed

if TYPE_CHECKING:
    from bot.app import App

app = typer.Typer(add_completion=False)

ALONE = 6.0
"""Seconds after which nobody works on this store, if nothing has moved: then the erasing is finished here."""
PATIENCE = 75.0
"""Seconds for which a worker may take to deliver the last notice."""


@app.command()
def erase(
    alias: Annotated[str, typer.Argument(help="As helpers see it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person for good: their words now, their key and address as soon as they have been told. Nobody can bring
    it back; backups from before still hold it until you delete them."""
    if not yes:
        if not sys.stdin.isatty():
            raise Failed("This cannot be taken back: say --yes", UNUSABLE)
        typer.confirm(f"Erase {alias} for good?", abort=True)
    told = opening.run(_erase(alias))
    typer.echo("Erased." if told else "Erased. Nobody serves this database, so they were not told.")


async def _erase(alias: str) -> bool:
    """Whether somebody who serves has told them."""
    from bot import by_hand
    from bot.app import build
    from bot.store.errors import Busy

    found = opening.settings()
    found.check_store()
    opening.prepare(found)
    app = await build(found, channels={})
    try:
        person = await app.store.write(
            lambda tx: by_hand.erase(app.engine, tx, alias, actor=opening.ACTOR), crisis=True
        )
        told = await _wait(app, person)
        await app.store.write(lambda tx: by_hand.finish(tx, person, app.clock()))
        try:
            await app.store.checkpoint()
        except Busy:
            typer.echo("The database is in use: what was erased leaves its log within minutes.", err=True)
    finally:
        await app.stop()
    return told


async def _wait(app: App, person: int) -> bool:
    """Let a worker deliver the last notice, if there is one; whether it was at it."""
    from bot import by_hand
    from cli.alone import Taken, alone
    from cli.progress import waiting

    url = app.settings.store_url
    if url.startswith("sqlite:"):
        try:
            with alone(url):
                return False
        except Taken:
            pass
    with waiting("Telling them, then destroying their key"):
        first = last = await app.store.read(lambda tx: by_hand.progress(tx, person))
        waited = 0.0
        while last is not None and waited < (ALONE if last == first else PATIENCE):
            await asyncio.sleep(0.2)
            waited += 0.2
            last = await app.store.read(lambda tx: by_hand.progress(tx, person))
        return last != first
