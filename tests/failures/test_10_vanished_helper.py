"""A helper vanishes in the middle of a chat, and the longest-waiting person ages out of the queue."""

from bot.store.db import Tx
from tests.failures.house import LONG, House, house

YEAR = 365 * 24 * 3_600_000


async def test_a_silent_helper_is_reminded_then_the_student_is_told_and_moves_on(store_url: str) -> None:
    given = {"silence_warn_seconds": 1, "silence_move_seconds": 2}
    async with house(store_url, **given) as home:
        sari = await home.hire("supporter", 701, "Sari")
        ana = home.api.person(7_000_000_001, "Ana")
        await home.welcome(ana)
        await ana.say("ini soal ibuku")
        await home.chat(ana, sari)
        await sari.say("hai")
        await ana.wait_for("hai")
        await ana.say("ibuku sakit")
        budi = await home.hire("supporter", 702, "Budi")
        await sari.wait_for("menunggu balasanmu", timeout=LONG)
        await ana.wait_for("belum membalas", timeout=LONG)
        await home.press(budi, "offer:accept")
        for line in ("ini soal ibuku", "hai", "ibuku sakit"):
            await budi.wait_for(line, timeout=LONG)


async def test_nobody_ages_out_of_the_queue(home: House) -> None:
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.ask(ana)
    await home.quiet()
    bayu = home.api.person(7_000_000_002, "Bayu")
    await home.welcome(bayu)
    await home.ask(bayu)
    await home.quiet()

    def a_year_ago(tx: Tx) -> None:
        tx.run("UPDATE requests SET opened_at = opened_at - :year WHERE student = 1", year=YEAR)

    await home.app.store.write(a_year_ago)
    sari = await home.hire("supporter", 701, "Sari", capacity=1)
    await home.quiet()
    offers = await home.column(
        "SELECT requests.student FROM outbox JOIN offers ON outbox.ref = 'offer:' || offers.id "
        "JOIN requests ON requests.id = offers.request ORDER BY outbox.id"
    )
    assert offers[0] == 1, "the longest-waiting person is offered first"
    await home.press(sari, "offer:")
