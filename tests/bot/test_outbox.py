"""The outbox on both databases: order, crisis first, at least once, and who is told."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.base import Refused, Retry, Sent
from bot.outbox import Speech
from flows.effects import Class
from tests.bot.fakes import column, one, until
from tests.bot.outbox_house import YES_NO, House

CRISIS = Class.CRISIS
BLOCKED = Refused("blocked", person=True)


async def test_what_is_queued_is_sent_and_marked(both: House) -> None:
    queued = await both.line(both.ani, "halo", chat_id="c1", message_id=7)
    await both.drain()
    assert both.channel.texts("11") == ["halo"]
    assert await both.statuses() == [1]
    assert await one(both.store, "SELECT external_id FROM copies WHERE message_id = 7") == "1001"
    assert await one(both.store, "SELECT sent_at FROM outbox") == both.clock.now
    assert await one(both.store, "SELECT COUNT(*) FROM lanes") == 0
    assert len(queued.ids) == 1


async def test_a_recipients_lines_keep_their_order_and_one_is_in_flight(both: House) -> None:
    for number in range(30):
        await both.line(both.ani, f"{number}")
        await both.line(both.budi, f"{number}")
    await both.drain()
    assert both.channel.texts("11") == both.channel.texts("22") == [str(number) for number in range(30)]
    assert both.channel.most == {"11": 1, "22": 1}


async def test_crisis_overtakes_what_waits_for_the_same_recipient_and_for_others(both: House) -> None:
    dispatcher = both.another(lanes_at_once=1, reserved=1)  # one place, and it is for crisis
    for number in range(5):
        await both.line(both.ani, f"{number}")
        await both.line(both.budi, f"{number}")
    await both.line(both.ani, "bahaya", CRISIS)
    await dispatcher.drain()
    assert both.channel.sent[0][1].text == "bahaya"
    assert len(both.channel.sent) == 1


async def test_a_retry_waits_as_long_as_the_platform_named_and_keeps_the_order(both: House) -> None:
    both.channel.script["11"].append(Retry(3_000, "slow_down", named=True))
    await both.line(both.ani, "satu")
    await both.line(both.ani, "dua")
    await both.line(both.budi, "lain")
    await both.drain()
    assert both.channel.sent[0][1].text == "lain"
    await both.later(2_999)
    assert both.channel.texts("11") == []
    await both.later(1)
    assert both.channel.texts("11") == ["satu", "dua"]


async def test_unnamed_pauses_begin_within_a_second_and_stay_below_ten(both: House) -> None:
    await both.line(both.ani, "halo", CRISIS)
    both.channel.script["11"].extend([Retry(reason="network")] * 9)
    pauses = []
    await both.drain()
    while not both.channel.texts("11"):
        pause = await one(both.store, "SELECT next_at FROM lanes") - both.clock.now  # type: ignore[operator]  # a column of numbers
        pauses.append(pause)
        await both.later(pause - 1)
        assert len(both.channel.asked) == len(pauses)
        await both.later(1)
    assert pauses == [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000]
    assert await one(both.store, "SELECT attempts FROM outbox") == 9


async def test_a_refused_message_is_told_and_the_next_one_follows(both: House) -> None:
    both.channel.script["11"].append(Refused("bad_request"))
    first = await both.line(both.ani, "satu")
    await both.line(both.ani, "dua")
    await both.drain()
    assert both.told.refusals == [(first.ids[0], "bad_request")]
    assert await both.statuses() == [2, 1]
    assert both.told.lost == []


async def test_an_unreachable_person_is_told_once_and_everything_pending_is_refused(both: House) -> None:
    both.channel.script["11"].extend([BLOCKED, BLOCKED])  # its two lanes may ask at the same time
    rows = [await both.line(both.ani, "satu"), await both.line(both.ani, "dua")]
    rows.append(await both.line(both.ani, "bahaya", CRISIS))
    await both.drain()
    assert sorted(both.told.refusals) == [(row.ids[0], "blocked") for row in rows]
    assert both.told.lost == [(both.ani, both.ani_at)]
    assert await both.statuses() == [2, 2, 2]
    assert await one(both.store, "SELECT COUNT(*) FROM lanes") == 0
    assert not await both.line(both.ani, "tiga")  # nobody reached, and the caller sees it
    assert both.channel.sent == []
    assert await one(both.store, "SELECT COUNT(*) FROM mail") == 4  # three rows and the address, in one commit each


async def test_a_notice_that_arrived_is_told_with_its_time(both: House) -> None:
    queued = await both.line(both.ani, "selesai", notice="chat_end")
    await both.line(both.ani, "biasa")
    both.clock.advance(500)
    await both.drain()
    assert both.told.notices == [(queued.ids[0], both.clock.now)]


async def test_after_a_crash_the_row_in_flight_is_sent_again_and_nothing_is_lost(both: House) -> None:
    both.channel.gate["11"] = asyncio.Event()
    await both.line(both.ani, "satu")
    await both.line(both.ani, "dua")
    crashed = asyncio.create_task(both.dispatcher.drain())
    await until(lambda: both.channel.asked)
    crashed.cancel()
    await asyncio.gather(crashed, return_exceptions=True)
    both.channel.gate.clear()
    other = both.another()
    await other.drain()
    assert both.channel.sent == []  # its lease is not ours yet
    both.clock.advance(30_000)
    await other.drain()
    assert both.channel.texts("11") == ["satu", "dua"]


async def test_two_dispatchers_send_nothing_twice(both: House) -> None:
    for number in range(40):
        await both.line(both.ani, f"{number}")
        await both.line(both.budi, f"{number}")
    await asyncio.gather(both.drain(), both.another().drain(), both.another().drain())
    await both.later(1)
    assert both.channel.texts("11") == [str(number) for number in range(40)]
    assert both.channel.texts("22") == [str(number) for number in range(40)]


async def test_spent_buttons_go_from_what_was_sent_and_from_what_waits(both: House) -> None:
    await both.offer(both.ani, "case:1")
    await both.drain()
    await both.offer(both.budi, "case:1")
    await both.spend("case:1")
    await both.drain()
    sent = [(to, out.kind, bool(out.buttons), out.external_id) for to, out in both.channel.sent]
    assert sorted(sent[1:]) == [("11", "unbutton", False, "1001"), ("22", "text", False, "")]


async def test_an_offer_that_has_not_left_is_withdrawn(both: House) -> None:
    await both.offer(both.ani, "offer:x")
    await both.offer(both.budi, "offer:x")
    await both.spend("offer:x", only=both.budi)
    await both.drain()
    assert [(to, out.kind) for to, out in both.channel.sent] == [("11", "text")]
    assert await both.statuses() == [1, 3]


@pytest.mark.parametrize("ref", ["offer:x", "case:x"])
async def test_buttons_spent_while_the_message_is_on_its_way_go_once_it_has_arrived(both: House, ref: str) -> None:
    both.channel.gate["11"] = asyncio.Event()
    await both.offer(both.ani, ref)
    sending = asyncio.create_task(both.drain())
    await until(lambda: both.channel.asked)
    await both.spend(ref)
    both.channel.gate["11"].set()
    await sending
    await both.drain()
    assert [(out.kind, bool(out.buttons), out.external_id) for _, out in both.channel.sent] == [
        ("text", True, ""),
        ("unbutton", False, "1001"),
    ]


async def test_a_row_without_a_lane_is_found_again(both: House) -> None:
    await both.line(both.ani, "halo")
    await both.address(both.budi, "session", channel="web", last_in=5)
    await both.line(both.budi, "web")
    await both.store.write(lambda tx: tx.run("DELETE FROM lanes"))
    await both.drain()
    assert both.channel.texts("11") == ["halo"]
    assert await column(both.store, "SELECT status FROM outbox ORDER BY id") == [1, 0]


async def test_the_whole_bot_slowed_rests_all_but_crisis(both: House) -> None:
    people = [await both.person(f"p{number}", str(100 + number)) for number in range(6)]
    for person, _ in people[:3]:
        await both.line(person, "biasa")
    for number in range(3):
        both.channel.script[str(100 + number)].append(Retry(5_000, "slow_down", named=True))
    await both.drain()
    await both.line(people[4][0], "biasa")
    await both.line(people[5][0], "bahaya", CRISIS)
    await both.drain()
    assert [out.text for _, out in both.channel.sent] == ["bahaya"]
    await both.later(5_000)
    assert len(both.channel.sent) == 5


async def test_a_message_is_spoken_in_the_persons_language(both: House) -> None:
    english, _ = await both.person("cici", "33", "en")
    say = Speech(key="page", private={"words": "{name} @hello"}, buttons=YES_NO)
    await both.queue(english, say, owner=both.ani)
    await both.drain()
    out = both.channel.sent[0][1]
    assert out.text == "Page: {name} @hello"
    assert [choice.label for choice in out.buttons[0]] == ["Yes", "No"]
    assert out.protect  # another person's words


async def test_an_unreadable_answer_of_a_channel_is_tried_again(both: House) -> None:
    both.channel.script["11"].append(RuntimeError("a bug of the channel"))
    await both.line(both.ani, "halo")
    await both.drain()
    await both.later(500)
    assert both.channel.texts("11") == ["halo"]


async def test_a_part_that_left_is_not_sent_again(both: House) -> None:
    both.channel.script["11"].extend([Sent("1"), Retry(reason="network")])
    words = "kata " * 1_000
    await both.queue(both.ani, Speech(key="long", private={"words": words}), owner=both.ani)
    await both.drain()
    assert await one(both.store, "SELECT external_id FROM outbox") == "1"
    await both.later(500)
    assert "".join(both.channel.texts("11")) == words.rstrip() + " "
    assert await both.statuses() == [1]


async def test_after_a_crash_a_split_goes_on_with_the_part_that_had_not_left(both: House) -> None:
    both.channel.script["11"].extend([Sent("1"), asyncio.Event()])  # the second part hangs
    words = "kata " * 1_000
    await both.queue(both.ani, Speech(key="long", private={"words": words}), owner=both.ani)
    crashed = asyncio.create_task(both.drain())
    await until(lambda: len(both.channel.asked) == 2)
    crashed.cancel()
    await asyncio.gather(crashed, return_exceptions=True)
    both.clock.advance(30_000)
    await both.another().drain()
    assert "".join(both.channel.texts("11")) == words.rstrip() + " "
    assert len(both.channel.texts("11")) == 2


async def test_pauses_begin_anew_after_a_success(both: House) -> None:
    both.channel.script["11"].extend([Retry(reason="network")] * 3 + [Sent("1"), Retry(reason="network")])
    await both.line(both.ani, "satu")
    await both.line(both.ani, "dua")
    for pause in (0, 500, 1_000, 2_000):
        await both.later(pause)
    assert both.channel.texts("11") == ["satu"]
    await both.later(500)
    assert both.channel.texts("11") == ["satu", "dua"]
