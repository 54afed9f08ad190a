"""The server's clock: real time plus whatever a test has added, so that a day can pass in no time."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Seconds since 1970 UTC, as a float. `source` replaces the real clock altogether."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._ahead = 0.0

    def now(self) -> float:
        """The present moment, in seconds."""
        return self._source() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass at once."""
        self._ahead += seconds
