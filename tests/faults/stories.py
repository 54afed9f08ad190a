"""Two whole stories on the stage, told again for every commit at which their process may die: a chat from the first
word to the end, and a crisis from the word to its resolution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import ledger
from bot.channels.script import Script
from bot.replay import acts
from bot.replay.stage import PLATFORMS, SECOND
from bot.replay.story import Actor, Story
from bot.store.db import Store, Tx
from tests.faults.mortal import Mortal, mortal

Told = Callable[[Mortal], Awaitable[None]]
AFTERWARDS = 10 * SECOND
"""ms after which whatever a death has put off is done: the longest lease of something that was begun."""


def actor(name: str, role: str) -> Actor:
    return Actor(name, role, "telegram", "id", "", role != "student", {"name": name}, {})


PEOPLE = {name: actor(name, role) for name, role in
          (("Ana", "student"), ("Sari", "supporter"), ("Rini", "counselor"))}  # fmt: skip


async def _says(stage: Mortal, who: str, text: str) -> None:
    await acts.says(stage, who, text)
    await _settled(stage)


async def _presses(stage: Mortal, who: str, label: str) -> None:
    await acts.presses(stage, who, label)
    await _settled(stage)


async def _settled(stage: Mortal) -> None:
    """Until everything is done, and, where the process has died over it, what the next one must wait for."""
    before = stage.deaths
    await stage.settle()
    if stage.deaths != before:
        await stage.wait(AFTERWARDS)


async def _waits(stage: Mortal, ms: int) -> None:
    before = stage.deaths
    await stage.wait(ms)
    if stage.deaths != before:
        await stage.wait(AFTERWARDS)


async def chat(stage: Mortal) -> None:
    """From the first word to the last."""
    await _says(stage, "Ana", "/start")
    await _presses(stage, "Ana", "Ya, lanjut")
    await _presses(stage, "Ana", "18–21 tahun")
    await _presses(stage, "Ana", "Ngobrol sama kakak")
    for _ in range(4):
        await _presses(stage, "Ana", "Lewati")
    await _says(stage, "Ana", "baris satu, sambil menunggu")
    await _presses(stage, "Sari", "Terima")
    for n in range(2):
        await _says(stage, "Ana", f"baris Ana {n}")
        await _says(stage, "Sari", f"baris Sari {n}")
    await _says(stage, "Ana", "/selesai")


async def crisis(stage: Mortal) -> None:
    """From the word to the resolution; the counselor takes the chat that nobody had."""
    await _says(stage, "Ana", "aku mau mati")
    await _waits(stage, 61 * SECOND)
    await _presses(stage, "Rini", "Saya tangani")
    await _presses(stage, "Rini", "Ambil alih chat")
    await _says(stage, "Rini", "saya Rini, saya di sini")
    await _says(stage, "Ana", "makasih, Bu")
    await _presses(stage, "Rini", "Tandai selesai")


@dataclass(frozen=True)
class End:
    """What a story came to: what each saw, aliases aside, and what is stored."""

    seen: dict[str, Counter[str]]
    stored: tuple[tuple[object, ...], ...]
    commits: int
    deaths: int

    def differs(self, other: End) -> str:
        """In what `other`, which was broken off, is not as this one; empty where it only repeats what was on its way:
        for each death one message of a recipient and class."""
        for name, texts in self.seen.items():
            if lost := texts - other.seen[name]:
                return f"{name} never saw {dict(lost)}"
            if (more := other.seen[name] - texts).total() > 2 * other.deaths:
                return f"{name} saw too much: {dict(more)}"
        return "" if self.stored == other.stored else f"{self.stored} became {other.stored}"


_STORED = (
    "SELECT p.alias, m.kind, m.fate, m.level FROM messages m JOIN people p ON p.id = m.person_id ORDER BY m.id",
    "SELECT COUNT(*) FROM outbox WHERE status = 0",
    "SELECT state, COUNT(*) FROM chats GROUP BY state ORDER BY state",
    "SELECT state, COUNT(*) FROM requests GROUP BY state ORDER BY state",
    "SELECT state, level, COUNT(*) FROM cases GROUP BY state, level ORDER BY state, level",
    "SELECT state, COUNT(*) FROM inbox GROUP BY state ORDER BY state",
    "SELECT COUNT(*) FROM aside",
    "SELECT COUNT(*) FROM mail",
)


async def tell(store: Store, told: Told, *, commit: int = 0, after: bool = False) -> End:
    """Tell a story, its process dying at the `commit`-th commit if any, and say what it came to. AssertionError where
    a law does not hold over what is stored."""
    channel = Script("telegram", PLATFORMS["telegram"])
    stage: Mortal
    async with mortal(Story("", PEOPLE, []), store, telegram=channel) as stage:
        begun = stage.life.commits
        if commit:
            stage.life.die(commit, after=after)
        await told(stage)
        await stage.wait(AFTERWARDS)
        commits, policy, now = stage.life.commits - begun, stage.app.policy, stage.clock()
        found = await stage.app.store.read(lambda tx: list(ledger.check(tx, now, policy, grace=0)))
        assert found == [], found
        aliases = await store.read(lambda tx: [(str(row[0]), n) for n, row in enumerate(tx.all(_ALIASES), start=1)])
        stored = await store.read(lambda tx: tuple(_rows(tx, aliases)))
        seen = {name: Counter(_plain(one.text, aliases) for one in stage.screen(name).bubbles if not one.own)
                for name in PEOPLE}  # fmt: skip
        return End(seen, stored, commits, stage.deaths)


_ALIASES = "SELECT alias FROM people ORDER BY id"


def _plain(text: str, aliases: list[tuple[str, int]]) -> str:
    for alias, number in aliases:
        text = text.replace(alias, f"<{number}>")
    return text


def _rows(tx: Tx, aliases: list[tuple[str, int]]) -> list[tuple[object, ...]]:
    return [tuple(_plain(part, aliases) if isinstance(part, str) else part for part in row)
            for sql in _STORED for row in tx.all(sql)]  # fmt: skip
