"""Delivers updates to the webhook: in order within a chat, chats in parallel, again until 2xx or too old."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from .arguments import Call
from .errors import ApiError
from .methods import METHODS
from .updates import Pending
from .world import World

Json = dict[str, Any]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
SAME = object()


class Delivery:
    """The webhook's courier; runs in the server's loop. Pauses in seconds of real time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client: httpx.AsyncClient | None = None
        self._busy: dict[int, asyncio.Task[None]] = {}
        self.first_pause = 0.05
        self.longest_pause = 2.0
        self.timeout = 60.0
        self.attempts: list[tuple[int, int]] = []
        """Every post made: (update_id, HTTP status, or 0 if there was no answer)."""

    async def run(self) -> None:
        """Deliver for ever."""
        try:
            while True:
                await self._world.waking.until(self._start_couriers, None)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
            if self._client is not None:
                await self._client.aclose()

    @property
    def busy(self) -> int:
        """How many chats are being delivered to at this moment."""
        return len(self._busy)

    def _start_couriers(self) -> None:
        world = self._world
        if not world.webhook.url or world.updates.held:
            return
        for pending in world.updates.waiting:
            if len(self._busy) >= world.webhook.max_connections:
                return
            if pending.key not in self._busy:
                self._busy[pending.key] = asyncio.create_task(self._serve(pending.key))
                world.waking.wake()

    def _next(self, key: int) -> Pending | None:
        world = self._world
        with world.lock:
            world.updates.drop_old(world.clock.now())
            if not world.webhook.url or world.updates.held:
                return None
            return next((pending for pending in world.updates.waiting if pending.key == key), None)

    async def _serve(self, key: int) -> None:
        try:
            pause = self.first_pause
            while (pending := self._next(key)) is not None:
                pending.delivered += 1
                status = await self.post(pending.wire)
                if 200 <= status < 300:
                    pause = self.first_pause
                    with self._world.change():
                        if pending in self._world.updates.waiting:
                            self._world.updates.waiting.remove(pending)
                    continue
                await asyncio.sleep(pause)
                pause = min(2 * pause, self.longest_pause)
        finally:
            del self._busy[key]
            self._world.waking.wake()

    async def post(self, update: Json, secret: Any = SAME) -> int:
        """Post one update now; the HTTP status, or 0 if there was no answer. `secret` forges the header."""
        hook = self._world.webhook
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=False,  # noqa: S501 - a loopback webhook may use a certificate of its own making
                trust_env=False,
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
            )
        token = hook.secret if secret is SAME else secret
        try:
            answer = await self._client.post(
                hook.url,
                json=update,
                headers={SECRET_HEADER: token} if token else {},
                timeout=self.timeout,
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._note(int(update["update_id"]), 0, f"Connection failed: {type(error).__name__}")
            return 0
        failed = not 200 <= answer.status_code < 300
        self._note(
            int(update["update_id"]),
            answer.status_code,
            f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}" if failed else None,
        )
        if not failed:
            self._carry_out(answer)
        return answer.status_code

    def _note(self, update_id: int, status: int, error: str | None) -> None:
        with self._world.change() as now:
            self.attempts.append((update_id, status))
            if error is not None:
                self._world.webhook.last_error_at, self._world.webhook.last_error = now, error

    def _carry_out(self, answer: httpx.Response) -> None:
        # A bot may answer the webhook with a method call; Telegram ignores its result, errors included.
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return
        try:
            body = answer.json()
        except ValueError:
            return
        if not isinstance(body, dict) or str(body.get("method", "")).lower() not in METHODS:
            return
        name, method = METHODS[str(body["method"]).lower()]
        with self._world.change():
            try:
                method(self._world, Call(name, body))
            except ApiError:
                return
