"""The audit over the API."""

from __future__ import annotations

from tests.admin_api.desk import HOUR, Desk


async def test_every_writing_operation_leaves_an_entry(desk: Desk) -> None:
    made = await desk.staff()
    await desk.patch(f"/supporters/{made['id']}", {"site": "FIB"})
    shift = await desk.post(
        "/shifts",
        {"staff": made["id"], "starts_at": "2026-11-20T00:00:00+07:00", "ends_at": "2026-11-20T08:00:00+07:00"},
    )
    await desk.patch(f"/shifts/{shift['id']}", {"rank": "backup"})
    await desk.ask("DELETE", f"/shifts/{shift['id']}")
    await desk.patch("/settings/offer_breadth", {"value": 4})
    entry = await desk.post("/resources", {"name": "Halo", "kind": "phone", "contact": "112"})
    await desk.post(f"/resources/{entry['id']}/confirm", status=200)
    invitation = await desk.post("/invitations", {"role": "supporter"})
    await desk.ask("DELETE", f"/invitations/{invitation['id']}")
    await desk.ask("GET", "/roster")
    items = (await desk.get("/audit"))["items"]
    assert [item["action"] for item in items][:11] == [
        "roster.export", "invitation.revoke", "invitation.create", "resource.change", "resource.create",
        "setting.change", "shift.delete", "shift.change", "shift.create", "staff.change", "staff.create",
    ]  # fmt: skip
    assert {item["actor"] for item in items[:11]} == {items[0]["actor"]}
    assert items[0]["actor"].startswith("token:")


async def test_the_audit_is_filtered(desk: Desk) -> None:
    made = await desk.staff()
    desk.clock.advance(HOUR)
    await desk.patch(f"/supporters/{made['id']}", {"site": "FIB"})

    async def actions(**query: str) -> list[str]:
        return [item["action"] for item in (await desk.get("/audit", params=query))["items"]]

    assert await actions(object=f"staff:{made['id']}") == ["staff.change", "staff.create"]
    assert await actions(object=f"staff:{made['id']}", sort="id") == ["staff.create", "staff.change"]
    assert await actions(action="staff.change") == ["staff.change"]
    assert await actions(actor="cli") == ["token.create"] * 4
    assert await actions(**{"from": "2026-11-18T19:00:00+07:00"}) == ["staff.change"]
    assert "staff.change" not in await actions(to="2026-11-18T19:00:00+07:00")


async def test_a_change_behind_our_back_shows(desk: Desk) -> None:
    await desk.staff()
    assert await desk.get("/audit/verify") == {"intact": True, "entries": 5, "broken_at": None}
    await desk.do(lambda tx: tx.run("UPDATE audit SET actor = 'nobody' WHERE id = 2"))
    assert await desk.get("/audit/verify") == {"intact": False, "entries": 1, "broken_at": 2}
