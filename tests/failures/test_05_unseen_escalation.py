"""An escalation that nobody sees: whatever fails on a night, a named person has the case, or the student is told."""

from __future__ import annotations

import pytest

from bot import ledger
from flows.facts import Policy
from tests.failures.house import LONG, crashed, house
from tests.failures.nights import Tally, night

FEW, MANY = 60, 10_000


@pytest.mark.timeout(7_200)
async def test_on_no_night_is_a_case_unseen(request: pytest.FixtureRequest) -> None:
    tally = Tally()
    for seed in range(MANY if request.config.getoption("--long") else FEW):
        tally.add(await night(seed))
    print(tally)  # noqa: T201 - shown by pytest -s: what was tried
    assert tally.acknowledged and tally.told and tally.unanswered and tally.kills


async def test_whoever_pages_may_die(store_url: str) -> None:
    """The process that took the crisis in is gone a moment later, and the first counselor has blocked the bot: with two
    workers the other one goes on, alone the next process does."""
    async with house(store_url, escalation_ack_seconds=2) as home:
        rini = await home.hire("counselor", 801, "Bu Rini")
        anton = await home.hire("counselor", 802, "Pak Anton", on=False)
        ana = home.api.person(7_000_000_001, "Ana")
        await home.welcome(ana)
        await home.quiet()
        await rini.block()
        await ana.say("aku mau mati")
        await home.until("SELECT count(*) FROM cases")
        await crashed(home.app)
        if home.others:
            home.app = home.others.pop(0)
        else:
            await home.start()
        line = await ana.wait_for("belum ada konselor yang menjawab", timeout=LONG)
        assert "119" in line.text
        await home.press(anton, "case:ack")
        await ana.wait_for("sudah membaca pesanmu", timeout=LONG)
        await home.quiet()
        assert await home.value("SELECT count(*) FROM cases WHERE state = 'acknowledged'") == 1
        told = await home.value("SELECT MAX(told_at - paging_since) FROM cases")
        assert told is not None and told < 2 * 2_000 + 15_000, "at 4 s, or as soon as somebody serves again"
        found = await home.app.store.read(lambda tx: list(ledger.check(tx, home.app.clock(), Policy(), grace=0)))
        assert found == []
