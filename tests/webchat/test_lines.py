"""Nothing lost, nothing twice, everything in order: across reloads, cuts and repetitions (M1-M3)."""

import asyncio
import uuid

import pytest

from bot.webchat.lines import Cursor, order
from bot.webchat.story import LIMIT
from tests.webchat.house import Guest, House, has, matched, offers, walk


async def test_a_line_sent_again_changes_nothing(house: House) -> None:
    guest = await house.guest()
    id = await guest.say("/start")
    await guest.say("/start", id)
    await guest.say("lain sama sekali", id)
    await guest.read(offers("consent:yes"))
    assert [line["text"] for line in guest.lines.values() if line["mine"]] == ["/start"]
    assert sum("Hai, aku Sebaya" in text for text in guest.texts()) == 1


async def test_another_persons_client_id_takes_nothing_away(house: House) -> None:
    one, other = await house.guest(), await house.guest()
    id = await one.say("/start")
    await other.say("punyaku sendiri", id)
    await other.read()
    assert "punyaku sendiri" in other.texts()
    assert "/start" not in other.texts()


async def test_a_reload_shows_every_line_once_and_in_order(house: House) -> None:
    student, supporter = await matched(house)
    for n in range(5):
        await student.say(f"baris {n}")
        await supporter.read(has(f"baris {n}"))
        await supporter.say(f"jawab {n}")
        await student.read(has(f"jawab {n}"))
    live = student.texts()
    fresh = Guest(house, student.token)
    told = await fresh.read()
    assert fresh.texts() == live
    ids = [data["id"] for name, data in told if name == "line"]
    assert len(ids) == len(set(ids))
    talk = [text for text in live if text.startswith(("baris", "jawab"))]
    assert talk == [f"{word} {n}" for n in range(5) for word in ("baris", "jawab")]


async def test_what_came_while_the_line_was_cut_comes_once(house: House) -> None:
    student, supporter = await matched(house)
    await supporter.say("sebelum")
    await student.read(has("sebelum"))
    await supporter.say("selama satu")
    await supporter.say("selama dua")
    told = await student.read(has("selama dua"))
    texts = [data["text"] for name, data in told if name == "line"]
    assert [text for text in texts if text.startswith("selama")] == ["selama satu", "selama dua"]
    assert "sebelum" not in texts


async def test_what_was_told_but_not_acknowledged_is_told_again(house: House) -> None:
    student, supporter = await matched(house)
    await supporter.say("apakah sampai?")
    await student.read(has("apakah sampai?"), ack=False)
    [row] = await house.rows("SELECT status FROM outbox WHERE kind = 'relay'")
    assert row[0] == 0  # not delivered: the browser has not said so
    told = await student.read()
    assert [data["text"] for name, data in told if name == "line"] == ["apakah sampai?"]
    [row] = await house.rows("SELECT status FROM outbox WHERE kind = 'relay'")
    assert row[0] == 1
    assert not any(name == "line" for name, _ in await student.read())


async def test_an_open_page_is_told_each_line_once_though_it_is_slow_to_acknowledge(house: House) -> None:
    student, supporter = await matched(house)
    told = []
    async with student.stream() as events, asyncio.timeout(30):
        async for name, data in events:
            if name == "ready":
                await supporter.say("pertama")
            elif name == "line":
                told.append(data["text"])
                if data["text"] == "pertama":
                    await supporter.say("kedua")
                if data["text"] == "kedua":
                    break
    assert told == ["pertama", "kedua"]


async def test_nobody_acknowledges_for_somebody_else(house: House) -> None:
    student, supporter = await matched(house)
    stranger = await house.guest()
    await supporter.say("untuk dia saja")
    rows = await house.rows("SELECT id FROM outbox WHERE status = 0")
    assert (await stranger.post("/chat/ack", {"ids": [str(row[0]) for row in rows]})).status_code == 200
    assert await house.rows("SELECT id FROM outbox WHERE status = 0") == rows
    await stranger.read()
    assert not stranger.has("untuk dia saja")
    await student.read(has("untuk dia saja"))


async def test_news_reach_an_open_page_without_asking(house: House) -> None:
    student, supporter = await matched(house)
    async with student.stream() as events:
        async for name, _ in events:
            if name == "ready":
                break
        await supporter.say("langsung")
        async with asyncio.timeout(20):
            async for name, data in events:
                if name == "line" and data["text"] == "langsung":
                    break


async def test_a_page_that_was_told_a_button_hears_that_it_is_spent(house: House) -> None:
    supporter = await house.guest("supporter")
    student = await house.guest()
    await student.say("/start")
    await walk(student, "consent:yes", "age:18", "menu:peer", "skip:", "heavy:7", "skip:", "skip:")
    await supporter.read(offers("offer:accept"), ack=False)  # shown, and the acknowledgement is still under way
    await student.read(offers("queue:leave"))
    await student.press("queue:leave")
    await supporter.read(lambda guest: not offers("offer:accept")(guest), ack=False)
    fresh = Guest(house, supporter.token)
    await fresh.read()
    assert not offers("offer:accept")(fresh)


async def test_an_open_page_hears_at_once_that_a_button_is_spent(house: House) -> None:
    supporter = await house.guest("supporter")
    student = await house.guest()
    await student.say("/start")
    await walk(student, "consent:yes", "age:18", "menu:peer", "skip:", "heavy:7", "skip:", "skip:")
    async with supporter.stream() as events, asyncio.timeout(30):
        async for name, data in events:
            supporter.take(name, data)
            if offers("offer:accept")(supporter):
                break
        await student.read(offers("queue:leave"))
        await student.press("queue:leave")
        async for name, data in events:
            supporter.take(name, data)
            if not offers("offer:accept")(supporter):
                break


async def test_spent_buttons_stay_away_after_a_reload(house: House) -> None:
    student = await house.guest()
    await student.say("/start")
    await walk(student, "consent:yes", "age:18")
    await student.read(offers("menu:peer"))
    fresh = Guest(house, student.token)
    await fresh.read()
    assert not offers("consent:yes")(fresh)
    assert not offers("age:18")(fresh)
    assert offers("menu:peer")(fresh)


async def test_an_edited_menu_is_edited_in_place_also_after_a_reload(house: House) -> None:
    student = await house.guest()
    await student.say("/start")
    await walk(student, "consent:yes", "age:18", "menu:peer", "skip:", "heavy:7")
    await student.read(offers("wish:"))
    before = len(student.lines)
    await student.press("wish:")
    await student.read(lambda guest: any("✓" in str(line["buttons"]) for line in guest.lines.values()))
    assert len(student.lines) == before
    fresh = Guest(house, student.token)
    await fresh.read()
    assert fresh.texts() == student.texts()
    assert any("✓" in str(line["buttons"]) for line in fresh.lines.values())
    assert (await fresh.press("skip:")).status_code == 200


async def test_a_button_may_be_pressed_before_its_line_was_acknowledged(house: House) -> None:
    student = await house.guest()
    await student.say("/start")
    await student.read(offers("consent:yes"), ack=False)
    await student.press("consent:yes")
    await student.read(offers("age:18"))
    assert not offers("consent:yes")(student)


async def test_edits_of_both_sides_reach_the_page_and_survive_a_reload(house: House) -> None:
    student, supporter = await matched(house)
    mine = await student.say("salh ketik")
    await supporter.read(has("salh ketik"))
    body = {"client_id": str(uuid.uuid4()), "message": mine, "text": "salah ketik"}
    assert (await student.post("/chat/edit", body)).status_code == 200
    await supporter.read(has("salah ketik"))
    assert not supporter.has("salh")
    await student.read(has("salah ketik"))
    for guest in (student, supporter):
        fresh = Guest(house, guest.token)
        await fresh.read()
        assert fresh.texts() == guest.texts()
        assert not fresh.has("salh")


async def test_a_line_may_be_edited_twice_and_quoted_afterwards(house: House) -> None:
    student = await house.guest()
    await student.say("/start")
    mine = await student.say("satu")
    for text in ("dua", "tiga"):
        body = {"client_id": str(uuid.uuid4()), "message": mine, "text": text}
        assert (await student.post("/chat/edit", body)).status_code == 200
    answer = await student.say("itu tadi", quote=mine)
    for guest in (student, Guest(house, student.token)):
        await guest.read(has("itu tadi"))
        assert guest.lines[mine]["text"] == "tiga"
        assert guest.lines[answer]["quote"] == mine


async def test_a_quote_is_shown_by_the_pages_own_ids(house: House) -> None:
    student, supporter = await matched(house)
    mine = await student.say("yang ini")
    await supporter.read(has("yang ini"))
    seen = next(id for id, line in supporter.lines.items() if "yang ini" in line["text"])
    answer = await supporter.say("maksudmu itu?", quote=seen)
    await student.read(has("maksudmu"))
    [line] = [line for line in student.lines.values() if line["text"] == "maksudmu itu?"]
    assert line["quote"] == mine
    fresh = Guest(house, supporter.token)
    await fresh.read()
    assert fresh.lines[answer]["quote"] == seen


async def test_older_lines_come_when_asked_for_each_once(house: House) -> None:
    student, supporter = await matched(house)
    count = LIMIT + 30
    for n in range(count):
        await student.say(f"nomor {n:03d}")
    fresh = Guest(house, student.token)
    told = await fresh.read()
    [ready] = [data for name, data in told if name == "ready"]
    assert ready["before"]
    assert len([1 for name, _ in told if name == "line"]) <= LIMIT
    before = ready["before"]
    for _ in range(5):
        answer = (await fresh.post("/chat/history", {"before": before})).json()
        for line in answer["lines"]:
            assert line["id"] not in fresh.lines
            fresh.take("line", line)
        before = answer["before"]
        if before is None:
            break
    assert before is None
    assert [text for text in fresh.texts() if text.startswith("nomor")] == [f"nomor {n:03d}" for n in range(count)]
    assert fresh.has("Hai, aku Sebaya")
    assert supporter.lines


@pytest.mark.parametrize("text", ["", "   \n ", "a" * 8_001])
async def test_what_is_no_line_is_refused_with_a_reason(house: House, text: str) -> None:
    guest = await house.guest()
    answer = await guest.post("/chat/messages", {"client_id": str(uuid.uuid4()), "text": text})
    assert answer.status_code == 422
    assert answer.json()["code"] == ("too_long" if text.strip() else "empty")
    assert await house.rows("SELECT id FROM messages") == []


async def test_the_longest_line_arrives_whole(house: House) -> None:
    student, supporter = await matched(house)
    text = "panjang sekali 🌱 " * 470
    text = text[:7_990] + " selesai."
    await student.say(text)
    await supporter.read(has("selesai."))
    assert any(shown.endswith(text) for shown in supporter.texts())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat/messages", {"client_id": "1", "text": "hai"}),
        ("/chat/messages", {"client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "text": "hai", "extra": 1}),
        ("/chat/messages", {"text": "hai"}),
        ("/chat/press", {"client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "message": "1", "data": "x" * 65}),
        ("/chat/press", {"client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "message": "1", "data": "é" * 33}),
        ("/chat/ack", {"ids": ["1"] * 501}),
        ("/chat/ack", {"ids": ["../1"]}),
    ],
)
async def test_a_body_of_another_form_is_refused(house: House, path: str, body: dict[str, object]) -> None:
    guest = await house.guest()
    answer = await guest.post(path, body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_line_stands_before_what_answered_it_in_the_same_moment() -> None:
    assert (
        order(5, mine=True, id=9) < order(5, mine=False, id=1) < order(5, mine=False, id=12) < order(6, mine=True, id=1)
    )


def test_only_our_own_cursors_are_read() -> None:
    assert Cursor.read("12.34") == Cursor(12, 34)
    assert Cursor.read(str(Cursor(1, 2**62))) == Cursor(1, 2**62)
    for text in ("", "1", "1.", ".1", "a.b", "1.2.3", "-1.2", "1." + "9" * 60, "١.٢"):
        assert Cursor.read(text) is None


async def test_a_strange_cursor_begins_anew(house: House) -> None:
    guest = await house.guest()
    await guest.say("/start")
    guest.cursor = "nonsense"
    await guest.read(offers("consent:yes"))
    assert guest.has("Hai, aku Sebaya")


async def test_one_hundred_and_twenty_lines_a_minute_are_nobodys_business(house: House) -> None:
    student, supporter = await matched(house)
    for n in range(120):
        await student.say(f"cepat {n}")
    await supporter.read(has("cepat 119"))
    arrived = [text.partition(": ")[2] for text in supporter.texts() if "cepat" in text]
    assert arrived == [f"cepat {n}" for n in range(120)]
