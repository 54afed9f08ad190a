"""How far the recall net's scores can be believed: a reliability table, its error, and a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from flows.crisis.net import Net, listen
from flows.crisis.normalize import read
from flows.crisis.screen import Matcher

EDGES = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)
SIZE, MARGIN = 320, 40  # of the picture, px


@dataclass(frozen=True, slots=True)
class Bin:
    """The lines scored from `low` to `high`: how many, their mean score, and the share that was grave."""

    low: float
    high: float
    count: int
    mean: float
    grave: float


def score(text: str, matcher: Matcher, net: Net) -> float:
    """The score of the gravest part of `text`, from 0 to 1, whatever the rules say."""
    reading = read(text, matcher.spelling)
    found = matcher.find(reading.words)
    heard = listen(reading.words, found, reading.stops, matcher.lexicon.classes, replace(net, quiet=0.0))
    return heard.score if heard is not None else 0.0


def reliability(scored: Sequence[tuple[float, bool]]) -> list[Bin]:
    """`scored` (score, whether grave) by EDGES; empty bins are left out."""
    bins: list[Bin] = []
    for low, high in pairwise(EDGES):
        inside = [(s, grave) for s, grave in scored if low <= s < high or s == high == 1.0]
        if inside:
            mean = sum(s for s, _ in inside) / len(inside)
            bins.append(Bin(low, high, len(inside), mean, sum(grave for _, grave in inside) / len(inside)))
    return bins


def expected_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: how far score and share lie apart, weighed by the lines of each bin."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.mean - one.grave) for one in bins) / total if total else 0.0


def reweighed(one: Bin, sample: float, prevalence: float) -> float:
    """The share of grave lines in a bin of a sample with `sample` grave lines, at another `prevalence` (Bayes). Half a
    line is added on either side, so that a bin without a single false alarm promises no certainty."""
    share = (one.grave * one.count + 0.5) / (one.count + 1)
    if not 0 < sample < 1:
        return share
    odds = share / (1 - share) * (prevalence / (1 - prevalence)) / (sample / (1 - sample))
    return odds / (1 + odds)


def picture(bins: Sequence[Bin], caption: str) -> str:
    """A reliability diagram as SVG: the nearer the dots lie to the line, the more a score means what it says."""
    edge = SIZE - MARGIN
    span = edge - MARGIN

    def place(x: float, y: float) -> tuple[float, float]:
        return round(MARGIN + x * span, 1), round(edge - y * span, 1)

    largest = max((one.count for one in bins), default=1)
    dots = []
    for one in bins:
        x, y = place(one.mean, one.grave)
        radius = round(3 + 9 * (one.count / largest) ** 0.5, 1)
        dots.append(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="#2b6cb0" fill-opacity=".75"/>')
    ticks = []
    for value in (0, 0.5, 1):
        x, _ = place(value, 0)
        _, y = place(0, value)
        ticks.append(f'<text x="{x}" y="{edge + 14}" text-anchor="middle">{value:g}</text>')
        ticks.append(f'<text x="{MARGIN - 6}" y="{y + 4}" text-anchor="end">{value:g}</text>')
    middle = SIZE // 2
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}" '
            'font-family="sans-serif" font-size="11" role="img">',
            f"<title>{caption}</title>",
            f'<rect width="{SIZE}" height="{SIZE}" fill="#fff"/>',
            f'<rect x="{MARGIN}" y="{MARGIN}" width="{span}" height="{span}" fill="none" stroke="#888"/>',
            f'<line x1="{MARGIN}" y1="{edge}" x2="{edge}" y2="{MARGIN}" stroke="#888" stroke-dasharray="4 3"/>',
            *dots,
            *ticks,
            f'<text x="{middle}" y="20" text-anchor="middle">{caption}</text>',
            f'<text x="{middle}" y="{SIZE - 8}" text-anchor="middle">score of the net</text>',
            f'<text x="12" y="{middle}" text-anchor="middle" transform="rotate(-90 12 {middle})">share grave</text>',
            "</svg>",
            "",
        ]
    )
