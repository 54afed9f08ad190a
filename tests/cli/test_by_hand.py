"""`sebaya export` and `sebaya erase`."""

from __future__ import annotations

import asyncio
import json
import stat

import pytest

from bot.app import App, build
from bot.channels.base import Inbound, Kind
from bot.channels.script import Script
from bot.roster_fields import Entry
from bot.settings import load_settings
from cli.alone import alone
from tests.cli.conftest import House

STORY = "aku merasa sendirian di kos"


async def _app(house: House) -> App:
    return await build(load_settings(house.env), channels={"telegram": Script("telegram")})


async def _say(app: App, *lines: str) -> None:
    now = app.clock()
    for number, text in enumerate(lines):
        await app.engine.receive(
            Inbound("telegram", f"{now}-{number}", "7001", Kind.TEXT, now, text=text, language="id")
        )


def student(house: House, *lines: str) -> str:
    """Somebody who wrote; their alias."""

    async def work() -> str:
        app = await _app(house)
        try:
            await _say(app, *lines)
            return await app.store.read(lambda tx: str(tx.value("SELECT alias FROM people ORDER BY id DESC")))
        finally:
            await app.stop()

    return asyncio.run(work())


def test_an_export_holds_what_they_wrote(house: House) -> None:
    alias = student(house, "halo", STORY)
    done = house.do("export", alias.lower())
    assert done.status == 0
    kept = json.loads(done.out)
    assert kept["alias"] == alias
    assert STORY in [line["text"] for line in kept["your_lines"]]
    assert house.read(lambda tx: [row[0] for row in tx.all("SELECT action FROM audit")]) == ["person.export"]


def test_an_export_into_a_file_is_private(house: House) -> None:
    alias = student(house, STORY)
    out = house.folder / "out.json"
    done = house.do("export", alias, "--out", str(out))
    assert done.status == 0
    assert STORY not in done.out
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert STORY in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [("export",), ("erase", "--yes")])
def test_an_unknown_alias_fails(house: House, command: tuple[str, ...]) -> None:
    done = house.do(*command, "Kapal Selam")
    assert done.status == 1
    assert done.err.startswith("Nobody has this alias")
    assert done.out == ""


def test_nobody_is_erased_without_being_asked(house: House) -> None:
    alias = student(house, STORY)
    done = house.do("erase", alias)
    assert done.status == 2
    assert "--yes" in done.err
    assert STORY in house.do("export", alias).out


def test_erasing_destroys_the_key_and_every_trace(house: House) -> None:
    alias = student(house, "halo", STORY)
    done = house.do("erase", alias, "--yes")
    assert done.status == 0
    assert done.out == "Erased. Nobody serves this database, so they were not told.\n"
    assert house.do("export", alias).status == 1
    found = house.read(
        lambda tx: (
            tx.value("SELECT count(*) FROM people WHERE key IS NOT NULL OR student IS NOT NULL"),
            tx.value("SELECT count(*) FROM addresses"),
            tx.value("SELECT count(*) FROM messages WHERE body IS NOT NULL"),
            tx.value("SELECT count(*) FROM timers WHERE kind = 'erase'"),
            tx.value("SELECT count(*) FROM aliases WHERE alias = :alias", alias=alias),
        )
    )
    assert found == (0, 0, 0, 0, 1)
    assert house.read(lambda tx: tuple(tx.all("SELECT actor, action FROM audit")[0])) == ("cli", "person.erase")


def test_an_open_case_is_told_and_stays(house: House) -> None:
    alias = student(house, "/darurat")
    assert house.do("erase", alias, "--yes").status == 0
    state, outcome = house.read(lambda tx: tuple(tx.all("SELECT state, outcome FROM cases")[0]))
    assert state != "resolved"
    assert outcome == "erased"


def test_somebody_of_the_roster_is_removed_there_first(house: House) -> None:
    async def hire() -> tuple[str, str]:
        from bot import roster

        app = await _app(house)
        try:
            entry = Entry(role="supporter", name="Sari", telegram="701")
            made = await app.store.write(lambda tx: roster.add(tx, app.acting("cli"), entry))
            return made.alias, made.id
        finally:
            await app.stop()

    alias, _id = asyncio.run(hire())
    done = house.do("erase", alias, "--yes")
    assert done.status == 1
    assert "roster" in done.err
    assert house.read(lambda tx: tx.value("SELECT count(*) FROM staff WHERE name IS NOT NULL")) == 1


@pytest.mark.timeout(180)
def test_a_service_that_runs_tells_them_first(house: House) -> None:
    """While something serves, the erasing waits until the last notice has left, and is done by whoever serves."""
    alias = student(house, "halo")

    async def work() -> tuple[int, str, list[str]]:
        script = Script("telegram")
        app = await build(load_settings(house.env), channels={"telegram": script})
        try:
            await app.start()
            process = house.start("erase", alias, "--yes")
            status = await asyncio.to_thread(process.wait, 120)
            out, err = process.communicate()
            return status, out + err, [bubble.text for bubble in script.screen("7001").bubbles]
        finally:
            await app.stop()

    with alone(house.url):
        status, out, seen = asyncio.run(work())
    assert (status, out) == (0, "Erased.\n")
    assert "hapus" in seen[-1].lower()
    assert house.read(lambda tx: tx.value("SELECT count(*) FROM addresses")) == 0
