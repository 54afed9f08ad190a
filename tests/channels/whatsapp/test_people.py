"""Who is who on WhatsApp: an id, a phone, both; a number that is given out again; two addresses of one person."""

from __future__ import annotations

from typing import Any

import pytest

from bot import accounts, people
from bot.channels.base import Inbound, Kind
from tests.channels.whatsapp.town import Town, town

ID, OTHER_ID = "ID.100", "ID.200"
PHONE, NEW_PHONE = "6281234567890", "6289876543210"
WAITING = """INSERT INTO requests (id, student, state, kind, wishes, language, risk, opened_at, avoid, round)
VALUES (:id, :who, 'waiting', 'peer', '[]', 'id', 0, 1, '[]', 0)"""


async def persons(t: Town, *names: str) -> list[int | None]:
    """Whose each id is."""

    def look(tx: Any) -> list[int | None]:
        found = [people.find(tx, "whatsapp", name) for name in names]
        return [None if one is None else one.person for one in found]

    return await t.app.store.read(look)


async def hear(t: Town, sender: str, linked: str = "", text: str = "halo", **more: Any) -> None:
    number = t.cloud.world.number()
    kind = more.pop("kind", Kind.TEXT)
    inbound = Inbound("whatsapp", f"wamid.{number}", sender, kind, t.clock(), text=text, message_id=f"wamid.{number}",
                      linked=linked, answers=False, **more)  # fmt: skip
    await t.app.engine.receive(inbound)


async def test_an_id_and_its_phone_are_one_person_in_any_order() -> None:
    async with town() as t:
        await hear(t, ID)
        await hear(t, ID, PHONE)
        first, same = await persons(t, ID, PHONE)
        assert first == same is not None
        await hear(t, "ID.300", "62855")
        assert len(set(await persons(t, "ID.300", "62855"))) == 1
        assert await t.column("SELECT COUNT(*) FROM addresses WHERE channel = 'whatsapp'") == [2]


async def test_a_phone_known_without_an_id_goes_on_when_the_id_is_seen() -> None:
    """As a person before 2026, or as the roster knows a phone: quotes and everything on its way go on."""
    async with town() as t:
        await hear(t, PHONE)
        (before,) = await persons(t, PHONE)
        address = await t.column("SELECT id FROM addresses WHERE channel = 'whatsapp'")
        await hear(t, ID, PHONE)
        assert await persons(t, PHONE, ID) == [before, before]
        assert await t.column("SELECT id FROM addresses WHERE channel = 'whatsapp'") == address


async def test_a_known_phone_with_another_id_is_a_new_person() -> None:
    async with town() as t:
        await hear(t, ID, PHONE)
        (before,) = await persons(t, ID)
        await hear(t, OTHER_ID, PHONE)
        old, new, whose = await persons(t, ID, OTHER_ID, PHONE)
        assert old == before and new == whose != before
        aliases = await t.column("SELECT alias FROM people")
        assert len(set(aliases)) == len(aliases) == 2


async def test_nothing_meant_for_the_old_owner_reaches_a_number_that_was_given_out_again() -> None:
    async with town() as t:
        await t.staff("supporter", "Sari", telegram="701")
        sari = t.telegram.person(701, "Sari", started=True)
        ana = t.cloud.person(PHONE, "Ana", user_id=ID)
        await sari.say("/on")
        await t.settle()
        await t.accompanied(ana)
        await sari.wait_for(button="offer:accept")
        await sari.press("offer:accept")
        await ana.wait_for("konselor sebaya terlatih")
        stranger = t.cloud.person(PHONE, "Orang lain", user_id=OTHER_ID)
        ana.phone = "62811"  # she has another number now, and kept her id
        await stranger.say("halo")
        await stranger.wait_for("Boleh kita lanjut")
        await sari.say("rahasia Ana")
        await ana.wait_for("rahasia Ana")
        await t.settle()
        assert "rahasia Ana" not in stranger.texts
        assert t.cloud.calls("messages")[-1].json["recipient"] == ID


@pytest.mark.parametrize("given", [PHONE, ID])
async def test_the_roster_knows_somebody_by_phone_or_id(given: str) -> None:
    async with town() as t:
        await t.staff("supporter", "Sari", whatsapp=given)
        sari = t.cloud.person(PHONE, "Sari", user_id=ID)
        await sari.say("/on")
        await sari.wait_for("berjaga sekarang")
        await t.settle()
        listed = await t.app.store.read(_roster)
        assert listed == given  # shown as the coordinator wrote it
        await t.staff_again(given)
        await sari.say("/off")
        await sari.wait_for("tidak berjaga")


def _roster(tx: Any) -> str:
    from bot import staff_addresses

    person = tx.value("SELECT person_id FROM staff")
    return staff_addresses.of(tx, [person])[person]["whatsapp"]


async def test_whoever_wrote_as_a_stranger_is_recognized_when_the_phone_is_seen() -> None:
    """Sari wrote with a hidden number before; the roster has her phone; then both are seen together."""
    async with town() as t:
        await hear(t, ID, text="/start")
        await t.staff("supporter", "Sari", whatsapp=PHONE)
        await hear(t, ID, PHONE, text="/on")
        staff = await t.column("SELECT person_id FROM staff")
        assert await persons(t, ID, PHONE) == [staff[0], staff[0]]
        assert await t.column("SELECT COUNT(*) FROM addresses WHERE channel = 'whatsapp'") == [1]


async def test_two_who_are_both_busy_stay_two() -> None:
    async with town() as t:
        await hear(t, ID)
        await hear(t, PHONE)
        mine, other = await persons(t, ID, PHONE)

        def busy(tx: Any) -> None:
            for number, person in enumerate((mine, other)):
                tx.run(WAITING, id=f"r{number}", who=person)

        await t.app.store.write(busy)
        await hear(t, ID, PHONE)
        assert await persons(t, ID, PHONE) == [mine, other]
        await t.app.store.write(lambda tx: tx.run("UPDATE requests SET state = 'left' WHERE student = :p", p=other))
        await hear(t, ID, PHONE)
        assert await persons(t, ID, PHONE) == [mine, mine]


async def test_somebody_who_changes_their_number_stays_who_they_are() -> None:
    async with town() as t:
        ana = t.cloud.person(PHONE, "Ana", user_id=ID)
        await ana.say("/start")
        await ana.wait_for(button="consent:yes")
        (before,) = await persons(t, ID)
        await ana.change_number(NEW_PHONE, OTHER_ID)
        await t.settle()
        assert await persons(t, ID, PHONE, OTHER_ID, NEW_PHONE) == [None, None, before, before]
        await ana.press("consent:yes")
        await ana.wait_for(button="age:")


async def test_news_of_a_number_that_comes_too_late_takes_nobody_from_their_story() -> None:
    async with town() as t:
        await hear(t, ID, PHONE)
        await hear(t, OTHER_ID, NEW_PHONE)
        mine, other = await persons(t, ID, OTHER_ID)
        await t.app.store.write(lambda tx: tx.run(WAITING, id="r", who=other))
        await hear(t, ID, PHONE, kind=Kind.MOVED, moved_to=(OTHER_ID, NEW_PHONE))
        assert await persons(t, ID, OTHER_ID, NEW_PHONE) == [mine, other, other]


def test_what_a_coordinator_sees_of_an_account() -> None:
    assert accounts.shown("62811 ID.1") == "62811" and accounts.shown("ID.1") == "ID.1"


# --- one person, several addresses ---


def code_of(text: str) -> str:
    return text.split("Kodemu: ")[1].split("\n", maxsplit=1)[0]


async def test_a_student_goes_on_where_they_were_on_another_channel() -> None:
    async with town() as t:
        await t.staff("supporter", "Sari", telegram="701")
        sari = t.telegram.person(701, "Sari", started=True)
        there = t.telegram.person(7_000_000_005, "Ana")
        here = t.cloud.person(name="Ana")
        await sari.say("/on")
        await t.settle()
        await there.say("/start")
        for data in ("consent:yes", "age:18-21", "menu:peer", "topic:study", "heavy:6", "skip:wish", "skip:note"):
            await there.wait_for(button=data)
            await there.press(data)
        await sari.wait_for(button="offer:accept")
        await sari.press("offer:accept")
        await there.wait_for("konselor sebaya terlatih")
        await there.say("/tautkan")
        code = code_of((await there.wait_for("Kodemu")).text)
        await here.say("aku pindah ke sini ya")
        await here.wait_for("Boleh kita lanjut")
        await here.say(f"/tautkan {code}")
        await here.wait_for("Tersambung")
        await t.settle()
        await here.say("lanjut dari WhatsApp")
        await sari.wait_for("lanjut dari WhatsApp")
        await sari.say("aku tetap di sini")
        await here.wait_for("aku tetap di sini")
        await there.say("dan dari Telegram")
        await sari.wait_for("dan dari Telegram")
        await t.settle()
        assert not any(code in text for text in sari.texts)
        # the code has been used
        stranger = t.cloud.person(name="Orang lain")
        await stranger.say(f"/link {code}")
        await stranger.wait_for("Kode itu tidak kukenal")


async def test_the_address_with_a_story_stays_whoever_shows_the_code() -> None:
    async with town() as t:
        await t.staff("supporter", "Sari", telegram="701")
        await t.telegram.person(701, "Sari", started=True).say("/on")
        fresh = t.telegram.person(7_000_000_005, "Ana")
        await fresh.say("/tautkan")
        code = code_of((await fresh.wait_for("Kodemu")).text)
        here = t.cloud.person(name="Ana")
        await t.accompanied(here)
        await here.say(f"/tautkan {code.lower().replace('-', ' ')}")
        await here.wait_for("Tersambung")
        t.pass_time(1)  # the address last heard from is answered
        await fresh.say("/start")
        await fresh.wait_for("urutan ke-")


async def test_two_stories_are_not_mixed() -> None:
    async with town() as t:
        await t.staff("supporter", "Sari", telegram="701")
        await t.telegram.person(701, "Sari", started=True).say("/on")
        await t.settle()
        one, two = t.cloud.person(name="Ana"), t.cloud.person(name="Ani")
        await t.accompanied(one)
        await t.accompanied(two)
        await one.say("/tautkan")
        code = code_of((await one.wait_for("Kodemu")).text)
        await one.say(f"/tautkan {code}")
        await one.wait_for("dari aplikasi yang lain")
        await two.say(f"/tautkan {code}")
        await two.wait_for("tidak bisa kusambung")
        assert await t.column("SELECT COUNT(DISTINCT person_id) FROM addresses WHERE channel = 'whatsapp'") == [2]


async def test_a_code_lasts_ten_minutes_and_only_the_newest_counts() -> None:
    async with town() as t:
        there = t.telegram.person(7_000_000_005, "Ana")
        here = t.cloud.person(name="Ana")
        await there.say("/link")
        first = code_of((await there.wait_for("Kodemu")).text)
        await there.say("/link")
        await t.until(lambda: len(there.inbox) == 2)
        second = code_of(there.texts[-1])
        for wrong in (first, "ABCD-EFGH", "x", "0000 0000"):
            await here.say(f"/link {wrong}")
        await here.wait_for("Kode itu tidak kukenal", count=4)
        t.pass_time(601)
        await here.say(f"/link {second}")
        await here.wait_for("Kode itu tidak kukenal", count=5)
        assert first not in str(await t.column("SELECT code_hash FROM links"))


async def test_a_counselor_joins_a_second_address_and_is_paged_on_both() -> None:
    async with town() as t:
        await t.staff("counselor", "Rini", telegram="801")
        rini = t.telegram.person(801, "Rini", started=True)
        await rini.say("/tautkan")
        code = code_of((await rini.wait_for("Kodemu")).text)
        phone = t.cloud.person(name="Rini")
        await phone.say(f"/tautkan {code}")
        await phone.wait_for("Tersambung")
        await t.settle()
        ana = t.cloud.person(name="Ana")
        await ana.say("aku mau bunuh diri malam ini")
        await rini.wait_for(button="case:ack")
        await phone.wait_for(button="case:ack")
        await phone.press("case:ack")
        await ana.wait_for("sudah membaca pesanmu")
        await t.settle()
        assert rini.find_button("case:take")
        with pytest.raises(AssertionError):
            rini.find_button("case:ack")
        await phone.press("case:ack")
        await phone.wait_for("sudah")
