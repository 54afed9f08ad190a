"""`sebaya translations`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def translations(
    locales: Annotated[
        Path | None, typer.Option("--locales", help="Folder of <language>/bot.po files; the project's own if left out.")
    ] = None,
) -> None:
    """Look for keys that a language lacks, placeholders that differ, and texts too long for the platforms."""
    from bot.words import LOCALES, check_catalogues
    from cli.errors import Failed

    folder = locales or LOCALES
    problems = check_catalogues(folder)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise Failed(f"{len(problems)} to mend in {folder.name}/<language>/bot.po")
    languages = sorted(path.parent.name for path in folder.glob("*/bot.po"))
    typer.echo(f"The catalogues of {', '.join(languages)} are complete.")
