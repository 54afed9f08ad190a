"""Times between the inside (ms since 1970 UTC) and people (ISO 8601 with an offset, days of a deployment's zone)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def to_iso(ms: int, zone: ZoneInfo) -> str:
    """The time in the zone, to the second unless ms matter."""
    moment = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
    return moment.isoformat(timespec="milliseconds" if ms % 1000 else "seconds")


def from_aware(moment: datetime) -> int:
    """ms of a time that carries its offset. Raises ValueError for one that does not."""
    if moment.utcoffset() is None:
        raise ValueError("a time without an offset")
    return round(moment.timestamp() * 1000)


def day_of(ms: int, zone: ZoneInfo) -> date:
    """The day on which the time falls in the zone."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo) -> int:
    """The last ms of the day in the zone."""
    return from_aware(datetime.combine(day + timedelta(days=1), time.min, zone)) - 1
