"""The lexicon over the admin API."""

from __future__ import annotations

from typing import Any

import pytest

from bot.lexicon import marks
from bot.store import entities
from bot.store.db import Tx
from tests.admin_api.desk import Desk, fields, problem
from tests.admin_api.things import add_case, add_student
from tests.lexicon.small import FLY, NO_ROPE, book

TEXT = "aku mau terbang ke bintang"


async def proposed(desk: Desk, *changes: dict[str, Any], role: str = "counselor") -> dict[str, Any]:
    body = {"changes": list(changes), "reason": "a word of the city"}
    shown: dict[str, Any] = await desk.post("/lexicon/proposals", body, role=role)
    return shown


async def test_the_list_filters_and_pages(desk: Desk) -> None:
    everything = await desk.get("/lexicon", role="read-only")
    assert [each["id"] for each in everything["items"]] == [
        "class:id/self", "class:id/wish", "idiom:lamp", "rule:die", "rule:rope",
    ]  # fmt: skip
    for query, ids in (
        ("kind=rule", ["rule:die", "rule:rope"]), ("level=imminent", ["rule:rope"]),
        ("text=LAMPU", ["idiom:lamp", "rule:die"]),
        ("category=suicide&text=tali", ["rule:rope"]), ("language=en", []), ("origin=edited", []),
    ):  # fmt: skip
        assert [each["id"] for each in (await desk.get(f"/lexicon?{query}"))["items"]] == ids, query
    seen: list[str] = []
    cursor = ""
    while True:
        page = await desk.get(f"/lexicon?limit=2{cursor}")
        seen += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == 5 == len(set(seen))
    assert "sort" in fields(await desk.ask("GET", "/lexicon?sort=level"))
    assert "cursor" in fields(await desk.ask("GET", "/lexicon?cursor=xyz"))
    problem(await desk.ask("GET", "/lexicon/entries/rule:nobody"), 404)


async def test_a_text_is_tried_and_kept_nowhere(desk: Desk) -> None:
    found = await desk.post("/lexicon/try", {"text": "sih aku mau mati"}, status=200, role="counselor")
    assert (found["level"], found["category"], found["version"]) == ("high", "suicide", 0)
    assert [(hit["rule"], hit["words"], hit["start"], hit["end"]) for hit in found["hits"]] == [
        ("die", "mau mati", 8, 16)
    ]
    assert found["read_as"] == "aku mau mati" and found["fingerprint"] == book().shipped.version
    assert (await desk.get("/audit"))["items"][0]["action"] != "lexicon.try"
    assert "text" in fields(await desk.ask("POST", "/lexicon/try", json={"text": "x" * 4001}))


async def test_from_a_proposal_to_a_version_and_back(desk: Desk) -> None:
    draft = await proposed(desk, FLY)
    assert draft["state"] == "open" and draft["proposed_by"].startswith("token:")
    assert draft["changes"][0]["rule"]["id"] == "fly"
    tried = await desk.post(f"/lexicon/proposals/{draft['id']}/dry-run", status=200, role="counselor")
    assert tried["fires"] >= 0 and tried["silenced"] == [] and tried["after"]["us_per_message"] > 0
    version = await desk.post(f"/lexicon/proposals/{draft['id']}/publish", status=200, role="counselor")
    assert (version["number"], version["in_force"], version["forced"]) == (1, True, False)
    assert version["proposed_by"] == draft["proposed_by"] == version["published_by"]
    assert (await desk.post("/lexicon/try", {"text": TEXT}, status=200))["level"] == "high"
    entry = await desk.get("/lexicon/entries/rule:fly", role="read-only")
    assert entry["origin"] == "added" and entry["version"]["number"] == 1
    assert (await desk.get("/lexicon/entries/rule:die"))["version"] is None
    draft = await proposed(desk, {"do": "words", "language": "id", "name": "wish", "add": ["Ngidam"],
                                  "matches": ["aku ngidam mati"], "does_not_match": ["ngidam rujak"]})  # fmt: skip
    await desk.post(f"/lexicon/proposals/{draft['id']}/publish", {"reason": "heard twice"}, status=200)
    assert (await desk.get("/lexicon/entries/rule:fly"))["version"]["number"] == 1, "it has stood so since version 1"
    wish = await desk.get("/lexicon/entries/class:id/wish")
    assert (wish["added"], wish["words"], wish["version"]["number"]) == (["ngidam"], ["mau", "ingin"], 2)
    back = await desk.post("/lexicon/versions/0/restore", {"reason": "as shipped"}, status=200, role="counselor")
    assert (back["number"], back["restores"]) == (3, 0)
    assert (await desk.post("/lexicon/try", {"text": TEXT}, status=200))["level"] == "none"
    listed = await desk.get("/lexicon/versions?limit=2", role="read-only")
    assert [each["number"] for each in listed["items"]] == [3, 2] and listed["next_cursor"]
    found = await desk.get(f"/lexicon/versions?fingerprint={version['fingerprint']}")
    assert [each["number"] for each in found["items"]] == [1]
    done = [each["action"] for each in (await desk.get("/audit?limit=5"))["items"]]
    assert done == [
        "lexicon.rollback", "lexicon.publish", "lexicon.propose", "lexicon.publish", "lexicon.propose",
    ]  # fmt: skip


async def test_only_a_coordinator_forces_silence_and_says_why(desk: Desk) -> None:
    draft = await proposed(desk, NO_ROPE)
    path = f"/lexicon/proposals/{draft['id']}/publish"
    refused = problem(await desk.ask("POST", path, role="counselor"), 409)
    assert "would page nobody" in refused["detail"]
    problem(await desk.ask("POST", path, role="counselor", json={"force": True, "reason": "really"}), 403)
    assert "reason" in fields(await desk.ask("POST", path, json={"force": True}))
    version = await desk.post(path, {"force": True, "reason": "agreed with the unit"}, status=200)
    assert version["forced"] and (await desk.get("/lexicon/entries/rule:rope"))["origin"] == "disabled"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({**FLY, "rule": {**FLY["rule"], "matches": []}}, "changes.0.rule.rule.matches"),
        ({**FLY, "rule": {**FLY["rule"], "level": "grave"}}, "changes.0.rule.rule.level"),
        ({**FLY, "rule": {**FLY["rule"], "when": ["<nowhere> x"]}}, "changes.0"),
        ({**FLY, "rule": {**FLY["rule"], "when": ["a ..12 b ..12 c ..12 d ..12 e"]}}, "changes.0"),
        ({**FLY, "rule": {**FLY["rule"], "matches": ["halo"]}}, "changes.0"),
        ({"do": "burn"}, "changes.0"),
    ],
)
async def test_what_is_wrong_is_named(desk: Desk, change: dict[str, Any], field: str) -> None:
    for path in ("/lexicon/dry-run", "/lexicon/proposals"):
        body = {"changes": [change], **({"reason": "why not"} if path.endswith("proposals") else {})}
        assert field in fields(await desk.ask("POST", path, json=body, role="counselor"))
    assert (await desk.get("/lexicon/proposals"))["items"] == []


async def test_proposals_are_listed_and_withdrawn(desk: Desk) -> None:
    draft = await proposed(desk, FLY)
    shown = await desk.post(f"/lexicon/proposals/{draft['id']}/withdraw", status=200, role="coordinator")
    assert shown["state"] == "withdrawn" and shown["decided_by"] != shown["proposed_by"]
    assert (await desk.get("/lexicon/proposals?state=open"))["items"] == []
    problem(await desk.ask("POST", f"/lexicon/proposals/{draft['id']}/publish"), 409)
    problem(await desk.ask("POST", "/lexicon/proposals/nobody/publish"), 404)


async def test_marks_are_counted_by_rule_and_category(desk: Desk) -> None:
    cases = []
    for n, (words, rules) in enumerate((("aku mau mati", '["die"]'), ("", "[]"))):
        student = await add_student(desk)
        case = await add_case(desk, student)
        cases.append(case)

        def keep(
            tx: Tx, case: str = case, person: int = student, row: tuple[int, str, str] = (n, words, rules)
        ) -> None:
            number, words, rules = row
            entities.set_words(tx, case, person, words, f"v{number}")
            tx.run("UPDATE cases SET rules = :rules WHERE id = :id", rules=rules, id=case)

        await desk.do(keep)
    first = await desk.post(f"/cases/{cases[0]}/mark", {"right": False, "note": "a song"}, status=200, role="counselor")
    assert (first["rules"], first["fingerprint"], first["right"]) == (["die"], "v0", False)
    await desk.post(f"/cases/{cases[1]}/mark", {"right": True}, status=200, role="counselor")
    found = await desk.get("/lexicon/marks", role="read-only")
    assert found["marks"] == 2
    assert [(each["name"], each["right"], each["wrong"]) for each in found["by_rule"]] == [
        ("die", 0, 1), ("(button)", 1, 0),
    ]  # fmt: skip
    await desk.post(f"/cases/{cases[0]}/mark", {"right": True}, status=200, role="counselor")
    again = await desk.get("/lexicon/marks")
    assert again["marks"] == 2 and again["by_rule"][0]["precision"] == 1.0, "a changed mind counts once"
    for actor in ("token:rini", "person:7"):  # over the API and by the button: one person, who counts once
        await desk.do(lambda tx, actor=actor: marks.mark(tx, desk.acting(actor), cases[1], False, "", 7))
    assert (await desk.get("/lexicon/marks"))["marks"] == 3
    notes = await desk.get(f"/cases/{cases[0]}/notes", role="counselor")
    assert [each["text"] for each in notes["items"]] == ["a song"]
    assert (await desk.get("/lexicon/marks?until=2020-01-01T00:00:00Z"))["marks"] == 0
    problem(await desk.ask("POST", "/cases/nobody/mark", json={"right": True}, role="counselor"), 404)


async def test_an_example_is_kept_only_as_it_was_confirmed(desk: Desk) -> None:
    student = await add_student(desk)
    case = await add_case(desk, student)
    words = "aku @sari_99 mau mati, telpon 0812-3456-7890"
    await desk.do(lambda tx: entities.set_words(tx, case, student, words, "v"))
    suggested = (await desk.get(f"/cases/{case}/example", role="counselor"))["text"]
    assert suggested == "aku [name] mau mati, telpon [number]"
    assert (await desk.get("/lexicon/examples", role="counselor"))["items"] == [], "nothing is kept by looking"
    body = {"text": suggested, "label": "high", "category": "suicide"}
    assert "confirmed" in fields(await desk.ask("POST", "/lexicon/examples", json=body, role="counselor"))
    raw = {**body, "text": words, "confirmed": True}
    assert "text" in fields(await desk.ask("POST", "/lexicon/examples", json=raw, role="counselor"))
    kept = await desk.post("/lexicon/examples", {**body, "confirmed": True}, role="counselor")
    assert kept["text"] == suggested and case not in str(kept)
    moved = (await desk.post("/lexicon/dry-run", {"changes": [{"do": "disable", "entry": "rule:die"}]}, status=200))[
        "moved"
    ]
    assert [each["text"] for each in moved if each["origin"] == "marked"] == [suggested]
    assert (await desk.ask("DELETE", f"/lexicon/examples/{kept['id']}", role="counselor")).status_code == 204
    problem(await desk.ask("DELETE", f"/lexicon/examples/{kept['id']}", role="counselor"), 404)
    done = {each["action"] for each in (await desk.get("/audit"))["items"]}
    assert {"case.words", "lexicon.example.add", "lexicon.example.delete", "lexicon.example.read"} <= done
