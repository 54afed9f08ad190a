"""How long to wait: between attempts for one recipient, and when the platform slows the whole bot down.

There is no pace of our own (contract.md): only the platform's 429 slows. Times in ms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

FIRST = 500
"""The first pause; with every further failure in a row it doubles."""
LONGEST = 10_000
MANY, WITHIN = 3, 2_000
"""So many recipients slowed within so many ms: it is the bot as a whole that the platform means."""
DAY = 24 * 3_600_000
"""An ordinary row older than this fails, and who must know is told."""
FLEETING = 10_000
"""A sign of typing older than this is worth nothing."""


def backoff(failures: int, jitter: Callable[[], float]) -> int:
    """The pause after so many failures in a row (from 1): 250-500 ms at first, at most 10 s. `jitter` gives a number
    from 0 to 1."""
    pause = min(LONGEST, FIRST * 2 ** min(failures - 1, 10))
    return int(pause * (0.5 + 0.5 * jitter()))


YIELD = 1_000
"""How much later than a crisis message that was told to wait an ordinary one to the same person is tried (C4)."""


def grown(base: int, failures: int) -> int:
    """The pause (ms) after so many failures in a row (from 1), where the platform asks for base**n seconds: never more
    than our own longest. WhatsApp lets one message through every six seconds, however often it was asked before;
    waiting 64 s for that would keep a page, an answer or a line from somebody who is waiting."""
    return int(min(LONGEST, 1_000 * base ** min(failures - 1, 8)))


class Brake:
    """Notices when a platform slows the whole bot down, channel by channel."""

    def __init__(self) -> None:
        self._slowed: dict[str, deque[tuple[int, int]]] = {}
        self._until: dict[str, int] = {}

    def slowed(self, channel: str, address: int, now: int, after: int) -> None:
        """The platform named a pause of `after` for this recipient."""
        recent = self._slowed.setdefault(channel, deque(maxlen=64))
        recent.append((now, address))
        if len({who for at, who in recent if now - at <= WITHIN}) >= MANY:
            self._until[channel] = max(self._until.get(channel, 0), now + after)

    def whole(self, channel: str, now: int, after: int) -> None:
        """The platform says that the whole number is too fast: ordinary traffic rests for `after`."""
        self._until[channel] = max(self._until.get(channel, 0), now + after)

    def learn(self, found: Mapping[str, int]) -> None:
        """What other processes were told by the platforms."""
        for channel, until in found.items():
            self._until[channel] = max(self._until.get(channel, 0), until)

    def paused(self, now: int) -> dict[str, int]:
        """The channels whose ordinary traffic rests, and until when."""
        self._until = {channel: until for channel, until in self._until.items() if until > now}
        return dict(self._until)
