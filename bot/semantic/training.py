"""Trains the head of the semantic net: logistic regression over embeddings, its thresholds chosen on text that no fold
has seen. Needs the extra `sebaya[semantic]`, which brings numpy."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from bot.rules.training import Line
from bot.semantic.embedder import Embedder
from bot.semantic.head import Head
from flows.crisis.assessment import Level
from flows.crisis.screen import Matcher, screen

FOLDS = 5
RIDGE = 300.0
"""How strongly weights are held near nothing, on places brought to one scale; chosen on cross-validation."""
STEPS = 12
RAISE_FLAGS, REVIEW_FLAGS = 1.0, 10.0
"""Everyday texts in 1,000 that may be flagged beyond what rules and net flag: as a case, or for a look. The first is
half of what was allowed: what a campus writes is not what the net was tried on."""


def learn(
    lines: Sequence[Line],
    plain: Sequence[str],
    matcher: Matcher,
    embedder: Embedder,
    *,
    version: str,
    card: dict[str, Any],
    done: Callable[[int], None] = lambda count: None,
) -> Head:
    """A head learned from `lines` (high and imminent against the rest) and everyday text `plain`; `done` is told how
    many texts have been read. Its card gets the cross-validated figures."""
    points = []
    for count, text in enumerate([*(line.text for line in lines), *plain], 1):
        points.append(embedder.embed(text))
        done(count)
    return fit_head(lines, plain, points, matcher, version=version, card=card)


def fit_head(
    lines: Sequence[Line],
    plain: Sequence[str],
    points: Sequence[Sequence[float]],
    matcher: Matcher,
    *,
    version: str,
    card: dict[str, Any],
) -> Head:
    """The same, where the places of lines and everyday text (in this order) are known."""
    np = import_module("numpy")
    places = np.asarray(points, dtype=np.float64)
    labels = np.array([float(line.level >= Level.HIGH) for line in lines] + [0.0] * len(plain))
    folds = np.array([*_folds([line.family for line in lines]), *(number % FOLDS for number in range(len(plain)))])
    scores = np.zeros(len(labels))
    for fold in range(FOLDS):
        kept = folds != fold
        weights, bias = _fit(np, places[kept], labels[kept])
        scores[~kept] = 1 / (1 + np.exp(-(places[~kept] @ weights + bias)))
    found = [screen(text, matcher).crisis for text in [*(line.text for line in lines), *plain]]
    raise_at, review_at = _thresholds([float(s) for s in scores[len(lines) :]], found[len(lines) :])
    figures = _figures(lines, [float(s) for s in scores], found, raise_at, review_at)
    weights, bias = _fit(np, places, labels)
    return Head(
        tuple(float(weight) for weight in weights), float(bias), raise_at, review_at, version,
        {**card, "lines": len(lines), "everyday_sentences": len(plain), "cross_validation": figures},
    )  # fmt: skip


def _folds(families: Sequence[str], seed: int = 3) -> list[int]:
    """The fold of each line; a family is never parted."""
    names = sorted(set(families))
    random.Random(seed).shuffle(names)  # noqa: S311  # folds, not secrets
    number = {name: count % FOLDS for count, name in enumerate(names)}
    return [number[family] for family in families]


def _fit(np: Any, places: Any, labels: Any) -> tuple[Any, float]:
    """Logistic regression with a ridge, by Newton's method: the same in every run. The scale of the places is folded
    into the weights."""
    middle, width = places.mean(axis=0), places.std(axis=0) + 1e-9
    rows = np.hstack([(places - middle) / width, np.ones((len(places), 1))])
    held = np.full(rows.shape[1], RIDGE)
    held[-1] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        guess = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (guess - labels) + held * weights
        bend = (rows * (guess * (1 - guess) + 1e-9)[:, None]).T @ rows + np.diag(held)
        step = np.linalg.solve(bend, slope)
        weights = weights - step
        if float(abs(step).max()) < 1e-6:
            break
    scaled = weights[:-1] / width
    return scaled, float(weights[-1] - scaled @ middle)


def _thresholds(scores: Sequence[float], found: Sequence[bool]) -> tuple[float, float]:
    """From which scores an everyday text is flagged no more often than allowed."""
    extra = sorted((score for score, known in zip(scores, found, strict=True) if not known), reverse=True)

    def above(flags: float) -> float:
        allowed = int(flags * len(scores) / 1000)
        score = extra[allowed] if allowed < len(extra) else 0.0
        return min(0.99, max(0.3, round(score + 0.005, 2)))

    raise_at = above(RAISE_FLAGS)
    return raise_at, min(raise_at, above(REVIEW_FLAGS))


def _figures(
    lines: Sequence[Line], scores: Sequence[float], found: Sequence[bool], raise_at: float, review_at: float
) -> dict[str, Any]:
    """What the net would do with lines whose family it has not seen, and with everyday text."""
    count = len(lines)
    plain = [score for score, known in zip(scores[count:], found[count:], strict=True) if not known]
    raised = [score >= raise_at for score in scores]
    return {
        "rules_and_net": _shares(lines, found[:count]),
        "semantic_alone": _shares(lines, raised[:count]),
        "together": _shares(lines, [a or b for a, b in zip(found[:count], raised[:count], strict=True)]),
        "together_with_reviews": _shares(
            lines, [a or score >= review_at for a, score in zip(found[:count], scores[:count], strict=True)]
        ),
        "extra_raised_in_1000_everyday": _in_1000(sum(score >= raise_at for score in plain), len(scores) - count),
        "extra_reviews_in_1000_everyday": _in_1000(
            sum(review_at <= score < raise_at for score in plain), len(scores) - count
        ),
    }


def _in_1000(count: int, of: int) -> float:
    return round(1000 * count / max(1, of), 2)


def _shares(lines: Sequence[Line], flagged: Sequence[bool]) -> dict[str, float]:
    counted: dict[str, int] = defaultdict(int)
    for line, flag in zip(lines, flagged, strict=True):
        grave, imminent = line.level >= Level.HIGH, line.level == Level.IMMINENT
        counted["flagged"] += flag
        counted["grave"] += grave
        counted["imminent"] += imminent
        counted["hits"] += flag and grave
        counted["urgent"] += flag and imminent
    return {
        "recall_high": round(counted["hits"] / max(1, counted["grave"]), 4),
        "recall_imminent": round(counted["urgent"] / max(1, counted["imminent"]), 4),
        "precision": round(counted["hits"] / max(1, counted["flagged"]), 4),
    }
