"""The help directory."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin_api.desk import Desk, fields, problem

HALO = {
    "name": "Halo Kampus", "kind": "phone", "contact": "021-000-0000", "area": "ID-JK", "what_for": "mental health",
    "hours": "24 h", "language": "id", "source": "called by the unit", "checked_on": "2026-11-01",
    "valid_until": "2027-02-01", "status": "confirmed",
}  # fmt: skip


async def test_an_entry_is_added_read_changed_and_retired(desk: Desk) -> None:
    answer = await desk.ask("POST", "/resources", json=HALO)
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/resources/{made['id']}"
    assert {name: made[name] for name in HALO} == HALO
    assert await desk.get(f"/resources/{made['id']}", role="read-only") == made
    changed = (await desk.patch(f"/resources/{made['id']}", {"contact": "112", "valid_until": None})).json()
    assert changed == {**made, "contact": "112", "valid_until": None, "version": 2}
    assert (await desk.ask("DELETE", f"/resources/{made['id']}")).status_code == 204
    assert (await desk.get(f"/resources/{made['id']}"))["status"] == "retired"
    problem(await desk.ask("DELETE", "/resources/nobody"), 404)
    problem(await desk.ask("PATCH", f"/resources/{made['id']}", json={}, headers={"If-Match": '"1"'}), 412)


async def test_the_projects_own_entries_are_there(desk: Desk) -> None:
    items = (await desk.get("/resources?status=reported"))["items"]
    assert {"119 ext 8", "129"} <= {item["contact"] for item in items}
    assert all(item["checked_on"] and item["source"] for item in items)


async def test_confirming_counts_from_today_for_90_days(desk: Desk) -> None:
    made = await desk.post("/resources", {"name": "Halo", "kind": "phone", "contact": "112"})
    assert made["status"] == "unconfirmed"
    shown = await desk.post(f"/resources/{made['id']}/confirm", status=200, role="counselor")
    assert (shown["status"], shown["checked_on"], shown["valid_until"]) == ("confirmed", "2026-11-18", "2027-02-16")
    wanted = {"checked_on": "2026-11-10", "valid_until": "2027-11-10"}
    assert wanted.items() <= (await desk.post(f"/resources/{made['id']}/confirm", wanted, status=200)).items()
    answer = await desk.ask("POST", f"/resources/{made['id']}/confirm", json={"checked_on": "2026-11-19"})
    assert set(fields(answer)) == {"checked_on"}


async def test_today_is_a_day_of_the_deployment(desk: Desk) -> None:
    made = await desk.post("/resources", {"name": "Halo", "kind": "phone", "contact": "112"})
    desk.clock.advance(6 * 3_600_000)  # past midnight in Jakarta, not yet in UTC
    assert (await desk.post(f"/resources/{made['id']}/confirm", status=200))["checked_on"] == "2026-11-19"


@pytest.mark.parametrize("hide", ["delete", "retired", "unconfirmed"])
async def test_the_last_entry_that_can_be_shown_stays(desk: Desk, hide: str) -> None:
    """A crisis answer never lacks a number (contract: Crisis)."""
    items: list[Any] = (await desk.get("/resources"))["items"]
    shown = [item for item in items if item["status"] == "reported"]
    for item in shown[1:]:
        assert (await desk.ask("DELETE", f"/resources/{item['id']}")).status_code == 204
    path = f"/resources/{shown[0]['id']}"
    answer = await (desk.ask("DELETE", path) if hide == "delete" else desk.patch(path, {"status": hide}))
    assert set(fields(answer, 409)) == {"status"}
    assert (await desk.get(path))["status"] == "reported"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"valid_until": "2026-10-01"}, "valid_until"), ({"checked_on": None}, "checked_on"),
     ({"checked_on": "1/2"}, "checked_on"), ({"status": "old"}, "status"),
     ({"name": ""}, "name"), ({"contact": None}, "contact"), ({"phone": "1"}, "phone")],
)  # fmt: skip
async def test_an_entry_that_cannot_be(desk: Desk, changes: dict[str, object], field: str) -> None:
    assert set(fields(await desk.ask("POST", "/resources", json={**HALO, **changes}))) == {field}
    made = await desk.post("/resources", HALO)
    assert set(fields(await desk.patch(f"/resources/{made['id']}", changes))) == {field}


async def test_the_directory_is_filtered_and_sorted(desk: Desk) -> None:
    await desk.post("/resources", {**HALO, "name": "B", "valid_until": "2026-12-01", "language": "en"})
    await desk.post("/resources", {**HALO, "name": "A", "kind": "web", "area": "ID-JB"})

    async def names(query: str) -> list[str]:
        return [item["name"] for item in (await desk.get(f"/resources?status=confirmed&{query}"))["items"]]

    assert await names("") == ["A", "B"]
    assert await names("sort=valid_until") == ["B", "A"]
    assert await names("expiring_by=2026-12-01") == ["B"]
    assert await names("kind=web") == ["A"]
    assert await names("area=ID-JB") == ["A"]
    assert await names("language=en") == ["B"]
