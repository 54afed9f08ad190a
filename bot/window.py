"""How long a platform lets us write freely to somebody who has written to us: WhatsApp's customer-service window.

It is known for each address and counts from the platform's own date of the person's last message. Outside it only an
approved invitation may go; everything else waits, in order, for the person's reply (M4: never told as sent).
"""

from __future__ import annotations

from collections.abc import Mapping

HOUR = 3_600_000
WINDOWS: Mapping[str, int] = {"whatsapp": 24 * HOUR}
"""Channels that have a window, and its length in ms (WhatsApp Cloud API: 24 hours from the last message)."""


def until(channel: str, said_at: int, now: int) -> int | None:
    """When the window that a message of `said_at` opens closes (ms); None on a channel without one. A message without
    a date, or from the future, counts from now."""
    length = WINDOWS.get(channel)
    if length is None:
        return None
    return (said_at if 0 < said_at < now else now) + length


def closed(channel: str, window_until: int | None, now: int) -> bool:
    """Whether only an invitation may go to this address now. Who never wrote has no window."""
    return channel in WINDOWS and (window_until is None or window_until <= now)
