"""Paging by cursor."""

from __future__ import annotations

from itertools import chain

import pytest

from bot.lists import LARGEST
from tests.admin_api.desk import Desk, fields
from tests.admin_api.things import add_request


async def pages(desk: Desk, path: str) -> list[list[str]]:
    """The ids of each page, followed to the end."""
    found: list[list[str]] = []
    cursor = ""
    while True:
        shown = await desk.get(f"{path}{cursor}")
        assert set(shown) == {"items", "next_cursor"}
        found.append([item["id"] for item in shown["items"]])
        if shown["next_cursor"] is None:
            return found
        cursor = f"&cursor={shown['next_cursor']}"
        assert len(found) < 50


@pytest.mark.parametrize("sort", ["opened_at", "-opened_at", "risk", "-risk"])
async def test_pages_hold_everything_once_also_where_values_are_equal(desk: Desk, sort: str) -> None:
    for number in range(7):
        await add_request(desk, opened_at=1000 + number // 3, risk=number % 2)
    whole = await pages(desk, f"/requests?sort={sort}&limit=200")
    some = await pages(desk, f"/requests?sort={sort}&limit=3")
    assert [len(page) for page in some] == [3, 3, 1]
    assert list(chain(*some)) == whole[0]
    assert len(set(whole[0])) == 7


async def test_a_full_last_page_has_no_next_one(desk: Desk) -> None:
    for number in range(4):
        await add_request(desk, opened_at=number)
    assert [len(page) for page in await pages(desk, "/requests?limit=2")] == [2, 2]
    assert [len(page) for page in await pages(desk, "/requests?state=left")] == [0]


async def test_a_page_is_not_shifted_by_rows_that_come_and_go(desk: Desk) -> None:
    ids = [await add_request(desk, opened_at=1000 * number) for number in range(6)]
    first = await desk.get("/requests?sort=opened_at&limit=3")
    await add_request(desk, opened_at=1)
    await desk.do(lambda tx: tx.run("DELETE FROM requests WHERE id = :id", id=ids[0]))
    rest = await desk.get(f"/requests?sort=opened_at&limit=3&cursor={first['next_cursor']}")
    assert [item["id"] for item in rest["items"]] == ids[3:]


async def test_a_cursor_belongs_to_its_list_and_sort(desk: Desk) -> None:
    for number in range(3):
        await add_request(desk, opened_at=number)
    cursor = (await desk.get("/requests?sort=opened_at&limit=1"))["next_cursor"]
    assert (await desk.ask("GET", f"/requests?sort=opened_at&limit=1&cursor={cursor}")).status_code == 200
    assert set(fields(await desk.ask("GET", f"/requests?sort=-opened_at&cursor={cursor}"))) == {"cursor"}
    assert set(fields(await desk.ask("GET", f"/chats?sort=opened_at&cursor={cursor}"))) == {"cursor"}


FORGED = [
    "[1]",
    "{}",
    '["requests:-opened_at", 1e300, "x"]',
    '["requests:-opened_at", null, 1]',
    '["requests:-opened_at", 99999999999999999999, "x"]',
]


@pytest.mark.parametrize("place", FORGED)
async def test_a_forged_cursor_is_refused(desk: Desk, place: str) -> None:
    import base64

    cursor = base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
    assert set(fields(await desk.ask("GET", f"/requests?cursor={cursor}"))) == {"cursor"}


async def test_the_largest_page(desk: Desk) -> None:
    assert (await desk.ask("GET", f"/requests?limit={LARGEST}")).status_code == 200
    assert set(fields(await desk.ask("GET", f"/requests?limit={LARGEST + 1}"))) == {"limit"}
