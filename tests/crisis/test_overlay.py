"""The edited lexicon: laid over the files, checked like them, and bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.rules import RulesError, read_documents
from bot.rules.bounds import Cost, TooMuch, cost
from bot.rules.changes import CHANGES, apply
from bot.rules.overlay import SHIPPED, Overlay, lay_over, read_overlay
from bot.rules.rulebook import Rulebook
from flows.crisis.assessment import Level
from flows.crisis.screen import screen

LOCALES = Path(__file__).resolve().parents[2] / "locales"
RULE: dict[str, Any] = {
    "id": "leaves-the-boat",
    "category": "suicide",
    "level": "high",
    "when": ["turun dari perahu kehidupan"],
    "matches": ["kayaknya aku mau turun dari perahu kehidupan"],
    "does_not_match": ["turun dari perahu di dermaga"],
}


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The Indonesian rules without the net, which compile in a third of the time."""
    return Rulebook([each for each in read_documents(LOCALES) if each.language == "id"], None)


def edited(book: Rulebook, *changes: dict[str, Any], on: Overlay = SHIPPED) -> Overlay:
    return apply(book.documents, on, CHANGES.validate_python(list(changes)))


def rule(**changes: Any) -> dict[str, Any]:
    return {"do": "rule", "language": "id", "rule": {**RULE, **changes}}


def words(*add: str, **more: Any) -> dict[str, Any]:
    return {"do": "words", "language": "id", "name": "wish", "add": list(add), "matches": ["a"],
            "does_not_match": ["b"],
            **more}  # fmt: skip


def test_nothing_edited_is_what_is_shipped(book: Rulebook) -> None:
    assert book.edited(Overlay()) is book.shipped


def test_a_new_rule_fires_and_is_named(book: Rulebook) -> None:
    text = "turun dari perahu kehidupan aja deh"
    assert not any(hit.rule == RULE["id"] for hit in screen(text, book.shipped).hits)
    overlay = edited(book, rule())
    made = book.edited(overlay)
    found = screen(text, made)
    assert found.level is Level.HIGH
    assert found.hits[0].rule == RULE["id"]
    assert found.version == made.version != book.shipped.version


def test_a_rule_in_place_of_a_shipped_one_out_of_force_and_back(book: Rulebook) -> None:
    shipped = next(r for d in book.documents for r in d.rules if r.id == "voices")
    other = rule(id="voices", when=["suara perahu"], matches=["suara perahu"], does_not_match=["perahu"])
    changed = edited(book, other)
    rules = {r.id: r for d in lay_over(book.documents, changed) for r in d.rules}
    assert rules["voices"].when == ["suara perahu"]
    off = edited(book, {"do": "disable", "entry": "rule:voices"}, on=changed)
    assert "voices" not in {r.id for d in lay_over(book.documents, off) for r in d.rules}
    back = edited(book, {"do": "restore", "entry": "rule:voices"}, on=off)
    assert back == SHIPPED
    assert next(r for d in lay_over(book.documents, back) for r in d.rules if r.id == "voices") == shipped


def test_words_of_a_class_come_and_go(book: Rulebook) -> None:
    overlay = edited(book, words("kebelet banget", "Ngidam"))
    kept = overlay.words["id/wish"]
    assert kept.words == ["kebelet banget", "ngidam"]
    assert screen("aku ngidam mati", book.edited(overlay)).crisis
    again = edited(book, {**words(), "remove": ["ngidam"]}, on=overlay)
    assert again.words["id/wish"].words == ["kebelet banget"]
    assert edited(book, {**words(), "remove": ["kebelet banget"]}, on=again) == SHIPPED


def test_an_idiom_silences_what_stands_inside_it(book: Rulebook) -> None:
    text = "gue gantung diri di tiang bendera tiap senin, maksudnya petugas upacara"
    made = book.edited(edited(book, {
        "do": "idiom", "language": "id",
        "idiom": {"id": "flag", "when": ["gantung diri di tiang bendera tiap senin"],
                  "matches": ["aku mau gantung diri"], "does_not_match": [text]},
    }))  # fmt: skip
    assert screen(text, book.shipped).crisis
    assert not any(hit.rule != "net" and hit.level >= Level.HIGH for hit in screen(text, made).hits)
    assert screen("aku mau gantung diri", made).crisis


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (rule(matches=[]), "matches"),
        (rule(does_not_match=[]), "does_not_match"),
        (rule(level="grave"), "level"),
        (rule(when=[]), "when"),
        (rule(extra=1), "extra"),
        (rule(id="Not An Id"), "id"),
        ({"do": "rule", "language": "id"}, "rule"),
        ({"do": "burn"}, "do"),
        (words("x" * 61), "add"),
    ],
)
def test_a_change_of_the_wrong_shape_names_the_field(change: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CHANGES.validate_python([change])
    first = refused.value.errors()[0]
    assert place in [*first["loc"], first["type"], first.get("ctx", {}).get("discriminator", "").strip("'")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"do": "disable", "entry": "rule:nobody"}, "changes.0: rule:nobody: only a rule or idiom of the files"),
        ({"do": "enable", "entry": "rule:voices"}, "is in force already"),
        ({"do": "restore", "entry": "class:id/wish"}, "nothing of it is edited"),
        ({**words(), "remove": ["ingin"]}, "only words that were added"),
        (words("baru", matches=[]), "at least one text under matches"),
        ({**rule(id="voices"), "language": "en"}, "taken in the language 'id'"),
    ],
)
def test_a_change_that_fits_nowhere_says_where(book: Rulebook, change: dict[str, Any], said: str) -> None:
    with pytest.raises(RulesError, match=said):
        edited(book, change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (rule(when=["<nothere> mati"]), "leaves-the-boat: there is no class 'nothere'"),
        (rule(when=["perahu ..99 mati"]), "rule:leaves-the-boat: when: '..99' is no distance"),
        (rule(when=["sih deh"]), "nothing but fillers"),
        ({"do": "words", "language": "id", "name": "nowhere", "add": ["x"], "matches": ["x"], "does_not_match": ["y"]},
         "class:id/nowhere: there is no class"),
        (rule() | {"language": "xx"}, "language: there is no lexicon of the language 'xx'"),
        (words("satu, dua"), "no comma"),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_names_the_entry(book: Rulebook, change: dict[str, Any], said: str) -> None:
    with pytest.raises(RulesError, match=said):
        book.edited(edited(book, change))


def test_rules_that_hear_nothing_any_more_are_refused(book: Rulebook) -> None:
    overlay = edited(book, {
        "do": "idiom", "language": "id",
        "idiom": {"id": "deaf", "when": ["bunuh diri", "kill myself", "ingin|want ..3 bunuh|kill ..1 diri|myself"],
                  "matches": ["x"], "does_not_match": ["y"]},
    })  # fmt: skip
    with pytest.raises(RulesError, match="plainest words"):
        book.edited(overlay)


@pytest.mark.parametrize(
    "pattern",
    [
        "a|b|c|d|e|f|g|h " * 8,
        "a ..12 b ..12 c ..12 d ..12 e",
        "(a)? (b)? (c)? (d)? (e)?",
        "a " * 40,
        "x" * 1001,
        "a_a_a_a_a_a_a_a_a",
        "<a>|b|c_c ..12 <b>|c|d_d ..12 e|f_f|g_g_g ..2 h",
    ],
)
def test_a_hostile_pattern_is_refused_before_it_costs_anything(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"allowed|more than|too many"):
        cost(pattern)


def test_many_small_ones_together_are_refused() -> None:
    total = Cost()
    total.add(["a ..12 b ..12 c"] * 50)
    with pytest.raises(TooMuch, match="together"):
        total.add(["a ..12 b ..12 c"] * 50)


def test_the_shipped_patterns_keep_the_bounds() -> None:
    """Whoever edits a rule of the files must be able to write it back as it was."""
    for document in read_documents(LOCALES):
        for entry in (*document.rules, *document.masks):
            total = Cost()
            total.add(entry.when)
            assert total.ways >= len(entry.when)


def test_an_overlay_survives_its_text(book: Rulebook) -> None:
    overlay = edited(book, rule(), words("ngidam"), {"do": "disable", "entry": "rule:voices"})
    assert read_overlay(overlay.canonical()) == overlay
    assert read_overlay(overlay.canonical()).hash == overlay.hash
    with pytest.raises(RulesError, match="the edited lexicon: rules"):
        read_overlay('{"rules": 3}')
