"""A blocked bot or a gone user crashes or loops."""

from tests.failures.house import LONG, House, said


async def test_a_student_who_blocks_in_a_crisis(home: House) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await ana.say("mau bunuh diri")
    await home.press(rini, "case:ack")
    await home.quiet()

    await ana.block()
    await rini.wait_for("Pesan tidak lagi sampai", timeout=15)
    await sari.wait_for("Pesan tidak lagi sampai", timeout=15)
    await home.press(rini, "case:take")
    await rini.say("kamu di mana?")
    await rini.wait_for("belum sampai", timeout=LONG)
    await home.quiet()
    calls = len(home.api.calls("sendMessage", ana.id))
    await sari.say("/on")
    await home.quiet()
    assert len(home.api.calls("sendMessage", ana.id)) == calls, "nothing is tried again"

    await ana.unblock()
    await ana.say("/start")
    await rini.wait_for("bisa dihubungi lagi")
    await rini.say("aku di sini")
    await ana.wait_for("aku di sini")


async def test_a_block_that_only_a_refused_message_tells_of(home: House) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    home.api.faults.add("403", chat_id=ana.id, times=None)
    await ana.say("mau bunuh diri")
    await rini.wait_for("Pesan tidak lagi sampai", timeout=15)
    await home.quiet()
    assert len(home.api.calls("sendMessage", ana.id)) < 12, "retries stop"


async def test_a_supporter_who_blocks(home: House) -> None:
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await ana.say("kak, aku mau cerita")
    await sari.wait_for("aku mau cerita")
    budi = await home.hire("supporter", 702, "Budi")
    await sari.block()
    await ana.wait_for("Sambungan dengan pendampingmu terputus")
    await home.press(budi, "offer:accept")
    await budi.wait_for("aku mau cerita")
    await budi.say("halo, aku Budi")
    await ana.wait_for("halo, aku Budi")
    assert not [text for text in said(sari) if "halo, aku Budi" in text]
