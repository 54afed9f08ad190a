"""The admin API over a real store in memory, with an engine that only writes down what it is asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import httpx
from prometheus_client import CollectorRegistry, Counter

from admin_api.main import create_app
from bot import tokens
from bot.acting import Acting
from bot.channels.base import Abilities, Answer, Forged, Inbound, Kind, Media, Outgoing, Result, Sent, Unreadable
from bot.clock import SetClock
from bot.ids import CountedIds
from bot.lexicon.service import Lexicon
from bot.refusals import Missing
from bot.settings import Settings, load_settings
from bot.store import entities
from bot.store.db import Store, Tx, open_store
from bot.store.errors import Unavailable
from bot.store.keys import key_text, new_key
from bot.store.seal import open_seal
from flows.events import Internal
from flows.snapshot import Case
from tests.lexicon.small import book

T = TypeVar("T")
NOW = 1_795_000_000_000  # 2026-11-18T18:06:40+07:00
HOUR = 3_600_000
SECRET = "a-webhook-secret-of-tests"
ROLES = ("coordinator", "counselor", "read-only", "supporter")


class Courier:
    """A channel whose bodies are JSON lists of texts, signed by a header."""

    name = "telegram"
    abilities = Abilities()

    def __init__(self) -> None:
        self.answered: list[tuple[str, str]] = []

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        if headers.get("x-telegram-bot-api-secret-token") != SECRET:
            raise Forged("the secret is wrong")

    def parse(self, body: bytes) -> Sequence[Inbound]:
        try:
            said = json.loads(body)
        except ValueError:
            raise Unreadable("not JSON") from None
        return [
            Inbound("telegram", f"{n}", "700", Kind.PRESS, NOW, text=text, callback_id=f"tap-{n}")
            for n, text in enumerate(said)
        ]

    async def send(self, address: str, out: Outgoing) -> Result:
        return Sent("1")

    async def fetch(self, media: Media) -> bytes:
        return b""

    async def answer(self, callback_id: str, text: str) -> None:
        self.answered.append((callback_id, text))


class Engine:
    """Takes everything down. `broken`: the store cannot be reached; `crash`: an error that nobody expected."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.received: list[Inbound] = []
        self.aside: list[tuple[str, bytes]] = []
        self.events: list[tuple[str, Internal, str]] = []
        self.broken = False
        self.crash: Exception | None = None
        self.refuse = ""

    async def receive(self, inbound: Inbound) -> Answer:
        if self.broken:
            raise Unavailable("the disk is full")
        if self.crash is not None:
            raise self.crash
        self.received.append(inbound)
        return Answer(fresh=True, toast=f"toast {inbound.text}")

    async def set_aside_unreadable(self, channel: str, body: bytes) -> None:
        if self.broken:
            raise Unavailable("the disk is full")
        self.aside.append((channel, body))

    async def case(self, id: str, event: Internal, *, actor: str) -> Case | str:
        case = await self.desk.look(lambda tx: entities.get(tx, Case, id))
        if case is None:
            raise KeyError(id)
        if self.refuse:
            return self.refuse
        self.events.append((id, event, actor))
        return case

    async def open_review(self, id: str, *, actor: str) -> str:
        raise Missing("There is no such review.")

    def acting(self, actor: str, now: int) -> Acting:
        return Acting(actor=actor, now=now, zone=self.desk.settings.zone, wake=self.desk.woken, ids=self.desk.ids)


class Desk:
    """What HTTP needs of the service, small enough to look into."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.clock = SetClock(NOW)
        self.ids = CountedIds()
        self.engine = Engine(self)
        self.lexicon = Lexicon(store, book())
        self.courier = Courier()
        self.channels = {"telegram": self.courier}
        self.registry = CollectorRegistry()
        Counter("sebaya_tests", "Counts.", registry=self.registry).inc()
        self.wakes = 0
        self.reasons: list[str] = []
        self.fit = True
        self.life: list[str] = []
        self.secrets: dict[str, str] = {}
        self.http: httpx.AsyncClient

    def woken(self) -> None:
        self.wakes += 1

    async def metrics(self) -> CollectorRegistry:
        return self.registry

    async def ready(self) -> tuple[bool, Sequence[str]]:
        return self.fit, self.reasons

    async def start(self) -> None:
        self.life.append("start")

    async def stop(self) -> None:
        self.life.append("stop")

    async def look(self, job: Callable[[Tx], T]) -> T:
        return await self.store.read(job)

    async def do(self, job: Callable[[Tx], T]) -> T:
        return await self.store.write(job)

    def acting(self, actor: str = "cli") -> Acting:
        return self.engine.acting(actor, self.clock())

    # --- asking -------------------------------------------------------------------------------------------------------

    async def ask(
        self, method: str, path: str, *, role: str | None = "coordinator", token: str | None = None, **kw: Any
    ) -> httpx.Response:
        """A request to the admin API with the token of a role (None: without any)."""
        headers = dict(kw.pop("headers", {}))
        secret = token or (self.secrets[role] if role else None)
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **kw)

    async def get(self, path: str, **kw: Any) -> Any:
        """What a successful GET shows."""
        answer = await self.ask("GET", path, **kw)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, *, status: int = 201, **kw: Any) -> Any:
        """What a successful POST shows."""
        answer = await self.ask("POST", path, **({} if body is None else {"json": body}), **kw)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def patch(self, path: str, body: Any, **kw: Any) -> httpx.Response:
        """PATCH with the ETag that a GET shows now."""
        etag = (await self.ask("GET", path)).headers["etag"]
        return await self.ask("PATCH", path, json=body, headers={"If-Match": etag}, **kw)

    async def staff(self, role: str = "supporter", **columns: Any) -> dict[str, Any]:
        """A new person of the roster."""
        shown: dict[str, Any] = await self.post(f"/{role}s", {"name": "Rini Contoh", **columns})
        return shown


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document of an answer, which must be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    shown: dict[str, Any] = answer.json()
    assert shown["status"] == status
    assert shown["type"].startswith("/api/docs#")
    assert shown["title"]
    assert shown["detail"]
    return shown


def fields(answer: httpx.Response, status: int = 422) -> dict[str, str]:
    """The fields at fault and what is said of them."""
    return {error["field"]: error["message"] for error in problem(answer, status)["errors"]}


@asynccontextmanager
async def open_desk(url: str = "sqlite://", **given: Any) -> AsyncIterator[Desk]:
    """A desk with a token of each role."""
    settings = load_settings(None, database_url=url, secret_keys=key_text([new_key()]), **given)
    store = open_store(settings.store_url)
    await open_seal(store, settings.keys)
    desk = Desk(store, settings)
    for role in ROLES:
        make = partial(tokens.create, role=role, name=f"{role} token", now=NOW, actor="cli")
        desk.secrets[role] = (await desk.do(make))[1]
    transport = httpx.ASGITransport(create_app(desk, with_pages=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://sebaya.test") as desk.http:
        yield desk
    await store.close()
