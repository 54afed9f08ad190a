"""The linear head: what a place in the space of meaning says of danger. Plain numbers in a file of their own, with a
card that says where they come from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, isfinite
from pathlib import Path
from typing import Any

from bot.semantic.embedder import DIMENSIONS

LARGEST = 200_000
"""Bytes of a head's file at most."""


class HeadError(Exception):
    """The file of a head cannot be used; one sentence."""


@dataclass(frozen=True, slots=True)
class Head:
    """`raise_at` is the score from which a case is opened, `review_at` the one from which a counselor is asked to
    look. `version` names the head on the cases that it opened."""

    weights: tuple[float, ...]
    bias: float
    raise_at: float
    review_at: float
    version: str
    card: dict[str, Any] = field(default_factory=dict)

    def score(self, point: Sequence[float]) -> float:
        """From 0 to 1."""
        value = self.bias + sum(map(_product, self.weights, point))
        return 1 / (1 + exp(-max(-60.0, min(60.0, value))))


def _product(weight: float, value: float) -> float:
    return weight * value


def read_head(file: Path) -> Head:
    """Raises HeadError."""
    try:
        data = file.read_bytes()
        if len(data) > LARGEST:
            raise HeadError(f"{file.name} is larger than a head can be")
        raw = json.loads(data)
        weights = tuple(float(weight) for weight in raw["weights"])
        head = Head(
            weights, float(raw["bias"]), float(raw["raise"]), float(raw["review"]), str(raw["version"]),
            dict(raw["card"]),
        )  # fmt: skip
    except OSError as error:
        raise HeadError(f"{file.name} cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError):
        raise HeadError(f"{file.name} is not the file of a head") from None
    if len(weights) != DIMENSIONS or not all(isfinite(value) for value in (*weights, head.bias)):
        raise HeadError(f"{file.name} does not fit the model")
    if not 0 < head.review_at <= head.raise_at <= 1:
        raise HeadError(f"{file.name} has thresholds that are none")
    return head


def write_head(head: Head, file: Path) -> None:
    """Store a head with its card."""
    stored = {
        "card": head.card, "version": head.version, "raise": head.raise_at, "review": head.review_at,
        "bias": round(head.bias, 4), "weights": [round(weight, 4) for weight in head.weights],
    }  # fmt: skip
    file.write_text(json.dumps(stored, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
