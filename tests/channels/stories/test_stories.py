"""The same story on every channel: what differs from the transcript is what the channel's abilities say (rules.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.replay import read
from tests.channels.stories.running import ON, Elsewhere, difference

TOLD = Path(__file__).parents[2] / "transcripts"
FILES = sorted(TOLD.glob("*/*.yaml"))
SOME = {
    "chat/identity_is_not_relayed", "chat/media", "chat/quotes_and_edits", "chat/relay_of_text", "crisis/caption",
    "crisis/first_message", "crisis/in_chat", "data/forget", "data/mydata", "english/whole",
    "gone/found_out_when_writing", "gone/student_blocks", "helper_danger/sent_after_all", "intake/all_filled",
    "intake/typed_answers", "ladder/one_by_one", "ladder/refused_page", "odd/delivered_twice",
    "offers/fifty_press_one_wins", "several/edit_of_a_held_line", "several/quote_decides",
    "silence/warned_then_moved", "staff/joins_by_invitation", "waiting/kept_lines",
    "welcome/consent_and_age", "welcome/menu_by_number_and_word",
}  # fmt: skip
"""Told on every channel in every run, the others with --channels or --long."""


def _name(file: Path) -> str:
    return str(file.relative_to(TOLD).with_suffix(""))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _here(file: Path, channel: str) -> bool:
    channels = read(_text(file)).channels
    return not channels or channel in channels


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "story" in metafunc.fixturenames:
        every = metafunc.config.getoption("--channels") or metafunc.config.getoption("--long")
        files = [file for file in FILES if every or _name(file) in SOME]
        told = [(file, channel) for channel in ON for file in files if _here(file, channel)]
        metafunc.parametrize(("story", "channel"), told, ids=[f"{channel}-{_name(file)}" for file, channel in told])


async def test_it_goes_as_told(story: Path, channel: str) -> None:
    different = await difference(_text(story), channel)
    assert not different, "\n" + different


@pytest.mark.parametrize("channel", ON)
def test_most_stories_happen_here(channel: str) -> None:
    here = [file for file in FILES if _here(file, channel)]
    assert len(here) >= 100 and {_name(file) for file in FILES} >= SOME


async def test_a_story_of_another_channel_says_why() -> None:
    with pytest.raises(Elsewhere, match="only Telegram tells of a block"):
        await difference(_text(TOLD / "gone" / "student_blocks.yaml"), "whatsapp")
