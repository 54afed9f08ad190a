"""`sebaya diagrams`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def diagrams(
    folder: Annotated[Path, typer.Argument(help="Where the pages stand.")] = Path("docs/diagrams"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a page is stale.")] = False,
) -> None:
    """Write the state charts as Mermaid pages, from the tables that the service runs by."""
    from bot.diagrams import stale, write
    from cli.errors import Failed

    if not check:
        written = write(folder)
        typer.echo(f"{len(written)} pages written to {folder}." if written else f"{folder} is up to date.")
        return
    old = stale(folder)
    if old:
        raise Failed(f"{', '.join(old)} in {folder} no longer say what the tables do: run `make diagrams`")
    typer.echo(f"{folder} is up to date.")
