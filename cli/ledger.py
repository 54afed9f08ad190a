"""`sebaya ledger`: whether the laws hold over the whole store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import opening

if TYPE_CHECKING:
    from bot.ledger import Finding

app = typer.Typer(add_completion=False, no_args_is_help=True)
FEW = 10
"""Ids shown of one exception; --json has up to a thousand."""


@app.callback()
def _group() -> None:
    """Whether every line has its end and every case its answer."""


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="Print exceptions as JSON.")] = False) -> None:
    """Look at every message, row and case: each has the one end that the laws give it, or is named here by its id.
    Changes nothing. Fails when there is an exception."""
    from bot import adjustable, ledger
    from bot.store.db import Tx
    from cli.errors import Failed
    from cli.progress import waiting

    found = opening.settings()

    def job(tx: Tx) -> tuple[list[Finding], dict[str, int]]:
        policy = adjustable.policy(tx, found.policy())
        return list(ledger.check(tx, opening.now(), policy)), ledger.counts(tx)

    async def work() -> tuple[list[Finding], dict[str, int]]:
        async with opening.opened(found) as store:
            return await store.read(job)

    with waiting("Reading the ledger"):
        exceptions, counts = opening.run(work())
    if as_json:
        from dataclasses import asdict

        import orjson

        shown = {"counts": counts, "exceptions": [asdict(each) for each in exceptions]}
        typer.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo(", ".join(f"{count} {name}" for name, count in counts.items()) + ".")
        for each in exceptions:
            ids = ", ".join(each.ids[:FEW]) + (", …" if len(each.ids) > FEW else "")
            typer.echo(f"{each.law}: {each.says} ({len(each.ids)}): {ids}")
    if exceptions:
        raise Failed(f"{len(exceptions)} laws do not hold: look for these ids in the log of what serves")
    if not as_json:
        typer.echo("Every law holds.")
