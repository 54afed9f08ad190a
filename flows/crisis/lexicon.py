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


class Occurrences:
    """Where the phrases of the lexicon stand in a sequence of words, by where they begin and where they end.

    `at[i]` holds (word after the last, phrase) of each phrase that begins with word i; `upto[i]` holds (first
    word, phrase) of each that ends before word i. Phrases are numbers.
    """

    __slots__ = ("all", "at", "upto")

    def __init__(self, count: int) -> None:
        self.all: list[tuple[int, int, int]] = []
        self.at: list[list[tuple[int, int]]] = [[] for _ in range(count + 1)]
        self.upto: list[list[tuple[int, int]]] = [[] for _ in range(count + 1)]

    def add(self, first: int, last: int, phrase: int) -> None:
        """Note that `phrase` takes the words `first` to `last` (exclusive)."""
        self.all.append((first, last, phrase))
        self.at[first].append((last, phrase))
        self.upto[last].append((first, phrase))

    def hide(self, first: int, last: int) -> None:
        """Forget what lies wholly inside a fixed expression ("mati lampu" is no death)."""
        kept = [one for one in self.all if not (first <= one[0] and one[1] <= last)]
        if len(kept) == len(self.all):
            return
        self.all = []
        for i in range(len(self.at)):
            self.at[i], self.upto[i] = [], []
        for start, end, phrase in kept:
            self.add(start, end, phrase)


class Force(IntEnum):
    """How easily a rule is a figure of speech, from a mere mention of the topic to an act."""

    topic = 0
    light = 1
    plain = 2
    hard = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase of `elements[i]` stands at most `gaps[i]` words after one of `elements[i - 1]`. Matching starts at
    the `anchor`, the rarest element. A `negative` pattern holds a negation of its own ("ga mau hidup"), so that
    none beside it can lower it."""

    elements: tuple[frozenset[int], ...]
    gaps: tuple[int, ...]
    anchor: int
    negative: bool = False
    partner: frozenset[int] = frozenset()  # the rarest element but the anchor: without it there is nothing to match


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


Table = Mapping[int, tuple[tuple[int, Pattern], ...]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled rules. Each table gives, for a phrase, the patterns it may anchor and the number of their owner.
    `friends` and `selves` are the phrases for a friend and for the writer; `classes` gives the word classes of a
    phrase."""

    rules: tuple[Rule, ...]
    modifiers: tuple[Modifier, ...]
    rule_patterns: Table
    modifier_patterns: Table
    spare_patterns: Table
    mask_patterns: Table
    friends: frozenset[int]
    selves: frozenset[int]
    classes: Mapping[int, tuple[str, ...]]


def find_all(table: Table, found: Occurrences) -> list[tuple[int, int, int, Pattern]]:
    """Every pattern of `table` that stands among `found`: (owner, first word, word after the last, pattern)."""
    out: list[tuple[int, int, int, Pattern]] = []
    present = {phrase for _, _, phrase in found.all}
    for first, last, phrase in found.all:
        for owner, pattern in table.get(phrase, ()):
            if not pattern.partner:
                out.append((owner, first, last, pattern))
                continue
            if pattern.partner.isdisjoint(present):
                continue
            start = first if pattern.anchor == 0 else _backward(pattern, pattern.anchor, first, found.upto)
            if start < 0:
                continue
            end = _forward(pattern, pattern.anchor, last, found.at)
            if end >= 0:
                out.append((owner, start, end, pattern))
    return out


def _backward(pattern: Pattern, at: int, first: int, upto: list[list[tuple[int, int]]]) -> int:
    """The first word of `pattern` whose element `at` begins with word `first`; -1 if it does not fit."""
    wanted = pattern.elements[at - 1]
    for end in range(first, max(0, first - pattern.gaps[at]) - 1, -1):
        for start, phrase in upto[end]:
            if phrase in wanted:
                if at == 1:
                    return start
                far = _backward(pattern, at - 1, start, upto)
                if far >= 0:
                    return far
    return -1


def _forward(pattern: Pattern, at: int, last: int, after: list[list[tuple[int, int]]]) -> int:
    """The word after the last of `pattern` whose element `at` ends before word `last`; -1 if it does not fit."""
    at += 1
    if at == len(pattern.gaps):
        return last
    wanted = pattern.elements[at]
    for start in range(last, min(len(after) - 1, last + pattern.gaps[at]) + 1):
        for end, phrase in after[start]:
            if phrase in wanted:
                far = _forward(pattern, at, end, after)
                if far >= 0:
                    return far
    return -1
