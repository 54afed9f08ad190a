"""A dry run: what another lexicon would make of the same texts. Computing only; it belongs into a thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.lexicon.lines import Line, labelled, plain
from bot.rules.automaton import Automaton
from bot.rules.overlay import Overlay
from flows.crisis.assessment import Assessment, Level
from flows.crisis.screen import screen

FLOOD = 20.0
"""So many more pages in 1,000 everyday sentences would bury the real ones: publishing is refused."""
TURN = 50
"""Texts screened by one lexicon before it is the other's turn."""
SHOWN = 200
"""Texts named in one list at most; counts are whole."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How a lexicon fares. Shares from 0 to 1, None where there is nothing to count; `recall_high` counts high and
    imminent; `flags_per_1000` of generated everyday sentences; `us_per_message` is processor time of this thread."""

    lines: int
    recall_high: float | None
    recall_imminent: float | None
    precision: float | None
    flags_per_1000: float
    us_per_message: float


@dataclass(frozen=True, slots=True)
class Moved:
    """A text that is judged otherwise. `rules` are those that fire then."""

    text: str
    origin: str
    language: str
    label: str
    before: str
    after: str
    rules_before: tuple[str, ...]
    rules_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a dry run found. `fires` pages where nobody was paged, `falls_silent` the other way, `other_level` the rest
    of `moved`; `silenced` are imminent texts of the project that page nobody any more; `broken` examples of rules that
    do not hold."""

    before: Figures
    after: Figures
    fires: int
    falls_silent: int
    other_level: int
    moved: tuple[Moved, ...]
    silenced: tuple[str, ...]
    broken: tuple[str, ...]


def run(before: Automaton, after: Automaton, marked: Sequence[Line]) -> Trial:
    """Both lexicons over all lines. Raises RulesError where the project's lines are missing."""
    lines = [*labelled(), *_examples(before), *marked]
    texts = [line.text for line in lines] + list(plain())
    (judged_before, spent_before), (judged_after, spent_after) = _screened((before, after), texts)
    first, second = judged_before[: len(lines)], judged_after[: len(lines)]
    figures_before = _figures(lines, judged_before, spent_before)
    figures_after = _figures(lines, judged_after, spent_after)
    moved: list[Moved] = []
    fires = silent = other = 0
    for line, one, two in zip(lines, first, second, strict=True):
        if one.level == two.level:
            continue
        if two.crisis and not one.crisis:
            fires += 1
        elif one.crisis and not two.crisis:
            silent += 1
        else:
            other += 1
        moved.append(
            Moved(line.text, line.origin, line.language, line.level.word, one.level.word, two.level.word,
                  _rules(one), _rules(two))
        )  # fmt: skip
    moved.sort(key=lambda m: (Level.of(m.after) - Level.of(m.before), m.text))  # what was lost stands first
    return Trial(
        figures_before, figures_after, fires, silent, other, tuple(moved[:SHOWN]),
        tuple(_silenced(lines, first, second)[:SHOWN]), tuple(broken(after)[:SHOWN]),
    )  # fmt: skip


def flood(before: Automaton, after: Automaton) -> float:
    """How many more of 1,000 everyday sentences would page."""
    texts = plain()
    more = sum(screen(text, after).crisis for text in texts) - sum(screen(text, before).crisis for text in texts)
    return 1000 * more / len(texts)


def silenced(before: Automaton, after: Automaton) -> list[str]:
    """The imminent texts of the project that would page nobody any more."""
    lines = [line for line in (*labelled(), *_examples(before)) if line.level == Level.IMMINENT]
    return _silenced(lines, [screen(line.text, before) for line in lines], [screen(line.text, after) for line in lines])


def unmet(overlay: Overlay, matcher: Automaton, ids: frozenset[str] | None = None) -> list[str]:
    """A sentence for every example of an edited entry that does not hold; `ids` ("rule:...", "idiom:...",
    "class:...") restricts it to some."""
    faults: list[str] = []

    def wanted(entry: str) -> bool:
        return ids is None or entry in ids

    for id, rule in overlay.rules.items():
        if not wanted(f"rule:{id}") or not any(one.id == id for one in matcher.lexicon.rules):
            continue
        faults += _of_rule(id, Level.of(rule.level), rule.matches, rule.does_not_match, matcher)
    for entry, matches, spared in (
        *((f"idiom:{id}", idiom.matches, idiom.does_not_match) for id, idiom in overlay.idioms.items()),
        *((f"class:{key}", added.matches, added.does_not_match) for key, added in overlay.words.items()),
    ):
        if not wanted(entry):
            continue
        faults += [f"{entry}: matches: {_at(n)} pages nobody" for n, text in enumerate(matches)
                   if not screen(text, matcher).crisis]  # fmt: skip
        faults += [f"{entry}: does_not_match: {_at(n)} would page" for n, text in enumerate(spared)
                   if screen(text, matcher).crisis]  # fmt: skip
    return faults


def broken(matcher: Automaton) -> list[str]:
    """A sentence for every example of every rule that does not hold."""
    return [
        fault
        for rule in matcher.lexicon.rules
        for fault in _of_rule(rule.id, rule.level, rule.matches, rule.does_not_match, matcher)
    ]


def _of_rule(id: str, level: Level, matches: Sequence[str], spared: Sequence[str], matcher: Automaton) -> list[str]:
    faults = [f"rule:{id}: matches: {_at(n)} does not fire it" for n, text in enumerate(matches)
              if not any(hit.rule == id for hit in screen(text, matcher).hits)]  # fmt: skip
    return faults + [
        f"rule:{id}: does_not_match: {_at(n)} fires it"
        for n, text in enumerate(spared)
        if any(hit.rule == id and hit.level >= level for hit in screen(text, matcher).hits)
    ]


def _at(number: int) -> str:
    return f"example {number + 1}"


def _examples(matcher: Automaton) -> list[Line]:
    """What the imminent rules in force must hear."""
    return [
        Line(text, rule.level, rule.category.value, "", "example")
        for rule in matcher.lexicon.rules
        if rule.level == Level.IMMINENT
        for text in rule.matches
    ]


def _silenced(lines: Sequence[Line], first: Sequence[Assessment], second: Sequence[Assessment]) -> list[str]:
    return [
        line.text
        for line, one, two in zip(lines, first, second, strict=True)
        if line.level == Level.IMMINENT and line.origin != "marked" and one.crisis and not two.crisis
    ]


def _rules(found: Assessment) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.rule for hit in found.hits))


def _screened(matchers: Sequence[Automaton], texts: Sequence[str]) -> list[tuple[list[Assessment], float]]:
    """What each lexicon makes of all texts, and the seconds of computing it took. In turns, so that whatever else the
    machine does is in both figures."""
    judged: list[list[Assessment]] = [[] for _ in matchers]
    spent = [0.0 for _ in matchers]
    for start in range(0, len(texts), TURN):
        for n, matcher in enumerate(matchers):
            began = time.thread_time()
            judged[n] += [screen(text, matcher) for text in texts[start : start + TURN]]
            spent[n] += time.thread_time() - began
    return list(zip(judged, spent, strict=True))


def _figures(lines: Sequence[Line], judged: Sequence[Assessment], spent: float) -> Figures:
    """`judged` are the lines, then everyday sentences."""
    labelled_ones = list(zip(lines, judged, strict=False))
    everyday = judged[len(lines) :]
    grave = [found.crisis for line, found in labelled_ones if line.level >= Level.HIGH]
    imminent = [found.crisis for line, found in labelled_ones if line.level == Level.IMMINENT]
    paged = sum(found.crisis for _, found in labelled_ones)
    flags = sum(found.crisis for found in everyday)
    return Figures(
        len(lines), _share(sum(grave), len(grave)), _share(sum(imminent), len(imminent)), _share(sum(grave), paged),
        round(1000 * flags / len(everyday), 2), round(1e6 * spent / len(judged), 1),
    )  # fmt: skip


def _share(hits: int, of: int) -> float | None:
    return round(hits / of, 4) if of else None
