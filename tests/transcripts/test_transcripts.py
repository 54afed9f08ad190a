"""Every transcript goes as it is told. `make test ARGS=--update` tells it anew; read the diff as a counselor would."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.replay import StoryError, play, read, write
from bot.replay.story import SEES

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(HERE).with_suffix("")) for file in FILES])
async def test_it_goes_as_told(file: Path, request: pytest.FixtureRequest) -> None:
    told = read(file.read_text(encoding="utf-8"))
    went = write(await play(told))
    if request.config.getoption("--update"):
        file.write_text(went, encoding="utf-8")
        return
    assert went.splitlines() == write(told).splitlines()
    assert went == file.read_text(encoding="utf-8"), "the file is not in the form that --update writes"
