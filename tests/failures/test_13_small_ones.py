"""Small ones: what cannot be processed is set aside and told; ids of 64 bits; a supporter in crisis."""

from bot import timers
from bot.store.db import Tx
from flows.events import Tick
from tests.failures.house import LONG, House, said


def broken(tx: Tx) -> None:
    """Every message fails from here on: the table it needs is not there."""
    tx.run("ALTER TABLE messages RENAME TO messages_away")


def mended(tx: Tx) -> None:
    tx.run("ALTER TABLE messages_away RENAME TO messages")


async def test_a_message_that_cannot_be_processed_is_set_aside_and_its_sender_told(home: House) -> None:
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.quiet()
    await home.app.store.write(broken)
    await ana.say("halo?")
    line = await ana.wait_for("belum bisa kuproses", timeout=LONG)
    assert "119 ext 8" in line.text
    await home.app.store.write(mended)
    await home.quiet()
    assert await home.value("SELECT count(*) FROM aside WHERE state = 'open'") == 1
    assert await home.value("SELECT count(*) FROM cases") == 0
    assert not home.api.waiting, "it is confirmed, and does not come again for ever"


async def test_set_aside_and_in_danger_is_paged_in_the_same_commit(home: House) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.quiet()
    await home.app.store.write(broken)
    await ana.say("aku mau bunuh diri malam ini")
    await ana.wait_for("belum bisa kuproses", timeout=LONG)
    await home.app.store.write(mended)
    await rini.wait_for(button="case:ack", timeout=LONG)
    await ana.wait_for("Tetap di sini bersamaku", timeout=LONG)
    await home.quiet()
    assert await home.value("SELECT count(*) FROM aside WHERE level = 3") == 1
    assert await home.value("SELECT count(*) FROM cases WHERE level = 3") == 1


async def test_whoever_comes_back_with_a_message_that_cannot_be_processed_is_told_all_the_same(home: House) -> None:
    await home.hire("counselor", 801, "Bu Rini")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await ana.say("aku mau mati")
    await ana.wait_for("119 ext 8")
    await ana.block()
    await home.api.people[801].wait_for("Pesan tidak lagi sampai", timeout=LONG)
    await home.quiet()
    await home.app.store.write(broken)
    await ana.say("/start")
    await ana.wait_for("belum bisa kuproses", timeout=LONG)
    await home.app.store.write(mended)
    await home.api.people[801].wait_for("bisa dihubungi lagi", timeout=LONG)


async def test_telegram_ids_need_64_bits(home: House) -> None:
    ana = home.api.person((1 << 52) - 1, "Ana")
    await home.welcome(ana)
    sari = await home.hire("supporter", (1 << 51) + 7, "Sari")
    await home.chat(ana, sari)
    await sari.say("sampai")
    await ana.wait_for("sampai")


async def test_a_supporter_who_is_also_a_student_in_crisis(home: House) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await sari.say("aku sendiri pengen mati")
    await sari.wait_for("119 ext 8")
    await sari.wait_for(button="own:rest")
    await rini.wait_for("anggota tim pendamping")
    await home.quiet()
    assert not [text for text in said(ana) if "pengen mati" in text], "held, and not sent to the student"
    await home.press(sari, "own:rest")
    await ana.wait_for("Pendampingmu perlu istirahat")


async def test_without_an_outside_hook_nothing_is_posted_for_ever(home: House) -> None:
    ana = home.api.person(7_000_000_001, "Ana")
    await ana.say("mau bunuh diri")
    await ana.wait_for("119 ext 8", timeout=LONG)
    await home.quiet()
    assert await home.value("SELECT count(*) FROM timers WHERE kind = 'hook'") == 0
    assert await home.value("SELECT count(*) FROM timers WHERE kind = 'case' AND name = 'climb'") == 1


async def test_a_timer_that_fails_is_tried_again_later_and_not_for_ever_at_once(home: House) -> None:
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.quiet()
    await home.app.store.write(lambda tx: tx.run("ALTER TABLE pairings RENAME TO pairings_away"))
    await home.app.store.write(
        lambda tx: tx.run(
            "INSERT INTO requests (id, student, state, kind, wishes, language, risk, opened_at, avoid, round, version) "
            "VALUES ('r', 1, 'waiting', 'peer', '[]', 'id', 0, 1, '[]', 0, 1)"
        )
    )
    due = home.app.clock()
    await home.app.store.write(lambda tx: timers.put(tx, "match", "all", "round", due, Tick("match")))
    home.app.wake()
    await home.until("SELECT 1 FROM timers WHERE kind = 'match' AND due_at > :due", due=due)
    assert await home.value("SELECT due_at FROM timers WHERE kind = 'match'") >= due + 5_000
