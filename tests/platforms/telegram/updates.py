"""The queue of updates, from an event's birth until the bot has confirmed it or it has grown too old."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Only on demand, by the documentation of getUpdates and setWebhook (`allowed_updates`).
ON_DEMAND = {"chat_member", "message_reaction", "message_reaction_count"}
# Telegram keeps an update no longer than 24 hours.
KEPT_SECONDS = 24 * 3600.0


@dataclass(eq=False)
class Pending:
    """An update that waits: `key` names the chat (or person) whose updates keep their order."""

    wire: Json
    key: int
    born: float
    again: bool = False
    delivered: int = 0

    @property
    def id(self) -> int:
        """The update_id."""
        return int(self.wire["update_id"])


class Updates:
    """Everything that happened (`log`) and what still waits (`waiting`)."""

    def __init__(self, first_id: int = 731_000_001) -> None:
        self._next = first_id
        self.log: list[Json] = []
        self.waiting: list[Pending] = []
        self.allowed: list[str] = []
        self.held = False
        self.dropped: list[int] = []
        self.kept_seconds = KEPT_SECONDS

    def add(self, kind: str, body: Json, now: float) -> Json | None:
        """Queue an update of this kind, or nothing if the bot did not ask for the kind."""
        if not self.wanted(kind):
            return None
        update = {"update_id": self._next, kind: copy.deepcopy(body)}
        self._next += 1
        self.queue(update, now)
        return update

    def queue(self, update: Json, now: float) -> None:
        """Queue a finished update, whatever was asked for."""
        self.log.append(update)
        self.waiting.append(Pending(update, chat_key(update), now))

    def next_id(self) -> int:
        """Reserve an update_id."""
        self._next += 1
        return self._next - 1

    def wanted(self, kind: str) -> bool:
        """Whether `allowed_updates` lets this kind through."""
        return kind in self.allowed if self.allowed else kind not in ON_DEMAND

    def by_id(self, update_id: int) -> Json:
        """An update of the log; KeyError if there was none."""
        for update in self.log:
            if update["update_id"] == update_id:
                return update
        raise KeyError(update_id)

    def repeat(self, update: Json, now: float) -> None:
        """Offer an old update once more, even to a poller whose offset has passed it."""
        self.waiting.append(Pending(update, chat_key(update), now, again=True))

    def drop_old(self, now: float) -> None:
        """Forget what has waited too long, as Telegram does."""
        for pending in list(self.waiting):
            if now - pending.born > self.kept_seconds:
                self.waiting.remove(pending)
                self.dropped.append(pending.id)

    def poll(self, offset: int, limit: int) -> list[Json]:
        """getUpdates: confirm everything below `offset`, then up to `limit` of what waits."""
        if offset < 0:
            keep = [pending.id for pending in self.waiting][offset:]
            offset = keep[0] if keep else 0
        if offset:
            self.waiting = [
                pending for pending in self.waiting if pending.id >= offset or (pending.again and not pending.delivered)
            ]
        if self.held:
            return []
        given = self.waiting[:limit]
        for pending in given:
            pending.delivered += 1
        return [pending.wire for pending in given]

    def shuffle(self, seed: int) -> None:
        """Disorder what waits, for a test of law M1."""
        random.Random(seed).shuffle(self.waiting)


def chat_key(update: Json) -> int:
    """The chat (else the person) whose order an update keeps; its own id if it belongs to nobody."""
    for name, body in update.items():
        if name == "update_id" or not isinstance(body, dict):
            continue
        chat = body.get("chat") or body.get("message", {}).get("chat") or body.get("from") or body.get("user")
        if isinstance(chat, dict):
            return int(chat["id"])
    return int(update["update_id"])
