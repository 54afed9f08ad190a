"""The whole service on a store in memory, served on loopback, with the demonstration's people."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson
import uvicorn

from admin_api.callers import Callers
from admin_api.main import create_app
from bot.app import App, build
from bot.clock import Clock, SetClock
from bot.demo import Demo, prepare
from bot.rules.rulebook import Rulebook
from bot.settings import load_settings
from bot.store.db import Row, Tx
from bot.store.keys import key_text, new_key
from bot.words import LOCALES

T = TypeVar("T")
NOW = 1_795_000_000_000  # 2026-11-18T18:06:40+07:00
PATIENCE = 30.0


class Ticking(SetClock):
    """A clock on which no two things happen at once."""

    def __call__(self) -> int:
        return self.advance(1)


class Server(uvicorn.Server):
    """Says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@dataclass
class House:
    """The service and a way to it."""

    app: App
    demo: Demo
    url: str
    http: httpx.AsyncClient
    callers: Callers

    async def look(self, job: Callable[[Tx], T]) -> T:
        return await self.app.store.read(job)

    async def rows(self, sql: str, **params: object) -> list[Row]:
        return await self.app.store.read(lambda tx: tx.all(sql, **params))

    async def guest(self, role: str = "student", language: str = "id") -> Guest:
        """Somebody with a page of their own."""
        return Guest(self, await self.demo.session(role, language))


@dataclass
class Guest:
    """What a browser does, by hand."""

    house: House
    token: str
    cursor: str = ""
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return await self.house.http.post(path, json=dict(body), headers=self.headers)

    async def say(self, text: str, client_id: str | None = None, **more: str) -> str:
        """Write a line; its id."""
        client_id = client_id or str(uuid.uuid4())
        response = await self.post("/chat/messages", {"client_id": client_id, "text": text, **more})
        assert response.status_code == 200, response.text
        return client_id

    async def press(self, data: str, line: str | None = None) -> httpx.Response:
        """Press the newest button of this data that the page shows."""
        shown = line or next(
            id
            for id, one in sorted(self.lines.items(), key=lambda item: str(item[1]["order"]), reverse=True)
            if any(choice["data"].startswith(data) for row in one["buttons"] for choice in row)
        )
        full = data
        if line is None:
            buttons = [choice["data"] for row in self.lines[shown]["buttons"] for choice in row]
            full = next(one for one in buttons if one.startswith(data))
        body = {"client_id": str(uuid.uuid4()), "message": shown, "data": full}
        return await self.post("/chat/press", body)

    async def read(self, until: Callable[[Guest], Any] | None = None, *, ack: bool = True) -> list[tuple[str, Any]]:
        """Open the page (or go on where it was), until it is up to date and `until` holds; what was told."""
        told: list[tuple[str, Any]] = []
        async with asyncio.timeout(PATIENCE), self.stream() as events:
            ready = False
            async for name, data in events:
                told.append((name, data))
                self.take(name, data)
                if ack and name in ("line", "change", "nothing") and not data.get("mine"):
                    await self.post("/chat/ack", {"ids": [data["id"]]})
                ready = ready or name in ("ready", "gone")
                if ready and (until is None or until(self)):
                    break
        return told

    def take(self, name: str, data: dict[str, Any]) -> None:
        if name == "line":
            assert data["id"] not in self.lines or self.lines[data["id"]] == data
            self.lines[data["id"]] = data
        elif name == "ready":
            for id, line in self.lines.items():
                if line["buttons"] and id not in data["held"]:
                    line["buttons"] = []
        elif name == "change" and data["target"] in self.lines:
            line = self.lines[data["target"]]
            line["buttons"] = data.get("buttons", [])
            if data["kind"] == "edit":
                line["text"] = data["text"]

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
        headers = {**self.headers, **({"Last-Event-ID": self.cursor} if self.cursor else {})}
        async with self.house.http.stream("GET", "/chat/events", headers=headers) as response:
            assert response.status_code == 200, response.status_code
            yield self._events(response)

    async def _events(self, response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
        fields: dict[str, str] = {}
        async for line in response.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                self.cursor = fields["id"]
                yield fields["event"], orjson.loads(fields["data"])
                fields = {}

    def texts(self) -> list[str]:
        """Everything on the page, in order."""
        return [str(line["text"]) for line in sorted(self.lines.values(), key=lambda line: str(line["order"]))]

    def has(self, words: str) -> bool:
        return any(words in text for text in self.texts())


def has(words: str) -> Callable[[Guest], bool]:
    """Until a line with these words is on the page."""
    return lambda guest: guest.has(words)


def offers(data: str) -> Callable[[Guest], bool]:
    """Until a button of this data is on the page."""
    return lambda guest: any(
        choice["data"].startswith(data) for line in guest.lines.values() for row in line["buttons"] for choice in row
    )


@cache
def rules() -> Rulebook:
    """The rules of the project, read once: they take longer than all the rest."""
    return Rulebook.read(LOCALES)


async def built(clock: Clock) -> tuple[App, Demo]:
    """The service, not yet started."""
    settings = load_settings(env_file=Path("no-such-file"), database_url="sqlite://", secret_keys=key_text([new_key()]))
    app = await build(settings, clock=clock, strict=True, rules=rules())
    return app, await prepare(app)


@asynccontextmanager
async def open_house(clock: Clock | None = None) -> AsyncIterator[House]:
    """Serve on a free port of loopback, for as long as the block runs."""
    app, demo = await built(clock or Ticking(NOW))
    api = create_app(app)
    config = uvicorn.Config(api, port=0, log_level="error", lifespan="on", timeout_graceful_shutdown=1, ws="none")
    server = Server(config)
    serving = asyncio.create_task(server.serve(), name="tests-server")
    async with asyncio.timeout(PATIENCE):
        await server.up.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        yield House(app, demo, url, http, api.state.callers)
        app.webchat.close()
    server.should_exit = True
    await serving


async def matched(house: House) -> tuple[Guest, Guest]:
    """A student and the supporter who has accepted them."""
    supporter = await house.guest("supporter")
    student = await house.guest()
    await student.say("/start")
    await walk(student, "consent:yes", "age:18", "menu:peer", "skip:", "heavy:7", "skip:", "skip:")
    await supporter.read(offers("offer:accept"))
    assert (await supporter.press("offer:accept")).status_code == 200
    await student.read(lambda guest: guest.has("konselor sebaya terlatih") or guest.has("sudah di sini"))
    await supporter.read(lambda guest: guest.has("tersambung"))
    return student, supporter


async def walk(guest: Guest, *presses: str) -> None:
    """Press one button after the other, each as soon as it is there."""
    for data in presses:
        await guest.read(offers(data))
        assert (await guest.press(data)).status_code == 200
