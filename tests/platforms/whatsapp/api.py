"""The server as a test drives it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from tests.platforms.telegram.clock import Clock
from tests.platforms.telegram.server import Cutter, ServerThread

from .app import CloudApp
from .delivery import SAME, Delivery
from .errors import ApiError
from .faults import Faults
from .messages import Bubble
from .person import Person
from .world import Json, Pending, Request, Settings, World

Result = TypeVar("Result")
TOKEN = "EAAG-loopback-token-0123456789"
PHONE_ID, WABA_ID = "106540352242922", "102290129340398"
SECRET, VERIFY = "0123456789abcdef0123456789abcdef", "sebaya-verify-me"


class CloudApi:
    """One business number on a server of its own. Start it with `async with`."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        phone_id: str = PHONE_ID,
        waba_id: str = WABA_ID,
        app_secret: str = SECRET,
        verify_token: str = VERIFY,
        clock: Callable[[], float] | None = None,
        port: int = 0,
    ) -> None:
        self.token, self.phone_id, self.waba_id = token, phone_id, waba_id
        self.app_secret, self.verify_token = app_secret, verify_token
        self.clock = Clock(clock) if clock is not None else Clock()
        self.world = World(token, phone_id, waba_id, app_secret, self.clock)
        self.faults = Faults()
        cutter = Cutter()
        self.app = CloudApp(self.world, self.faults, cutter)
        self.delivery = Delivery(self.world)
        self._server = ServerThread(self.app.application(), cutter, port)
        self._phones = 0

    async def __aenter__(self) -> Self:
        self._server.start()
        self.app.base = self.url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.delivery.stop()
        self._server.stop()
        if self.app.crashes and kind is None:
            raise AssertionError("\n".join(self.app.crashes))

    @property
    def url(self) -> str:
        """The root to give to the bot."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def settings(self) -> Settings:
        """How the number behaves."""
        return self.world.settings

    # --- people ---

    def person(
        self, phone: str | None = None, name: str = "Budi", *, user_id: str | None = "", tells_phone: bool = True
    ) -> Person:
        """A new person. `user_id` "" makes an id up, None leaves them without one, as before 2026."""
        with self.world.lock:
            self._phones += 1
            number = phone or f"62812{self._phones:08d}"
            id = f"ID.{1_340_000_000_000 + self._phones}x{number[-4:]}" if user_id == "" else user_id or ""
            made = Person(self, number, id, name, tells_phone=tells_phone)
            self.world.people.append(made)
            return made

    # --- the webhook ---

    async def subscribe(self, url: str) -> None:
        """Register a webhook: the handshake first, as Meta does. AssertionError where it fails."""
        self.delivery.start(url, None)
        await self._shake()

    async def connect(self, asgi: Any, path: str = "/webhooks/whatsapp") -> None:
        """The same to an ASGI application in this very loop."""
        self.delivery.start(f"http://testserver{path}", httpx.ASGITransport(app=asgi))
        await self._shake()

    async def _shake(self) -> None:
        answer = await self.delivery.handshake(self.verify_token)
        if answer.status_code != 200 or answer.text != "1158201444":
            raise AssertionError(f"the handshake was answered {answer.status_code}")

    async def handshake(self, token: str, challenge: str = "x") -> httpx.Response:
        """A handshake with any token."""
        return await self.delivery.handshake(token, challenge)

    async def post(self, body: bytes | Json, *, signature: Any = SAME) -> int:
        """Post any body at once; the status, 0 without an answer. `signature` forges the header, None leaves it out."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.delivery.post(raw, signature)

    def hold(self) -> None:
        """Keep everything back until `release`."""
        with self.world.change():
            self.world.held = True

    async def release(self, *, times: int = 1, shuffle: int | None = None, shape: str = "single") -> list[int]:
        """Deliver what was held, `times` times, in an order drawn from the seed `shuffle`; each thing alone, or all of
        it in one body (`messages`, `changes` or `entries` say how). The statuses answered."""
        with self.world.lock:
            held, self.world.outgoing = list(self.world.outgoing), []
        statuses = await self.delivery.release(held, times=times, shuffle=shuffle, shape=shape)
        with self.world.change():
            self.world.held = False
        return statuses

    async def replay(self, *, times: int = 3, shuffle: int = 1) -> None:
        """Deliver everything so far `times` times more, in disorder."""
        with self.world.lock:
            log = list(self.world.log)
        await self.delivery.release(log, times=times, shuffle=shuffle, shape="single")

    def fail(self, bubble: Bubble, code: int) -> Pending:
        """Say of a message that was accepted that it failed after all."""
        with self.world.change():
            person, made = self.world.sent[bubble.id]
            return self.world.fail(person, made, ApiError(code))

    # --- time ---

    def advance(self, seconds: float) -> None:
        """Let time pass on the server's clock."""
        with self.world.change():
            self.clock.advance(seconds)

    # --- what the bot did ---

    @property
    def requests(self) -> list[Request]:
        """Every request in the order of arrival."""
        with self.world.lock:
            return list(self.world.requests)

    def calls(self, method: str, to: Person | None = None) -> list[Request]:
        """The requests of one method, to one person if given."""
        return [one for one in self.requests if one.method == method and to in (None, one.to)]

    @property
    def reads(self) -> list[str]:
        """The ids of messages marked as read."""
        with self.world.lock:
            return list(self.world.reads)

    def outgoing_bytes(self) -> bytes:
        """Every byte of every request: bodies, paths, queries, file names, files."""
        parts = []
        for one in self.requests:
            parts += [one.path.encode(), json.dumps(one.query).encode(), one.body]
            parts += [json.dumps(one.json, ensure_ascii=False).encode(), one.file_name.encode(), one.content]
        return b"\n".join(parts)

    async def wait_idle(self, *, quiet: float = 0.05, timeout: float = 30) -> None:
        """Until everything is delivered, no request is open, and nothing happened for `quiet` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            await self._expect(lambda: self._settled() or None, max(0.0, end - loop.time()), "idleness")
            before = len(self.requests), len(self.delivery.attempts)
            await asyncio.sleep(quiet)
            if self._settled() and before == (len(self.requests), len(self.delivery.attempts)):
                return

    def _settled(self) -> bool:
        return self.delivery.idle and not self.world.open

    async def wait_call(self, method: str, *, count: int = 1, timeout: float = 30) -> Request:
        """The `count`-th request of a method, once it has arrived."""

        def look() -> Request | None:
            found = self.calls(method)
            return found[count - 1] if len(found) >= count else None

        return await self._expect(look, timeout, f"{method} number {count}")

    async def _expect(self, look: Callable[[], Result | None], timeout: float, what: str) -> Result:
        found = await self.world.waking.until(look, timeout)
        if found is None:
            raise AssertionError(f"no {what} within {timeout} s; {len(self.requests)} requests so far")
        return found
