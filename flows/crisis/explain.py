"""Why triage said what it said, in the writer's own words, for a counselor and for whoever edits the rules."""

from __future__ import annotations

from dataclasses import dataclass

from flows.crisis.assessment import Assessment, Level
from flows.crisis.normalize import read
from flows.crisis.screen import Matcher

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
    return Explanation(
        assessment.level,
        assessment.category.value,
        assessment.about.value,
        tuple(reasons),
        assessment.modifiers,
        " ".join(read(text, matcher.spelling).words),
        assessment.version,
    )
