"""Anti-spam, an auto-reply or a ban swallows the crisis."""

import pytest

from tests.failures.house import House, said


async def test_the_thirtieth_line_of_a_minute_is_escalated(home: House) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    for n in range(29):
        await ana.say(f"spam {n}")
    await ana.say("mau bunuh diri")
    page = await rini.wait_for(button="case:ack")
    assert "mau bunuh diri" in page.text
    await ana.wait_for("119 ext 8")
    await home.quiet()
    assert await home.value("SELECT count(*) FROM messages WHERE fate = 'held'") == 30, "each is kept for who comes"


@pytest.mark.parametrize("text", ["informasi, aku mau mati", "/bantuan aku mau mati", "/start aku mau mati"])
async def test_a_word_of_the_menu_beside_a_crisis_is_escalated(home: House, text: str) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await ana.say(text)
    assert "aku mau mati" in (await rini.wait_for(button="case:ack")).text
    await ana.wait_for("119 ext 8")


async def test_a_prankster_gets_numbers_and_a_case_as_anybody(home: House) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    for _ in range(2):
        await sari.say("/lapor iseng")
    await home.quiet()
    await ana.say("mau bunuh diri malam ini")
    page = await rini.wait_for(button="case:ack")
    assert "coba-coba: 2 kali" in page.text
    await ana.wait_for("119 ext 8")
    await home.quiet()
    assert not [text for text in said(ana) if "coba-coba" in text]
