"""The methods of the Bot API, one topic a file; METHODS is the table of all (but getUpdates: polling.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..arguments import Call
from ..world import World
from . import albums, answering, asking, copying, editing, fetching, hooking, sending, topics

Method = Callable[[World, Call], Any]

# Telegram ignores the case of a method's name.
METHODS: dict[str, tuple[str, Method]] = {
    name.lower(): (name, method)
    for module in (sending, albums, copying, editing, answering, fetching, topics, asking, hooking)
    for name, method in module.METHODS.items()
}
# What counts against the rate limits.
COUNTED = {name.lower() for module in (sending, albums, copying) for name in module.METHODS} - {"sendchataction"}
