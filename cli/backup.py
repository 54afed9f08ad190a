"""`sebaya backup`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import opening
from cli.errors import Failed

if TYPE_CHECKING:
    from bot.backup import Header

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file; it will be readable by you only.")],
) -> None:
    """Write the whole store into one file, while the service goes on. Bodies, names and addresses stay sealed in it;
    SECRET_KEYS are not in it: keep them elsewhere, a backup is worth nothing without them."""
    from bot import audit, backup
    from bot.store.db import Tx
    from bot.store.migrate import HEAD
    from cli.progress import counting

    if file.exists():
        raise Failed(f"{file} exists already: name a new file")
    found = opening.settings()

    async def work() -> Header:
        async with opening.opened(found) as store:
            now = opening.now()
            with counting("Backing up") as tell:
                made = await store.read(lambda tx: backup.dump(tx, file, schema=HEAD, now=now, tell=tell))

            def note(tx: Tx) -> None:
                audit.record(
                    tx, actor=opening.ACTOR, action="store.backup", object="store:all", detail={"rows": made.total},
                    now=now,
                )  # fmt: skip

            await store.write(note)
            return made

    try:
        made = opening.run(work())
    except OSError as error:
        raise Failed(f"{file} cannot be written ({error.strerror}): name a place that can be") from None
    typer.echo(f"{made.total} rows written to {file} ({file.stat().st_size / 1e6:.1f} MB).")
