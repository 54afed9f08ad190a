"""A service with the semantic net on, whose model is a stand-in and whose head knows a few words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import roster
from bot.app import App, build
from bot.channels.base import Inbound, Kind
from bot.channels.script import Script
from bot.clock import SetClock
from bot.roster_fields import Entry
from bot.rules.rulebook import Rulebook
from bot.semantic.embedder import DIMENSIONS, Worded, place_of
from bot.semantic.head import Head, write_head
from bot.settings import load_settings
from bot.store.keys import key_text, new_key
from bot.words import LOCALES, Words

NOW = 1_795_000_000_000
GRAVE, DOUBTFUL, PLAIN = "lilin kecilku hampir padam", "lilin ini redup", "besok kuliah jam delapan"
"""What the head raises, what it wants looked at, and what it lets pass; the rules let all three pass."""
_WEIGHTS = {"lilin": 6.0, "padam": 12.0}


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a head; rules and words are those of the project."""
    folder = tmp_path_factory.mktemp("locales")
    weights = [0.0] * DIMENSIONS
    for word, weight in _WEIGHTS.items():
        weights[place_of(word)] = weight
    head = Head(tuple(weights), -3.0, 0.9, 0.5, "semantic-test", {"date": "2026-11-22"})
    write_head(head, folder / "crisis-semantic.json")
    return folder


@pytest.fixture(scope="session")
def rules() -> Rulebook:
    return Rulebook.read(LOCALES)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
async def app(clock: SetClock, locales: Path, rules: Rulebook) -> AsyncIterator[App]:
    settings = load_settings(None, database_url="sqlite://", secret_keys=key_text([new_key()]), semantic="on")
    made = await build(
        settings, clock=clock, locales=locales, rules=rules, words=Words(LOCALES), embedder=Worded(),
        channels={"telegram": Script("telegram")},
    )  # fmt: skip
    await made.store.write(
        lambda tx: roster.add(tx, made.acting("cli"), Entry(role="counselor", name="Bu Rini", telegram="700"))
    )
    assert made.semantic is not None
    await made.semantic.round()  # turned on: what comes from now on is looked at
    yield made
    await made.stop()


class Talk:
    """Students who write."""

    def __init__(self, app: App) -> None:
        self.app, self.count = app, 0

    async def say(self, text: str, who: str = "900", kind: Kind = Kind.TEXT) -> None:
        self.count += 1
        number = str(self.count)
        await self.app.engine.receive(
            Inbound("telegram", number, who, kind, self.app.clock(), text=text, message_id=number, language="id")
        )

    async def round(self) -> int:
        """One round of the net; how many texts it read."""
        assert self.app.semantic is not None
        return await self.app.semantic.round()

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await self.app.store.read(lambda tx: tx.all(sql))]


@pytest.fixture
def talk(app: App) -> Talk:
    return Talk(app)


def head_file(folder: Path, **changes: object) -> Path:
    """A head's file with something changed."""
    file = folder / "head.json"
    stored = {"card": {}, "version": "x", "raise": 0.9, "review": 0.5, "bias": 0.0, "weights": [0.0] * DIMENSIONS}
    file.write_text(json.dumps({**stored, **changes}))
    return file
