"""Ids that nobody can guess, and message ids that rise with time."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


def new_id() -> str:
    """An opaque, unguessable id of 16 url-safe characters."""
    return secrets.token_urlsafe(12)


class Ids(Protocol):
    """Where ids and choices come from."""

    def id(self) -> str:
        """An opaque, unguessable id of 16 url-safe characters."""
        ...

    def message(self, now: int) -> int:
        """A number of 63 bits that rises with time (ms), also within a millisecond, and also if the clock goes back."""
        ...

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        ...


class RandomIds:
    """From the system's randomness. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def id(self) -> str:
        return new_id()

    def message(self, now: int) -> int:
        # 42 bits of milliseconds reach to 2109; 21 bits of chance keep processes apart.
        fresh = now << 21 | secrets.randbits(20)
        with self._lock:
            self._last = max(fresh, self._last + 1)
            return self._last

    def pick(self, choices: Sequence[T]) -> T:
        return secrets.choice(choices)


class CountedIds:
    """Ids that count, the same in every run: for tests, transcripts and replays."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def _next(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def id(self) -> str:
        return f"id{self._next():014d}"

    def message(self, now: int) -> int:
        return now << 21 | self._next()

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self._next() * 7919 % len(choices)]
