"""`sebaya migrate`."""

from __future__ import annotations

import typer

from cli import opening

app = typer.Typer(add_completion=False)


@app.command()
def migrate() -> None:
    """Bring the database to this version, in one transaction; a new one gets the help directory. Harmless when nothing
    is to be done, and before the first `serve`."""
    from bot.store.migrate import migrate as bring
    from bot.store.migrate import needs_migration

    found = opening.settings()
    if not needs_migration(found.store_url):
        bring(found.store_url, opening.now())  # refuses a store of a later version
        typer.echo("The database is of this version already.")
        return
    bring(found.store_url, opening.now())
    typer.echo("The database is now of this version.")
