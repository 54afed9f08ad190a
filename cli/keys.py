"""`sebaya keys`: SECRET_KEYS, under which everything is sealed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from cli import opening

app = typer.Typer(add_completion=False, no_args_is_help=True)
NAME = "SEBAYA_SECRET_KEYS"
_LINE = re.compile(rf"^[ \t]*(?:export[ \t]+)?{NAME}[ \t]*=[ \t]*[\"']?", re.MULTILINE)


@app.command()
def new(
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Put it in front of the keys of this settings file, and print nothing."),
    ] = None,
) -> None:
    """Make a key. It goes in front of those you have; then restart what serves, run `sebaya keys rotate`, and take the
    old ones away."""
    from bot.store.keys import key_text, new_key
    from cli.errors import Failed

    made = key_text([new_key()])
    if into is None:
        typer.echo(made)
        return
    try:
        more = _put(into, made)
    except OSError as error:
        raise Failed(f"{into} cannot be written ({error.strerror}): name another file") from None
    typer.echo(f"A new key stands in {into}." if not more else f"A new key stands in front of the others in {into}.")
    if os.environ.get(NAME):
        typer.echo(f"The environment sets {NAME} as well, and wins: unset it there.", err=True)


def _put(path: Path, key: str) -> bool:
    """Write the key into the file; whether there were keys before."""
    from cli.files import write_private

    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = _LINE.search(text)
    if found is None:
        text = f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{NAME}={key}\n"
        more = False
    else:
        end = found.end()
        more = bool(re.match(r"[A-Za-z0-9_-]", text[end:]))
        text = f"{text[:end]}{key}{',' if more else ''}{text[end:]}"
    write_private(path, text.encode(), force=True)
    return more


@app.command()
def rotate() -> None:
    """Wrap everything by the newest of SECRET_KEYS, so that the older ones may be taken away. Works while serving, once
    everything that serves was restarted with the new key in front."""
    from bot import audit
    from bot.store.db import Tx
    from bot.store.seal import rewrap_all
    from cli.progress import waiting

    found = opening.settings()

    async def work() -> int:
        async with opening.opened(found) as store:
            with waiting("Wrapping keys anew"):
                changed = await rewrap_all(store, found.keys)

            def note(tx: Tx) -> None:
                audit.record(
                    tx, actor=opening.ACTOR, action="keys.rotate", object="store:all", detail={"changed": changed},
                    now=opening.now(),
                )  # fmt: skip

            await store.write(note)
            return changed

    changed = opening.run(work())
    typer.echo(f"{changed} keys wrapped anew.")
    if len(found.keys) > 1:
        typer.echo(f"Now leave only the first key in {NAME} and restart what serves. Backups from before need the old.")
