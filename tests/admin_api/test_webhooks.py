"""Where the platforms deliver: answered only after the commit, refused without the secret."""

from __future__ import annotations

import httpx

from tests.admin_api.desk import SECRET, Desk, open_desk, problem

SIGNED = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


async def deliver(desk: Desk, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    return await desk.http.post("/webhooks/telegram", content=body, headers=SIGNED if headers is None else headers)


async def test_everything_of_a_body_is_received_in_order(desk: Desk) -> None:
    answer = await deliver(desk, b'["satu", "dua"]')
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert [inbound.text for inbound in desk.engine.received] == ["satu", "dua"]
    assert desk.courier.answered == [("tap-0", "toast satu"), ("tap-1", "toast dua")]


async def test_a_wrong_or_missing_secret_is_401(desk: Desk) -> None:
    for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}):
        problem(await deliver(desk, b'["satu"]', headers), 401)
        problem(await deliver(desk, b"{", headers), 401)
    assert desk.engine.received == []
    assert desk.engine.aside == []


async def test_a_channel_that_is_off_refuses(desk: Desk) -> None:
    problem(await desk.http.post("/webhooks/whatsapp", content=b"[]"), 401)


async def test_what_cannot_be_read_is_set_aside_and_answered(desk: Desk) -> None:
    assert (await deliver(desk, b"{")).status_code == 200
    assert desk.engine.aside == [("telegram", b"{")]


async def test_what_cannot_be_stored_is_503_and_no_button_is_answered(desk: Desk) -> None:
    desk.engine.broken = True
    problem(await deliver(desk, b'["satu"]'), 503)
    problem(await deliver(desk, b"{"), 503)
    assert desk.courier.answered == []


async def test_the_handshake_of_whatsapp() -> None:
    def asked(token: str, mode: str = "subscribe") -> dict[str, str]:
        return {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": "1158201444"}

    async with open_desk(whatsapp_verify_token="a-verify-token") as desk:
        good = await desk.http.get("/webhooks/whatsapp", params=asked("a-verify-token"))
        assert (good.status_code, good.text) == (200, "1158201444")
        for wrong in (asked("wrong"), asked(""), asked("a-verify-token", "unsubscribe"), {}):
            problem(await desk.http.get("/webhooks/whatsapp", params=wrong), 403)
    async with open_desk() as desk:
        problem(await desk.http.get("/webhooks/whatsapp", params=asked("")), 403)
