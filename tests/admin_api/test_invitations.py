"""Invitations: made over the API, redeemed by whoever sends the code first."""

from __future__ import annotations

import pytest

from bot import invitations, people, roster
from tests.admin_api.desk import NOW, Desk, fields, problem

DAY = 24 * 3_600_000


async def visitor(desk: Desk, telegram: str = "700") -> int:
    found = await desk.do(
        lambda tx: people.find_or_create(tx, "telegram", telegram, language="id", now=NOW, ids=desk.ids)
    )
    return found.person


async def redeem(desk: Desk, code: str, person: int) -> str | None:
    return await desk.do(lambda tx: invitations.redeem(tx, desk.acting("person:1"), code, person))


async def test_a_code_makes_one_staff_member(desk: Desk) -> None:
    made = await desk.post(
        "/invitations", {"role": "supporter", "name": "Bayu Canary", "site": "FIB", "topics": ["kuliah"]}
    )
    assert made["state"] == "open"
    assert made["expires_at"] == "2026-11-25T18:06:40+07:00"
    staff = await redeem(desk, made["code"], await visitor(desk))
    assert staff is not None
    shown = await desk.get(f"/supporters/{staff}")
    assert (shown["name"], shown["site"], shown["topics"], shown["telegram"]) == (
        "Bayu Canary",
        "FIB",
        ["kuliah"],
        "700",
    )
    assert shown["certified_until"] is None
    assert await redeem(desk, made["code"], await visitor(desk, "800")) is None
    assert (await desk.get(f"/invitations/{made['id']}"))["state"] == "used"
    problem(await desk.ask("DELETE", f"/invitations/{made['id']}"), 409)


async def test_the_store_keeps_neither_code_nor_name(desk: Desk) -> None:
    made = await desk.post("/invitations", {"role": "counselor", "name": "Bayu Canary"})
    rows = str(await desk.look(lambda tx: [tuple(row) for row in tx.all("SELECT * FROM invitations")]))
    assert made["code"].replace("-", "") not in rows
    assert "Canary" not in rows
    assert "code" not in await desk.get(f"/invitations/{made['id']}")


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}"])
async def test_a_code_may_be_typed_carelessly(desk: Desk, typed: str) -> None:
    code = (await desk.post("/invitations", {"role": "supporter"}))["code"]
    text = typed.format(code, code.lower().replace("-", ""), code.replace("0", "O").replace("1", "l").replace("-", " "))
    assert await redeem(desk, text, await visitor(desk)) is not None


@pytest.mark.parametrize("wrong", ["", "halo", "0000-0000-0000-0000", "U" * 16])
async def test_a_code_that_is_none(desk: Desk, wrong: str) -> None:
    assert await redeem(desk, wrong, await visitor(desk)) is None


async def test_a_code_ends_by_time(desk: Desk) -> None:
    made = await desk.post("/invitations", {"role": "supporter", "days": 1})
    desk.clock.advance(DAY)
    assert await redeem(desk, made["code"], await visitor(desk)) is None
    assert (await desk.get(f"/invitations/{made['id']}"))["state"] == "expired"


async def test_a_code_ends_by_being_taken_back(desk: Desk) -> None:
    made = await desk.post("/invitations", {"role": "supporter"})
    assert (await desk.ask("DELETE", f"/invitations/{made['id']}")).status_code == 204
    assert (await desk.ask("DELETE", f"/invitations/{made['id']}")).status_code == 204
    assert await redeem(desk, made["code"], await visitor(desk)) is None
    assert (await desk.get(f"/invitations/{made['id']}"))["state"] == "revoked"


@pytest.mark.parametrize("status", ["active", "suspended", "removed"])
async def test_a_code_undoes_no_suspension(desk: Desk, status: str) -> None:
    sari = await desk.staff("counselor", telegram="700")
    await desk.patch(f"/counselors/{sari['id']}", {"status": status})
    made = await desk.post("/invitations", {"role": "supporter"})
    assert await redeem(desk, made["code"], await visitor(desk)) is None
    assert (await desk.get(f"/counselors/{sari['id']}"))["status"] == status
    assert (await desk.get(f"/invitations/{made['id']}"))["state"] == "open"


async def test_somebody_without_a_name_is_called_by_their_alias(desk: Desk) -> None:
    made = await desk.post("/invitations", {"role": "supporter"})
    staff = await redeem(desk, made["code"], await visitor(desk))
    member = await desk.look(lambda tx: roster.read(tx, desk.acting(), str(staff)))
    assert member.entry.name == member.alias


async def test_invitations_are_filtered(desk: Desk) -> None:
    await desk.post("/invitations", {"role": "supporter", "site": "FIB"})
    back = await desk.post("/invitations", {"role": "counselor"})
    await desk.ask("DELETE", f"/invitations/{back['id']}")
    await desk.post("/invitations", {"role": "counselor", "days": 30})
    used = await desk.post("/invitations", {"role": "coordinator"})
    await redeem(desk, used["code"], await visitor(desk))
    desk.clock.advance(8 * DAY)

    async def count(query: str) -> int:
        return len((await desk.get(f"/invitations?{query}"))["items"])

    assert [await count(f"state={state}") for state in invitations.STATES] == [1, 1, 1, 1]
    assert await count("role=counselor") == 2
    assert await count("site=FIB") == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "role"), ({"role": "student"}, "role"), ({"role": "supporter", "days": 31}, "days"),
     ({"role": "supporter", "days": 0}, "days"), ({"role": "supporter", "code": "x"}, "code"),
     ({"role": "supporter", "topics": ["a|b"]}, "topics")],
)  # fmt: skip
async def test_an_invitation_that_cannot_be(desk: Desk, body: dict[str, object], field: str) -> None:
    assert set(fields(await desk.ask("POST", "/invitations", json=body))) == {field}
    problem(await desk.ask("GET", "/invitations/nobody"), 404)
