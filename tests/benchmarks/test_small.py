"""Every measurement runs, at its smallest, and counts what it says. Figures are judged by `make bench` alone."""

from __future__ import annotations

import pytest

from benchmarks import b2, b3, b7, b8, b9, b10, b11
from benchmarks.__main__ import ALL, main
from benchmarks.profile import profile
from benchmarks.table import Figure
from tests.store.postgres import postgres

__all__ = ["postgres"]


@pytest.fixture(autouse=True)
def _as_in_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def long(request: pytest.FixtureRequest) -> None:
    """For what starts served processes."""
    if not request.config.getoption("--long"):
        pytest.skip("starts several processes of the service; --long runs it")


def values(figures: list[Figure]) -> str:
    return "\n".join(f"{one.what}: {one.value}" for one in figures)


async def test_postgresql_beside_asyncpg(postgres: str) -> None:
    said = values(await b2.measure(chats=2, lines=4, rounds=1, on=postgres))
    assert "statements a line" in said


async def test_a_store_with_years_in_it() -> None:
    said = values(await b7.measure(students=4, stored=40, chats=2, lines=4, rounds=1))
    assert "40 stored lines, 4 students" in said


async def test_an_outbox_emptied_by_processes(postgres: str) -> None:
    figures = await b10.measure(rows=12, recipients=3, workers=1, rounds=1, on=postgres)
    assert "0 twice, 0 missing" in values(figures)


async def test_a_day() -> None:
    figures = await b11.measure(chats=3, lines=4)
    assert "12 lines" in values(figures)
    assert [one.kept for one in figures] == [True, True, True]


async def test_a_profile() -> None:
    rows = {stage: calls for stage, _, calls in await profile(None, lines=4, warm=2, chats=2)}
    assert rows["screen"] == rows["dedupe insert"] == rows["step"] == 1
    assert rows["statements"] > 5


async def test_a_steady_pace(long: None) -> None:
    assert "0 lost" in values(await b3.measure(chats=2, pace=10, warm=0, seconds=1))


async def test_a_start_and_its_memory(long: None) -> None:
    assert "0 lost" in values(await b8.measure(starts=1, chats=2, lines=20))


async def test_two_processes_beside_one(long: None, postgres: str) -> None:
    assert "0 lost" in values(await b9.measure(chats=2, lines=20, rounds=1, on=postgres))


def test_what_is_not_measured_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["B99"]) == 2
    assert f"There are {', '.join(ALL)}" in capsys.readouterr().err
