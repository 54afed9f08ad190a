"""`sebaya token`: who may use the admin API."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import opening

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def create(
    role: Annotated[str, typer.Option("--role", help="coordinator, counselor, supporter or read-only.")],
    name: Annotated[str, typer.Option("--name", help="Whose it is; need not stand in the roster.")],
) -> None:
    """Make a token and print it, this once, as the last word."""
    from bot import tokens
    from bot.refusals import Invalid
    from bot.store.db import Tx
    from cli.errors import UNUSABLE, Failed

    found = opening.settings()

    def job(tx: Tx) -> tuple[tokens.Token, str]:
        return tokens.create(tx, role=role.strip().lower(), name=name, now=opening.now(), actor=opening.ACTOR)

    async def work() -> tuple[tokens.Token, str]:
        async with opening.opened(found) as store:
            return await store.write(job)

    try:
        made, secret = opening.run(work())
    except Invalid as error:
        raise Failed(f"--{error}", UNUSABLE) from None
    typer.echo(f"{made.id} ({made.role}), shown only now: {secret}")


@app.command("list")
def list_() -> None:
    """Every token, without its secret."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from bot import tokens
    from bot.lists import Ask
    from bot.store.db import Tx
    from cli.shown import moment

    found = opening.settings()

    def job(tx: Tx) -> list[tokens.Token]:
        kept: list[tokens.Token] = []
        cursor: str | None = None
        while True:
            page = tokens.listed(tx, Ask(limit=200, cursor=cursor))
            kept.extend(page.items)
            cursor = page.next_cursor
            if cursor is None:
                return kept

    async def work() -> list[tokens.Token]:
        async with opening.opened(found) as store:
            return await store.read(job)

    table = Table(Column("id", no_wrap=True), "name", "role", "made", "last used", "revoked")
    for each in opening.run(work()):
        times = (moment(at, found.zone) for at in (each.created_at, each.last_used_at, each.revoked_at))
        table.add_row(Text(each.id), Text(each.name), each.role, *times)
    Console().print(table)


@app.command(context_settings={"ignore_unknown_options": True})  # an id may begin with a hyphen
def revoke(token: Annotated[str, typer.Argument(help="The token's id, as `sebaya token list` shows it.")]) -> None:
    """End a token: within a second it opens nothing any more."""
    from bot import tokens

    found = opening.settings()

    async def work() -> None:
        async with opening.opened(found) as store:
            await store.write(lambda tx: tokens.revoke(tx, token, now=opening.now(), actor=opening.ACTOR))

    opening.run(work())
    typer.echo("Revoked.")
