"""Whoever writes to somebody who is not looking, or has gone, is told so (M4)."""

import uuid

from bot.clock import SetClock
from bot.webchat import away, sessions
from tests.webchat.house import House, has, matched


async def later(house: House, ms: int) -> None:
    """Let time pass, and the sweep look at it."""
    clock = house.app.clock
    assert isinstance(clock, SetClock)
    clock.advance(ms)
    await house.app.webchat.sweep()


async def test_a_helper_hears_once_that_their_lines_wait_and_that_they_were_read(house: House) -> None:
    student, supporter = await matched(house)
    await supporter.say("halo?")
    await later(house, away.UNSEEN - 1_000)
    await supporter.read()
    assert not supporter.has("tidak melihat layar")
    await later(house, 2_000)
    await supporter.read(has("tidak melihat layar"))
    await supporter.say("masih di sana?")
    await later(house, 2 * away.UNSEEN)
    await supporter.read()
    assert sum("tidak melihat layar" in text for text in supporter.texts()) == 1
    await student.read(has("masih di sana?"))
    await supporter.read(has("sudah kembali"))
    assert sum("sudah kembali" in text for text in supporter.texts()) == 1


async def test_what_was_seen_in_time_makes_no_notice(house: House) -> None:
    student, supporter = await matched(house)
    await supporter.say("halo?")
    await student.read(has("halo?"))
    await later(house, 3 * away.UNSEEN)
    await supporter.read()
    assert not supporter.has("tidak melihat layar")
    assert not supporter.has("sudah kembali")


async def test_the_quick_way_out_ends_the_session_and_the_helper_is_told(house: House) -> None:
    student, supporter = await matched(house)
    await supporter.say("aku di sini")
    assert (await student.post("/chat/leave", {})).status_code == 200
    answer = await student.post("/chat/messages", {"client_id": str(uuid.uuid4()), "text": "hai"})
    assert answer.status_code == 401
    await supporter.read(has("tidak bisa dihubungi"))
    assert await house.rows("SELECT id FROM outbox WHERE status = 0 AND kind = 'relay'") == []


async def test_a_session_that_ends_by_time_while_lines_wait_is_told(house: House) -> None:
    student, supporter = await matched(house)
    clock = house.app.clock
    assert isinstance(clock, SetClock)
    clock.advance(sessions.LIFE - 1_000)
    assert (await supporter.post("/chat/typing", {})).status_code == 200  # the helper stays
    await supporter.say("masih ada?")
    await later(house, 2_000)
    assert (await student.post("/chat/typing", {})).status_code == 401
    await supporter.read(has("tidak bisa dihubungi"))


async def test_erasing_closes_the_page(house: House) -> None:
    guest = await house.guest()
    await guest.say("/start")
    await guest.read()
    session = await house.app.webchat.session(guest.token)
    assert session is not None
    from bot import people

    await house.app.store.write(lambda tx: people.erase(tx, session.person_id, house.app.clock()))
    answer = await guest.post("/chat/messages", {"client_id": str(uuid.uuid4()), "text": "hai"})
    assert answer.status_code == 401


async def test_typing_is_shown_to_the_other_side_and_kept_nowhere(house: House) -> None:
    student, supporter = await matched(house)
    rows = await house.rows("SELECT id FROM outbox")
    async with supporter.stream() as events:
        async for name, _ in events:
            if name == "ready":
                break
        assert (await student.post("/chat/typing", {})).status_code == 200
        async for name, _ in events:
            if name == "typing":
                break
    assert await house.rows("SELECT id FROM outbox") == rows
