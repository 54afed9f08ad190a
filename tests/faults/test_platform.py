"""The platform on a bad day: it slows the bot down, refuses, fails, cuts off after accepting, or never answers. Every
line keeps its one end (M2) and its place (M3), nobody else waits for it, refusals are told (M4), cases paged (C3)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot import ledger
from flows.facts import Policy
from tests.channels.whatsapp.town import town
from tests.failures.house import LONG, House, house, said
from tests.platforms.telegram import Person

LINES = 3


@pytest.fixture
async def home(sqlite_url: str) -> AsyncIterator[House]:
    """On SQLite: what a platform does is the same for each store."""
    async with house(sqlite_url) as made:
        yield made


FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("429", {"retry_after": 1}), ("500", {}), ("502", {}), ("html", {}), ("401", {}), ("drop", {}), ("cut", {}),
    ("slow", {"delay": 0.2}), ("500", {"accepted": True}),
)  # fmt: skip
LOSING = {"cut", "accepted"}
"""What was carried out although it was refused is seen again."""


async def two_chats(home: House) -> tuple[Person, Person, Person, Person]:
    made: list[Person] = []
    for n, (student, helper) in enumerate((("Ana", "Sari"), ("Bayu", "Budi"))):
        there = await home.hire("supporter", 701 + n, helper, capacity=1)
        person = home.api.person(7_000_000_001 + n, student)
        await home.welcome(person)
        await home.chat(person, there)
        made += [person, there]
    await home.quiet()
    return made[0], made[1], made[2], made[3]


def lines(person: Person, mark: str) -> list[str]:
    """The lines with this mark that somebody was shown, in order, repetitions too."""
    return [found[0] for text in said(person) if (found := re.search(rf"{re.escape(mark)}\.\d+", text))]


async def lawful(home: House) -> None:
    """Everything has its end, and the ledger finds nothing."""
    await home.quiet()
    found = await home.app.store.read(lambda tx: list(ledger.check(tx, home.app.clock(), Policy(), grace=0)))
    assert found == []
    assert await home.value("SELECT count(*) FROM outbox WHERE status = 0") == 0
    assert home.app.loops.running


async def a_bad_day(home: House, number: int, kind: str, more: dict[str, Any], them: tuple[Person, ...]) -> None:
    ana, sari, bayu, budi = them
    fault = home.api.faults.add(kind, method="sendMessage", chat_id=sari.id, times=None, **more)
    mine, other = f"ana {number}", f"bayu {number}"
    for n in range(LINES):
        await ana.say(f"{mine}.{n}")
        await bayu.say(f"{other}.{n}")
    await budi.wait_for(f"{other}.{LINES - 1}", timeout=LONG)  # while Sari's platform fails: nobody waits for her
    async with asyncio.timeout(LONG):
        while fault.hits < 2:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.02)
    home.api.faults.remove(fault)
    await sari.wait_for(f"{mine}.{LINES - 1}", timeout=LONG)
    await home.quiet()
    came, whole = lines(sari, mine), [f"{mine}.{n}" for n in range(LINES)]
    assert sorted(set(came), key=came.index) == whole, f"{kind}: in order, and all of them"
    again = len(came) - LINES
    assert again <= (fault.hits if kind in LOSING or more.get("accepted") else 0), kind
    assert came[: again + 1] == [whole[0]] * (again + 1), "only the one on its way is repeated"
    assert lines(budi, other) == [f"{other}.{n}" for n in range(LINES)]
    await lawful(home)


@pytest.mark.timeout(600)
async def test_what_passes_is_waited_out_in_order_and_delays_nobody_else(
    home: House, request: pytest.FixtureRequest
) -> None:
    hang = (("hang", {}),) if request.config.getoption("--long") else ()  # takes 10 s to be given up
    them = await two_chats(home)
    for number, (kind, more) in enumerate((*FAULTS, *hang)):
        await a_bad_day(home, number, kind, more, them)
    early = [call for call in home.api.requests if call.early and call.method == "sendMessage"]
    assert early == [], "a pause that the platform names is kept"


async def test_a_line_that_is_refused_is_told_to_its_writer_and_the_next_ones_arrive(home: House) -> None:
    ana, sari, _, _ = await two_chats(home)
    for writer, reader in ((ana, sari), (sari, ana)):
        fault = home.api.faults.add("400", method="sendMessage", chat_id=reader.id, description="message text is odd")
        mark = f"dari {writer.user.first_name}"
        for n in range(LINES):
            await writer.say(f"{mark}.{n}")
        await reader.wait_for(f"{mark}.{LINES - 1}", timeout=LONG)
        await writer.wait_for("tidak sampai", timeout=LONG)
        assert fault.hits == 1, "what was refused is not tried again"
        assert lines(reader, mark) == [f"{mark}.{n}" for n in range(1, LINES)]
    await lawful(home)


async def test_an_update_that_comes_again_means_nothing(home: House) -> None:
    ana, sari, _, _ = await two_chats(home)
    for n in range(LINES):
        await ana.say(f"lagi.{n}")
        update = max(one["update_id"] for one in home.api.updates)
        home.api.redeliver(update, times=2)
    await sari.wait_for(f"lagi.{LINES - 1}", timeout=LONG)
    await home.quiet()
    assert lines(sari, "lagi") == [f"lagi.{n}" for n in range(LINES)]
    await lawful(home)


@pytest.mark.parametrize(("kind", "ack"), [("403", 60), ("400", 60), ("500", 1), ("429", 1), ("drop", 1)], ids=str)
async def test_a_page_that_does_not_arrive_does_not_end_the_paging(sqlite_url: str, kind: str, ack: int) -> None:
    """A refusal counts as a decline; what may pass is climbed past in time, and the student is told."""
    async with house(sqlite_url, escalation_ack_seconds=ack) as home:
        rini = await home.hire("counselor", 801, "Bu Rini")
        anton = await home.hire("counselor", 802, "Pak Anton", on=False)
        ana = home.api.person(7_000_000_001, "Ana")
        await home.welcome(ana)
        await home.quiet()
        home.api.faults.add(kind, method="sendMessage", chat_id=rini.id, times=None, retry_after=1)
        await ana.say("aku mau mati")
        await anton.wait_for(button="case:ack", timeout=LONG)
        if ack == 1:
            line = await ana.wait_for("belum ada konselor yang menjawab", timeout=LONG)
            assert "119" in line.text
        home.api.faults.clear()
        await home.press(anton, "case:ack")
        await lawful(home)


async def test_a_crisis_message_that_is_refused_is_told_to_whoever_has_the_case(home: House) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.quiet()
    home.api.faults.add("400", method="sendMessage", chat_id=ana.id, description="message text is odd")
    await ana.say("aku mau mati")
    await rini.wait_for("ditolak platformnya", timeout=LONG)
    await home.press(rini, "case:ack")
    await ana.wait_for("sudah membaca pesanmu", timeout=LONG)
    home.api.faults.add("400", method="sendMessage", chat_id=ana.id, description="message text is odd")
    await ana.say("aku mau mati")
    await rini.wait_for("ditolak platformnya", timeout=LONG)
    await lawful(home)


async def test_whatsapp_on_a_bad_day() -> None:
    async with town() as t:
        await t.staff("supporter", "Sari", whatsapp="6281111111111")
        sari = t.cloud.person("6281111111111", "Sari")
        await sari.say("/on")
        await sari.wait_for("berjaga sekarang")
        ana = t.cloud.person(name="Ana")
        await t.accompanied(ana)
        await sari.wait_for(button="offer:accept")
        await sari.press("offer:accept")
        await ana.wait_for("konselor sebaya terlatih")
        await t.settle()
        for number, kind in enumerate(("500", "html", "drop", "cut", "131056", "130429")):
            fault = t.cloud.faults.add(kind, to=sari, times=2)
            for n in range(LINES):
                await ana.say(f"wa {number}.{n}")
            async with asyncio.timeout(LONG):
                while not any(f"wa {number}.{LINES - 1}" in text for text in sari.texts):
                    await t.settle()
                    t.pass_time(1)
                    t.app.wake()
                    await asyncio.sleep(0.01)
            await t.settle()
            came = [found[0] for text in sari.texts if (found := re.search(rf"wa {number}\.\d", text))]
            assert sorted(set(came), key=came.index) == [f"wa {number}.{n}" for n in range(LINES)], kind
            assert len(came) - LINES <= (fault.hits if kind == "cut" else 0), kind
        found = await t.app.store.read(lambda tx: list(ledger.check(tx, t.app.clock(), Policy(), grace=0)))
        assert found == []
