"""Every transcript goes as it is told. `make test ARGS=--update` tells it anew; read the diff as a counselor would."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.replay import play, read, replay, write
from tests.store.postgres import empty_postgres, migrated_postgres, postgres

__all__ = ["empty_postgres", "migrated_postgres", "postgres"]

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.yaml"))
SOME = {
    "chat/quotes_and_edits",
    "crisis/in_chat",
    "data/forget_with_an_open_case",
    "gone/supporter_blocks",
    "ladder/one_by_one",
}
"""Told on PostgreSQL in every run, the others with --postgres."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "told_on_postgres" in metafunc.fixturenames:
        every = metafunc.config.getoption("--postgres")
        names = [str(file.relative_to(HERE).with_suffix("")) for file in FILES]
        metafunc.parametrize("told_on_postgres", [name for name in names if every or name in SOME])


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(HERE).with_suffix("")) for file in FILES])
def test_it_goes_as_told(file: Path, request: pytest.FixtureRequest) -> None:
    went = replay(file)
    if request.config.getoption("--update"):
        file.write_text(went.text, encoding="utf-8")
        return
    assert not went.difference, "\n" + went.difference
    assert went.text == file.read_text(encoding="utf-8"), "not in the form that --update writes"


def test_there_are_transcripts_of_every_kind() -> None:
    kinds = {file.parent.name for file in FILES}
    assert len(FILES) > 100
    assert kinds >= {"welcome", "intake", "waiting", "offers", "chat", "several", "silence", "gone", "crisis", "ladder",
                     "helper_danger", "data", "odd", "staff", "english"}  # fmt: skip


async def test_it_goes_as_told_on_postgresql(told_on_postgres: str, migrated_postgres: str) -> None:
    told = read((HERE / f"{told_on_postgres}.yaml").read_text(encoding="utf-8"))
    assert write(await play(told, migrated_postgres)).splitlines() == write(told).splitlines()
