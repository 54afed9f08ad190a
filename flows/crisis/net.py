"""The recall net: a linear model over words, pairs of words and word classes, for what no rule foresaw.

It reads the same canonical words and class phrases as the rules. A message of up to SHORT words is scored as
a whole; a longer one sentence by sentence, against a higher threshold, so that a cry in a long letter is heard
and a long review of a restaurant is not. Every hit can name the features that weighed most.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from math import exp, sqrt

from flows.crisis.assessment import Category
from flows.crisis.lexicon import Occurrences

SHORT = 16  # words
FEWEST = 4  # words; of less the net must be as sure as of a piece of a long text
STEP = 12  # words a long sentence is read onward by
NEAR = 5  # words between two classes that are read as a pair
MOST_PAIRS = 60  # of one segment: classes can be many, the work must stay bounded


@dataclass(frozen=True, slots=True)
class Net:
    """`weights` by feature; a score above `short` (`long` for a segment of a long text) pages, one above `quiet`
    is a sign that pages nobody. `urgent`, another net over the same features, tells among grave texts which are
    imminent. `card` says from what it was learned, when, and how well it does."""

    weights: Mapping[str, float] = field(repr=False)
    bias: float
    short: float
    long: float
    quiet: float
    urgent: Net | None = None
    card: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of the words `first` to `last` (exclusive), with their weightiest features."""

    score: float
    first: int
    last: int
    reasons: tuple[str, ...]
    category: Category


_SPEAKS_OF: dict[Category, dict[str, int]] = {  # word class -> how surely it speaks of the category
    Category.sexual_abuse: {"grope": 2, "grope.di": 3, "sexact": 3, "en_touch": 2, "en_sexthing": 3, "en_force": 1},
    Category.violence_to_others: {"kill": 2, "en_killv": 1, "weapon": 1},
    Category.abuse: {"hit": 2, "hit.di": 3, "kin": 1, "injury": 2, "en_hit": 1, "en_hitby": 3},
    Category.self_harm: {"cut": 2, "cut.di": 2, "en_cut": 2, "en_selfbody": 1, "means_blade": 2, "en_blood": 1},
    Category.eating_disorder: {"thin": 2, "en_foods": 2, "days": 1},
    Category.substance: {"drug": 2, "harddrug": 2, "hard_drug": 2},
    Category.suicide: {
        "die": 2,
        "killself": 4,
        "en_killself": 4,
        "en_die": 2,
        "means_pill": 2,
        "means_rope": 2,
        "highplace": 2,
        "track": 2,
        "en_farewell": 3,
        "heaven": 2,
        "attempt": 3,
        "despair": 1,
        "soon": 1,
        "strongwish": 1,
    },
}
# Classes of words so plain that their company says nothing: the net would learn whom people talk of, not danger.
_PLAIN = frozenset(
    (
        *("lots", "seek", "gone_soon", "lone_load", "lightened", "others", "dead_loved", "serious", "far", "all_"),
        *("already", "school", "unalone", "en_time", "en_many", "en_away", "en_stuff", "en_life", "en_kinp"),
    )
)
_CATEGORY_OF = {
    name: (category, weight) for category, weights in _SPEAKS_OF.items() for name, weight in weights.items()
}


def named_places(found: Occurrences, classes: Mapping[int, tuple[str, ...]]) -> list[tuple[int, int, str]]:
    """The class phrases among `found`: (first word, word after the last, class), in order."""
    places = [
        (first, last, name)
        for first, last, phrase in found.all
        for name in classes.get(phrase, ())
        if name not in _PLAIN
    ]
    places.sort()
    return places


def features(words: Sequence[str], classes: Sequence[tuple[int, int, str]], first: int, last: int) -> set[str]:
    """What the net sees of the words `first` to `last` (exclusive)."""
    out: set[str] = set()
    before = earlier = ""
    for word in words[first:last]:
        out.add(word)
        if before:
            out.add(f"{before} {word}")
            if earlier:
                out.add(f"{earlier} _ {word}")
        earlier, before = before, word
    here = classes[bisect_left(classes, (first, 0, "")) :]
    pairs = 0
    for index, (start, end, name) in enumerate(here):
        if start >= last:
            break
        out.add(f"<{name}>")
        if pairs >= MOST_PAIRS:
            continue
        for other_start, _, other in here[index + 1 :]:
            if other_start - end > NEAR or other_start >= last or pairs >= MOST_PAIRS:
                break
            if other_start >= end and other != name:
                out.add(f"<{name}> <{other}>")
                pairs += 1
    return out


def segments(count: int, stops: Sequence[int]) -> Iterator[tuple[int, int]]:
    """How a text of `count` words is read: whole if short, else by sentences, long sentences in steps."""
    if count <= SHORT:
        yield 0, count
        return
    start = 0
    for stop in [*(s for s in stops if 0 < s < count), count]:
        if stop - start > SHORT:
            for first in range(start, stop - SHORT + STEP, STEP):
                yield first, min(stop, first + SHORT)
            start = stop
        elif stop - start >= 4 or stop == count:
            yield start, stop
            start = stop


def judge(seen: set[str], net: Net) -> float:
    """How likely features `seen` belong to a grave message, from 0 to 1."""
    total = sum(map(net.weights.get, seen, repeat(0.0)))
    score = net.bias + total / sqrt(len(seen) + 3)
    return 1 / (1 + exp(-max(-30.0, min(30.0, score))))


def listen(
    words: Sequence[str],
    found: Occurrences,
    stops: Sequence[int],
    names: Mapping[int, tuple[str, ...]],
    net: Net,
) -> Scored | None:
    """The gravest segment of a text, if it scores above `net.quiet`."""
    classes = named_places(found, names)
    best: tuple[float, int, int, set[str]] | None = None
    for first, last in segments(len(words), stops):
        seen = features(words, classes, first, last)
        score = judge(seen, net)
        if score >= net.quiet and (best is None or score > best[0]):
            best = (score, first, last, seen)
    if best is None:
        return None
    score, first, last, seen = best
    weighty = sorted(seen, key=lambda feature: (-net.weights.get(feature, 0.0), feature))[:4]
    reasons = tuple(feature for feature in weighty if net.weights.get(feature, 0.0) > 0)
    return Scored(score, first, last, reasons, _category(classes, first, last))


def urgent(
    words: Sequence[str],
    found: Occurrences,
    names: Mapping[int, tuple[str, ...]],
    first: int,
    last: int,
    net: Net,
) -> bool:
    """Whether a grave text, of which the words `first` to `last` are the gravest, speaks of now."""
    if net.urgent is None:
        return False
    first, last = max(0, first - SHORT // 2), min(len(words), last + SHORT // 2)
    return judge(features(words, named_places(found, names), first, last), net.urgent) >= net.urgent.short


def _category(classes: Sequence[tuple[int, int, str]], first: int, last: int) -> Category:
    counts: dict[Category, int] = {}
    for start, _, name in classes:
        if first <= start < last and name in _CATEGORY_OF:
            category, weight = _CATEGORY_OF[name]
            counts[category] = counts.get(category, 0) + weight
    if not counts:
        return Category.suicide
    return max(counts, key=lambda category: (counts[category], category is Category.suicide))
