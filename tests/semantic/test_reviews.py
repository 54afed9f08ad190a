"""Reviews over the admin API: for counselors only, every reading in the audit, nobody whom the student keeps away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from admin_api.main import create_app
from bot import tokens, withheld
from bot.app import App
from tests.semantic.conftest import DOUBTFUL, PLAIN, Talk

ROLES = {"counselor": "Bu Rini", "coordinator": "Pak Budi", "read-only": "Layar"}


class Desk:
    """The admin API with a token of each role; the counselor's is named after somebody of the roster."""

    def __init__(self, app: App, http: httpx.AsyncClient, secrets: dict[str, str]) -> None:
        self.app, self.http, self.secrets = app, http, secrets

    async def ask(self, method: str, path: str, status: int = 200, role: str = "counselor") -> Any:
        headers = {"Authorization": f"Bearer {self.secrets[role]}"}
        answer = await self.http.request(method, f"/api/v1{path}", headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def audited(self) -> list[str]:
        return [each["action"] for each in (await self.ask("GET", "/audit?limit=50", role="coordinator"))["items"]]


@pytest.fixture
async def desk(app: App) -> AsyncIterator[Desk]:
    secrets = {}
    for role, name in ROLES.items():
        made = await app.store.write(
            lambda tx, role=role, name=name: tokens.create(tx, role=role, name=name, now=app.clock(), actor="cli")
        )
        secrets[role] = made[1]
    transport = httpx.ASGITransport(create_app(app, with_pages=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://sebaya.test") as http:
        yield Desk(app, http, secrets)


@pytest.fixture
async def waiting(talk: Talk, desk: Desk) -> str:
    """The id of a review that waits."""
    for text in (PLAIN, DOUBTFUL, PLAIN):
        await talk.say(text)
    await talk.round()
    return str((await desk.ask("GET", "/reviews?state=open"))["items"][0]["id"])


async def test_they_are_listed_without_a_word(desk: Desk, waiting: str) -> None:
    listed = await desk.ask("GET", "/reviews")
    assert listed["next_cursor"] is None
    (shown,) = listed["items"]
    assert shown["state"] == "open" and shown["case"] is None and 0.5 <= shown["score"] < 0.9
    assert "lilin" not in str(listed)
    assert "review.read" not in await desk.audited()


async def test_reading_one_shows_it_in_context_and_is_audited(desk: Desk, waiting: str) -> None:
    shown = await desk.ask("GET", f"/reviews/{waiting}")
    assert [(line["text"], line["asked"]) for line in shown["lines"]] == [
        (PLAIN, False), (DOUBTFUL, True), (PLAIN, False)
    ]  # fmt: skip
    assert {line["by"] for line in shown["lines"]} == {"student"}
    assert "review.read" in await desk.audited()


async def test_only_counselors_see_them(desk: Desk, waiting: str) -> None:
    for role in ("coordinator", "read-only"):
        await desk.ask("GET", "/reviews", 403, role)
        await desk.ask("GET", f"/reviews/{waiting}", 403, role)
        await desk.ask("POST", f"/reviews/{waiting}/dismiss", 403, role)
        await desk.ask("POST", f"/reviews/{waiting}/open-as-case", 403, role)


async def test_dismissed_once_and_for_all(desk: Desk, waiting: str, talk: Talk) -> None:
    shown = await desk.ask("POST", f"/reviews/{waiting}/dismiss")
    assert shown["state"] == "dismissed" and shown["decided_by"].startswith("token:") and shown["decided_at"]
    await desk.ask("POST", f"/reviews/{waiting}/dismiss", 409)
    await desk.ask("POST", f"/reviews/{waiting}/open-as-case", 409)
    assert await talk.rows("SELECT id FROM cases") == []
    assert "review.dismissed" in await desk.audited()


async def test_opened_as_a_case_it_answers_and_pages(desk: Desk, waiting: str, talk: Talk) -> None:
    shown = await desk.ask("POST", f"/reviews/{waiting}/open-as-case")
    assert shown["state"] == "opened"
    case = await desk.ask("GET", f"/cases/{shown['case']}")
    assert (case["level"], case["source"], case["state"]) == ("high", "semantic", "paging")
    assert (await desk.ask("GET", f"/cases/{shown['case']}/words"))["words"] == DOUBTFUL
    assert await talk.rows("SELECT cls, count(*) FROM outbox WHERE case_id IS NOT NULL GROUP BY cls") == [(0, 2)]
    await desk.ask("POST", f"/reviews/{waiting}/open-as-case", 409)
    assert "review.opened" in await desk.audited()


async def test_nothing_is_opened_for_words_that_are_gone(desk: Desk, waiting: str, talk: Talk) -> None:
    await desk.app.store.write(lambda tx: tx.run("UPDATE messages SET body = NULL"))
    await desk.ask("POST", f"/reviews/{waiting}/open-as-case", 409)
    assert await talk.rows("SELECT id FROM cases") == []
    assert (await desk.ask("GET", f"/reviews/{waiting}"))["state"] == "open", "the refusal left nothing half done"
    assert (await desk.ask("GET", f"/reviews/{waiting}"))["lines"] == []


async def test_unknown_ones_are_missing(desk: Desk) -> None:
    for method, path in (("GET", ""), ("POST", "/dismiss"), ("POST", "/open-as-case")):
        await desk.ask(method, f"/reviews/nobody{path}", 404)


async def test_whoever_the_student_keeps_away_sees_nothing(desk: Desk, waiting: str, app: App, talk: Talk) -> None:
    student = int(str((await talk.rows("SELECT person_id FROM reviews"))[0][0]))
    staff = str((await talk.rows("SELECT id FROM staff"))[0][0])
    await app.store.write(lambda tx: withheld.add(tx, student, "person", staff, app.clock()))
    assert (await desk.ask("GET", "/reviews"))["items"] == []
    for method, path in (("GET", ""), ("POST", "/dismiss"), ("POST", "/open-as-case")):
        await desk.ask(method, f"/reviews/{waiting}{path}", 403)
    assert (await desk.audited()).count("review.refused") == 3
    assert await talk.rows("SELECT state FROM reviews") == [("open",)]


async def test_lists_page_by_cursor(desk: Desk, talk: Talk) -> None:
    for who in ("901", "902", "903"):
        await talk.say(DOUBTFUL, who)
    await talk.round()
    first = await desk.ask("GET", "/reviews?limit=2&sort=score")
    rest = await desk.ask("GET", f"/reviews?limit=2&sort=score&cursor={first['next_cursor']}")
    assert len({item["id"] for item in first["items"] + rest["items"]}) == 3
    assert rest["next_cursor"] is None
