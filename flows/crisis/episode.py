"""A student's messages together: what is mild alone and grave in a row, over minutes and over days.

An episode keeps the highest level reached, and the signs seen lately with their weights. Signs fade with time;
an episode that stayed below a case and has been quiet for QUIET ends by itself (a case ends by `resolve`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flows.crisis.assessment import NOTHING, About, Assessment, Category, Hit, Level
from flows.crisis.screen import NET, Matcher, screen

DAY = 24 * 60 * 60 * 1000  # ms
QUIET = 14 * DAY
FADES = 3 * DAY  # a sign older than this counts half
FORGOTTEN = 10 * DAY
KEPT = 12  # signs
ENOUGH = 6  # weights that together page
JOINED = 3  # messages read as one, for a sentence sent in pieces
PIECE = 5  # words; a longer message is a sentence of its own


@dataclass(frozen=True, slots=True)
class Sign:
    """A rule that fired without paging by itself, when (ms), and how much it weighs."""

    rule: str
    at: int
    weight: int


@dataclass(frozen=True, slots=True)
class Episode:
    """What a student's messages have shown so far."""

    level: Level = Level.NONE
    category: Category = Category.none
    signs: tuple[Sign, ...] = ()
    last: int = 0


def follow(episode: Episode, assessment: Assessment, now: int) -> Episode:
    """`episode` after a message assessed at `now` (ms). A message adds one sign of danger (weight 2) and one of
    suffering (1) at most, of a rule not counted yet if it can; ENOUGH of them raise the episode to HIGH."""
    if episode.level < Level.HIGH and episode.last and now - episode.last > QUIET:
        episode = Episode()
    if assessment.level >= Level.HIGH:
        level = max(episode.level, assessment.level)
        category = assessment.category if level > episode.level else episode.category
        return replace(episode, level=level, category=category, last=now)
    if assessment.level == Level.NONE:
        return replace(episode, last=now)
    fresh = {sign.rule: sign for sign in episode.signs if now - sign.at <= FORGOTTEN}
    for hit, weight in _signs(assessment, fresh):
        fresh[hit.rule] = Sign(hit.rule, now, weight)
    signs = tuple(sorted(fresh.values(), key=lambda sign: sign.at)[-KEPT:])
    total: float = sum(sign.weight if now - sign.at <= FADES else sign.weight / 2 for sign in signs)
    grave = any(sign.weight > 1 for sign in signs)
    level = max(episode.level, Level.HIGH if total >= ENOUGH and grave else Level.DISTRESS)
    category = episode.category
    if level > episode.level:
        category = assessment.category
    return Episode(level, category, signs, now)


def _signs(assessment: Assessment, known: Mapping[str, Sign]) -> list[tuple[Hit, int]]:
    """The hits of one message that count, with their weights. Homework, stories and quotations are no sign of the
    writer's; what is past weighs as little as suffering."""
    if assessment.about in (About.homework, About.fiction, About.quote):
        return []
    danger = [hit for hit in assessment.hits if hit.category is not Category.none]
    suffering = [hit for hit in assessment.hits if hit.category is Category.none]
    heavy = 1 if assessment.about is About.past else 2
    chosen: list[tuple[Hit, int]] = []
    for hits, weight in ((danger, heavy), (suffering, 1)):
        if hits:
            chosen.append((next((hit for hit in hits if hit.rule not in known), hits[0]), weight))
    return chosen


def screen_turn(earlier: Sequence[str], text: str, matcher: Matcher) -> Assessment:
    """What triage says of `text` after the same student's `earlier` messages, newest last.

    A sentence sent in pieces ("aku pengen", "mati") is read together with the pieces before it; it counts when
    together they are graver than the newest message alone and its words reach into the newest message.
    """
    alone = screen(text, matcher)
    pieces = [piece for piece in earlier[-(JOINED - 1) :] if len(piece.split()) <= PIECE]
    if alone.level == Level.IMMINENT or not pieces or len(text.split()) > PIECE:
        return alone
    best = alone
    for count in range(1, len(pieces) + 1):
        before = " ".join(pieces[-count:]) + " "
        if screen(before, matcher).level >= Level.HIGH:
            break  # what was grave before has been heard already
        together = screen(before + text, matcher)
        reaching = [  # the net has learned from whole messages only
            hit
            for hit in together.hits
            if hit.rule != NET and hit.level > best.level and hit.start < len(before) < hit.end
        ]
        if together.level > best.level and reaching:
            best = together
    return best


def levels(
    turns: Sequence[str | None],
    matcher: Matcher,
    start: int = 1,
    pace: int = 60_000,
    times: Sequence[int] | None = None,
) -> list[Level]:
    """The level of the student's episode after each turn; None is a helper's turn. Turns are `pace` ms apart, or at
    `times` (ms after `start`)."""
    episode = Episode(last=start)
    said: list[str] = []
    out: list[Level] = []
    for number, turn in enumerate(turns):
        if turn is not None:
            assessment = screen_turn(said, turn, matcher) if turn else NOTHING
            episode = follow(episode, assessment, start + (times[number] if times else number * pace))
            said.append(turn)
        out.append(episode.level)
    return out
