"""The recall net: what it sees, that it learns, and that it is kept as plain arrays with a card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.rules import compile_rules
from bot.rules.load import read_net
from bot.rules.training import Line, Reader, cross_validate, everyday, fit, read_lines, train, write_net
from flows.crisis.assessment import Level
from flows.crisis.explain import explain
from flows.crisis.net import SHORT, features, judge, segments
from flows.crisis.screen import Matcher, screen
from tests.crisis.conftest import DATA, LOCALES
from tests.crisis.test_rules import document


@pytest.mark.parametrize("stops", [[], [3], [5, 30, 31, 90], list(range(0, 200, 7))])
@pytest.mark.parametrize("count", [1, SHORT, SHORT + 1, 40, 200])
def test_segments_leave_no_word_out(count: int, stops: list[int]) -> None:
    read = list(segments(count, stops))
    assert {word for first, last in read for word in range(first, last)} == set(range(count))
    assert len(read) <= 1 + count // 4


def test_features_are_words_pairs_and_classes() -> None:
    seen = features(["aku", "ingin", "mati"], [(0, 1, "self"), (1, 2, "wish"), (2, 3, "die")], 0, 3)
    assert {"aku", "aku ingin", "aku _ mati", "<wish>", "<wish> <die>", "<self> <die>"} <= seen


def small() -> tuple[list[Line], Matcher]:
    grave = [Line(f"dunia{n} sunyi pamit", Level.IMMINENT, "id", "x", f"g{n}") for n in range(8)]
    high = [Line(f"dunia{n} sunyi", Level.HIGH, "id", "x", f"h{n}") for n in range(8)]
    calm = [Line(f"pasar{n} ramai", Level.NONE, "id", "x", f"c{n}") for n in range(8)]
    return [*grave, *high, *calm], compile_rules([document()])


def test_it_learns_and_is_heard_where_no_rule_is(tmp_path: Path) -> None:
    lines, matcher = small()
    net = replace(train(lines, ["pasar pagi ramai sekali"], Reader(matcher)), short=0.5, quiet=0.3)
    write_net(net, {"date": "2026-11-21"}, tmp_path / "crisis-net.json")
    stored = read_net(tmp_path / "crisis-net.json")
    assert stored.weights == net.weights
    assert stored.card == {"date": "2026-11-21"}
    listening = compile_rules([document()], stored)
    cry = "dunia1 sunyi dunia2 sunyi dunia3 sunyi"
    assert not screen(cry, matcher).crisis
    heard = screen(cry, listening)
    assert [hit.rule for hit in heard.hits] == ["net"]
    assert heard.level == Level.HIGH
    assert screen(f"{cry} pamit", listening).level == Level.HIGH, "alone, the net calls nobody imminent"
    assert screen("pasar kota ramai", listening).level == Level.NONE
    assert matcher.version != listening.version
    assert "sunyi" in explain(cry, heard, listening).net_reasons


def test_it_is_the_same_every_time() -> None:
    examples = [{"a", "b"}, {"a", "c"}, {"d"}]
    assert fit(examples, [1, 1, 0], [1.0] * 3).weights == fit(examples, [1, 1, 0], [1.0] * 3).weights


def test_cross_validation_never_parts_a_family() -> None:
    lines, matcher = small()
    told_apart = cross_validate(lines, ["pasar ramai"] * 10, Reader(matcher), folds=4)
    one_family = [replace(line, family="one" if line.level else "calm") for line in lines]
    together = cross_validate(one_family, ["pasar ramai"] * 10, Reader(matcher), folds=2)
    assert told_apart["net_alone"]["recall_high"] == 1.0
    assert together["net_alone"]["recall_high"] == 0.0


def test_the_stored_net_is_small_and_says_where_it_comes_from() -> None:
    file = LOCALES / "crisis-net.json"
    assert file.stat().st_size <= 2_000_000
    card = read_net(file).card
    assert {"date", "data", "everyday_text", "cross_validation", "limits"} <= set(card)


def test_everyday_sentences_are_generated_alike() -> None:
    counts = {"id": 20, "jv": 5, "su": 5}
    made = everyday(DATA / "everyday.toml", counts)
    assert made == everyday(DATA / "everyday.toml", counts)
    assert len(made) == 30
    assert not any("[" in sentence for sentence in made)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text('{"text": "a", "label": "none"}\n{"text": "b"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"lines\.jsonl, line 2"):
        read_lines([file])


def test_a_score_is_a_share() -> None:
    net = fit([{"a"}, {"b"}], [1, 0], [1.0, 1.0])
    assert 0 < judge({"b"}, net) < judge({"a"}, net) < 1
