"""`sebaya export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import opening

app = typer.Typer(add_completion=False)


@app.command()
def export(
    alias: Annotated[str, typer.Argument(help="As helpers see it.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="A new file, readable by you only, instead of stdout.")
    ] = None,
) -> None:
    """Everything that is kept about one person, as JSON, for themselves. It stands in the audit."""
    import orjson

    from bot import by_hand
    from cli.files import write_private

    found = opening.settings()

    async def work() -> bytes:
        async with opening.opened(found) as store:
            kept = await store.write(lambda tx: by_hand.export(tx, alias, actor=opening.ACTOR, now=opening.now()))
            return orjson.dumps(kept, option=orjson.OPT_INDENT_2) + b"\n"

    data = opening.run(work())
    if out is None:
        sys.stdout.buffer.write(data)
        return
    write_private(out, data)
    typer.echo(f"Written to {out}.")
