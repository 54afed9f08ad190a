"""Durations, counted in buckets: as Prometheus wants them, for a fraction of a microsecond each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

FINE = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds: what one process does with one message."""
COARSE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)
"""Seconds: what depends on platforms and people."""


class Histogram:
    """Durations in seconds for each value of its labels. Not thread-safe: the event loop alone observes."""

    def __init__(self, buckets: Sequence[float]) -> None:
        self._buckets = tuple(buckets)
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}

    def observe(self, seconds: float, *labels: str) -> None:
        """Count one."""
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._counts[labels] = [0] * (len(self._buckets) + 1)
            self._sums[labels] = 0.0
        counts[bisect_left(self._buckets, seconds)] += 1
        self._sums[labels] += seconds

    def read(self) -> Iterator[tuple[tuple[str, ...], list[tuple[str, float]], float]]:
        """Labels, cumulative buckets (upper bound and count) and the sum, for each set of labels."""
        bounds = [*(f"{each:g}" for each in self._buckets), "+Inf"]
        for labels, counts in sorted(self._counts.items()):
            total = 0
            buckets: list[tuple[str, float]] = []
            for bound, count in zip(bounds, counts, strict=True):
                total += count
                buckets.append((bound, total))
            yield labels, buckets, self._sums[labels]
