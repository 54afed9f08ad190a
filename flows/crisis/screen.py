"""From a text to an assessment: normalize, match, apply the rules, then what raises and lowers them.

Pure, and bounded on any input: a text is read in windows of WINDOW words that overlap by OVERLAP, so the work
grows with the length of the text and no part of it is skipped.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from flows.crisis.assessment import UNSURE, About, Assessment, Category, Hit, Level
from flows.crisis.lexicon import Force, Lexicon, Occurrences, Pattern, Rule, find_all
from flows.crisis.net import FEWEST, SHORT, Net, listen, urgent
from flows.crisis.normalize import Reading, Spelling, read

WINDOW = 96  # words
OVERLAP = 32  # words; no pattern with its modifiers is expected to be longer
NET = "net"  # the rule named by a hit that only the recall net heard
REPEATS = 8  # hits of one rule in one window
ENOUGH = 24  # hits: with an imminent one among them, more reading can change nothing

# When several hits are equally grave, the category that decides who is paged and what is said first.
_ORDER = (
    Category.sexual_abuse,
    Category.suicide,
    Category.violence_to_others,
    Category.abuse,
    Category.self_harm,
    Category.substance,
    Category.eating_disorder,
    Category.none,
)
_NOT_NOW = frozenset({About.past, About.homework, About.fiction, About.quote})
_OUTWARD = frozenset({Category.violence_to_others, Category.abuse})
_INWARD = frozenset({Category.suicide, Category.self_harm, Category.eating_disorder, Category.substance})


class Matcher(Protocol):
    """Compiled rules: where the phrases of every class stand in a sequence of canonical words."""

    @property
    def version(self) -> str:
        """A hash of the rules, kept with every case."""
        ...

    @property
    def spelling(self) -> Spelling:
        """How words are spelt."""
        ...

    @property
    def lexicon(self) -> Lexicon:
        """The rules as values."""
        ...

    @property
    def net(self) -> Net | None:
        """The recall net, if there is one."""
        ...

    def find(self, words: Sequence[str]) -> Occurrences:
        """Where the phrases of the lexicon stand among `words`."""
        ...


@dataclass(slots=True)
class _Found:
    """A rule that matched, before and after what raises and lowers it. Places are counted in words."""

    rule: Rule
    pattern: Pattern | None
    first: int
    last: int
    level: Level
    about: About | None = None


def screen(text: str, matcher: Matcher) -> Assessment:
    """What triage says of `text`. Never raises: a text that cannot be assessed counts as risk (law C5)."""
    try:
        return _screen(text, matcher)
    except Exception:  # C5: whatever went wrong, a person must look
        return replace(UNSURE, version=matcher.version)


def _screen(text: str, matcher: Matcher) -> Assessment:
    reading = read(text, matcher.spelling)
    count = len(reading.words)
    found: list[_Found] = []
    names: list[str] = []
    seen: set[tuple[str, ...]] = set()
    start = 0
    while True:
        words = reading.words if count <= WINDOW else reading.words[start : start + WINDOW]
        if count > WINDOW:
            key = tuple(words)
            fresh = key not in seen
            seen.add(key)
        else:
            fresh = True
        if fresh:
            _look(words, start, reading, matcher, found, names)
        start += WINDOW - OVERLAP
        if start + OVERLAP >= count:
            break
        if len(found) >= ENOUGH and any(hit.level == Level.IMMINENT for hit in found):
            break
    if not found:
        return Assessment(Level.NONE, version=matcher.version)
    return _sum_up(text, reading, found, names, matcher)


def _look(
    words: Sequence[str],
    offset: int,
    reading: Reading,
    matcher: Matcher,
    found: list[_Found],
    names: list[str],
) -> None:
    """Apply every rule to one window; add what matched to `found`, what raised or lowered it to `names`."""
    lexicon = matcher.lexicon
    spots = matcher.find(words)
    if not spots.all and matcher.net is None:
        return
    for _, first, last, _ in find_all(lexicon.mask_patterns, spots):
        spots.hide(first, last)
    here: list[_Found] = []
    repeats: dict[int, int] = {}
    for index, first, last, pattern in find_all(lexicon.rule_patterns, spots):
        times = repeats.get(index, 0)
        if times < REPEATS:
            repeats[index] = times + 1
            rule = lexicon.rules[index]
            if rule.category in _OUTWARD and _turned_inward(words, first, last):
                continue
            here.append(_Found(rule, pattern, first + offset, last + offset, rule.level))
    if here:
        _modify(here, spots, offset, reading, lexicon, names)
    heard = _listen(words, spots, offset, reading, matcher, here)
    if heard is not None:
        here.append(heard)
    if matcher.net is not None:
        for hit in here:
            if hit.level == Level.HIGH and hit.rule.id != NET:
                first, last = hit.first - offset, hit.last - offset
                if urgent(words, spots, lexicon.classes, first, last, matcher.net):
                    hit.level = Level.IMMINENT
                    names.append("urgent")
    friends = [(first, last) for first, last, phrase in spots.all if phrase in lexicon.friends]
    selves = [(first, last) for first, last, phrase in spots.all if phrase in lexicon.selves]
    for hit in here:
        if hit.about is None and hit.rule.about is None and hit.rule.category in _INWARD:
            hit.about = _subject(hit, friends, selves, offset)
    found.extend(here)


def _turned_inward(words: Sequence[str], first: int, last: int) -> bool:
    """Whether the words of a hit about violence are those of suicide ("mau bunuh diri")."""
    for place in range(first, min(last, len(words) - 1)):
        if words[place] == "bunuh" and words[place + 1] == "diri":
            return words[first:last].count("bunuh") == 1
    return False


def _listen(
    words: Sequence[str],
    spots: Occurrences,
    offset: int,
    reading: Reading,
    matcher: Matcher,
    here: Sequence[_Found],
) -> _Found | None:
    """What the recall net hears where no rule pages. A hit that a modifier lowered must convince it fully; one that
    speaks of the past, of homework, a story or a quotation is out of its depth: it sees words, not who says them."""
    net = matcher.net
    if net is None or any(hit.level >= Level.HIGH for hit in here):
        return None
    stops = [stop - offset for stop in reading.stops]
    heard = listen(words, spots, stops, matcher.lexicon.classes, net)
    if heard is None:
        return None
    lowered = any(hit.rule.level > hit.level for hit in here)
    whole = FEWEST <= len(reading.words) <= SHORT  # a scrap of a sentence tells the net too little
    enough = net.short if whole and not lowered else net.long
    told = any(hit.about in _NOT_NOW for hit in here)
    level = Level.HIGH if heard.score >= enough and not told else Level.DISTRESS
    category = heard.category if level == Level.HIGH else Category.none
    rule = Rule(NET, category, level, Force.plain)
    found = _Found(rule, None, heard.first + offset, heard.last + offset, level)
    found.about = next((hit.about for hit in here if hit.about in _NOT_NOW), None)
    return found


def _modify(
    here: Sequence[_Found],
    spots: Occurrences,
    offset: int,
    reading: Reading,
    lexicon: Lexicon,
    names: list[str],
) -> None:
    """Raise and lower the hits of one window; note in `names` by what."""
    spared = [
        (index, first + offset, last + offset) for index, first, last, _ in find_all(lexicon.spare_patterns, spots)
    ]
    for index, first, last, _ in find_all(lexicon.modifier_patterns, spots):
        modifier = lexicon.modifiers[index]
        first, last = first + offset, last + offset
        if any(i == index and s - 8 <= last and first <= e + 8 for i, s, e in spared):
            continue
        for hit in here:
            if hit.rule.force not in modifier.forces or hit.level == Level.NONE:
                continue
            if modifier.categories and hit.rule.category not in modifier.categories:
                continue
            if modifier.before:
                near = hit.first - modifier.within <= first <= min(hit.first + 1, hit.last - 1)
                if not near or (hit.pattern is not None and hit.pattern.negative):
                    continue
                if any(last <= stop <= hit.first for stop in reading.stops):
                    continue
            elif max(first - hit.last, hit.first - last) > modifier.within:
                continue
            if modifier.raises:
                if hit.level == Level.HIGH:
                    hit.level = Level.IMMINENT
                    names.append(modifier.id)
            elif hit.level > Level.DISTRESS or modifier.about is not None:
                hit.level = Level.DISTRESS  # C6: never lower than this
                hit.about = modifier.about
                names.append(modifier.id)


def _subject(
    hit: _Found, friends: Sequence[tuple[int, int]], selves: Sequence[tuple[int, int]], offset: int
) -> About | None:
    """Whether a hit speaks of the writer or of a friend: the nearest subject before the end of its words."""
    best = -1
    about: About | None = None
    for first, last in friends:
        first, last = first + offset, last + offset
        if hit.first - 8 <= first < hit.last and first > best:
            best, about = last, About.friend  # a pronoun right behind a friend is a possessive
    for first, _ in selves:
        first += offset
        if hit.first - 4 <= first < hit.last and first > best:
            best, about = first, About.self
    return about


def _sum_up(text: str, reading: Reading, found: list[_Found], names: list[str], matcher: Matcher) -> Assessment:
    found.sort(key=lambda f: (-f.level, _ORDER.index(f.rule.category), -f.rule.force, f.first))
    hits: list[Hit] = []
    known: set[tuple[str, int]] = set()
    for one in found:
        start, end = reading.starts[one.first], max(reading.ends[one.first : one.last])
        if (one.rule.id, start) in known:
            continue
        known.add((one.rule.id, start))
        hits.append(Hit(one.rule.id, text[start:end], start, end, one.level, one.rule.category))
        if len(hits) == ENOUGH:
            break
    top = found[0]
    return Assessment(
        top.level,
        top.rule.category,
        top.about or top.rule.about or About.unknown,
        tuple(hits),
        matcher.version,
        tuple(dict.fromkeys(names)),
    )


class Heard(StrEnum):
    """What a helper's text means for the helper: their own danger, talk about the student's, or neither."""

    own = "own"
    echo = "echo"
    nothing = "nothing"


_FIRST = frozenset(
    [
        "aku",
        "ak",
        "aq",
        "aku",
        "akuu",
        "saya",
        "sy",
        "gue",
        "gua",
        "gw",
        "gwe",
        "w",
        "ane",
        "gweh",
        "i",
        "im",
        "ive",
        "ill",
        "my",
        "me",
        "myself",
        "mine",
        "kulo",
        "kula",
        "inyong",
        "nyong",
        "abdi",
        "aing",
        "kuring",
        "urang",
    ]
)
_OTHER = frozenset(
    [
        "kamu",
        "km",
        "kmu",
        "kau",
        "lu",
        "lo",
        "loe",
        "elu",
        "elo",
        "anda",
        "kalian",
        "you",
        "your",
        "youre",
        "yourself",
        "u",
        "ur",
        "yourselves",
        "kowe",
        "koen",
        "sampeyan",
        "panjenengan",
        "sliramu",
        "anjeun",
        "maneh",
        "hidep",
        "dek",
        "adek",
        "kak",
        "dia",
        "doi",
        "ia",
        "beliau",
        "he",
        "she",
        "they",
        "him",
        "her",
        "them",
        "himself",
        "herself",
        "themselves",
        "mereka",
        "orang",
        "someone",
        "somebody",
        "people",
        "anyone",
        "siapa",
        "temanmu",
        "temenmu",
        "student",
        "students",
        "klien",
        "siswa",
        "muridku",
        "mahasiswaku",
    ]
)


def heard_from_helper(text: str, assessment: Assessment) -> Heard:
    """Whom a helper's text speaks of (contract, "Crisis").

    Only the first person opens a case about the helper; a question or an echo ("kamu kepikiran bunuh diri?")
    belongs to the student's episode and pages nobody. The nearest person before the words that fired decides;
    without one, a question is an echo and anything else the helper's own (law C5 errs toward care).
    """
    if not assessment.crisis:
        return Heard.nothing
    if not assessment.hits:
        return Heard.own
    if assessment.about in (About.friend, About.quote):
        return Heard.echo
    reading = read(text, Spelling())
    grave = [hit for hit in assessment.hits if hit.level >= Level.HIGH]
    return Heard.own if any(_own(hit, reading) for hit in grave) else Heard.echo


def _own(hit: Hit, reading: Reading) -> bool:
    """Whether `hit` speaks of its writer."""
    inside = [i for i, start in enumerate(reading.starts) if hit.start <= start < hit.end]
    if not inside:
        return True
    first, last = inside[0], inside[-1]
    before = bisect_right(reading.stops, first)
    begin = reading.stops[before - 1] if before else 0
    end = next((stop for stop in reading.stops if stop > last), len(reading.words))
    clause = reading.words[begin:end]
    asked = end in reading.asks
    quoted = any(a <= first and last < b for a, b in reading.quoted)
    if quoted or (asked and any(word in _OTHER for word in clause)):
        return False
    for word in reversed(reading.words[begin : last + 1]):
        if word in _OTHER or (word.endswith("mu") and len(word) > 4):
            return False
        if word in _FIRST or (word.endswith("ku") and len(word) > 4):
            return True
    return not asked
