"""Whom a text speaks of: a friend, the past, homework, a story, a quotation, each on 60 lines or more."""

from __future__ import annotations

import tomllib

import pytest

from flows.crisis.assessment import About, Level
from flows.crisis.screen import Matcher, screen
from tests.crisis.conftest import DATA

KINDS = tomllib.loads((DATA / "who.toml").read_text(encoding="utf-8"))


def lines(kind: str) -> list[str]:
    sets = KINDS[kind]["sets"]
    return [frame.format(thought) for one in sets for frame in one["frames"] for thought in one["thoughts"]]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_who_is_spoken_of(kind: str, matcher: Matcher) -> None:
    texts = lines(kind)
    assert len(texts) >= 60
    found = {text: screen(text, matcher) for text in texts}
    paged = [text for text, one in found.items() if one.crisis]
    heard = {text: one for text, one in found.items() if one.level > Level.NONE}
    assert paged == (texts if KINDS[kind]["grave"] else [])
    strange = [text for text, one in heard.items() if one.about != About(kind)]
    assert len(strange) <= 2, strange


@pytest.mark.parametrize(
    "text",
    [
        "skripsiku ditolak terus, aku pengen bunuh diri",
        "tugas numpuk dan aku beneran pengen mati",
        "abis nonton film itu aku jadi kepikiran bunuh diri",
        "dulu pernah pengen mati, dan sekarang pengen mati lagi",
        "dulu aku sembuh, tapi sekarang mulai nyilet lagi",
    ],
)
def test_a_word_of_homework_or_the_past_hides_no_danger(text: str, matcher: Matcher) -> None:
    assert screen(text, matcher).crisis
