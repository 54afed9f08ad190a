"""What could not be processed, over the API."""

from __future__ import annotations

from bot import aside
from bot.channels.base import Inbound, Kind
from tests.admin_api.desk import NOW, Desk, problem


async def set_aside(desk: Desk, text: str = "halo") -> int:
    one = Inbound("telegram", "u1", "7000000001", Kind.TEXT, NOW, text=text, message_id="1")
    await desk.do(lambda tx: aside.keep(tx, "telegram", aside._as_json(one), "Busy", NOW))
    return int((await desk.get("/aside"))["items"][0]["id"])


async def actions(desk: Desk, object: str) -> list[str]:
    return [item["action"] for item in (await desk.get("/audit", params={"object": object}))["items"]]


async def test_what_waits_is_listed_without_its_words(desk: Desk) -> None:
    await set_aside(desk, "kata-kata rahasia")
    answer = await desk.ask("GET", "/aside")
    assert "rahasia" not in answer.text
    (entry,) = answer.json()["items"]
    assert entry | {"id": 0} == {
        "id": 0, "channel": "telegram", "reason": "Busy", "level": "none", "attempts": 1,
        "created_at": "2026-11-18T18:06:40+07:00",
    }  # fmt: skip


async def test_reading_it_is_an_audit_entry(desk: Desk) -> None:
    id = await set_aside(desk, "kata-kata rahasia")
    assert await desk.get(f"/aside/{id}/content") == {"kind": "text", "text": "kata-kata rahasia"}
    assert await actions(desk, f"aside:{id}") == ["aside.read"]
    problem(await desk.ask("GET", "/aside/999/content"), 404)


async def test_it_is_processed_again_once(desk: Desk) -> None:
    id = await set_aside(desk)
    assert await desk.post(f"/aside/{id}/retry", status=200) == {"processed": True}
    assert (await desk.get("/aside"))["items"] == []
    assert [(one.sender, one.text, one.kind) for one in desk.engine.received] == [("7000000001", "halo", Kind.TEXT)]
    assert desk.engine.received[0].external_id != "u1", "else it would be taken for a repetition"
    problem(await desk.ask("POST", f"/aside/{id}/retry"), 409)
    assert await actions(desk, f"aside:{id}") == ["aside.retried", "aside.read"]


async def test_what_nobody_could_read_is_dismissed(desk: Desk) -> None:
    await desk.do(lambda tx: aside.keep(tx, "whatsapp", b"\xff{", "unreadable", NOW))
    id = (await desk.get("/aside"))["items"][0]["id"]
    problem(await desk.ask("POST", f"/aside/{id}/retry"), 409)
    assert (await desk.ask("POST", f"/aside/{id}/dismiss")).status_code == 204
    problem(await desk.ask("POST", f"/aside/{id}/dismiss"), 409)
    assert (await desk.get("/aside"))["items"] == []


async def test_only_coordinators_see_it(desk: Desk) -> None:
    id = await set_aside(desk)
    for role in ("counselor", "read-only"):
        for method, path in (("GET", ""), ("GET", f"/{id}/content"), ("POST", f"/{id}/retry")):
            problem(await desk.ask(method, f"/aside{path}", role=role), 403)
