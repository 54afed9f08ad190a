"""What an edited lexicon may cost: no rule written over the admin API can blow up the automaton or a message's time.

The shipped files stay well inside of these: their longest pattern has 686 characters, seven elements and some 2,000
ways to stand; a rule has up to 93 patterns. Ways are counted as distances times lengths of phrases, an upper bound of
the places that the matcher tries from one anchor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from bot.rules.patterns import ClassOf, Line, parse_pattern

PATTERN = 1_000
"""Characters of one pattern; a phrase of a class has PHRASE at most."""
PHRASE = 60
WORDS = 8
"""Words side by side in a phrase."""
TOKENS = 16
OPTIONAL = 4
"""Parts of one pattern that may be missing: each doubles what it stands for."""
VARIANTS = 2_048
WAYS = 4_000
ALL_PATTERNS = 4_000
ALL_VARIANTS = 60_000
ALL_WAYS = 12_000
"""Of all edited rules and idioms together. Measured at this bound, on text made for nothing else: some 200 ms of
computing for 96 words; the shipped rules take 1 ms for the same."""
ALL_WORDS = 5_000
"""Words added to classes, together."""


class TooMuch(ValueError):
    """A bound is passed; the sentence says which, and quotes nothing."""


class Cost:
    """Adds up what edited patterns cost."""

    def __init__(self) -> None:
        self.patterns = self.variants = self.ways = 0

    def add(self, patterns: Iterable[str]) -> None:
        """Raises ValueError for what cannot be read, TooMuch for what may not be that large."""
        for text in patterns:
            variants, ways = cost(text)
            self.patterns += 1
            self.variants += variants
            self.ways += ways
        for name, value, most in (
            ("patterns", self.patterns, ALL_PATTERNS),
            ("phrases", self.variants, ALL_VARIANTS),
            ("places to look at", self.ways, ALL_WAYS),
        ):
            if value > most:
                raise TooMuch(f"all edited entries together hold {value} {name}; {most} are allowed")


def cost(pattern: str) -> tuple[int, int]:
    """How many phrases a pattern stands for, and in how many ways it may stand. Raises ValueError, TooMuch."""
    tokens = pattern.split()
    if len(pattern) > PATTERN:
        raise TooMuch(f"a pattern has {len(pattern)} characters; {PATTERN} are allowed")
    if len(tokens) > TOKENS:
        raise TooMuch(f"a pattern has {len(tokens)} parts; {TOKENS} are allowed")
    if sum(token.endswith("?") for token in tokens) > OPTIONAL:
        raise TooMuch(f"a pattern has more than {OPTIONAL} parts that may be missing")
    variants, ways = 0, 0
    for line in parse_pattern(pattern):
        phrases = [phrase for element, _ in line for phrase in element.phrases]
        if any(len(phrase.split()) > WORDS for phrase in phrases):
            raise TooMuch(f"a pattern has more than {WORDS} words side by side")
        variants += len(phrases)
        ways += _ways(line)
    if variants > VARIANTS:
        raise TooMuch(f"a pattern stands for {variants} phrases; {VARIANTS} are allowed")
    if ways > WAYS:
        raise TooMuch(f"a pattern may stand in {ways} ways; {WAYS} are allowed: write shorter distances")
    return variants, ways


def _ways(line: Line) -> int:
    return math.prod((gap + 1) * _lengths(element) for element, gap in line[1:]) if len(line) > 1 else 1


def _lengths(element: object) -> int:
    """In how many lengths (words) the phrases written out in an element come."""
    phrases = getattr(element, "phrases", ())
    lengths = {len(phrase.split()) for phrase in phrases}
    return max(1, len(lengths) + isinstance(element, ClassOf) - (not phrases))
