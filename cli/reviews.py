"""`sebaya reviews`: what the semantic net wants a counselor to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import opening

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _reviews() -> None:
    """What the semantic net wants a counselor to look at. It is read and decided by the admin API (/api/v1/reviews)."""


@app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Those that were decided, too.")] = False,
) -> None:
    """What waits for a decision, the newest first, at most 200; no words are shown."""
    from rich.console import Console
    from rich.table import Table

    from bot.lists import Ask
    from bot.semantic import reviews
    from cli.shown import moment

    found = opening.settings()
    ask = Ask(limit=200, filters={} if all_ else {"state": "open"})

    async def work() -> list[reviews.Review]:
        async with opening.opened(found) as store:
            return list((await store.read(lambda tx: reviews.listed(tx, ask))).items)

    rows = opening.run(work())
    if not rows:
        typer.echo("No review waits." if not all_ else "There are no reviews.")
        return
    table = Table("id", "when", "alias", "score", "state", "case")
    for row in rows:
        table.add_row(
            row.id, moment(row.created_at, found.zone), row.alias, f"{row.score / 1000:.2f}", row.state, row.case or ""
        )
    Console().print(table)
