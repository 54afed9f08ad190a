"""getUpdates: long polling with offset and limit, one poller at a time, none beside a webhook."""

from __future__ import annotations

from typing import Any

from .arguments import Call
from .errors import ApiError, conflict
from .methods.hooking import remember_allowed
from .world import World

LONGEST_SECONDS = 50
Polled = list[dict[str, Any]] | ApiError
_WEBHOOK = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_OTHER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Polling:
    """The one long poll a bot may have. As at Telegram, the newer poll wins and the older gets 409."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._turn = 0

    async def get_updates(self, call: Call) -> list[dict[str, Any]]:
        """Answer as soon as there is an update, or with none after `timeout` seconds."""
        world = self._world
        offset = call.integer("offset") or 0
        limit = min(max(call.integer("limit") or 100, 1), 100)
        timeout = min(max(call.integer("timeout") or 0, 0), LONGEST_SECONDS)
        with world.change():
            self._turn += 1
            mine = self._turn
            if world.webhook.url:
                raise conflict(_WEBHOOK)
            remember_allowed(world, call)

        def look() -> Polled | None:
            if world.webhook.url:
                return conflict("terminated by setWebhook request")
            if mine != self._turn:
                return conflict(_OTHER)
            world.updates.drop_old(world.clock.now())
            return world.updates.poll(offset, limit) or None

        found: Polled | None = await world.waking.until(look, timeout)
        if isinstance(found, ApiError):
            raise found
        return found or []
