"""The process dies right before and right after each single commit of a whole story: the next one finishes it, nothing
is lost, and at most what was on its way is seen twice (M1 to M5, C2, C3)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from bot import ledger
from bot.store.db import Store, open_store
from flows.facts import Policy
from tests.failures.hours import AtOnce
from tests.failures.house import LONG, House, house, said
from tests.faults.processes import ROOT, environment
from tests.faults.stories import Told, chat, crisis, tell
from tests.store.postgres import TEMPLATE, _database

STORIES = pytest.mark.parametrize("told", [chat, crisis], ids=["chat", "crisis"])


async def died_everywhere(told: Told, stores: Callable[[], Store], every: int) -> int:
    """Tell a story once whole, and then once for every `every`-th commit and each side of it; how often it died."""
    whole = await tell(stores(), told)
    tries = [(n, after) for n in range(1, whole.commits + 1) for after in (False, True)]
    deaths = 0
    for commit, after in tries[::every]:
        end = await tell(stores(), told, commit=commit, after=after)
        difference = whole.differs(end)
        assert not difference, f"died {'after' if after else 'before'} commit {commit}: {difference}"
        deaths += end.deaths
    return deaths


@STORIES
@pytest.mark.timeout(1_800)
async def test_in_memory(told: Told, request: pytest.FixtureRequest) -> None:
    every = 1 if request.config.getoption("--long") else 9
    deaths = await died_everywhere(told, AtOnce, every)
    assert deaths >= 100 / every


@STORIES
@pytest.mark.timeout(3_600)
async def test_on_each_store(told: Told, store_kind: Callable[[], Store], request: pytest.FixtureRequest) -> None:
    every = 1 if request.config.getoption("--long") else 71
    assert await died_everywhere(told, store_kind, every) >= 2


@pytest.fixture(params=["sqlite", "postgresql"])
def store_kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """A fresh migrated store for each call."""
    numbers = count()
    if request.param == "sqlite":
        fresh: bytes = request.getfixturevalue("migrated_file")

        def file() -> Store:
            path = tmp_path / f"{next(numbers)}.db"
            path.write_bytes(fresh)
            return open_store(f"sqlite:///{path}")

        yield file
        return
    server: str = request.getfixturevalue("postgres")
    made: list[Iterator[str]] = []

    def database() -> Store:
        for old in made:
            next(old, None)  # the last one's store is closed: it can go
        made[:] = [_database(server, TEMPLATE)]
        return open_store(next(made[0]), writers=2, readers=1)

    yield database
    for old in made:
        next(old, None)


class Worker:
    """A process that kills itself at a commit, and is followed by one that does not."""

    def __init__(self, given: dict[str, str], log: Path) -> None:
        self._given, self._log = given, log
        self.deaths = 0
        self.running: subprocess.Popen[bytes]

    def start(self, commit: int = 0, side: str = "after") -> None:
        with self._log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.dying", str(commit), side],
                env=environment(self._given), cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip

    async def followed(self) -> None:
        while True:
            if self.running.poll() is not None:
                self.deaths += 1
                self.start()
            await asyncio.sleep(0.05)


@contextmanager
def worker(home: House, folder: Path, commit: int, side: str) -> Iterator[Worker]:
    made = Worker({name: str(value) for name, value in home.given.items()}, folder / "worker.log")
    made.start(commit, side)
    following = asyncio.ensure_future(made.followed())
    try:
        yield made
    finally:
        following.cancel()
        made.running.terminate()
        made.running.wait(timeout=30)


async def story(home: House) -> None:
    """A chat and the crisis in it, told by people who only see their screens."""
    ana, sari, rini = (home.api.people[id] for id in (7_000_000_001, 701, 801))
    await ana.say("/start")
    for data in ("consent:yes", "age:18-21", "menu:peer", "skip:topic", "skip:heavy", "skip:wish", "skip:note"):
        await home.press(ana, data)
    await home.press(sari, "offer:accept")
    for n in range(3):
        await ana.say(f"baris Ana {n}")
        await sari.wait_for(f"baris Ana {n}", timeout=LONG)
        await sari.say(f"baris Sari {n}")
        await ana.wait_for(f"baris Sari {n}", timeout=LONG)
    await ana.say("pengen mati aja rasanya")
    await home.press(rini, "case:ack")
    await home.press(rini, "case:take")
    await rini.say("saya Rini")
    await ana.wait_for("saya Rini", timeout=LONG)
    await home.press(rini, "case:resolve")
    await rini.wait_for("Tercatat selesai", timeout=LONG)


COMMITS = 110
"""About as many as the story has in a process of its own."""


@pytest.mark.timeout(5_400)
async def test_processes_killed_at_a_commit(store_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--long"):
        points = [(n, side) for n in range(1, COMMITS) for side in ("before", "after")]
    else:
        points = [(41, "before")] if store_url.startswith("sqlite") else [(58, "after")]
    for number, (commit, side) in enumerate(points):
        url = store_url if number == 0 else _another(request, store_url, tmp_path / f"{number}.db")
        async with house(url) as home:
            await home.hire("supporter", 701, "Sari")
            await home.hire("counselor", 801, "Bu Rini")
            home.api.person(7_000_000_001, "Ana")
            await home.quiet()
            await home.stop()
            with worker(home, tmp_path, commit, side) as made:
                await story(home)
                deaths = made.deaths
            await home.start()
            await home.quiet()
            where = f"{side} commit {commit}"
            assert deaths <= 1, where
            ana, sari = home.api.people[7_000_000_001], home.api.people[701]
            for person, lines in ((sari, "baris Ana"), (ana, "baris Sari")):
                seen = [text.partition(lines)[2].strip() for text in said(person) if lines in text]
                assert sorted(set(seen), key=seen.index) == ["0", "1", "2"], where
                assert len(seen) <= 3 + deaths, where
            assert await home.value("SELECT count(*) FROM cases WHERE state = 'resolved'") == 1, where
            found = await home.app.store.read(
                lambda tx, home=home: list(ledger.check(tx, home.app.clock(), Policy(), grace=0))
            )
            assert found == [], f"{where}: {found}"


def _another(request: pytest.FixtureRequest, store_url: str, path: Path) -> str:
    """A further migrated store of the kind."""
    if not store_url.startswith("sqlite"):
        made = _database(request.getfixturevalue("postgres"), TEMPLATE)
        request.addfinalizer(lambda: next(made, None))
        return next(made)
    path.write_bytes(request.getfixturevalue("migrated_file"))
    return f"sqlite:///{path}"
