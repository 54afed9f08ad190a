"""Payloads within a channel's abilities: nothing lost, nothing too long, buttons where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Abilities, Kind, Media, Outgoing, Place
from bot.outbox import Relayed, Speech
from bot.render import Target, render, shortened, split
from bot.words import Words, units
from flows.effects import Button
from tests.bot.outbox_house import YES_NO, sayings

ALL = Abilities()
TARGET = Target("id", ALL)
FAMILY = "👨‍👩‍👧‍👦"


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Words:
    return sayings(tmp_path_factory.mktemp("words") / "all")


def relayed(words: Words, target: Target = TARGET, **more: object) -> tuple[Outgoing, ...]:
    return render(Relayed(**more), words, target)  # type: ignore[arg-type]  # fields of Relayed


# --- splitting ---


@given(st.text(max_size=400), st.integers(min_value=2, max_value=50))
@settings(max_examples=300, deadline=None)
def test_no_character_is_lost_and_no_part_too_long(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(units(part) <= limit for part in parts)
    assert all(parts) or parts == ("",)


@pytest.mark.parametrize(
    ("text", "limit", "first"),
    [
        ("Satu satu satu.\n\nDua dua. Tiga", 24, "Satu satu satu.\n\n"),
        ("Satu satu satu\nDua dua. Tiga", 24, "Satu satu satu\n"),
        ("Satu satu satu. Dua dua dua dua", 24, "Satu satu satu. "),
        ("Satu satu satu dua dua dua dua", 24, "Satu satu satu dua dua "),
        ("a" * 30, 24, "a" * 24),
        ("😔" * 30, 24, "😔" * 12),
        ("a" * 20 + FAMILY, 24, "a" * 20),
        ("a" * 23 + "e\u0301", 24, "a" * 23),
        ("a" * 22 + "👍🏽", 24, "a" * 22),
    ],
)
def test_a_text_is_cut_where_it_hurts_least(text: str, limit: int, first: str) -> None:
    assert split(text, limit)[0] == first


@given(st.text(max_size=80), st.integers(min_value=2, max_value=40))
@settings(max_examples=200, deadline=None)
def test_a_label_fits(text: str, limit: int) -> None:
    assert units(shortened(text, limit)) <= limit


def test_a_label_that_fits_is_left_alone() -> None:
    assert shortened("Cerita", 6) == "Cerita"
    assert shortened("Cerita ke kakak", 8) == "Cerita…"


# --- a relayed line ---


def test_a_line_is_unchanged_under_its_alias(words: Words) -> None:
    (out,) = relayed(words, text="{name} *halo*\n  @hello", alias="Awan Teduh")
    assert out.text == "Awan Teduh: {name} *halo*\n  @hello"
    (out,) = relayed(words, text="halo")
    assert out.text == "halo"


def test_a_text_too_long_for_its_alias_arrives_whole_after_it(words: Words) -> None:
    text = "a" * 4096
    outs = relayed(words, Target("id", ALL, quote_id="9"), text=text, alias="Awan")
    assert [out.text for out in outs] == ["Awan:", text]
    assert [out.quote_id for out in outs] == ["9", ""]


def test_a_text_too_long_for_anything_is_split(words: Words) -> None:
    text = "kata " * 2_000
    outs = relayed(words, text=text, alias="Awan")
    assert outs[0].text == "Awan:"
    assert "".join(out.text for out in outs[1:]) == text


def test_length_is_counted_as_telegram_counts(words: Words) -> None:
    outs = relayed(words, text="😔" * 2_049)
    assert [units(out.text) for out in outs] == [4096, 2]


def test_parts_of_spaces_alone_are_not_sent(words: Words) -> None:
    assert [out.text.strip() for out in relayed(words, text="a" + " " * 9_000 + "b")] == ["a", "b"]
    assert relayed(words, text="  ") == ()


PHOTO = Media("telegram", "f", Kind.PHOTO)
STICKER = Media("telegram", "f", Kind.STICKER)


def test_a_caption_stays_with_its_picture_while_it_fits(words: Words) -> None:
    (out,) = relayed(words, text="lihat", alias="Awan", media=PHOTO)
    assert (out.kind, out.text) == ("media", "Awan: lihat")
    (out,) = relayed(words, alias="Awan", media=PHOTO)
    assert out.text == "Awan:"
    outs = relayed(words, text="a" * 1_100, alias="Awan", media=PHOTO)
    assert [(out.kind, out.text) for out in outs] == [("media", "Awan:"), ("text", "a" * 1_100)]


def test_a_sticker_and_a_place_have_their_alias_before_them(words: Words) -> None:
    outs = relayed(words, Target("id", ALL, quote_id="9"), alias="Awan", media=STICKER)
    assert [(out.kind, out.text, out.quote_id) for out in outs] == [("text", "Awan:", "9"), ("media", "", "")]
    outs = relayed(words, alias="Awan", place=Place(-7.5, 110.25))
    assert [(out.kind, out.text) for out in outs] == [("text", "Awan:"), ("place", "")]
    (out,) = relayed(words, place=Place(-7.5, 110.25))
    assert out.place == Place(-7.5, 110.25)


def test_a_channel_without_a_kind_gets_the_next_best(words: Words) -> None:
    plain = Target("id", Abilities(kinds=frozenset({Kind.TEXT, Kind.DOCUMENT})))
    (out,) = relayed(words, plain, media=STICKER)
    assert out.media is not None and out.media.kind is Kind.DOCUMENT
    (out,) = relayed(words, plain, alias="Awan", place=Place(-7.5, 110.25))
    assert (out.kind, out.text) == ("text", "Awan: -7.50000, 110.25000")


# --- speech ---


def test_buttons_stand_on_the_last_part(words: Words) -> None:
    say = Speech(key="long", private={"words": "kata " * 1_000}, buttons=YES_NO)
    outs = render(say, words, TARGET)
    assert [len(out.buttons) for out in outs] == [0, 1]
    assert [choice.label for choice in outs[-1].buttons[0]] == ["Ya", "Tidak"]


def test_spent_buttons_do_not_leave(words: Words) -> None:
    (out,) = render(Speech(key="offer", buttons=YES_NO), words, Target("id", ALL, buttons=False))
    assert out.buttons == ()


def test_a_long_row_is_folded_and_a_long_label_shortened(words: Words) -> None:
    row = tuple(Button(f"heavy:{number}", "hello", {"name": "x" * 70}) for number in range(11))
    (out,) = render(Speech(key="offer", buttons=(row,)), words, TARGET)
    assert [len(one) for one in out.buttons] == [8, 3]
    assert {units(choice.label) for one in out.buttons for choice in one} == {60}
