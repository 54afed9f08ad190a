"""The rules' own examples, and the figures on lines written for this project."""

from __future__ import annotations

import json

from bot.rules.examples import failing_examples
from bot.rules.training import Line, read_lines
from cli.triage import read_turns
from flows.crisis.assessment import Level
from flows.crisis.episode import levels
from flows.crisis.screen import Matcher, screen
from tests.crisis.conftest import DATA


def test_every_example_holds(matcher: Matcher) -> None:
    assert failing_examples(matcher) == []


def test_every_rule_carries_examples_of_both_kinds(matcher: Matcher) -> None:
    assert [rule.id for rule in matcher.lexicon.rules if not (rule.matches and rule.does_not_match)] == []


def figures(lines: list[Line], matcher: Matcher) -> tuple[float, float, float]:
    found = [screen(line.text, matcher).crisis for line in lines]
    grave = [n for n, line in enumerate(lines) if line.level >= Level.HIGH]
    imminent = [n for n in grave if lines[n].level == Level.IMMINENT]
    hits = sum(found[n] for n in grave)
    return hits / len(grave), sum(found[n] for n in imminent) / len(imminent), hits / sum(found)


def test_goals_on_the_given_lines(matcher: Matcher) -> None:
    recall, imminent, precision = figures(read_lines([DATA / "dev.jsonl"]), matcher)
    assert recall >= 0.97
    assert imminent >= 0.98
    assert precision >= 0.9


def test_no_step_back_on_our_own_lines(matcher: Matcher) -> None:
    recall, imminent, precision = figures(read_lines([DATA / "lines.jsonl"]), matcher)
    assert recall >= 0.97
    assert imminent >= 0.97
    assert precision >= 0.92


def test_conversations(matcher: Matcher) -> None:
    """Every conversation that turns grave is heard, at the latest when it does; few others are."""
    missed, false = [], []
    with (DATA / "conversations.jsonl").open(encoding="utf-8") as file:
        for line in file:
            told = json.loads(line)
            grave = [Level.of(word) >= Level.HIGH for word in told["levels"]]
            turns, times = read_turns(line)
            heard = [level >= Level.HIGH for level in levels(turns, matcher, times=times)]
            if any(want and not got for want, got in zip(grave, heard, strict=True)):
                missed.append(told["turns"])
            elif any(heard) and not any(grave):
                false.append(told["turns"])
    assert missed == []
    assert false == []
