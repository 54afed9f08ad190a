"""`sebaya chat` and `sebaya replay`."""

from __future__ import annotations

import subprocess

import pytest

from tests.cli.conftest import House
from tests.cli.served import PATIENCE
from tests.house.files import ROOT

pytestmark = pytest.mark.timeout(180)


def typed(house: House, *lines: str, language: str = "en") -> str:
    process = house.start("chat", "--language", language, stdin=subprocess.PIPE)
    out, err = process.communicate("".join(f"{line}\n" for line in lines), timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    return out


def test_the_story_plays_in_a_terminal(house: House) -> None:
    out = typed(
        house, "/start", "1", "1", "1", "9", "12", "5", "1", "@sari 1", "@sari hello, I am here", "thank you",
        "@nobody hello", "I want to kill myself tonight", "@rini 1",
    )  # fmt: skip
    lines = out.splitlines()
    assert any(line.startswith("  you | ") and "Sebaya" in line for line in lines)
    assert any(line.startswith(" sari | ") and "thank you" in line for line in lines)
    assert any(line.startswith("  you | ") and "hello, I am here" in line for line in lines)
    assert "nobody here is called nobody" in out
    assert any(line.startswith(" rini | ") for line in lines)
    assert "119" in out
    # Nothing of it is kept.
    assert house.read(lambda tx: tx.value("SELECT count(*) FROM people")) == 0


def test_an_unknown_language_is_unusable(house: House) -> None:
    done = house.do("chat", "--language", "xx")
    assert done.status == 2
    assert "en" in done.err


STORY = """title: A greeting
people:
  Ana: {role: student}
story:
- Ana says: /bantuan
"""


def test_a_transcript_is_played_accepted_and_then_as_told(house: House) -> None:
    path = house.folder / "story.yaml"
    path.write_text(STORY)
    done = house.do("replay", str(path))
    assert done.status == 1
    assert "+  Ana sees:" in done.out
    assert "--update" in done.err
    assert house.do("replay", str(path), "--update").status == 0
    assert house.do("replay", str(path)).status == 0
    shown = house.do("replay", str(path), "--show")
    assert shown.out == path.read_text(encoding="utf-8")


def test_a_golden_transcript_goes_as_told(house: House) -> None:
    some = sorted((ROOT / "tests" / "transcripts" / "english").glob("*.yaml"))[0]
    assert house.do("replay", str(some)).status == 0


@pytest.mark.parametrize("text", ["people: [", "title: x\nstory:\n- Nobody says: hi\n"])
def test_a_transcript_that_cannot_be_played_is_said(house: House, text: str) -> None:
    path = house.folder / "story.yaml"
    path.write_text(text)
    done = house.do("replay", str(path))
    assert done.status == 1
    assert "cannot be played" in done.err


def test_a_missing_transcript_is_unusable(house: House) -> None:
    assert house.do("replay", "nowhere.yaml").status == 2
