"""`sebaya roster`: the people, as a CSV file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import opening
from cli.errors import UNUSABLE, Failed
from cli.files import write_private
from cli.progress import waiting

if TYPE_CHECKING:
    from bot.roster_csv import Imported

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file, its first line the columns; - for stdin.")],
    partial: Annotated[bool, typer.Option("--partial", help="Import the good rows though others are refused.")] = False,
) -> None:
    """Add and change people by a file with the columns role, name, language, gender, site, topics, capacity, telegram,
    whatsapp, email, certified_until. All of it or nothing, unless --partial."""
    from bot.roster_csv import RosterRefused

    data = _read(file)
    try:
        with waiting("Importing"):
            done = opening.run(_import(data, partial))
    except RosterRefused as refused:
        for row in refused.rows:
            typer.echo(f"{file}: {row}", err=True)
        raise Failed("Nothing was imported: mend these lines, or import the others by --partial") from None
    for row in done.refused:
        typer.echo(f"{file}: {row}", err=True)
    typer.echo(f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged, {len(done.refused)} refused.")
    if done.refused and not done.added + done.changed + done.unchanged:
        raise Failed("Nothing was imported: mend these lines and import the file again")


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise Failed(f"{file} cannot be read ({error.strerror}): name a CSV file", UNUSABLE) from None


async def _import(data: bytes, partial: bool) -> Imported:
    from bot import roster_csv
    from bot.store.db import Tx

    text = roster_csv.text_of(data)
    found = opening.settings()

    def job(tx: Tx) -> Imported:
        return roster_csv.load(tx, opening.acting(found), text, partial=partial)

    async with opening.opened(found) as store:
        return await store.write(job)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write; - for stdout.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
) -> None:
    """Write everybody who is active or suspended into a file that `import` reads, readable by you only."""
    from bot import roster_csv

    found = opening.settings()

    async def work() -> str:
        async with opening.opened(found) as store:
            return await store.write(lambda tx: roster_csv.dump(tx, opening.acting(found)))

    text = opening.run(work())
    if str(file) == "-":
        sys.stdout.buffer.write(text.encode())
        return
    write_private(file, text.encode(), force=force)
    typer.echo(f"Written to {file}.")
