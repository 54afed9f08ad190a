"""`sebaya serve`."""

from __future__ import annotations

import gc
import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli import opening
from cli.errors import Failed

if TYPE_CHECKING:
    from bot.app import App

app = typer.Typer(add_completion=False)
log = logging.getLogger("sebaya")


class Role(StrEnum):
    all = "all"
    web = "web"
    worker = "worker"


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0 takes any that is free.")] = 8000,
    role: Annotated[
        Role, typer.Option("--role", help="web: HTTP, pages, webhooks; worker: sending, timers, polling.")
    ] = Role.all,
) -> None:
    """Serve everything in one process: channels, admin API, pages, workers. A SQLite file is brought to this version
    by itself. SIGTERM stops it within seconds."""
    # Everything that is made from here on stays: looking for garbage in it would cost a tenth of the start.
    gc.disable()
    from cli import serving

    found = opening.settings()
    found.check_serve()
    opening.prepare(found)

    async def build() -> App:
        from bot import demo
        from bot.app import build as put_together

        made = await put_together(found)
        try:
            invented = await made.store.read(demo.lives_here)
            if invented and set(made.channels) - {"web"}:
                raise Failed(
                    "This database holds demonstration people, whom no real student may meet: unset the channels' "
                    "tokens, or point SEBAYA_DATABASE_URL to another database"
                )
        except BaseException:
            await made.stop()
            raise
        return made

    def announce(made: App, url: str) -> None:
        channels = ", ".join(sorted(made.channels))
        log.info("serving on %s (role %s; channels: %s)", url, role.value, channels)

    sock = serving.listen(host, port, "stop what listens there, or choose another one by --port")
    serving.serve(found, build, sock=sock, host=host, role=role.value, announce=announce)
