"""The loopback Bot API's webhook: secret, order within a chat, retries, the 24 hours, redelivery."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.platforms.telegram import SECRET_HEADER, BotApi
from tests.platforms.telegram.server import Cutter, ServerThread

pytestmark = pytest.mark.anyio


class Hook:
    """A bot's webhook that answers what it is told to: `answers[text]` lists statuses, then 200."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.secrets: list[str | None] = []
        self.answers: dict[str, list[int]] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.reply: dict[str, Any] | None = None
        app = Starlette(routes=[Route("/hook", self.receive, methods=["POST"])])
        self.server = ServerThread(app, Cutter())

    async def receive(self, request: Request) -> Response:
        update = await request.json()
        text = str(update.get("message", {}).get("text", "?"))
        self.secrets.append(request.headers.get(SECRET_HEADER))
        if text in self.gates:
            await self.gates[text].wait()
        status = self.answers[text].pop(0) if self.answers.get(text) else 200
        self.seen.append((text, status))
        return JSONResponse(self.reply or {}, status)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/hook"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        api.delivery.first_pause = 0.005
        api.delivery.longest_pause = 0.02
        yield api


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    hook.server.start()
    yield hook
    hook.server.stop()


async def set_webhook(api: BotApi, hook: Hook, **more: Any) -> None:
    await call(api, "setWebhook", url=hook.url, secret_token="s3cret", **more)


async def call(api: BotApi, method: str, **params: Any) -> Any:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{api.url}/bot{api.token}/{method}", json=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


async def test_the_secret_comes_with_every_update(api: BotApi, hook: Hook) -> None:
    await set_webhook(api, hook)
    message = await api.person().say("halo")
    await api.wait_idle()
    assert hook.seen == [("halo", 200)]
    assert message.outgoing is False
    assert await api.post(api.updates[0]["update_id"], secret="forged") == 200
    assert await api.post({"update_id": 1, "message": {"text": "palsu"}}, secret=None) == 200
    assert hook.secrets == ["s3cret", "forged", None]


async def test_failures_are_repeated_in_order_and_other_chats_go_on(api: BotApi, hook: Hook) -> None:
    await set_webhook(api, hook)
    hook.answers = {"satu": [500, 503, 302]}
    budi, siti = api.person(), api.person()
    await budi.say("satu")
    await budi.say("dua")
    await siti.say("lain")
    await api.wait_idle()
    texts = [text for text, status in hook.seen if status == 200]
    assert texts.index("satu") < texts.index("dua") and "lain" in texts
    assert [status for text, status in hook.seen if text == "satu"] == [500, 503, 302, 200]
    info = await call(api, "getWebhookInfo")
    assert info["pending_update_count"] == 0 and "302" in info["last_error_message"]


async def test_one_at_a_time_within_a_chat_while_others_pass(api: BotApi, hook: Hook) -> None:
    await set_webhook(api, hook)
    hook.gates["tertahan"] = asyncio.Event()
    budi, siti = api.person(), api.person()
    await budi.say("tertahan")
    await budi.say("berikut")
    await siti.say("lain")
    assert await api.world.waking.until(lambda: True if len(api.waiting) == 2 else None, 5)
    assert hook.seen == [("lain", 200)]
    hook.server.submit(open_gate(hook.gates["tertahan"])).result(5)
    await api.wait_idle()
    assert hook.seen == [("lain", 200), ("tertahan", 200), ("berikut", 200)]


async def open_gate(gate: asyncio.Event) -> None:
    gate.set()


async def test_max_connections_bounds_the_parallel_chats(api: BotApi, hook: Hook) -> None:
    await set_webhook(api, hook, max_connections=1)
    hook.gates["tertahan"] = asyncio.Event()
    api.hold()
    await api.person().say("tertahan")
    await api.person().say("lain")
    api.release()
    assert await api.world.waking.until(lambda: api.delivery.busy or None, 5) == 1
    hook.server.submit(open_gate(hook.gates["tertahan"])).result(5)
    await api.wait_idle()
    assert [text for text, _ in hook.seen] == ["tertahan", "lain"]


async def test_what_is_never_taken_is_dropped_after_a_day(api: BotApi, hook: Hook) -> None:
    await set_webhook(api, hook)
    hook.answers = {"gagal": [500] * 10_000}
    await api.person().say("gagal")
    assert await api.world.waking.until(lambda: True if len(api.delivery.attempts) >= 3 else None, 5)
    api.advance(24 * 3600 - 60)
    assert len(api.waiting) == 1
    api.advance(61)
    await api.wait_idle()
    assert api.world.updates.dropped == [api.updates[0]["update_id"]]
    assert all(status == 500 for _, status in hook.seen)


async def test_three_times_and_shuffled(api: BotApi, hook: Hook) -> None:
    await set_webhook(api, hook)
    budi = api.person()
    api.hold()
    for number in range(6):
        await budi.say(str(number))
    assert hook.seen == []
    api.release(times=3, shuffle=7)
    await api.wait_idle()
    texts = [text for text, _ in hook.seen]
    assert sorted(texts) == sorted("012345" * 3)
    assert texts[:6] != list("012345")
    api.redeliver(api.updates[2]["update_id"])
    await api.wait_idle()
    assert hook.seen[-1] == ("2", 200) and len(hook.seen) == 19
    api.replay(times=1)
    await api.wait_idle()
    assert len(hook.seen) == 25


async def test_a_replay_reaches_a_poller_too(api: BotApi) -> None:
    budi = api.person()
    await budi.say("halo")
    (update,) = await call(api, "getUpdates")
    assert await call(api, "getUpdates", offset=update["update_id"] + 1) == []
    api.redeliver(update["update_id"])
    assert await call(api, "getUpdates", offset=update["update_id"] + 1) == [update]
    assert await call(api, "getUpdates", offset=update["update_id"] + 1) == []
    assert api.waiting == []


async def test_nobody_listens_and_then_somebody_does(api: BotApi, hook: Hook) -> None:
    await call(api, "setWebhook", url="http://127.0.0.1:1/hook")
    await api.person().say("halo")
    assert await api.world.waking.until(lambda: True if api.delivery.attempts else None, 5)
    assert "Connection failed" in (await call(api, "getWebhookInfo"))["last_error_message"]
    await set_webhook(api, hook)
    await api.wait_idle()
    assert hook.seen == [("halo", 200)] and hook.secrets == ["s3cret"]


async def test_pending_updates_can_be_dropped(api: BotApi, hook: Hook) -> None:
    await api.person().say("lama")
    await set_webhook(api, hook, drop_pending_updates=True, allowed_updates=["message"])
    budi = api.person()
    message = await budi.say("baru")
    await budi.edit(message, "diubah")
    await api.wait_idle()
    assert hook.seen == [("baru", 200)]


async def test_a_method_in_the_answer_is_carried_out(api: BotApi, hook: Hook) -> None:
    await set_webhook(api, hook)
    budi = api.person()
    hook.reply = {"method": "sendMessage", "chat_id": budi.id, "text": "jawaban langsung"}
    await budi.say("halo")
    assert (await budi.wait_for("jawaban langsung")).text == "jawaban langsung"
