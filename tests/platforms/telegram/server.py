"""uvicorn's HTTP in a thread and event loop of its own, on the loopback, quick to start and to stop."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import uvicorn
from starlette.datastructures import Address
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

Result = TypeVar("Result")


class Cutter:
    """Knows every open connection by its client's port, and can close one in the middle of a request."""

    def __init__(self) -> None:
        self._open: dict[int, asyncio.Transport] = {}

    def opened(self, transport: asyncio.Transport) -> None:
        """A connection came."""
        self._open[transport.get_extra_info("peername")[1]] = transport

    def closed(self, transport: asyncio.Transport) -> None:
        """A connection went."""
        peer = transport.get_extra_info("peername")
        if peer is not None and self._open.get(peer[1]) is transport:
            del self._open[peer[1]]

    def cut(self, client: Address | None) -> None:
        """Close the connection of this client at once."""
        transport = self._open.get(client.port) if client is not None else None
        if transport is not None:
            transport.abort()

    def cut_all(self) -> None:
        """Close every connection."""
        for transport in list(self._open.values()):
            transport.abort()


class ServerThread:
    """Serves one ASGI application on 127.0.0.1. A thread of its own answers also while a test's loop is busy.

    uvicorn.Server is not used: it takes the process's signals and needs 0.2 s to stop; its protocol does not.
    """

    def __init__(self, app: ASGIApp, cutter: Cutter, port: int = 0) -> None:
        self._app, self._cutter = app, cutter
        self.port = port
        """The port asked for; once started, the port given."""
        self._socket: socket.socket | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="loopback platform", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._background: list[Coroutine[Any, Any, None]] = []

    def start(self, *background: Coroutine[Any, Any, None]) -> None:
        """Serve, and run these coroutines beside, until `stop`."""
        self._background = list(background)
        # asyncio switches Nagle's delay off only for sockets that name TCP; without, each answer takes 40 ms more.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the loopback server did not start within 10 s")

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._loop is None or self._end is None:
            return
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)
        if self._thread.is_alive():
            raise RuntimeError("the loopback server did not stop within 10 s")

    def submit(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Run a coroutine in the server's loop."""
        if self._loop is None:
            raise RuntimeError("the loopback server is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _bound(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("the loopback server has not been started")
        return self._socket

    def _main(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        end = self._end = asyncio.Event()
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            ws="none",
            lifespan="off",
            log_config=None,
        )
        config.load()
        state = ServerState()
        cutter = self._cutter

        class Protocol(HttpToolsProtocol):
            def __init__(self, *given: Any) -> None:
                super().__init__(*given)
                # Its lines would hold the token. Config(access_log=False) would also silence a service under
                # test that shares the process, and hide what a test of its log is there to find.
                self.access_log = False

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
                super().connection_made(transport)
                cutter.opened(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                cutter.closed(self.transport)
                super().connection_lost(exc)

        server = await loop.create_server(lambda: Protocol(config, state, {}, loop), sock=self._bound())
        tasks = [asyncio.create_task(work) for work in self._background]
        self._ready.set()
        try:
            await end.wait()
        finally:
            server.close()
            cutter.cut_all()
            if state.tasks:  # every one of them ends by itself once its client has gone
                await asyncio.wait(state.tasks, timeout=2)
            tasks += state.tasks
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
