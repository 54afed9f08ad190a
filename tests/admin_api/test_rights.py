"""Who may do what. Every operation of the document is tried with every role."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import APIRouter

from admin_api import main
from admin_api.auth import COORDINATOR, COUNSELOR, READER, ROLES, GuardedRoute, may
from admin_api.openapi import document
from bot import tokens
from tests.admin_api.desk import NOW, Desk, problem

Operation = tuple[str, str, frozenset[str]]


async def operations(desk: Desk) -> list[Operation]:
    made = (await desk.http.get("/api/openapi.json")).json()
    return [
        (method.upper(), re.sub(r"\{\w+\}", "nobody", path).removeprefix("/api/v1"), frozenset(operation[ROLES]))
        for path, methods in made["paths"].items()
        if path.startswith("/api/v1/")
        for method, operation in methods.items()
    ]


async def test_every_resource_of_the_contract_is_there(desk: Desk) -> None:
    found = {path.split("/")[1] for _, path, _ in await operations(desk)}
    assert found >= {
        "supporters", "counselors", "coordinators", "invitations", "shifts", "duty", "requests", "chats", "cases",
        "resources", "lexicon", "audit", "settings", "tokens",
    }  # fmt: skip


async def test_without_a_known_token_everything_is_401(desk: Desk) -> None:
    for method, path, _ in await operations(desk):
        for token in (None, "sebaya_unknown", desk.secrets["coordinator"][:-1]):
            answer = await desk.ask(method, path, role=None, token=token)
            problem(answer, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_role_that_is_not_named_is_403(desk: Desk) -> None:
    tried = 0
    for method, path, roles in await operations(desk):
        for role in {COORDINATOR, COUNSELOR, READER, "supporter"} - roles:
            problem(await desk.ask(method, path, role=role), 403)
            tried += 1
    assert tried > 60


async def test_a_role_that_is_named_passes(desk: Desk) -> None:
    for method, path, roles in await operations(desk):
        for role in roles:
            answer = await desk.ask(method, path, role=role)
            assert answer.status_code not in (401, 403, 405, 500), (method, path, role, answer.text)


async def test_no_route_hides_from_the_document(desk: Desk) -> None:
    """What is asked above covers every route that is registered."""
    routes = [route for router in main.RESOURCES for route in router.routes]
    guarded = [route for route in routes if isinstance(route, GuardedRoute)]
    assert guarded == routes
    assert len(await operations(desk)) == sum(len(route.methods or ()) for route in guarded)


def test_a_route_without_rights_cannot_be_registered() -> None:
    router = APIRouter(route_class=GuardedRoute)

    async def open_door() -> None: ...

    with pytest.raises(ValueError, match="declares no rights"):
        router.add_api_route("/open", open_door)
    with pytest.raises(ValueError, match="read-only"):
        may("supporter")
    with pytest.raises(ValueError, match="names some of"):
        may()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic {0}", "{0}", "Bearer {0} {0}", "Bearer " + "x" * 300]
)
async def test_only_a_bearer_token_opens(desk: Desk, header: str) -> None:
    wanted = {"Authorization": header.format(desk.secrets["coordinator"])}
    problem(await desk.http.get("/api/v1/tokens", headers=wanted), 401)


async def test_the_body_of_a_stranger_is_not_looked_at(desk: Desk) -> None:
    for role, status in ((None, 401), ("read-only", 403), ("coordinator", 422)):
        problem(
            await desk.ask(
                "POST", "/supporters", role=role, content=b"{", headers={"Content-Type": "application/json"}
            ),
            status,
        )


async def test_an_unknown_address_is_401_for_strangers_and_404_for_others(desk: Desk) -> None:
    problem(await desk.ask("GET", "/nothing", role=None), 401)
    problem(await desk.ask("GET", "/nothing", role="supporter"), 403)
    problem(await desk.ask("GET", "/nothing"), 404)


async def test_a_revoked_token_is_refused_from_the_next_request_on(desk: Desk) -> None:
    made = await desk.post("/tokens", {"name": "Sari", "role": "read-only"})
    assert (await desk.ask("GET", "/cases", token=made["token"])).status_code == 200
    assert (await desk.ask("DELETE", f"/tokens/{made['id']}")).status_code == 204
    problem(await desk.ask("GET", "/cases", token=made["token"]), 401)


async def test_the_store_keeps_no_token(desk: Desk) -> None:
    made = await desk.post("/tokens", {"name": "Sari", "role": "counselor"})
    rows = await desk.look(lambda tx: [tuple(row) for row in tx.all("SELECT * FROM tokens")])
    assert made["token"] not in str(rows)
    assert tokens.digest(made["token"]) in str(rows)
    assert "token" not in (await desk.get(f"/tokens/{made['id']}"))
    assert len(made["token"]) >= len(tokens.PREFIX) + 43


async def test_the_last_use_is_noted_by_the_minute(desk: Desk) -> None:
    async def used() -> Any:
        return await desk.look(lambda tx: tx.value("SELECT max(last_used_at) FROM tokens"))

    await desk.get("/cases")
    assert await used() == NOW
    desk.clock.advance(59_000)
    await desk.get("/cases")
    assert await used() == NOW
    desk.clock.advance(1_000)
    await desk.get("/cases")
    assert await used() == NOW + 60_000


async def test_tokens_are_listed_and_filtered(desk: Desk) -> None:
    made = await desk.post("/tokens", {"name": "Sari", "role": "counselor"})
    await desk.ask("DELETE", f"/tokens/{made['id']}")
    await desk.ask("DELETE", f"/tokens/{made['id']}")
    assert [t["name"] for t in (await desk.get("/tokens?revoked=true"))["items"]] == ["Sari"]
    assert len((await desk.get("/tokens?revoked=false"))["items"]) == 4
    assert [t["role"] for t in (await desk.get("/tokens?role=supporter"))["items"]] == ["supporter"]
    problem(await desk.ask("POST", "/tokens", json={"name": "x", "role": "root"}), 422)
    problem(await desk.ask("GET", "/tokens/nobody"), 404)
    done = [entry["action"] for entry in (await desk.get("/audit"))["items"]]
    assert done.count("token.revoke") == 1


def test_the_document_is_made_once() -> None:
    from fastapi import FastAPI

    app = FastAPI(openapi_url=None)
    assert document(app) is document(app)
