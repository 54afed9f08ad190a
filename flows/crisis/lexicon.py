"""The crisis lexicon as values: rules over word classes, what raises and lowers them, and how they are written.

A pattern is a line of elements parted by spaces:

    pengen|mau      one of these words            <wish>      any phrase of this class
    jalan_keluar    words that belong together    <a|b>       any phrase of one of these classes
    hari?           may be missing                <a>|lagi    a phrase of this class, or this word
    ..3             up to three words between     ~4          up to four between, in either order

Words are written as people write them; the lexicon and the text pass through the same normalizer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from flows.crisis.assessment import About, Category, Level

Spans = dict[int, list[tuple[int, int]]]  # tag -> (first word, word after the last), by first word


class Force(IntEnum):
    """How easily a rule is a figure of speech, from a mere mention of the topic to an act."""

    topic = 0
    light = 1
    plain = 2
    hard = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """`tags[i]` stands at most `gaps[i]` words after `tags[i - 1]`; matching starts at `anchor`, the rarest."""

    tags: tuple[int, ...]
    gaps: tuple[int, ...]
    anchor: int
    negative: bool = False  # holds a negation of its own ("ga mau hidup"), so that none can lower it


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the lexicon. `matches` and `does_not_match` are its tests."""

    id: str
    category: Category
    level: Level
    force: Force = Force.plain
    about: About | None = None
    matches: tuple[str, ...] = ()
    does_not_match: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Modifier:
    """What lowers a hit to distress (C6), or raises it to imminent.

    It acts on rules of the listed forces and categories (empty: all) whose words are at most `within` words
    away; `before` only on words after it. Where a `spare` pattern is found, it does nothing.
    """

    id: str
    raises: bool
    forces: frozenset[Force]
    categories: frozenset[Category]
    within: int
    before: bool = False
    about: About | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled rules. The four tables give, for an anchor tag, the patterns to try and what they belong to."""

    rules: tuple[Rule, ...]
    modifiers: tuple[Modifier, ...]
    rule_patterns: Mapping[int, tuple[tuple[int, Pattern], ...]]
    modifier_patterns: Mapping[int, tuple[tuple[int, Pattern], ...]]
    spare_patterns: Mapping[int, tuple[tuple[int, Pattern], ...]]
    mask_patterns: Mapping[int, tuple[tuple[int, Pattern], ...]]
    tag_names: tuple[str, ...]
    class_tags: Mapping[str, int]


def find_all(pattern: Pattern, spans: Spans, limit: int) -> list[tuple[int, int]]:
    """Where `pattern` stands among `spans`: at most `limit` (first word, word after the last)."""
    found: list[tuple[int, int]] = []
    for first, last in spans[pattern.tags[pattern.anchor]]:
        start = _backward(pattern, pattern.anchor, first, spans)
        if start is None:
            continue
        end = _forward(pattern, pattern.anchor, last, spans)
        if end is None:
            continue
        found.append((start, end))
        if len(found) == limit:
            break
    return found


def _backward(pattern: Pattern, at: int, first: int, spans: Spans) -> int | None:
    if at == 0:
        return first
    reach = first - pattern.gaps[at]
    for start, end in reversed(spans[pattern.tags[at - 1]]):
        if reach <= end <= first:
            far = _backward(pattern, at - 1, start, spans)
            if far is not None:
                return far
        elif end < reach - 12:
            break
    return None


def _forward(pattern: Pattern, at: int, last: int, spans: Spans) -> int | None:
    if at + 1 == len(pattern.tags):
        return last
    reach = last + pattern.gaps[at + 1]
    for start, end in spans[pattern.tags[at + 1]]:
        if start > reach:
            break
        if start >= last:
            far = _forward(pattern, at + 1, end, spans)
            if far is not None:
                return far
    return None
