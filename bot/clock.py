"""The time, handed to everything else as an argument, so that tests can choose it."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Milliseconds since 1970 UTC."""


def system_clock() -> int:
    """Now, by this machine's clock."""
    return time.time_ns() // 1_000_000


class SetClock:
    """A clock that stands until it is moved: for tests, transcripts and replays."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: int) -> int:
        """Move on, and say the new time."""
        self.now += ms
        return self.now
