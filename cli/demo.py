"""`sebaya demo`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import Failed

if TYPE_CHECKING:
    from bot.app import App

app = typer.Typer(add_completion=False)
FILES = ("demo.db", "demo.db-wal", "demo.db-shm", "demo.db-journal")


@app.command()
def demo(
    port: Annotated[
        int, typer.Option("--port", envvar="PORT", min=0, max=65_535, help="0 takes any that is free.")
    ] = 8000,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an empty story.")] = False,
    folder: Annotated[Path, typer.Option("--folder", help="Where its database and its keys lie.")] = Path(".sebaya"),
) -> None:
    """Serve a playground: student, supporter and counselor side by side, with invented people on a database of their
    own. No channel is on, whatever the settings say. What was played stays until --fresh."""
    from bot.settings import load_settings
    from cli import opening, serving
    from cli.alone import alone

    sock = serving.listen(host, port, "choose another one, as in `make run PORT=8001` or `sebaya demo --port 8001`")
    env = _prepare(folder)
    database = (folder / "demo.db").absolute()
    found = load_settings(
        env, database_url=f"sqlite:///{database}", telegram_token="", whatsapp_token="", escalation_webhook_url="",
        secret_keys=_keys(env),
    )  # fmt: skip
    if fresh:
        with alone(found.store_url):
            for name in FILES:
                (folder / name).unlink(missing_ok=True)
    opening.prepare(found)

    async def build() -> App:
        from bot import demo
        from bot.app import build as put_together

        made = await put_together(found)
        try:
            await demo.prepare(made)
        except BaseException:
            await made.stop()
            raise
        return made

    def announce(_made: App, url: str) -> None:
        _welcome(url, env)

    serving.serve(found, build, sock=sock, host=host, announce=announce)


def _prepare(folder: Path) -> Path:
    """The folder, its own settings file with fresh keys in it."""
    from bot.store.keys import keep_new_key

    env = folder / "demo.env"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not env.exists():
            keep_new_key(env)
            with env.open("a", encoding="utf-8") as file:
                file.write(f"SEBAYA_DATABASE_URL=sqlite:///{(folder / 'demo.db').absolute()}\n")
    except OSError as error:
        raise Failed(
            f"{folder} cannot be written ({os.strerror(error.errno or 0)}): name another by --folder"
        ) from None
    return env


def _keys(env: Path) -> str:
    """The demonstration's own keys, whatever the environment holds."""
    from dotenv import dotenv_values

    return dotenv_values(env).get("SEBAYA_SECRET_KEYS") or ""


def _welcome(url: str, env: Path) -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    lines = Table.grid(padding=(0, 2))
    for name, path in (("Playground", "/playground"), ("Chat page", "/chat"), ("Admin API", "/api/docs")):
        lines.add_row(name, Text(url + path, style="bold" if path == "/playground" else ""))
    console = Console(soft_wrap=True, highlight=False)
    console.print(Panel(lines, title="Sebaya", subtitle="invented people", expand=False))
    console.print("Student, supporter and counselor sit side by side in the playground. Ctrl-C stops it.")
    command = sys.argv[0] if sys.argv[0].endswith("sebaya") else "sebaya"
    console.print(
        f"A token for the API: {command} --env {env} token create --role coordinator --name you", markup=False
    )
