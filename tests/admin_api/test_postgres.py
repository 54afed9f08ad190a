"""Every statement of the admin API on PostgreSQL: what is asked here is asked in full elsewhere, on SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial

import pytest

from bot import (
    audit_list,
    cases_admin,
    duty,
    invitations,
    people,
    queue_lists,
    resources,
    roster,
    shifts,
    tokens,
)
from bot.lexicon import drafts, examples, versions
from bot.lists import Ask, Listing, page
from bot.rules.overlay import SHIPPED
from bot.store.db import Tx
from tests.admin_api.desk import NOW, Desk, open_desk
from tests.admin_api.test_roster_csv import GOOD, done
from tests.admin_api.things import add_case, add_chat, add_request, add_student, mail_of, person_of
from tests.lexicon import small
from tests.lexicon.small import FLY
from tests.store.postgres import empty_postgres, migrated_postgres, postgres

__all__ = ["empty_postgres", "migrated_postgres", "postgres"]

LISTINGS = (
    audit_list.LISTING, cases_admin.LISTING, duty.LISTING, invitations.LISTING, queue_lists.CHATS,
    queue_lists.REQUESTS, resources.LISTING, roster.LISTING, shifts.LISTING, tokens.LISTING, versions.LISTING,
    drafts.LISTING, examples.LISTING,
)  # fmt: skip
NUMBERS = {
    "level", "open", "opened_after", "opened_before", "now", "used", "revoked", "expired", "unanswered",
    "certified_before", "from", "to",
}  # fmt: skip


@pytest.fixture
async def desk(migrated_postgres: str) -> AsyncIterator[Desk]:
    """The admin API over PostgreSQL."""
    async with open_desk(migrated_postgres) as opened:
        yield opened


def value(listing: Listing, name: str) -> object:
    if name in ("on", "on_duty"):
        return True
    if name == "open" and listing.name == "invitations":
        return NOW
    return 1 if name in NUMBERS else "x"


def kept(tx: Tx) -> None:
    """One more of everything that the lexicon keeps."""
    acting = small.acting()
    drafts.add(tx, acting.ids.id(), 0, small.changes(small.FLY), "x", acting.actor, NOW)
    examples.add(tx, acting, "gelap sekali", "id", "high", "suicide")
    version = versions.Version(versions.newest(tx) + 1, SHIPPED.hash, "x", None, 0, "x", False, "x", "x", NOW)
    versions.add(tx, version, SHIPPED)


async def test_every_filter_and_sort_of_every_list(desk: Desk) -> None:
    sri = await desk.staff("counselor", telegram="700", topics=["kuliah"])
    person = await person_of(desk, sri["id"])
    for _ in range(3):
        student = await add_student(desk)
        await add_chat(desk, student, person)
        await add_case(desk, student, paged=(person,), owner=person)
        await add_request(desk)
        await desk.post("/invitations", {"role": "supporter"})
        await desk.post(
            "/shifts",
            {"staff": sri["id"], "starts_at": "2026-11-18T18:00:00+07:00", "ends_at": "2026-11-18T20:00:00+07:00"},
        )
        await desk.staff(name="Ani")
        await desk.do(kept)
    asked = 0
    for listing in LISTINGS:
        always: Mapping[str, object] = {"now": NOW} if "now" in listing.filters else {}
        for sort in listing.sorts:
            for sign in ("", "-"):
                ask = Ask(1, None, sign + sort, always)
                first = await desk.look(partial(page, listing=listing, ask=ask))
                assert len(first.items) == 1, listing.name
                ask = Ask(1, first.next_cursor, sign + sort, always)
                second = await desk.look(partial(page, listing=listing, ask=ask))
                assert len(second.items) == 1
                assert first.items != second.items, listing.name
                asked += 1
        for name in listing.filters:
            ask = Ask(5, None, None, {**always, name: value(listing, name)})
            await desk.look(partial(page, listing=listing, ask=ask))
            asked += 1
    assert asked > 80


async def test_every_kind_of_change(desk: Desk) -> None:
    assert await done(desk, GOOD) == (3, 0, 0, [])
    assert await done(desk, GOOD) == (0, 0, 3, [])
    sri = (await desk.get("/counselors?topic=kekerasan"))["items"][0]
    await desk.do(lambda tx: people.find_or_create(tx, "telegram", "900", language="id", now=NOW, ids=desk.ids))
    assert (await desk.patch(f"/counselors/{sri['id']}", {"telegram": "900", "whatsapp": None})).status_code == 200
    case = await add_case(desk)
    await desk.post(f"/cases/{case}/note", {"text": "x"})
    assert len((await desk.get(f"/cases/{case}/notes", role="counselor"))["items"]) == 1
    assert (await desk.get(f"/cases/{case}/words", role="counselor"))["words"]
    times = {"starts_at": "2026-11-18T18:00:00+07:00", "ends_at": "2026-11-18T20:00:00+07:00"}
    shift = await desk.post("/shifts", {"staff": sri["id"], **times})
    assert (await desk.patch(f"/shifts/{shift['id']}", {"rank": "backup"})).status_code == 200
    assert len((await desk.get("/shifts/gaps"))["items"]) == 1
    assert (await desk.get(f"/duty/{sri['id']}"))["rank"] == "backup"
    await desk.ask("PUT", f"/duty/{sri['id']}", json={"on": True})
    assert (await desk.patch("/settings/offer_breadth", {"value": 4})).json()["version"] == 1
    assert (await desk.patch("/settings/offer_breadth", {"value": None})).json()["version"] == 2
    entry = await desk.post("/resources", {"name": "Halo", "kind": "phone", "contact": "112"})
    await desk.post(f"/resources/{entry['id']}/confirm", status=200)
    assert (await desk.ask("DELETE", f"/resources/{entry['id']}")).status_code == 204
    code = (await desk.post("/invitations", {"role": "supporter", "name": "Bayu"}))["code"]
    visitor = await desk.do(
        lambda tx: people.find_or_create(tx, "telegram", "901", language="id", now=NOW, ids=desk.ids)
    )
    assert await desk.do(lambda tx: invitations.redeem(tx, desk.acting(), code, visitor.person))
    made = await desk.post("/tokens", {"name": "Sri, Contoh", "role": "counselor"})
    assert (await desk.ask("DELETE", f"/counselors/{sri['id']}")).status_code == 204
    assert (await desk.ask("GET", "/cases", token=made["token"])).status_code == 401
    assert await mail_of(desk, await person_of(desk, sri["id"])) == ["DutySet", "DutySet", "Revoked"]
    assert (await desk.get("/audit/verify"))["intact"] is True


async def test_the_lexicon_from_a_proposal_to_a_mark(desk: Desk) -> None:
    body = {"changes": [FLY], "reason": "a word of the city"}
    draft = await desk.post("/lexicon/proposals", body)
    assert (await desk.post(f"/lexicon/proposals/{draft['id']}/publish", status=200))["number"] == 1
    assert (await desk.get("/lexicon/entries/rule:fly"))["version"]["number"] == 1
    kept = await desk.post(
        "/lexicon/examples", {"text": "gelap sekali", "label": "high", "confirmed": True}, role="counselor"
    )
    assert (await desk.get("/lexicon/examples", role="counselor"))["items"][0]["id"] == kept["id"]
    case = await add_case(desk)
    for right in (True, False):
        await desk.post(f"/cases/{case}/mark", {"right": right}, status=200, role="counselor")
    assert (await desk.get("/lexicon/marks"))["by_category"] == [
        {"name": "suicide", "right": 0, "wrong": 1, "precision": 0.0}
    ]
