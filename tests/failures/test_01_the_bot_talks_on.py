"""The bot keeps talking after a human took over, or is silent for ever after hand-back."""

from tests.failures.house import House, said


async def test_no_line_of_the_bot_after_accept_and_an_answer_again_after_the_end(home: House) -> None:
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await home.quiet()
    before_ana, before_sari = len(said(ana)), len(said(sari))

    for n in range(5):
        await ana.say(f"menu {n}")
        await sari.say(f"jawab {n}")
    await ana.wait_for("jawab 4")
    await sari.wait_for("menu 4")
    await home.quiet()
    assert said(ana)[before_ana:] == [f"jawab {n}" for n in range(5)]
    assert [line.partition(": ")[2] for line in said(sari)[before_sari:]] == [f"menu {n}" for n in range(5)]

    await ana.say("/selesai")
    await ana.wait_for(button="heavy:0")
    await ana.say("halo?")
    await ana.wait_for(button="menu:peer")
