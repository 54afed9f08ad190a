"""Supporters, counselors and coordinators."""

from __future__ import annotations

from typing import Any

import pytest

from bot import people, tokens
from bot.store.db import Tx
from tests.admin_api.desk import NOW, Desk, fields, problem
from tests.admin_api.things import add_case, add_chat, add_request, mail_of, person_of

RINI: dict[str, Any] = {
    "name": "Rini Contoh",
    "language": "id|en",
    "gender": "P",
    "site": "FMIPA",
    "topics": ["Kuliah", "keluarga"],
    "capacity": 2,
    "telegram": "700100200",
    "whatsapp": "+62 812-0000-0000",
    "email": "rini@contoh.example",
    "certified_until": "2027-06-30",
}
SHOWN = {
    **RINI,
    "role": "supporter",
    "gender": "female",
    "topics": ["kuliah", "keluarga"],
    "whatsapp": "6281200000000",
    "status": "active",
    "on_duty": False,
    "version": 1,
    "created_at": "2026-11-18T18:06:40+07:00",
    "updated_at": "2026-11-18T18:06:40+07:00",
}


async def test_a_supporter_is_added_and_read(desk: Desk) -> None:
    answer = await desk.ask("POST", "/supporters", json=RINI)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/supporters/{made['id']}"
    read = await desk.ask("GET", f"/supporters/{made['id']}")
    assert read.headers["etag"] == answer.headers["etag"] == '"1"'
    assert read.json() == made
    assert {name: value for name, value in made.items() if name not in ("id", "alias")} == SHOWN
    assert made["alias"] != await desk.look(lambda tx: tx.value("SELECT max(alias) FROM people"))


async def test_what_is_left_out_takes_its_default(desk: Desk) -> None:
    made = await desk.post("/counselors", {"name": "Sri", "language": ["en", "id", "en"], "role": "counselor"})
    wanted = {"language": "en|id", "topics": [], "capacity": 3, "telegram": None, "certified_until": None}
    assert {name: made[name] for name in wanted} == wanted


async def test_the_role_of_a_column_must_be_the_resources(desk: Desk) -> None:
    assert set(fields(await desk.ask("POST", "/supporters", json={"name": "x", "role": "counselor"}))) == {"role"}
    made = await desk.staff()
    assert set(fields(await desk.patch(f"/supporters/{made['id']}", {"role": "counselor"}))) == {"role"}


async def test_they_are_reached_before_they_ever_write(desk: Desk) -> None:
    made = await desk.staff(telegram="700")
    found = await desk.look(lambda tx: people.find(tx, "telegram", "700"))
    assert found is not None
    assert found.person == await person_of(desk, made["id"])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("telegram", "@rini"), ("telegram", "0"), ("telegram", "9223372036854775808"), ("whatsapp", "081200000000"),
        ("whatsapp", "12"), ("email", "rini"), ("capacity", 21), ("capacity", -1), ("language", "Bahasa Indonesia"),
        ("topics", ["a|b"]), ("certified_until", "besok"), ("name", "x" * 81), ("name", None), ("gender", "x" * 21),
        ("site", "a\x00b"), ("name", "=HYPERLINK(1)"),
    ],
)  # fmt: skip
async def test_a_column_that_breaks_its_rule(desk: Desk, column: str, value: object) -> None:
    said = fields(await desk.ask("POST", "/supporters", json={"name": "Rini", column: value}))
    assert {name.split(".")[0] for name in said} == {column}
    made = await desk.staff()
    assert (await desk.patch(f"/supporters/{made['id']}", {column: value})).status_code == 422
    assert (await desk.get(f"/supporters/{made['id']}"))["version"] == 1


@pytest.mark.parametrize("id", ["9223372036854775807", "1"])
async def test_telegram_ids_of_64_bits(desk: Desk, id: str) -> None:
    assert (await desk.staff(telegram=id))["telegram"] == id


async def test_whatsapps_own_id_of_a_person(desk: Desk) -> None:
    assert (await desk.staff(whatsapp="ID.13491208655302741918"))["whatsapp"] == "ID.13491208655302741918"


async def test_names_and_accounts_are_sealed_at_rest(desk: Desk) -> None:
    await desk.staff(**RINI)

    def everything(tx: Tx) -> str:
        tables = [row[0] for row in tx.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "".join(str(tuple(row)) for name in tables for row in tx.all(f"SELECT * FROM {name}"))  # noqa: S608 - tables of this store

    kept = await desk.look(everything)
    for secret in ("Rini", "700100200", "6281200000000", "rini@contoh.example"):
        assert secret not in kept


async def test_names_and_accounts_are_masked_for_all_but_coordinators(desk: Desk) -> None:
    made = await desk.staff(**RINI)
    one = await desk.get(f"/supporters/{made['id']}", role="read-only")
    several = await desk.get("/supporters", role="read-only")
    assert several["items"] == [one]
    assert {one[name] for name in ("name", "email", "telegram", "whatsapp")} == {"•••"}
    assert one["alias"] == made["alias"]
    assert (await desk.ask("GET", "/supporters", role="counselor")).status_code == 403


@pytest.mark.parametrize("status", ["active", "suspended"])
@pytest.mark.parametrize("column", ["telegram", "whatsapp"])
async def test_an_account_of_somebody_else_is_a_conflict(desk: Desk, column: str, status: str) -> None:
    rini = await desk.staff(**RINI)
    await desk.patch(f"/supporters/{rini['id']}", {"status": status})
    taken = {column: RINI[column]}
    assert set(fields(await desk.ask("POST", "/counselors", json={"name": "Sri", **taken}), 409)) == {column}
    other = await desk.staff(telegram="800")
    assert set(fields(await desk.patch(f"/supporters/{other['id']}", taken), 409)) == {column}
    assert (await desk.get(f"/supporters/{other['id']}"))["telegram"] == "800"
    assert (await desk.get("/counselors"))["items"] == []


async def test_a_change_changes_what_is_given(desk: Desk) -> None:
    made = await desk.staff(**RINI)
    answer = await desk.patch(f"/supporters/{made['id']}", {"site": "FIB", "email": None, "topics": []})
    assert answer.status_code == 200
    desk.clock.advance(1000)
    wanted = {**made, "site": "FIB", "email": None, "topics": [], "version": 2}
    assert answer.json() == wanted
    assert await desk.get(f"/supporters/{made['id']}") == wanted
    entry = (await desk.get("/audit?action=staff.change"))["items"][0]
    assert entry["object"] == f"staff:{made['id']}"
    assert entry["detail"] == {"fields": "site,topics,email"}


async def test_a_new_account_takes_the_place_of_the_old_one(desk: Desk) -> None:
    made = await desk.staff(telegram="700")
    person = await person_of(desk, made["id"])

    def pages(tx: Tx) -> None:
        address = people.find(tx, "telegram", "700")
        assert address is not None
        tx.run(
            "INSERT INTO outbox (person_id, address_id, kind, created_at) VALUES (:p, :a, 'text', 0)",
            p=person,
            a=address.id,
        )
        tx.run("INSERT INTO copies (address_id, external_id) VALUES (:a, '5')", a=address.id)

    await desk.do(pages)
    assert (await desk.patch(f"/supporters/{made['id']}", {"telegram": "701"})).status_code == 200
    assert await desk.look(lambda tx: people.find(tx, "telegram", "700")) is None
    moved = await desk.look(lambda tx: people.find(tx, "telegram", "701"))
    assert moved is not None
    assert moved.person == person
    assert await desk.look(lambda tx: tx.value("SELECT status FROM outbox")) == 3
    assert await desk.look(lambda tx: tx.value("SELECT count(*) FROM copies")) == 0
    assert (await desk.patch(f"/supporters/{made['id']}", {"telegram": None})).json()["telegram"] is None
    assert await desk.look(lambda tx: people.find(tx, "telegram", "701")) is None


async def visitor(desk: Desk, telegram: str) -> int:
    """Somebody who has written to the bot before the roster knew them."""
    found = await desk.do(
        lambda tx: people.find_or_create(tx, "telegram", telegram, language="id", now=NOW, ids=desk.ids)
    )
    return found.person


async def test_somebody_who_has_written_already_becomes_staff(desk: Desk) -> None:
    person = await visitor(desk, "700")
    made = await desk.staff(telegram="700", whatsapp="6281200000000")
    assert await person_of(desk, made["id"]) == person
    assert made["telegram"] == "700"


async def test_an_account_that_wrote_before_goes_to_the_staff_member(desk: Desk) -> None:
    made = await desk.staff(whatsapp="6281200000000")
    await visitor(desk, "700")
    changed = (await desk.patch(f"/supporters/{made['id']}", {"telegram": "700"})).json()
    assert changed["telegram"] == "700"
    found = await desk.look(lambda tx: people.find(tx, "telegram", "700"))
    assert found is not None
    assert found.person == await person_of(desk, made["id"])
    assert await desk.look(lambda tx: people.external(tx, found.id)) == ("telegram", "700")


@pytest.mark.parametrize("busy", ["request", "chat", "case"])
async def test_but_not_out_of_the_middle_of_something(desk: Desk, busy: str) -> None:
    made = await desk.staff(whatsapp="6281200000000")
    person = await visitor(desk, "700")
    if busy == "request":
        await add_request(desk, person)
    elif busy == "chat":
        await add_chat(desk, person, await person_of(desk, made["id"]))
    else:
        await add_case(desk, person)
    assert set(fields(await desk.patch(f"/supporters/{made['id']}", {"telegram": "700"}), 409)) == {"telegram"}


@pytest.mark.parametrize("ending", ["suspended", "removed"])
async def test_suspending_acts_on_desk_tokens_and_shifts_in_one_commit(desk: Desk, ending: str) -> None:
    made = await desk.staff("counselor", **RINI)
    person = await person_of(desk, made["id"])
    mine = await desk.post("/tokens", {"name": "rini contoh", "role": "counselor"})
    await desk.post(
        "/shifts",
        {"staff": made["id"], "starts_at": "2026-11-20T00:00:00+07:00", "ends_at": "2026-11-20T08:00:00+07:00"},
    )
    desk.wakes = 0
    if ending == "suspended":
        answer = await desk.patch(f"/counselors/{made['id']}", {"status": "suspended"})
        assert answer.json()["status"] == "suspended"
    else:
        assert (await desk.ask("DELETE", f"/counselors/{made['id']}")).status_code == 204
    assert await mail_of(desk, person) == ["Revoked"]
    assert desk.wakes == 1
    problem(await desk.ask("GET", "/cases", token=mine["token"]), 401)
    assert await desk.look(lambda tx: tx.value("SELECT count(*) FROM timers")) == 0
    assert len((await desk.get("/shifts"))["items"]) == (1 if ending == "suspended" else 0)
    assert len((await desk.get(f"/counselors?status={ending}"))["items"]) == 1
    actions = [entry["action"] for entry in (await desk.get("/audit?limit=2"))["items"]]
    assert f"staff.{'suspend' if ending == 'suspended' else 'remove'}" in actions
    assert "token.revoke" in actions


async def test_other_tokens_outlive_a_suspension(desk: Desk) -> None:
    made = await desk.staff(**RINI)
    other = await desk.post("/tokens", {"name": "Sari", "role": "read-only"})
    await desk.patch(f"/supporters/{made['id']}", {"status": "suspended"})
    assert (await desk.ask("GET", "/cases", token=other["token"])).status_code == 200
    assert await desk.look(lambda tx: tokens.verify(tx, other["token"])) is not None


async def test_a_change_beside_a_status_that_stays_tells_nobody(desk: Desk) -> None:
    made = await desk.staff(**RINI)
    await desk.patch(f"/supporters/{made['id']}", {"status": "active", "site": "FIB"})
    assert await mail_of(desk, await person_of(desk, made["id"])) == []


async def test_somebody_active_again_is_put_on_duty_by_a_running_shift(desk: Desk) -> None:
    made = await desk.staff("counselor")
    person = await person_of(desk, made["id"])
    await desk.patch(f"/counselors/{made['id']}", {"status": "suspended"})
    await desk.do(
        lambda tx: tx.run(
            "INSERT INTO shifts (id, staff_id, rank, starts_at, ends_at, created_at, updated_at) "
            "VALUES ('s', :staff, 'primary', :a, :b, 0, 0)",
            staff=made["id"], a=NOW - 1000, b=NOW + 1000,
        )
    )  # fmt: skip
    await desk.patch(f"/counselors/{made['id']}", {"status": "active"})
    assert await mail_of(desk, person) == ["Revoked", "DutySet"]
    assert await desk.look(lambda tx: tx.value("SELECT due_at FROM timers")) == NOW + 1000


async def test_who_was_removed_comes_back_under_the_old_id(desk: Desk) -> None:
    made = await desk.staff(**RINI)
    await desk.ask("DELETE", f"/supporters/{made['id']}")
    again = await desk.post("/counselors", {"name": "Rini Baru", "telegram": RINI["telegram"]})
    assert (again["id"], again["alias"], again["status"]) == (made["id"], made["alias"], "active")
    assert again["name"] == "Rini Baru"


async def test_lists_filter_and_sort(desk: Desk) -> None:
    await desk.staff(name="A", site="FIB", topics=["kuliah"], language="id", certified_until="2026-12-01")
    await desk.staff(name="B", site="FT", topics=["kuliahan"], language="en", certified_until="2027-12-01")
    c = await desk.staff(name="C", site="FIB", topics=[], language="id|en")
    await desk.patch(f"/supporters/{c['id']}", {"status": "suspended"})

    async def names(query: str) -> Any:
        return [item["name"] for item in (await desk.get(f"/supporters?{query}"))["items"]]

    assert await names("") == ["A", "B", "C"]
    assert await names("sort=-created_at") == ["C", "B", "A"]
    assert await names("site=FIB") == ["A", "C"]
    assert await names("topic=Kuliah") == ["A"]
    assert await names("language=en") == ["B", "C"]
    assert await names("status=active") == ["A", "B"]
    assert await names("certified_before=2027-01-01") == ["A", "C"]
    assert await names("on_duty=true") == []
    assert await names("sort=-certified_until") == ["B", "A", "C"]
    assert (await desk.get("/counselors"))["items"] == []
