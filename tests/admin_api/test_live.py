"""The admin API beside the real engine, loops and outbox: what a coordinator does shows in the chats."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import httpx
import pytest

from admin_api.main import create_app
from bot import tokens
from bot.app import App, build
from bot.channels.base import Abilities, Inbound, Kind, Media, Outgoing, Result, Sent
from bot.settings import load_settings
from bot.store.keys import key_text, new_key

COUNSELOR, STUDENT = "700", "900"


class Phones:
    """Everybody's chat app on one channel."""

    name = "telegram"
    abilities = Abilities()

    def __init__(self) -> None:
        self.seen: dict[str, list[str]] = {}

    def verify(self, headers: Mapping[str, str], body: bytes) -> None: ...

    def parse(self, body: bytes) -> Sequence[Inbound]:
        sender, id, at, text = json.loads(body)
        return [Inbound("telegram", id, sender, Kind.TEXT, at, text=text, message_id=id)]

    async def send(self, address: str, out: Outgoing) -> Result:
        self.seen.setdefault(address, []).append(out.text)
        return Sent(f"sent-{sum(map(len, self.seen.values()))}")

    async def fetch(self, media: Media) -> bytes:
        return b""

    async def answer(self, callback_id: str, text: str) -> None: ...


class Live:
    """A running service, a coordinator's token, and the phones of everybody."""

    def __init__(self, app: App, phones: Phones, http: httpx.AsyncClient, token: str) -> None:
        self.app, self.phones, self.http = app, phones, http
        self.token = token
        self.count = 0

    async def ask(self, method: str, path: str, status: int = 200, **kw: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **kw.pop("headers", {})}
        answer = await self.http.request(method, f"/api/v1{path}", headers=headers, **kw)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def say(self, sender: str, text: str) -> None:
        self.count += 1
        body = json.dumps([sender, str(self.count), self.app.clock(), text])
        assert (await self.http.post("/webhooks/telegram", content=body)).status_code == 200

    async def until(self, done: Callable[[], Any]) -> None:
        """Wait for what the loops do, at most ten seconds."""
        for _ in range(1000):
            found = done()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it did not happen")

    async def on_duty(self, staff: str) -> bool:
        return bool((await self.ask("GET", f"/duty/{staff}"))["on"])


@pytest.fixture
async def live() -> AsyncIterator[Live]:
    phones = Phones()
    settings = load_settings(None, database_url="sqlite://", secret_keys=key_text([new_key()]))
    app = await build(settings, channels={"telegram": phones})
    made = await app.store.write(
        lambda tx: tokens.create(tx, role="coordinator", name="Koordinator", now=app.clock(), actor="cli")
    )
    served = create_app(app)
    transport = httpx.ASGITransport(served)
    async with (
        served.router.lifespan_context(served),
        httpx.AsyncClient(transport=transport, base_url="http://sebaya.test") as http,
    ):
        yield Live(app, phones, http, made[1])


async def counselor(live: Live) -> str:
    made = await live.ask("POST", "/counselors", 201, json={"name": "Sri Contoh", "telegram": COUNSELOR})
    return str(made["id"])


async def test_duty_is_put_on_and_off_from_the_desk(live: Live) -> None:
    sri = await counselor(live)
    await live.ask("PUT", f"/duty/{sri}", 202, json={"on": True})
    await live.until(lambda: live.on_duty(sri))
    await live.ask("PUT", f"/duty/{sri}", 202, json={"on": False})

    async def off() -> bool:
        return not await live.on_duty(sri)

    await live.until(off)


async def test_a_suspension_acts_at_once(live: Live) -> None:
    sri = await counselor(live)
    await live.say(COUNSELOR, "/on")
    assert await live.on_duty(sri)
    await live.ask("PATCH", f"/counselors/{sri}", json={"status": "suspended"}, headers={"If-Match": "*"})

    async def off() -> bool:
        people = (await live.ask("GET", "/duty?on=true"))["items"]
        return not people and not await live.on_duty(sri)

    await live.until(off)
    await live.say(COUNSELOR, "/on")
    assert not await live.on_duty(sri)


async def test_a_case_is_acknowledged_taken_and_resolved_over_the_api(live: Live) -> None:
    sri = await counselor(live)
    await live.say(COUNSELOR, "/on")
    await live.say(STUDENT, "aku mau bunuh diri malam ini")
    [case] = (await live.ask("GET", "/cases?open=true"))["items"]
    assert case["state"] == "paging"
    assert case["category"] == "suicide"
    await live.until(lambda: len(live.phones.seen.get(COUNSELOR, ())) >= 2)
    path = f"/cases/{case['id']}"
    assert (await live.ask("POST", f"{path}/acknowledge"))["state"] == "acknowledged"
    taken = await live.ask("POST", f"{path}/take", json={"counselor": sri})
    assert (taken["state"], taken["owner"]) == ("taken", sri)
    await live.ask("POST", f"{path}/note", 201, json={"text": "Sudah ditelepon."})
    resolved = await live.ask("POST", f"{path}/resolve", json={"outcome": "dirujuk"})
    assert (resolved["state"], resolved["outcome"]) == ("resolved", "dirujuk")
    assert (await live.ask("POST", f"{path}/reopen"))["state"] == "paging"
    await live.ask("POST", "/cases/nobody/acknowledge", 404)


async def test_an_adjusted_setting_is_the_flows_policy(live: Live) -> None:
    await live.ask("PATCH", "/settings/offer_seconds", json={"value": 90}, headers={"If-Match": '"0"'})

    async def counts() -> bool:
        return await live.app.store.read(lambda tx: live.app.engine.policy(tx).offer) == 90_000

    await live.until(counts)


async def test_the_service_is_ready(live: Live) -> None:
    assert (await live.http.get("/readyz")).status_code == 200
