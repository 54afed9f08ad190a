"""`sebaya aside`: what could not be processed is shown to a human, who decides."""

from __future__ import annotations

import asyncio

import pytest

from bot import aside_list
from bot.app import build
from bot.aside import keep, set_aside
from bot.channels.base import Inbound, Kind, Media
from bot.inbound import assess
from bot.settings import load_settings
from tests.cli.conftest import House

WORDS = "aku bingung harus bagaimana"
RAW = b'{"update_id": "nonsense"}'


@pytest.fixture
def messy(house: House) -> House:
    """A store with one unreadable body (1) and one message that failed (2)."""

    async def work() -> None:
        app = await build(load_settings(house.env), channels={})
        message = Inbound("telegram", "99", "7001", Kind.TEXT, app.clock(), text=WORDS, language="id")
        assessment = assess(WORDS, app.engine.matcher)
        try:
            await app.store.write(lambda tx: keep(tx, "telegram", RAW, "unreadable", app.clock()))
            await app.store.write(lambda tx: set_aside(app.engine, tx, message, assessment, "KeyError", 3))
        finally:
            await app.stop()

    asyncio.run(work())
    return house


def test_nothing_is_said_of_nothing(house: House) -> None:
    assert house.do("aside", "list").out == "Nothing was set aside.\n"


def test_the_list_shows_why_and_no_words(messy: House) -> None:
    done = messy.do("aside", "list")
    assert done.status == 0
    assert "KeyError" in done.out
    assert "unreadable" in done.out
    assert "bingung" not in done.out


def test_showing_one_is_audited(messy: House) -> None:
    assert WORDS in messy.do("aside", "show", "2").out
    assert RAW.decode() in messy.do("aside", "show", "1").out
    assert messy.read(lambda tx: [row[0] for row in tx.all("SELECT action FROM audit")]) == ["aside.read"] * 2


def test_one_is_processed_again_and_its_sender_is_answered(messy: House) -> None:
    before = messy.read(lambda tx: tx.value("SELECT count(*) FROM outbox"))
    done = messy.do("aside", "retry", "2")
    assert (done.status, done.err) == (0, "")
    assert messy.read(lambda tx: tx.value("SELECT count(*) FROM outbox")) > before
    assert messy.read(lambda tx: tx.value("SELECT count(*) FROM messages")) == 1
    assert messy.read(lambda tx: [entry.id for entry in aside_list.listed(tx)]) == [1]
    again = messy.do("aside", "retry", "2")
    assert again.status == 1
    assert "decided before (retried)" in again.err


def test_what_nobody_could_read_is_only_dismissed(messy: House) -> None:
    done = messy.do("aside", "retry", "1")
    assert done.status == 1
    assert "dismiss it" in done.err
    assert messy.do("aside", "dismiss", "1").status == 0
    assert messy.read(lambda tx: [entry.id for entry in aside_list.listed(tx)]) == [2]


@pytest.mark.parametrize("command", ["show", "retry", "dismiss"])
def test_an_unknown_number_fails(messy: House, command: str) -> None:
    done = messy.do("aside", command, "77")
    assert done.status == 1
    assert done.err.startswith("Nothing of this number was set aside")


def test_media_are_read_back_as_they_were(house: House) -> None:
    """What is set aside is kept as JSON; reading it back gives the same message."""
    from bot.aside import _as_json
    from bot.aside_list import Entry, Opened

    media = Media("telegram", "file", Kind.VOICE, "audio/ogg", 10, 2)
    message = Inbound("telegram", "5", "7001", Kind.VOICE, 1, media=media)
    opened = Opened(Entry(1, "telegram", "X", 0, 3, "open", 1), _as_json(message), "5")
    assert opened.inbound == message
