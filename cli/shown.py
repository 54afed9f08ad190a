"""How the command line writes what a person reads."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def moment(ms: int | None, zone: ZoneInfo) -> str:
    """A time to the minute in the deployment's zone; a dash for none."""
    if ms is None:
        return "-"
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
