"""The server around an App: its socket, its log, its graceful end. `serve` and `demo` differ in what they serve."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from pydantic import SecretStr

from cli import logs
from cli.alone import alone
from cli.errors import UNUSABLE, Failed

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.app import App
    from bot.settings import Settings

log = logging.getLogger("sebaya")

GRACE = 5
"""Seconds that requests under way may take once the service is told to stop."""

Build = Callable[[], Coroutine[Any, Any, "App"]]
Announce = Callable[["App", str], None]


def listen(host: str, port: int, otherwise: str) -> socket.socket:
    """The listening socket; `port` 0 takes any that is free. Raises Failed, with `otherwise` as the way out where the
    port is taken."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError):
        raise Failed(
            f"--host {host} is no address of this machine: try 127.0.0.1, or 0.0.0.0 for all", UNUSABLE
        ) from None
    try:
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        code = error.errno
    if code == errno.EADDRINUSE:
        raise Failed(f"Port {port} is in use already: {otherwise}")
    if code == errno.EACCES:
        raise Failed(f"Port {port} may not be opened by this user: choose one above 1023 by --port")
    if code == errno.EADDRNOTAVAIL:
        raise Failed(f"--host {host} is no address of this machine: try 127.0.0.1, or 0.0.0.0 for all", UNUSABLE)
    raise Failed(f"Port {port} cannot be opened ({os.strerror(code or 0)}): choose another by --port")


def url_of(sock: socket.socket, host: str) -> str:
    """Where a person on this machine opens it."""
    port = sock.getsockname()[1]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared, not bound
    return f"http://{shown}:{port}"


class Server(uvicorn.Server):
    """Uvicorn, which first lets open pages go when it is told to stop: it would wait for them."""

    def __init__(self, config: uvicorn.Config, app: App, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._announce = announce
        self._loop = asyncio.get_running_loop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()
        gc.enable()
        if self.started and not self.should_exit:
            self._announce()

    def handle_exit(self, sig: int, frame: Any) -> None:
        if not self.should_exit:
            log.info("stopping")
            self._loop.call_soon_threadsafe(self._app.webchat.close)
        super().handle_exit(sig, frame)


def serve(
    settings: Settings, build: Build, *, sock: socket.socket, host: str, role: str = "all", announce: Announce
) -> None:
    """Build the App and serve it until SIGTERM or SIGINT; then stop within seconds, nothing half done. Raises Failed,
    and what `build` raises."""
    logs.begin(_secrets(settings), level=settings.log_level, form=settings.log_format)
    server: Server | None = None

    def early(_sig: int, _frame: Any) -> None:
        # Uvicorn raises a signal again once it has stopped for it; before it serves, the signal ends the start.
        if server is None or not server.started:
            raise SystemExit(0)

    async def work() -> None:
        nonlocal server
        app = await build()
        try:
            app.role = role
            config = uvicorn.Config(
                _asgi(app), http="httptools", ws="none", lifespan="on", interface="asgi3", log_config=None,
                access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE,
            )  # fmt: skip
            server = Server(config, app, lambda: announce(app, url_of(sock, host)))
            await server.serve(sockets=[sock])
            log.info("stopped")
        finally:
            if server is None or not server.started:
                await app.stop()

    handlers = {sig: signal.signal(sig, early) for sig in (signal.SIGTERM, signal.SIGINT)}
    try:
        holding = alone(settings.store_url) if role != "web" else contextlib.nullcontext()
        with holding, asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(work())
    except SystemExit as ended:
        if ended.code:
            raise Failed("The service could not start; the lines above say why") from None
    finally:
        for sig, handler in handlers.items():
            signal.signal(sig, handler)
        sock.close()


def _asgi(app: App) -> FastAPI:
    # FastAPI asks of every model whether it is of Pydantic 1, and takes a missing package for no. Nothing here uses it,
    # and it costs 0.2 s and 10 MB.
    sys.modules.setdefault("pydantic.v1", cast(ModuleType, None))
    if app.role == "worker":
        from admin_api.worker import create_app as create_worker

        return create_worker(app)
    from admin_api.main import create_app

    return create_app(app)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:  # Windows has none
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _secrets(settings: Settings) -> list[str]:
    """Every value that must stand in no log line."""
    from urllib.parse import urlsplit

    kept = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    keys = settings.secret_keys.get_secret_value().split(",")
    password = urlsplit(settings.store_url).password
    return [*(value for value in kept if not value.startswith("sqlite:")), *keys, password or ""]
