"""Rows of a channel that is pulled: shown to whoever asks, delivered when the person's device says so."""

from __future__ import annotations

from bot.channels.base import Abilities
from bot.outbox import Amended, Relayed, Speech, acknowledge, pull
from bot.outbox.pull import Shown
from tests.bot.fakes import one
from tests.bot.outbox_house import YES_NO, House

WEB = Abilities(pull=True)


async def page(home: House) -> int:
    """Ani's web session, the address she wrote from last."""
    return await home.address(home.ani, "session", channel="web", last_in=5)


async def shown(home: House, address: int, after: int = 0) -> list[Shown]:
    return list(await home.store.read(lambda tx: pull(tx, home.words, WEB, address, after)))


async def confirm(home: House, address: int, *rows: int) -> int:
    now = home.clock.now
    return await home.store.write(lambda tx: acknowledge(tx, address, rows, now=now, told=home.told))


async def test_rows_wait_without_a_lane_and_are_shown_again_and_again(home: House) -> None:
    web = await page(home)
    first = (await home.line(home.ani, "satu", chat_id="c")).ids[0]
    await home.offer(home.ani, "consent:1")
    await home.drain()
    assert home.channel.asked == []
    assert await one(home.store, "SELECT COUNT(*) FROM lanes") == 0
    for _ in range(2):
        rows = await shown(home, web)
        assert [row.parts[0].text for row in rows] == ["satu", "Ada yang ingin cerita"]
        assert [row.person for row in rows] == [True, False]
    assert [row.row.id for row in await shown(home, web, after=first)] == [first + 1]


async def test_a_row_is_delivered_once_when_the_device_says_so(home: House) -> None:
    web = await page(home)
    row = (await home.line(home.ani, "selesai", notice="chat_end", message_id=9)).ids[0]
    assert await confirm(home, web, row, 999) == 1
    assert await confirm(home, web, row) == 0
    assert home.told.notices == [(row, home.clock.now)]
    assert [one.delivered for one in await shown(home, web)] == [True]
    assert await one(home.store, "SELECT external_id FROM copies WHERE message_id = 9") == str(row)


async def test_nobody_confirms_for_somebody_else(home: House) -> None:
    web = await page(home)
    row = (await home.line(home.ani, "halo")).ids[0]
    assert await confirm(home, home.budi_at, row) == 0
    assert not (await shown(home, web))[0].delivered


async def test_edits_quotes_and_spent_buttons_refer_to_rows(home: House) -> None:
    web = await page(home)
    line = (await home.line(home.ani, "halo", message_id=5, chat_id="c")).ids[0]
    await home.queue(home.ani, Amended(text="halo kak", original=5), chat_id="c")
    await home.queue(home.ani, Relayed(text="iya", quote=5), chat_id="c")
    offer = (await home.offer(home.ani, "menu:1")).ids[0]
    await confirm(home, web, offer)
    await home.spend("menu:1")
    parts = [row.parts[0] for row in await shown(home, web)]
    assert [(part.kind, part.external_id, part.quote_id) for part in parts] == [
        ("text", "", ""),
        ("edit", str(line), ""),
        ("text", "", str(line)),
        ("text", "", ""),
        ("unbutton", str(offer), ""),
    ]
    assert parts[3].buttons == ()


async def test_a_quote_of_an_own_line_refers_to_where_it_came_in(home: House) -> None:
    web = await page(home)
    await home.store.write(
        lambda tx: tx.run("INSERT INTO copies (address_id, external_id, message_id) VALUES (:a, 'own-7', 7)", a=web)
    )
    await home.queue(home.ani, Relayed(text="iya", quote=7), chat_id="c")
    assert (await shown(home, web))[0].parts[0].quote_id == "own-7"


async def test_a_message_that_replaces_another_refers_to_it(home: House) -> None:
    web = await page(home)
    first = (await home.offer(home.ani, "queue:1")).ids[0]
    await home.queue(home.ani, Speech(key="offer", buttons=YES_NO, replaces=True), ref="queue:1")
    parts = (await shown(home, web))[1].parts
    assert (parts[0].kind, parts[0].external_id) == ("edit", str(first))


async def test_what_was_withdrawn_or_erased_is_not_shown(home: House) -> None:
    web = await page(home)
    await home.offer(home.ani, "offer:1")
    await home.spend("offer:1")
    await home.line(home.ani, "rahasia", owner=home.budi)
    await home.store.write(lambda tx: tx.keeper.destroy(tx, home.budi))
    assert await shown(home, web) == []
    assert await shown(home, 999) == []
