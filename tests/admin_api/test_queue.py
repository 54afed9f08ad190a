"""Requests and chats: read only, by alias, without a word."""

from __future__ import annotations

from bot import withheld
from tests.admin_api.desk import NOW, Desk, problem
from tests.admin_api.things import add_chat, add_request, add_student, alias_of, person_of


async def test_a_request_is_shown_by_alias(desk: Desk) -> None:
    student = await add_student(desk)
    id = await add_request(
        desk, student, topic="kuliah", heavy=6, wishes=("female",), risk=1, opened_at=NOW - 95_000, left_message=True
    )
    answer = await desk.ask("GET", f"/requests/{id}", role="read-only")
    assert answer.headers["etag"] == '"1"'
    assert answer.json() == {
        "id": id, "alias": await alias_of(desk, student), "state": "waiting", "kind": "peer", "topic": "kuliah",
        "heavy": 6, "wishes": ["female"], "language": "id", "site": None, "level": "distress",
        "opened_at": "2026-11-18T18:05:05+07:00", "matched_at": None, "waited_seconds": 95, "previous_chat": None,
        "round": 0, "left_message": True, "open_offers": 0, "version": 1,
    }  # fmt: skip
    problem(await desk.ask("GET", "/requests/nobody"), 404)


async def test_requests_are_filtered(desk: Desk) -> None:
    one = await add_request(desk, topic="kuliah", site="FIB", risk=2, opened_at=NOW - 2)
    two = await add_request(desk, kind="counselor", language="en", state="left", opened_at=NOW - 1)

    async def ids(query: str) -> list[str]:
        return [item["id"] for item in (await desk.get(f"/requests?{query}", role="counselor"))["items"]]

    assert await ids("") == [two, one]
    assert await ids("state=waiting") == [one]
    assert await ids("kind=counselor") == [two]
    assert await ids("topic=kuliah") == [one]
    assert await ids("site=FIB") == [one]
    assert await ids("language=en") == [two]
    assert await ids("level=high") == [one]
    assert await ids("level=none") == [two]


async def test_a_chat_is_shown_by_aliases(desk: Desk) -> None:
    helper = await desk.staff()
    student = await add_student(desk)
    id = await add_chat(desk, student, await person_of(desk, helper["id"]), unanswered_at=NOW, student_at=NOW)
    answer = await desk.ask("GET", f"/chats/{id}", role="read-only")
    shown = answer.json()
    assert shown | {"request": ""} == {
        "id": id, "request": "", "alias": await alias_of(desk, student), "helper": helper["id"],
        "helper_alias": "Awan Teduh", "role": "supporter", "case": None, "state": "open", "reason": None,
        "opened_at": "2026-11-18T18:06:40+07:00", "ended_at": None, "student_at": "2026-11-18T18:06:40+07:00",
        "helper_at": None, "unanswered_since": "2026-11-18T18:06:40+07:00", "version": 1,
    }  # fmt: skip
    assert (await desk.get(f"/requests/{shown['request']}"))["waited_seconds"] == 60
    problem(await desk.ask("GET", "/chats/nobody"), 404)


async def test_a_counselors_name_is_not_shown_with_their_chats(desk: Desk) -> None:
    sri = await desk.staff("counselor", name="Sri Canary")
    person = await person_of(desk, sri["id"])
    await add_chat(desk, await add_student(desk), person, role="counselor", helper_alias="Sri Canary")
    answer = await desk.ask("GET", "/chats", role="read-only")
    assert answer.json()["items"][0]["helper_alias"] == sri["alias"]
    assert "Canary" not in answer.text


async def test_chats_are_filtered(desk: Desk) -> None:
    helper, other = await desk.staff(), await desk.staff("counselor")
    one = await add_chat(desk, await add_student(desk), await person_of(desk, helper["id"]), opened_at=NOW - 2)
    two = await add_chat(
        desk, await add_student(desk), await person_of(desk, other["id"]), role="counselor", state="ended",
        reason="student", ended_at=NOW, case="acase", unanswered_at=NOW, opened_at=NOW - 1,
    )  # fmt: skip

    async def ids(query: str) -> list[str]:
        return [item["id"] for item in (await desk.get(f"/chats?{query}", role="counselor"))["items"]]

    assert await ids("") == [two, one]
    assert await ids("state=open") == [one]
    assert await ids("role=counselor") == [two]
    assert await ids(f"helper={helper['id']}") == [one]
    assert await ids("case=acase") == [two]
    assert await ids("unanswered=true") == [two]
    assert await ids("unanswered=false") == [one]


async def test_whoever_the_student_keeps_away_sees_neither_request_nor_chat(desk: Desk) -> None:
    rini = await desk.staff("counselor", name="Rini Contoh", site="FK")
    tuti = await desk.staff("counselor", name="Tuti Contoh")
    hers, others = [
        (await desk.post("/tokens", {"name": name, "role": "counselor"}))["token"]
        for name in ("Rini Contoh", "Tuti Contoh")
    ]
    student, helper = await add_student(desk), await person_of(desk, tuti["id"])
    chat, free = await add_chat(desk, student, helper), await add_chat(desk, await add_student(desk), helper)
    request = (await desk.get(f"/chats/{chat}"))["request"]
    for kind, value in (("person", rini["id"]), ("site", "FK")):
        await desk.do(lambda tx, kind=kind, value=value: withheld.add(tx, student, kind, value, NOW))
        for path, id in (("/chats", chat), ("/requests", request)):
            shown = (await desk.get(path, role=None, token=hers))["items"]
            assert len(shown) == 1 and shown[0]["id"] != id
            assert len((await desk.get(path, role=None, token=others))["items"]) == 2
            problem(await desk.ask("GET", f"{path}/{id}", role=None, token=hers), 403)
            assert (await desk.get(f"{path}/{id}", role=None, token=others))["id"] == id
        assert (await desk.get(f"/chats/{free}", role=None, token=hers))["id"] == free
        await desk.do(lambda tx: withheld.clear(tx, student))
        assert (await desk.get(f"/chats/{chat}", role=None, token=hers))["id"] == chat
    tried = [each["action"] for each in (await desk.get("/audit?limit=100"))["items"]]
    assert (tried.count("chat.refused"), tried.count("request.refused")) == (2, 2)
