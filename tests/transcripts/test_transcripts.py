"""Every transcript goes as it is told. `make test ARGS=--update` tells it anew; read the diff as a counselor would."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.replay import replay

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.yaml"))


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
