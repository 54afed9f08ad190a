"""`sebaya replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A transcript in YAML, as in tests/transcripts.")],
    show: Annotated[bool, typer.Option("--show", help="Print the whole conversation as it went.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Write what happened into the file.")] = False,
) -> None:
    """Play a transcript through the whole service in memory and compare what everybody sees with what the file says."""
    from bot.replay import StoryError
    from bot.replay import replay as play
    from cli.errors import UNUSABLE, Failed
    from cli.progress import waiting

    try:
        with waiting(f"Playing {file.name}"):
            played = play(file)
    except OSError as error:
        raise Failed(f"{file} cannot be read ({error.strerror}): name a transcript", UNUSABLE) from None
    except (StoryError, UnicodeDecodeError) as error:
        raise Failed(f"{file} cannot be played: {error}") from None
    if show:
        typer.echo(played.text, nl=False)
    if update:
        file.write_text(played.text, encoding="utf-8")
        typer.echo(f"{file} says what happened.", err=show)
        return
    if played.difference:
        typer.echo(played.difference)
        raise Failed(f"{file} went otherwise than told: mend what changed, or accept it by --update")
    typer.echo(f"{file} went as told.", err=show)
