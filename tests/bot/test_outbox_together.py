"""Many recipients at once: what is recorded together comes to the same as what is recorded one by one."""

from __future__ import annotations

import asyncio

from bot.channels.base import Refused, Retry, Sent
from bot.outbox.pacing import DAY
from flows.effects import Class
from tests.bot.fakes import column, one, until
from tests.bot.outbox_house import House

MANY = 9


async def _crowd(home: House) -> dict[str, tuple[int, int]]:
    """Person and address of each, by their external address."""
    return {str(100 + n): await home.person(f"p{n}", str(100 + n)) for n in range(MANY)}


async def test_everybody_gets_their_own_lines_in_order_whatever_happens_to_others(both: House) -> None:
    crowd = await _crowd(both)
    for text in ("satu", "dua", "tiga"):
        for external, (person, _) in crowd.items():
            await both.line(person, f"{text} {external}", message_id=int(external), chat_id="c")
    both.channel.script["101"].append(Refused("too_long"))
    both.channel.script["102"].append(Refused("blocked", person=True))
    both.channel.script["103"].append(Retry(5_000, "later", named=True))
    await both.store.write(lambda tx: tx.run("UPDATE addresses SET revoked_at = 1 WHERE id = :id", id=crowd["104"][1]))
    old = both.clock.now - DAY - 1
    await both.store.write(
        lambda tx: tx.run("UPDATE outbox SET created_at = :old WHERE person_id = :p", old=old, p=crowd["105"][0])
    )
    await both.store.write(
        lambda tx: tx.run("UPDATE outbox SET status = 3 WHERE id = (SELECT MIN(id) + :many FROM outbox) + 6", many=MANY)
    )
    await both.drain()
    whole = [f"{text} %s" for text in ("satu", "dua", "tiga")]
    expected = {external: [text % external for text in whole] for external in crowd}
    expected["101"] = expected["101"][1:]
    expected |= {"102": [], "103": [], "104": [], "105": []}
    expected["106"] = ["satu 106", "tiga 106"]
    assert {external: both.channel.texts(external) for external in crowd} == expected
    assert await column(both.store, "SELECT address_id FROM lanes") == [crowd["103"][1]]
    await both.later(5_000)
    assert both.channel.texts("103") == ["satu 103", "dua 103", "tiga 103"]
    assert await column(both.store, "SELECT address_id FROM lanes") == []
    assert await one(both.store, "SELECT COUNT(*) FROM outbox WHERE status = 1 AND external_id IS NOT NULL") == 16
    assert await one(both.store, "SELECT COUNT(*) FROM outbox WHERE status = 1 AND sent_at IS NULL") == 0
    copies = await column(both.store, "SELECT COUNT(*) FROM copies WHERE chat_id = 'c' GROUP BY message_id ORDER BY 1")
    assert copies == [2, 2, 3, 3, 3, 3]


async def test_what_was_withdrawn_on_its_way_is_known_to_have_left(both: House) -> None:
    for external in ("11", "22"):
        both.channel.gate[external] = asyncio.Event()
    await both.offer(both.ani)
    await both.line(both.budi, "dua")
    draining = asyncio.create_task(both.dispatcher.drain())
    await until(lambda: len(both.channel.asked) == 2)
    await both.spend("offer:x")
    for gate in both.channel.gate.values():
        gate.set()
    await draining
    assert await both.statuses() == [3, 1, 1]
    assert await one(both.store, "SELECT COUNT(*) FROM outbox WHERE sent_at IS NULL") == 0
    assert [out.kind for _, out in both.channel.sent] == ["text", "text", "unbutton"]


async def test_a_platform_may_name_two_messages_alike(both: House) -> None:
    both.channel.script["11"].extend([Sent("same"), Sent("same")])
    await both.line(both.ani, "satu", message_id=1)
    await both.line(both.ani, "dua", Class.CRISIS, chat_id="c")
    await both.line(both.budi, "tiga", message_id=3)
    await both.drain()
    assert await both.statuses() == [1, 1, 1]
    found = await both.store.read(
        lambda tx: tx.one("SELECT message_id, chat_id FROM copies WHERE external_id = 'same'")
    )
    assert found is not None and tuple(found) == (1, "c")


async def test_a_lane_that_somebody_else_took_is_left_to_them(both: House) -> None:
    for external in ("11", "22"):
        both.channel.gate[external] = asyncio.Event()
        await both.line(both.ani if external == "11" else both.budi, "satu")
        await both.line(both.ani if external == "11" else both.budi, "dua")
    draining = asyncio.create_task(both.dispatcher.drain())
    await until(lambda: len(both.channel.asked) == 2)
    await both.store.write(
        lambda tx: tx.run("UPDATE lanes SET holder = 'other' WHERE address_id = :id", id=both.ani_at)
    )
    for gate in both.channel.gate.values():
        gate.set()
    await draining
    assert both.channel.texts("11") == ["satu"]
    assert both.channel.texts("22") == ["satu", "dua"]
    assert await column(both.store, "SELECT holder FROM lanes") == ["other"]
