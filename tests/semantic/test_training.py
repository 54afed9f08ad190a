"""How thresholds are chosen and folds cut; the fit itself needs the extra and is measured, not tested."""

from __future__ import annotations

from bot.rules.training import Line
from bot.semantic.training import FOLDS, _figures, _folds, _thresholds
from flows.crisis.assessment import Level


def test_thresholds_let_no_more_everyday_texts_through_than_allowed() -> None:
    scores = [number / 2500 for number in range(2000)]
    raise_at, review_at = _thresholds(scores, [False] * 2000)
    assert sum(score >= raise_at for score in scores) <= 2, "one in 1,000"
    assert sum(score >= review_at for score in scores) <= 20, "ten in 1,000"
    assert 0 < review_at <= raise_at <= 1


def test_what_rules_and_net_flag_anyway_costs_nothing() -> None:
    scores = [0.99] * 50 + [0.1] * 1950
    assert _thresholds(scores, [True] * 50 + [False] * 1950) == (0.3, 0.3)
    assert _thresholds(scores, [False] * 2000)[0] == 0.99


def test_a_family_is_never_parted() -> None:
    families = [f"family {number % 37}" for number in range(500)]
    folds = _folds(families)
    assert folds == _folds(families), "the same in every run"
    assert set(folds) == set(range(FOLDS))
    assert len({(family, fold) for family, fold in zip(families, folds, strict=True)}) == 37


def test_figures_are_shares() -> None:
    levels = (Level.HIGH, Level.IMMINENT, Level.NONE)
    lines = [Line("x", level, "id", "", f"family {level}") for level in levels]
    found = _figures(lines, [0.8, 0.2, 0.9, 0.55, 0.1], [False, True, False, False, False], 0.7, 0.5)
    assert found["rules_and_net"] == {"recall_high": 0.5, "recall_imminent": 1.0, "precision": 1.0}
    assert found["semantic_alone"] == {"recall_high": 0.5, "recall_imminent": 0.0, "precision": 0.5}
    assert found["together"]["recall_high"] == 1.0
    assert (found["extra_raised_in_1000_everyday"], found["extra_reviews_in_1000_everyday"]) == (0.0, 500.0)
