"""The ASGI application: routes, faults, and the answers of the Bot API."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from .arguments import Call, read_call
from .errors import METHOD_NOT_FOUND, NOT_FOUND, UNAUTHORIZED, ApiError, too_many
from .faults import Fault, Faults
from .journal import Journal
from .journal import Request as Entry
from .limits import Limits
from .methods import COUNTED, METHODS
from .polling import Polling
from .server import Cutter
from .world import World

_PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


class BotApp:
    """One bot's API over HTTP. `crashes` collects tracebacks of this server's own mistakes."""

    def __init__(self, world: World, faults: Faults, journal: Journal, cutter: Cutter, limits: Limits | None) -> None:
        self._world, self._faults, self._journal, self._cutter = world, faults, journal, cutter
        self.limits = limits
        self.polling = Polling(world)
        self.crashes: list[str] = []

    def application(self, extra: list[Route]) -> Starlette:
        """The Starlette application, with further routes (the control interface)."""
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._download, methods=["GET"]),
                *extra,
                Route("/{path:path}", self._nowhere, methods=["GET", "POST"]),
            ]
        )

    async def _nowhere(self, request: Request) -> Response:
        return _refusal(ApiError(*NOT_FOUND))

    async def _download(self, request: Request) -> Response:
        if request.path_params["token"] != self._world.token:
            return _refusal(ApiError(*UNAUTHORIZED))
        with self._world.lock:
            file = self._world.files.by_path(request.path_params["path"])
            fault = self._faults.strike("download", None, self._world.clock.now())
        response = (
            _refusal(ApiError(*NOT_FOUND))
            if file is None
            else Response(file.content, media_type="application/octet-stream")
        )
        if fault is None:
            return response
        refused = fault.error(self._world.clock.now())
        return await self._struck(fault, request, response) if refused is None else _refusal(refused)

    async def _call(self, request: Request) -> Response:
        if request.path_params["token"] != self._world.token:
            return _refusal(ApiError(*UNAUTHORIZED))
        body = await request.body()
        method = str(request.path_params["method"])
        known = METHODS.get(method.lower())
        polls = method.lower() == "getupdates"
        try:
            call = await read_call("getUpdates" if polls else known[0] if known else method, request, body)
        except ApiError as error:
            return _refusal(error)
        world = self._world
        with world.change() as now:
            entry = self._journal.begin(call, body, now)
            fault = self._faults.strike(call.method, call.chat_or_none(), now)
            self._journal.open += not polls
        try:
            response = await self._answer(request, call, entry, fault, polls=polls)
        except Exception:
            self.crashes.append(traceback.format_exc())
            response = _refusal(ApiError(500, "Internal Server Error: the loopback server itself failed"))
        finally:
            with world.change():
                self._journal.open -= not polls
        return response

    async def _answer(
        self, request: Request, call: Call, entry: Entry, fault: Fault | None, *, polls: bool
    ) -> Response:
        if fault is not None:
            entry.fault = fault.kind
        if fault is not None and fault.kind == "slow" and not fault.accepted:
            if await self._pause(request, fault.delay):
                return _Nothing()
            fault = None
        error = fault.error(self._world.clock.now()) if fault is not None else None
        if fault is None or fault.accepted:
            response = await (self._poll(request, call, entry) if polls else self._carry_out(call, entry))
        else:
            response = JSONResponse({"ok": True, "result": True})
        if fault is not None and error is not None:
            whole = fault.chat_id is None
            response = (
                HTMLResponse(_PROXY_PAGE, 502) if fault.kind == "html" else self._refuse(entry, error, everywhere=whole)
            )
        elif fault is not None:
            response = await self._struck(fault, request, response)
        entry.status = 0 if isinstance(response, _Nothing) else response.status_code
        return response

    async def _struck(self, fault: Fault, request: Request, response: Response) -> Response:
        """What a fault of the connection makes of an answer."""
        if fault.kind == "slow":
            await self._pause(request, fault.delay)
            return response
        if fault.kind == "hang":
            await self._pause(request, None)
        self._cutter.cut(request.client)
        return _Nothing()

    async def _pause(self, request: Request, seconds: float | None) -> bool:
        """Wait, but no longer than the client does; whether the client has gone."""
        gone = asyncio.ensure_future(_disconnected(request))
        try:
            await asyncio.wait([gone], timeout=seconds)
            return gone.done()
        finally:
            gone.cancel()

    async def _carry_out(self, call: Call, entry: Entry) -> Response:
        known = METHODS.get(call.method.lower())
        if known is None:
            return self._refuse(entry, ApiError(*METHOD_NOT_FOUND))
        with self._world.change() as now:
            try:
                if self.limits is not None and call.method.lower() in COUNTED and entry.chat_id is not None:
                    album = call.value("media") if call.method == "sendMediaGroup" else None
                    wait = self.limits.check(entry.chat_id, now, len(album) if album else 1)
                    if wait is not None:
                        raise too_many(wait)
                entry.result = known[1](self._world, call)
            except ApiError as error:
                return self._refuse(entry, error)
            entry.done = True
            return JSONResponse({"ok": True, "result": entry.result})

    async def _poll(self, request: Request, call: Call, entry: Entry) -> Response:
        poll = asyncio.ensure_future(self.polling.get_updates(call))
        gone = asyncio.ensure_future(_disconnected(request))
        try:
            await asyncio.wait([poll, gone], return_when=asyncio.FIRST_COMPLETED)
            if not poll.done():
                return _Nothing()
            entry.result = poll.result()
        except ApiError as error:
            return self._refuse(entry, error)
        finally:
            poll.cancel()
            gone.cancel()
        entry.done = True
        return JSONResponse({"ok": True, "result": entry.result})

    def _refuse(self, entry: Entry, error: ApiError, *, everywhere: bool = False) -> Response:
        if "retry_after" in error.parameters:
            with self._world.lock:
                now, wait = self._world.clock.now(), error.parameters["retry_after"]
                self._journal.refused(entry, wait, now, everywhere=everywhere)
        return _refusal(error)


class _Nothing(Response):
    """An answer that is never sent, because the connection is closed."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # uvicorn answers 500 for an application that returns too early, so wait until it knows of the end.
        while (await receive())["type"] != "http.disconnect":
            continue


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _refusal(error: ApiError) -> Response:
    return JSONResponse(error.wire(), error.code)
