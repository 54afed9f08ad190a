"""Rate limits like Telegram's, off unless asked for: the exact ones are unpublished."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """Tokens that refill at `rate` per second up to `burst`."""

    rate: float
    burst: float
    left: float = 0.0
    at: float | None = None

    def wait(self, now: float, count: int) -> float:
        """0 if so many messages may pass, else the seconds until they may; a full bucket passes any album."""
        full = self.at is None
        gained = 0.0 if self.at is None else (now - self.at) * self.rate
        self.left = self.burst if full else min(self.burst, self.left + gained)
        self.at = now
        needed = min(count, self.burst)
        return 0.0 if self.left >= needed else (needed - self.left) / self.rate


@dataclass
class Limits:
    """Messages per second to one chat and in all, per minute to one group (topics of a forum count together).

    The defaults are those of Telegram's bot FAQ: 1/s per chat with short bursts, 30/s, 20/min per group.
    """

    per_chat: float = 1.0
    chat_burst: float = 5.0
    overall: float = 30.0
    group_per_minute: float = 20.0
    refused: int = 0
    _chats: dict[int, Bucket] = field(default_factory=dict, repr=False)
    _all: Bucket | None = field(default=None, repr=False)

    def check(self, chat_id: int, now: float, count: int = 1) -> int | None:
        """None if `count` messages to this chat may pass now, else `retry_after` in whole seconds."""
        if chat_id not in self._chats:
            self._chats[chat_id] = (
                Bucket(self.per_chat, self.chat_burst)
                if chat_id > 0
                else Bucket(self.group_per_minute / 60, self.group_per_minute)
            )
        if self._all is None:
            self._all = Bucket(self.overall, self.overall)
        wait = max(self._chats[chat_id].wait(now, count), self._all.wait(now, count))
        if not wait:
            self._chats[chat_id].left -= count
            self._all.left -= count
            return None
        self.refused += 1
        return math.ceil(wait)
