"""From the inside to what is shown: times with their offset, levels as words, names masked."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from admin_api.schemas.base import LevelWord
from flows.crisis.assessment import Level

MASK = "•••"
"""Stands where something is kept that this caller may not see."""
_LEVELS: tuple[LevelWord, ...] = ("none", "distress", "high", "imminent")


def moment(ms: int, zone: ZoneInfo) -> datetime:
    """The time in the deployment's zone."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)


def moment_or_none(ms: int | None, zone: ZoneInfo) -> datetime | None:
    """The same, for what may not have happened (None, or 0 in a snapshot)."""
    return moment(ms, zone) if ms else None


def level_word(level: int) -> LevelWord:
    """The level as it is written outside."""
    return _LEVELS[min(max(level, 0), 3)]


def level_number(word: str | None) -> int | None:
    """The level as the store has it."""
    return None if word is None else int(Level.of(word))


def masked(text: str | None, clear: bool) -> str | None:
    """The text where it may be seen, a mask where something is there, None where nothing is."""
    return text if clear or text is None else MASK
