"""`sebaya restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import opening
from cli.errors import UNUSABLE, Failed

if TYPE_CHECKING:
    from bot.backup import Header, Tell
    from bot.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="What `sebaya backup` has written.")]) -> None:
    """Read a backup into an empty store, of either kind of database, with the same SECRET_KEYS: all of it or nothing.
    Nothing may serve the store meanwhile."""
    from bot.backup import BackupError, check
    from cli.alone import alone
    from cli.progress import counting

    found = opening.settings()
    found.check_store()
    try:
        with alone(found.store_url):
            with counting("Checking") as tell:
                header = check(file, found.keys, tell)
            _make_room(found, header)
            with counting("Restoring") as tell:
                opening.run(_restore(found, file, header, tell))
    except BackupError as error:
        raise Failed(f"{file}: {error}") from None
    except OSError as error:
        raise Failed(f"{file} cannot be read ({error.strerror}): name a backup", UNUSABLE) from None
    typer.echo(f"{header.total} rows restored.")


def _make_room(found: Settings, header: Header) -> None:
    """A store of the schema that the backup was made with."""
    from bot.store.migrate import REVISIONS, Schema, migrate, schema

    if header.schema not in REVISIONS:
        raise Failed("This backup was made by a later version of Sebaya: install that version")
    standing = schema(found.store_url)
    if standing is Schema.EMPTY:
        migrate(found.store_url, opening.now(), to=header.schema)
    elif standing is not Schema.CURRENT or header.schema != REVISIONS[-1]:
        raise Failed("Restore into a new database: the backup and this one are of different versions")


async def _restore(found: Settings, file: Path, header: Header, tell: Tell) -> None:
    from bot import audit, backup
    from bot.store.db import Tx, open_store
    from bot.store.migrate import migrate
    from bot.store.seal import open_seal

    store = open_store(found.store_url)
    try:
        await store.write(lambda tx: backup.load(tx, file, tell))
    finally:
        await store.close()
    migrate(found.store_url, opening.now())
    store = open_store(found.store_url)
    try:
        await open_seal(store, found.keys)

        def note(tx: Tx) -> None:
            audit.record(
                tx, actor=opening.ACTOR, action="store.restore", object="store:all", detail={"made_at": header.made_at},
                now=opening.now(),
            )  # fmt: skip

        await store.write(note)
    finally:
        await store.close()
