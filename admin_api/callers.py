"""How often one caller may do what costs something: counted in memory, forgotten after the window."""

from __future__ import annotations

from collections import OrderedDict

REMEMBERED = 10_000


class Callers:
    """At most `limit` times in `window` ms for each caller. Bounded: the longest silent caller is forgotten first."""

    def __init__(self, limit: int, window: int) -> None:
        self._limit = limit
        self._window = window
        self._since: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def allow(self, caller: str, now: int) -> bool:
        """Count one more at `now` (ms); false when it is one too many."""
        began, count = self._since.pop(caller, (now, 0))
        if now - began >= self._window:
            began, count = now, 0
        self._since[caller] = (began, count + 1)
        if len(self._since) > REMEMBERED:
            self._since.popitem(last=False)
        return count < self._limit
