"""Shifts, gaps and duty."""

from __future__ import annotations

from typing import Any

import pytest

from bot import mail, timers
from tests.admin_api.desk import HOUR, NOW, Desk, fields, problem
from tests.admin_api.things import add_chat, add_student, mail_of, person_of

DAY = 24 * HOUR


def at(ms: int) -> str:
    from zoneinfo import ZoneInfo

    from bot.times import to_iso

    return to_iso(ms, ZoneInfo("UTC"))


async def plan(desk: Desk, staff: str, start: int, end: int, **given: Any) -> dict[str, Any]:
    """A shift from `start` to `end`, in hours from now."""
    shown: dict[str, Any] = await desk.post(
        "/shifts", {"staff": staff, "starts_at": at(NOW + start * HOUR), "ends_at": at(NOW + end * HOUR), **given}
    )
    return shown


async def due(desk: Desk) -> list[tuple[float, bool]]:
    """What is set: hours from now, and whether it puts on duty."""
    found = await desk.look(lambda tx: timers.due(tx, NOW + 1000 * DAY))
    return [((timer.due - NOW) / HOUR, timer.event.on) for timer in found]  # type: ignore[union-attr]  # all are DutySet


async def test_a_shift_sets_its_beginning_and_its_end(desk: Desk) -> None:
    sri = await desk.staff("counselor")
    answer = await desk.ask(
        "POST",
        "/shifts",
        json={"staff": sri["id"], "starts_at": "2026-11-18T20:06:40+07:00", "ends_at": "2026-11-18T23:06:40+07:00"},
    )
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/shifts/{made['id']}"
    assert (made["staff"], made["role"], made["rank"]) == (sri["id"], "counselor", "primary")
    assert made["starts_at"] == "2026-11-18T20:06:40+07:00"
    assert await due(desk) == [(2, True), (5, False)]
    assert await mail_of(desk, await person_of(desk, sri["id"])) == []
    timer = (await desk.look(lambda tx: timers.due(tx, NOW + DAY)))[0]
    assert (timer.kind, timer.target) == ("desk", str(await person_of(desk, sri["id"])))
    assert timer.name == f"shift:{made['id']}:start"


@pytest.mark.parametrize("start", [-1, 0])
async def test_a_shift_that_runs_begins_at_once(desk: Desk, start: int) -> None:
    sri = await desk.staff("counselor")
    await plan(desk, sri["id"], start, 1)
    assert await mail_of(desk, await person_of(desk, sri["id"])) == ["DutySet"]
    assert await due(desk) == [(1, False)]
    assert desk.wakes == 1


async def test_a_shift_that_is_over_does_nothing(desk: Desk) -> None:
    sri = await desk.staff("counselor")
    await plan(desk, sri["id"], -3, -1)
    assert await due(desk) == []
    assert await mail_of(desk, await person_of(desk, sri["id"])) == []


async def test_nobody_is_put_off_at_the_seam_of_two_shifts(desk: Desk) -> None:
    sri = await desk.staff("counselor")
    await plan(desk, sri["id"], 4, 6, rank="backup")
    await plan(desk, sri["id"], 1, 3)
    await plan(desk, sri["id"], 3, 5)
    await plan(desk, sri["id"], 8, 9)
    assert await due(desk) == [(1, True), (6, False), (8, True), (9, False)]


async def test_deleting_the_running_shift_ends_duty_but_not_under_another(desk: Desk) -> None:
    sri = await desk.staff("counselor")
    person = await person_of(desk, sri["id"])
    first = await plan(desk, sri["id"], -1, 2)
    second = await plan(desk, sri["id"], -1, 1)
    assert (await desk.ask("DELETE", f"/shifts/{second['id']}")).status_code == 204
    assert [letter.event.on for letter in await desk.look(lambda tx: mail.of(tx, person))] == [True]  # type: ignore[union-attr]  # a DutySet
    assert (await desk.ask("DELETE", f"/shifts/{first['id']}")).status_code == 204
    assert [letter.event.on for letter in await desk.look(lambda tx: mail.of(tx, person))] == [True, False]  # type: ignore[union-attr]  # both are DutySet events
    assert await due(desk) == []
    problem(await desk.ask("DELETE", f"/shifts/{first['id']}"), 404)


async def test_a_change_of_rank_leaves_duty_alone(desk: Desk) -> None:
    sri = await desk.staff("counselor")
    made = await plan(desk, sri["id"], -1, 2)
    changed = (await desk.patch(f"/shifts/{made['id']}", {"rank": "backup"})).json()
    assert (changed["rank"], changed["version"], changed["starts_at"]) == ("backup", 2, made["starts_at"])
    assert await mail_of(desk, await person_of(desk, sri["id"])) == ["DutySet"]
    problem(await desk.ask("PATCH", f"/shifts/{made['id']}", json={}, headers={"If-Match": '"1"'}), 412)


async def test_moving_a_shift_moves_its_timers(desk: Desk) -> None:
    sri = await desk.staff("counselor")
    made = await plan(desk, sri["id"], 1, 2)
    assert (await desk.patch(f"/shifts/{made['id']}", {"ends_at": at(NOW + 4 * HOUR)})).status_code == 200
    assert await due(desk) == [(1, True), (4, False)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": at(NOW)}, "ends_at"),
        ({"ends_at": at(NOW + HOUR)}, "ends_at"),
        ({"ends_at": at(NOW + 8 * DAY)}, "ends_at"),
        ({"starts_at": "2026-11-18T20:00:00"}, "starts_at"),
        ({"starts_at": "besok"}, "starts_at"),
        ({"rank": "third"}, "rank"),
        ({"staff": "nobody"}, "staff"),
        ({"note": "x"}, "note"),
    ],
)
async def test_a_shift_that_cannot_be(desk: Desk, changes: dict[str, str], field: str) -> None:
    sri = await desk.staff("counselor")
    body = {"staff": sri["id"], "starts_at": at(NOW + HOUR), "ends_at": at(NOW + 2 * HOUR), **changes}
    assert set(fields(await desk.ask("POST", "/shifts", json=body))) == {field}
    assert (await desk.get("/shifts"))["items"] == []


async def test_no_shift_for_somebody_suspended(desk: Desk) -> None:
    sri = await desk.staff("counselor")
    await desk.patch(f"/counselors/{sri['id']}", {"status": "suspended"})
    body = {"staff": sri["id"], "starts_at": at(NOW + HOUR), "ends_at": at(NOW + 2 * HOUR)}
    assert set(fields(await desk.ask("POST", "/shifts", json=body), 409)) == {"staff"}


async def test_shifts_are_filtered(desk: Desk) -> None:
    sri, ani = await desk.staff("counselor"), await desk.staff("supporter")
    await plan(desk, sri["id"], 1, 2)
    await plan(desk, ani["id"], 3, 4, rank="backup")

    async def count(**query: str) -> int:
        return len((await desk.get("/shifts", params=query))["items"])

    assert await count() == 2
    assert await count(role="counselor") == 1
    assert await count(rank="backup") == 1
    assert await count(staff=ani["id"]) == 1
    assert await count(**{"from": at(NOW + 2 * HOUR)}) == 1
    assert await count(**{"to": at(NOW + 3 * HOUR)}) == 1


async def gaps(desk: Desk, **query: str) -> list[tuple[str, str, float]]:
    shown = await desk.get("/shifts/gaps", params=query)
    return [(gap["starts_at"], gap["ends_at"], gap["hours"]) for gap in shown["items"]]


async def test_gaps_show_when_nobody_is_there(desk: Desk) -> None:
    sri, budi = await desk.staff("counselor"), await desk.staff("counselor")
    await plan(desk, sri["id"], 1, 3)
    await plan(desk, budi["id"], 2, 4, rank="backup")
    await plan(desk, (await desk.staff("supporter"))["id"], 0, 8)
    until = at(NOW + 6 * HOUR)
    assert [hours for *_, hours in await gaps(desk, to=until)] == [1.0, 2.0]
    assert await gaps(desk, **{"from": at(NOW + HOUR), "to": at(NOW + 4 * HOUR)}) == []
    assert (await gaps(desk, to=until))[0][0] == "2026-11-18T18:06:40+07:00"
    assert [hours for *_, hours in await gaps(desk, role="supporter", to=at(NOW + 9 * HOUR))] == [1.0]
    await desk.patch(f"/counselors/{budi['id']}", {"status": "suspended"})
    assert [hours for *_, hours in await gaps(desk, to=until)] == [1.0, 3.0]


async def test_gaps_look_a_week_ahead_and_at_most_a_quarter(desk: Desk) -> None:
    assert [hours for *_, hours in await gaps(desk)] == [7 * 24.0]
    assert set(fields(await desk.ask("GET", "/shifts/gaps", params={"to": at(NOW - 1000)}))) == {"to"}
    assert set(fields(await desk.ask("GET", "/shifts/gaps", params={"to": at(NOW + 93 * DAY)}))) == {"to"}


async def put_on(desk: Desk, person: int, since: int = NOW) -> None:
    await desk.do(
        lambda tx: tx.run(
            "UPDATE people SET on_duty = true, duty_since = :since WHERE id = :id", since=since, id=person
        )
    )


async def test_who_is_on_duty_with_what_they_carry(desk: Desk) -> None:
    sri, ani = await desk.staff("counselor"), await desk.staff("supporter", site="FIB", capacity=2)
    await desk.staff("supporter", name="Off")
    await put_on(desk, await person_of(desk, sri["id"]), NOW - HOUR)
    await put_on(desk, await person_of(desk, ani["id"]))
    await add_chat(desk, await add_student(desk), await person_of(desk, ani["id"]))
    over = await add_chat(desk, await add_student(desk), await person_of(desk, ani["id"]), state="ended")
    assert over
    gone = await desk.staff("counselor", name="Suspended")
    await put_on(desk, await person_of(desk, gone["id"]))
    await desk.patch(f"/counselors/{gone['id']}", {"status": "suspended"})
    await plan(desk, sri["id"], -1, 1, rank="backup")
    items = (await desk.get("/duty", role="read-only"))["items"]
    assert [(item["staff"], item["load"], item["rank"]) for item in items] == [
        (sri["id"], 0, "backup"), (ani["id"], 1, None),
    ]  # fmt: skip
    assert items[0]["since"] == "2026-11-18T17:06:40+07:00"
    assert items[1] | {"alias": ""} == {
        "staff": ani["id"], "role": "supporter", "alias": "", "site": "FIB", "on": True,
        "since": "2026-11-18T18:06:40+07:00", "paused_until": None, "rank": None, "load": 1, "capacity": 2,
        "reachable": True,
    }  # fmt: skip
    assert len((await desk.get("/duty?role=supporter"))["items"]) == 1
    assert len((await desk.get("/duty?site=FIB"))["items"]) == 1
    assert len((await desk.get("/duty?on=false"))["items"]) == 1


@pytest.mark.parametrize("on", [True, False])
async def test_putting_somebody_on_or_off_tells_their_desk(desk: Desk, on: bool) -> None:
    sri = await desk.staff("counselor")
    person = await person_of(desk, sri["id"])
    answer = await desk.ask("PUT", f"/duty/{sri['id']}", json={"on": on})
    assert answer.status_code == 202
    letter = (await desk.look(lambda tx: mail.of(tx, person)))[0]
    assert (letter.kind, letter.event.on) == ("desk", on)  # type: ignore[union-attr]  # a DutySet
    assert desk.wakes == 1
    assert (await desk.get("/audit"))["items"][0]["action"] == f"duty.{'on' if on else 'off'}"


async def test_nobody_suspended_is_put_on_duty(desk: Desk) -> None:
    sri = await desk.staff("counselor")
    await desk.patch(f"/counselors/{sri['id']}", {"status": "suspended"})
    assert set(fields(await desk.ask("PUT", f"/duty/{sri['id']}", json={"on": True}), 409)) == {"status"}
    problem(await desk.ask("PUT", "/duty/nobody", json={"on": True}), 404)
    problem(await desk.ask("GET", "/duty/nobody"), 404)
    assert (await desk.get(f"/duty/{sri['id']}"))["on"] is False


@pytest.mark.parametrize(("paused", "shown"), [(HOUR, "2026-11-18T19:06:40+07:00"), (-HOUR, None)])
async def test_a_pause_is_shown_until_it_is_over(desk: Desk, paused: int, shown: str | None) -> None:
    ani = await desk.staff()
    person = await person_of(desk, ani["id"])
    await put_on(desk, person)
    await desk.do(lambda tx: tx.run("UPDATE people SET paused_until = :at WHERE id = :id", at=NOW + paused, id=person))
    assert (await desk.get(f"/duty/{ani['id']}"))["paused_until"] == shown
