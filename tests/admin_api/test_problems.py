"""Every way to fail is a problem document, and none of them says more than it must."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from admin_api.shield import LARGEST
from bot.store.errors import Busy, QueueFull, Unavailable
from tests.admin_api.desk import SECRET, Desk, fields, problem

JSON = {"Content-Type": "application/json"}


async def test_404(desk: Desk) -> None:
    for path in ("/supporters/nobody", "/cases/nobody", "/settings/nobody", "/resources/nobody", "/shifts/nobody"):
        assert problem(await desk.ask("GET", path), 404)["type"] == "/api/docs#not-found"
    problem(await desk.http.get("/nothing/here"), 404)


async def test_404_for_somebody_of_another_role(desk: Desk) -> None:
    somebody = await desk.staff("counselor")
    problem(await desk.ask("GET", f"/supporters/{somebody['id']}"), 404)
    problem(await desk.ask("DELETE", f"/supporters/{somebody['id']}"), 404)
    problem(await desk.ask("PATCH", f"/supporters/{somebody['id']}", json={}, headers={"If-Match": '"1"'}), 404)


async def test_405_names_the_methods(desk: Desk) -> None:
    answer = await desk.ask("PUT", "/tokens")
    problem(answer, 405)
    assert answer.headers["allow"]
    problem(await desk.http.delete("/healthz"), 405)


async def test_412_and_428(desk: Desk) -> None:
    made = await desk.staff()
    path = f"/supporters/{made['id']}"
    problem(await desk.ask("PATCH", path, json={"site": "FIB"}), 428)
    problem(await desk.ask("PATCH", path, json={"site": "FIB"}, headers={"If-Match": ""}), 428)
    for stale in ('"99"', 'W/"1"', '"other"', "1", '"1'):
        problem(await desk.ask("PATCH", path, json={"site": "FIB"}, headers={"If-Match": stale}), 412)
    assert (await desk.get(path))["site"] is None
    first = await desk.ask("PATCH", path, json={"site": "FIB"}, headers={"If-Match": '"7", "1"'})
    assert first.status_code == 200
    assert first.headers["etag"] == '"2"'
    problem(await desk.ask("PATCH", path, json={"site": "FT"}, headers={"If-Match": '"1"'}), 412)
    assert (await desk.ask("PATCH", path, json={"site": "FT"}, headers={"If-Match": "*"})).status_code == 200


async def test_422_names_every_field_at_fault_and_quotes_none(desk: Desk) -> None:
    answer = await desk.ask(
        "POST",
        "/supporters",
        json={"name": "", "capacity": "canary", "telegram": 700, "topics": "canary", "canary_field": 1},
    )
    assert set(fields(answer)) == {"capacity", "telegram", "topics", "canary_field"}
    said = fields(await desk.ask("POST", "/supporters", json={"name": " ", "telegram": "@canary", "email": "canary"}))
    assert set(said) == {"name", "telegram", "email"}
    assert "canary" not in str(said)
    assert set(fields(await desk.ask("POST", "/supporters", json={}))) == {"name"}


@pytest.mark.parametrize(
    ("content", "headers"), [(b"{", JSON), (b"[]", JSON), (b"", JSON), (b"name=x", {}), (b'"x"', JSON)]
)
async def test_422_for_a_body_that_is_no_object(desk: Desk, content: bytes, headers: dict[str, str]) -> None:
    fields(await desk.ask("POST", "/tokens", content=content, headers=headers))


async def test_400_for_a_body_that_is_no_text(desk: Desk) -> None:
    problem(await desk.ask("POST", "/tokens", content=b"\xff", headers=JSON), 400)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("stat=open", "stat"),
        ("sort=words", "sort"), ("sort=-", "sort"), ("cursor=%21", "cursor"), ("cursor=bm9wZQ", "cursor"),
        ("level=grave", "level"), ("opened_after=2026-11-21T10:00:00", "opened_after"), ("open=perhaps", "open"),
    ],
)  # fmt: skip
async def test_422_for_parameters(desk: Desk, query: str, field: str) -> None:
    assert set(fields(await desk.ask("GET", f"/cases?{query}"))) == {field}


async def test_413_announced(desk: Desk) -> None:
    problem(await desk.ask("POST", "/tokens", content=b" " * (LARGEST + 1), headers=JSON), 413)
    problem(await desk.http.post("/webhooks/telegram", content=b" " * (LARGEST + 1)), 413)


async def test_413_while_it_is_being_read(desk: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST // 65_536 + 2):
            yield b" " * 65_536

    problem(await desk.ask("POST", "/tokens", content=endless(), headers=JSON), 413)


async def test_a_photo_may_be_larger(desk: Desk) -> None:
    """The web channel's own route decides about it; here it does not exist."""
    problem(await desk.http.post("/chat/media", content=b" " * (2 * LARGEST)), 404)
    problem(await desk.http.post("/chat/media", content=b" " * (12 * LARGEST)), 413)


async def test_500_says_nothing_and_the_log_only_where(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.engine.crash = RuntimeError("canary body of a student")
    with caplog.at_level(logging.DEBUG):
        answer = await desk.http.post(
            "/webhooks/telegram", content=b'["canary"]', headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}
        )
    shown = problem(answer, 500)
    assert shown["incident"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "desk.py" in caplog.text
    assert "canary" not in answer.text + caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("error", [Unavailable("disk"), Busy("held"), QueueFull("10000 wait")])
async def test_503_when_the_store_cannot(desk: Desk, error: Exception) -> None:
    desk.engine.crash = error
    case = await some_case(desk)
    desk.engine.refuse = ""

    async def fails(*_: Any, **__: Any) -> Any:
        raise error

    desk.engine.case = fails  # type: ignore[method-assign]  # the stand-in's own method, for this test
    answer = await desk.ask("POST", f"/cases/{case}/acknowledge")
    problem(answer, 503)
    assert answer.headers["retry-after"]


async def some_case(desk: Desk) -> str:
    from tests.admin_api.things import add_case

    return await add_case(desk)


async def test_every_answer_is_dressed(desk: Desk) -> None:
    for path in ("/healthz", "/api/v1/tokens", "/nothing", "/api/openapi.json"):
        headers = (await desk.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
    assert (await desk.ask("GET", "/tokens")).headers["cache-control"] == "no-store"
