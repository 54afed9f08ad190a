"""A lexicon that cannot be used says so, naming the file and the fault (law C5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.rules import RulesError, compile_rules, load_rules
from bot.rules.morphology import active, passive
from bot.rules.patterns import ClassOf, Literal, parse_pattern, phrase_variants
from flows.crisis.assessment import Level
from flows.crisis.screen import screen


def document(**changes: Any) -> dict[str, Any]:
    rule = {
        "id": "wish",
        "category": "suicide",
        "level": "high",
        "when": ["<wish> ..2 mati|lenyap"],
        "matches": ["ingin mati"],
        "does_not_match": ["mati lampu"],
    }
    base: dict[str, Any] = {
        "language": "id",
        "spelling": {"same": {"ingin": "pengen, pgn"}, "wholes": "lenyap", "fillers": "deh"},
        "classes": {"wish": "ingin, mau", "neg": "tidak"},
        "rules": [rule],
    }
    return {**base, **changes}


def test_a_small_lexicon_works() -> None:
    matcher = compile_rules([document()])
    assert screen("aku pgn banget deh mati", matcher).level == Level.HIGH
    assert screen("pengen leenyyaaap", matcher).level == Level.HIGH
    assert screen("mati lampu", matcher).level == Level.NONE


def test_the_version_follows_the_rules() -> None:
    changed = document(classes={"wish": "ingin, mau, kepikiran", "neg": "tidak"})
    assert compile_rules([document()]).version == compile_rules([document()]).version
    assert compile_rules([document()]).version != compile_rules([changed]).version


def test_classes_of_several_documents_are_joined() -> None:
    english = {"language": "en", "classes": {"wish": "want to"}}
    assert screen("I want to mati", compile_rules([document(), english])).crisis


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"rules": [{"id": "x"}]}, "rules.0.id"),
        ({"surprise": 1}, "surprise"),
        ({"language": "Bahasa"}, "language"),
        ({"masks": [{"id": "masked", "when": ["<nobody>"]}]}, "there is no class 'nobody'"),
        ({"masks": [{"id": "masked", "when": ["a ..99 b"]}]}, "distance"),
        ({"masks": [{"id": "masked", "when": ["a ..2"]}]}, "ends with a distance"),
        ({"masks": [{"id": "masked", "when": ["a|b? c"]}]}, "may be missing as a whole"),
        ({"masks": [{"id": "masked", "when": ["deh ..2 mati"]}]}, "nothing but fillers"),
        ({"spelling": {"same": {"ingin": "mau", "akan": "mau"}}}, "'mau' is both"),
        ({"spelling": {"same": {"ingin": "pgn", "pgn": "pg"}}}, "is itself spelt otherwise"),
        ({"spelling": {"same": {"ingin": "mau banget"}}}, "more than one word"),
        ({"spelling": {"cores": "gantungdiri"}}, "gantungdiri"),
    ],
)
def test_a_fault_is_named(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(RulesError, match=fault):
        compile_rules([document(**change)])


def test_a_rule_written_twice_is_refused() -> None:
    with pytest.raises(RulesError, match="wish is written twice"):
        compile_rules([document(), document(language="en")])


def test_missing_and_broken_files_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no crisis rules"):
        load_rules(tmp_path)
    (tmp_path / "id").mkdir()
    (tmp_path / "id" / "crisis.toml").write_text("language = ", encoding="utf-8")
    with pytest.raises(RulesError, match=r"id/crisis\.toml"):
        load_rules(tmp_path)


@pytest.mark.parametrize("content", ["{", "{}", json.dumps({"features": ["a"], "weights": []})])
def test_a_broken_net_stops_the_start(content: str, tmp_path: Path) -> None:
    (tmp_path / "id").mkdir()
    (tmp_path / "id" / "crisis.toml").write_text('language = "id"', encoding="utf-8")
    (tmp_path / "crisis-net.json").write_text(content, encoding="utf-8")
    with pytest.raises(RulesError, match=r"crisis-net\.json"):
        load_rules(tmp_path)


def test_patterns_are_read() -> None:
    assert phrase_variants("tidak kuat|sanggup lagi?") == [
        "tidak kuat lagi", "tidak kuat", "tidak sanggup lagi", "tidak sanggup",
    ]  # fmt: skip
    assert parse_pattern("<wish> ..2 jalan_keluar") == [((ClassOf(("wish",)), 0), (Literal(("jalan keluar",)), 2))]
    assert parse_pattern("<a>|lagi") == [((ClassOf(("a",), ("lagi",)), 0),)]
    assert len(parse_pattern("<a> ~3 <b>")) == 2


def test_verbs_take_their_forms() -> None:
    assert {"pukul", "memukul", "mukulin", "memukuli"} <= set(active("pukul"))
    assert {"membunuh", "ngebunuh"} <= set(active("bunuh"))
    assert {"dipukul", "dipukulin", "kepukul"} <= set(passive("pukul"))
