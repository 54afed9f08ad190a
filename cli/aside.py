"""`sebaya aside`: what could not be processed, shown to a human."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli import opening

if TYPE_CHECKING:
    from bot.store.db import Tx

app = typer.Typer(add_completion=False, no_args_is_help=True)
T = TypeVar("T")
Number = Annotated[int, typer.Argument(help="As `sebaya aside list` numbers it.")]


def _write(job: Callable[[Tx], T]) -> T:
    async def work() -> T:
        async with opening.opened(opening.settings()) as store:
            return await store.write(job)

    return opening.run(work())


@app.command("list")
def list_() -> None:
    """What waits for you, the gravest first. Its senders were told, with the numbers; a crisis has paged already."""
    from rich.console import Console
    from rich.table import Table

    from bot import aside_list
    from cli.shown import moment

    found = opening.settings()
    entries = _write(aside_list.listed)
    if not entries:
        typer.echo("Nothing was set aside.")
        return
    table = Table("number", "when", "channel", "why", "level", "attempts")
    levels = {0: "none", 1: "distress", 2: "high", 3: "imminent", None: "unknown"}
    for each in entries:
        table.add_row(
            str(each.id), moment(each.created_at, found.zone), each.channel, each.reason,
            levels.get(each.level, str(each.level)), str(each.attempts),
        )  # fmt: skip
    Console().print(table)


@app.command()
def show(number: Number) -> None:
    """Read one. It stands in the audit that you did."""
    from bot import aside_list

    found = _write(lambda tx: aside_list.opened(tx, number, actor=opening.ACTOR, now=opening.now()))
    message = found.inbound
    if message is None:
        typer.echo(found.payload.decode(errors="replace"))
        return
    typer.echo(f"{message.kind} on {message.channel}:\n{message.text or '(no text)'}")


@app.command()
def retry(number: Number) -> None:
    """Process it again, as if it came in now."""
    from bot import aside_list
    from bot.app import build
    from cli.errors import Failed

    found = opening.settings()
    found.check_store()
    opening.prepare(found)

    async def work() -> bool:
        app = await build(found, channels={})
        try:
            return await aside_list.retry(app.store, app.engine.receive, number, actor=opening.ACTOR, now=app.clock())
        finally:
            await app.stop()

    if not opening.run(work()):
        raise Failed("It failed again and was set aside anew: the log says why")
    typer.echo("Processed; what it caused is sent by whoever serves.")


@app.command()
def dismiss(number: Number) -> None:
    """Put it away, without doing anything else with it."""
    from bot import aside_list

    _write(lambda tx: aside_list.decide(tx, number, "dismissed", actor=opening.ACTOR, now=opening.now()))
    typer.echo("Dismissed.")
