"""Cases: what is shown of them, what may be done with them, and who may read their words."""

from __future__ import annotations

from typing import Any

import pytest

from bot import people, withheld
from flows.events import Acknowledge, Acted, Reopen, Resolve, Take
from tests.admin_api.desk import HOUR, NOW, Desk, fields, problem
from tests.admin_api.things import (
    WORDS,
    add_case,
    add_chat,
    add_student,
    alias_of,
    change_case,
    person_of,
)


async def counselor_token(desk: Desk, name: str = "Rini Contoh") -> str:
    made = await desk.post("/tokens", {"name": name, "role": "counselor"})
    return str(made["token"])


async def test_a_case_shows_who_was_paged_and_who_has_it_but_no_word(desk: Desk) -> None:
    sri = await desk.staff("counselor", name="Sri")
    person = await person_of(desk, sri["id"])
    student = await add_student(desk)
    chat = await add_chat(desk, student, person)
    id = await add_case(
        desk, student, level=3, paged=(person, 999), asking=(), owner=person, state="acknowledged",
        acknowledged_at=NOW + 1000, told_at=None,
    )  # fmt: skip
    answer = await desk.ask("GET", f"/cases/{id}", role="read-only")
    shown = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert WORDS not in answer.text
    assert shown["alias"] == await alias_of(desk, student)
    assert (shown["level"], shown["category"], shown["state"], shown["about"]) == (
        "imminent", "suicide", "acknowledged", "student",
    )  # fmt: skip
    assert (shown["paged"], shown["asking"], shown["owner"], shown["chat"]) == ([sri["id"]], [], sri["id"], chat)
    assert shown["acknowledged_at"] == "2026-11-18T18:06:41+07:00"
    assert (await desk.get("/cases", role="counselor"))["items"] == [shown]


async def test_cases_are_filtered_and_sorted(desk: Desk) -> None:
    one = await add_case(desk, level=2, opened_at=NOW - HOUR)
    two = await add_case(desk, level=3, category="abuse", opened_at=NOW)
    old = await add_case(desk, level=2, state="resolved", resolved_at=NOW, opened_at=NOW - 2 * HOUR)

    async def ids(query: str) -> list[str]:
        return [item["id"] for item in (await desk.get(f"/cases?{query}"))["items"]]

    assert await ids("") == [two, one, old]
    assert await ids("open=true&sort=-level") == [two, one]
    assert await ids("open=false") == [old]
    assert await ids("state=resolved") == [old]
    assert await ids("level=imminent") == [two]
    assert await ids("category=abuse") == [two]
    assert await ids("opened_after=2026-11-18T18:06:40%2B07:00") == [two]
    assert await ids("opened_before=2026-11-18T17:06:40%2B07:00") == [old]
    assert await ids("owner=nobody") == []


async def test_only_a_counselor_reads_the_words_and_the_audit_knows(desk: Desk) -> None:
    id = await add_case(desk)
    for role in ("coordinator", "read-only", "supporter"):
        problem(await desk.ask("GET", f"/cases/{id}/words", role=role), 403)
        problem(await desk.ask("GET", f"/cases/{id}/notes", role=role), 403)
    assert (await desk.get("/audit?action=case.words"))["items"] == []
    assert await desk.get(f"/cases/{id}/words", role="counselor") == {"words": WORDS, "lexicon": "id-2026.11"}
    assert (await desk.get(f"/cases/{id}/notes", role="counselor"))["items"] == []
    entries = (await desk.get("/audit"))["items"]
    assert [(entry["action"], entry["object"]) for entry in entries] == [
        ("case.notes", f"case:{id}"), ("case.words", f"case:{id}"),
        *[("token.create", entry["object"]) for entry in entries[2:]],
    ]  # fmt: skip
    assert entries[0]["actor"].startswith("token:")
    problem(await desk.ask("GET", "/cases/nobody/words", role="counselor"), 404)


@pytest.mark.parametrize("body", [None, {}])
async def test_acknowledging_names_the_token(desk: Desk, body: Any) -> None:
    id = await add_case(desk)
    shown = await desk.post(f"/cases/{id}/acknowledge", body, status=200, role="counselor")
    assert shown["id"] == id
    [(case, event, actor)] = desk.engine.events
    assert (case, event) == (id, Acknowledge(by=None, name="counselor token"))
    assert actor.startswith("token:")


@pytest.mark.parametrize("by", ["Rini Contoh", "rini contoh ", "alias", "id"])
async def test_a_token_of_somebody_of_the_roster_acts_as_that_person(desk: Desk, by: str) -> None:
    rini = await desk.staff("counselor")
    await desk.staff("supporter", name="Rini Contoh")
    person = await person_of(desk, rini["id"])
    token = await counselor_token(desk, str(rini.get(by, by)))
    id = await add_case(desk)
    await desk.post(f"/cases/{id}/acknowledge", status=200, token=token)
    await desk.post(f"/cases/{id}/take", status=200, token=token)
    await desk.post(f"/cases/{id}/note", {"text": "Sudah ditelepon."}, token=token)
    await desk.post(f"/cases/{id}/resolve", {"outcome": "dirujuk"}, status=200, token=token)
    await desk.post(f"/cases/{id}/reopen", status=200, token=token)
    assert [event for _, event, _ in desk.engine.events] == [
        Acknowledge(by=person, name="Rini Contoh"), Take(by=person), Acted(by=person),
        Resolve(by=person, outcome="dirujuk"), Reopen(by=person),
    ]  # fmt: skip


async def test_a_name_that_two_people_share_is_nobodys(desk: Desk) -> None:
    await desk.staff("counselor")
    await desk.staff("counselor")
    id = await add_case(desk)
    await desk.post(f"/cases/{id}/acknowledge", status=200, token=await counselor_token(desk))
    assert desk.engine.events[0][1] == Acknowledge(by=None, name="Rini Contoh")


async def test_nobody_takes_a_case_without_a_name_in_the_roster(desk: Desk) -> None:
    id = await add_case(desk)
    assert set(fields(await desk.ask("POST", f"/cases/{id}/take", role="counselor"), 409)) == {"counselor"}
    assert desk.engine.events == []


async def test_a_coordinator_gives_a_case_to_a_counselor(desk: Desk) -> None:
    sri, ani = await desk.staff("counselor"), await desk.staff("supporter")
    id = await add_case(desk)
    await desk.post(f"/cases/{id}/take", {"counselor": sri["id"]}, status=200)
    assert desk.engine.events[0][1] == Take(by=await person_of(desk, sri["id"]))
    for nobody in (ani["id"], "nobody"):
        answer = await desk.ask("POST", f"/cases/{id}/take", json={"counselor": nobody})
        assert set(fields(answer)) == {"counselor"}
    problem(await desk.ask("POST", f"/cases/{id}/take", json={"counselor": sri["id"]}, role="counselor"), 403)
    await desk.patch(f"/counselors/{sri['id']}", {"status": "suspended"})
    problem(await desk.ask("POST", f"/cases/{id}/take", json={"counselor": sri["id"]}), 409)
    assert len(desk.engine.events) == 1


@pytest.mark.parametrize("action", ["acknowledge", "resolve", "reopen"])
async def test_an_action_that_the_state_does_not_allow(desk: Desk, action: str) -> None:
    id = await add_case(desk)
    desk.engine.refuse = "the case is resolved"
    assert "the case is resolved" in problem(await desk.ask("POST", f"/cases/{id}/{action}"), 409)["detail"]
    problem(await desk.ask("POST", f"/cases/nobody/{action}"), 404)
    problem(await desk.ask("POST", f"/cases/{id}/{action}", role="read-only"), 403)


async def test_notes_are_sealed_under_the_students_key(desk: Desk) -> None:
    student = await add_student(desk)
    id = await add_case(desk, student)
    made = await desk.post(f"/cases/{id}/note", {"text": "canary note"})
    assert set(made) == {"id", "created_at"}
    rows = await desk.look(lambda tx: [tuple(row) for row in tx.all("SELECT * FROM notes")])
    assert "canary" not in str(rows)
    shown = (await desk.get(f"/cases/{id}/notes", role="counselor"))["items"]
    assert [(note["id"], note["text"], note["by"]) for note in shown] == [(made["id"], "canary note", None)]
    await desk.do(lambda tx: people.erase(tx, student, NOW))
    assert (await desk.get(f"/cases/{id}/notes", role="counselor"))["items"] == []
    assert (await desk.get(f"/cases/{id}/words", role="counselor"))["words"] == ""
    problem(await desk.ask("POST", f"/cases/{id}/note", json={"text": "x"}), 409)


async def test_a_note_has_text_within_bounds(desk: Desk) -> None:
    id = await add_case(desk)
    for text in ("", "   ", "x" * 4001, None):
        assert set(fields(await desk.ask("POST", f"/cases/{id}/note", json={"text": text}))) == {"text"}
    problem(await desk.ask("POST", "/cases/nobody/note", json={"text": "x"}), 404)
    assert desk.engine.events == []


async def test_the_etag_follows_the_case(desk: Desk) -> None:
    id = await add_case(desk)
    await change_case(desk, id, state="resolved")
    answer = await desk.ask("GET", f"/cases/{id}")
    assert answer.headers["etag"] == '"2"'


async def test_whoever_the_student_keeps_away_sees_nothing_of_the_case(desk: Desk) -> None:
    rini = await desk.staff("counselor", name="Rini Contoh", site="FK")
    await desk.staff("counselor", name="Tuti Contoh")
    hers, others = await counselor_token(desk), await counselor_token(desk, "Tuti Contoh")
    student = await add_student(desk)
    id, free = await add_case(desk, student), await add_case(desk)
    for kind, value in (("person", rini["id"]), ("site", "FK")):
        await desk.do(lambda tx, kind=kind, value=value: withheld.add(tx, student, kind, value, NOW))
        listed = await desk.get("/cases", role=None, token=hers)
        assert [case["id"] for case in listed["items"]] == [free]
        assert len((await desk.get("/cases", role=None, token=others))["items"]) == 2
        for method, path, body in (
            ("GET", "", None), ("GET", "/words", None), ("GET", "/notes", None), ("GET", "/example", None),
            ("POST", "/acknowledge", None), ("POST", "/take", None), ("POST", "/resolve", None),
            ("POST", "/reopen", None), ("POST", "/note", {"text": "x"}), ("POST", "/mark", {"right": True}),
        ):  # fmt: skip
            given = {} if body is None else {"json": body}
            refused = problem(await desk.ask(method, f"/cases/{id}{path}", role=None, token=hers, **given), 403)
            assert "FK" not in refused["detail"] and "student" not in refused["detail"]
        assert (await desk.get(f"/cases/{id}/words", role=None, token=others))["words"]
        await desk.do(lambda tx: withheld.clear(tx, student))
        assert (await desk.get(f"/cases/{id}/words", role=None, token=hers))["words"]
    tried = [each for each in (await desk.get("/audit?limit=100"))["items"] if each["action"] == "case.refused"]
    assert len(tried) == 20 and {each["object"] for each in tried} == {f"case:{id}"}
    assert desk.engine.events == [], "nothing reached the case"
