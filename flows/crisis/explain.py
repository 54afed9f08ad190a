"""Why triage said what it said, in the writer's own words, for a counselor and for whoever edits the rules."""

from __future__ import annotations

from dataclasses import dataclass

from flows.crisis.assessment import Assessment, Level
from flows.crisis.net import listen
from flows.crisis.normalize import read
from flows.crisis.screen import NET, Matcher

CONTEXT = 40  # characters shown on either side


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that fired: its words between what stood around them."""

    rule: str
    level: Level
    category: str
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind one assessment. `read_as` is the text as the normalizer understood it."""

    level: Level
    category: str
    about: str
    reasons: tuple[Reason, ...]
    modifiers: tuple[str, ...]
    read_as: str
    version: str
    net_reasons: tuple[str, ...] = ()  # what weighed most where only the recall net heard something


def explain(text: str, assessment: Assessment, matcher: Matcher) -> Explanation:
    """The reasons for `assessment` of `text`, gravest first, each rule once."""
    reasons: list[Reason] = []
    for hit in sorted(assessment.hits, key=lambda h: (-h.level, h.start)):
        if any(reason.rule == hit.rule for reason in reasons):
            continue
        start, end = max(0, hit.start - CONTEXT), min(len(text), hit.end + CONTEXT)
        before = ("…" if start else "") + text[start : hit.start]
        after = text[hit.end : end] + ("…" if end < len(text) else "")
        reasons.append(Reason(hit.rule, hit.level, hit.category.value, before, hit.words, after))
    reading = read(text, matcher.spelling)
    weighty: tuple[str, ...] = ()
    if matcher.net is not None and any(hit.rule == NET for hit in assessment.hits):
        found = matcher.find(reading.words)
        heard = listen(reading.words, found, reading.stops, matcher.lexicon.classes, matcher.net)
        weighty = heard.reasons if heard is not None else ()
    return Explanation(
        assessment.level,
        assessment.category.value,
        assessment.about.value,
        tuple(reasons),
        assessment.modifiers,
        " ".join(reading.words),
        assessment.version,
        weighty,
    )
