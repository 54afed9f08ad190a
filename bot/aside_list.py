"""What was set aside, for the human to whom it must be shown (M6): looked at, tried again, or put away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import orjson

from bot import audit
from bot.aside import PAYLOAD
from bot.channels.base import Inbound, Kind, Media, Place, Status
from bot.refusals import Conflict, Missing
from bot.store.db import Store, Tx

Receive = Callable[[Inbound], Awaitable[object]]
LIMIT = 200

_LIST = """SELECT id, channel, reason, level, attempts, state, created_at FROM aside WHERE state = 'open'
ORDER BY COALESCE(level, 3) DESC, id LIMIT :limit"""
_ONE = "SELECT id, channel, reason, level, attempts, state, created_at, payload, external_id FROM aside WHERE id = :id"
_AGAIN = "SELECT 1 FROM aside WHERE channel = :channel AND external_id = :external"
_DECIDE = "UPDATE aside SET state = :state, decided_at = :now, decided_by = :actor WHERE id = :id AND state = 'open'"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message set aside. `reason` is the kind of error; `level` what it assessed as (None: it could not be)."""

    id: int
    channel: str
    reason: str
    level: int | None
    attempts: int
    state: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry with what was in it: a message, or the raw bytes of something unreadable."""

    entry: Entry
    payload: bytes
    external_id: str

    @property
    def inbound(self) -> Inbound | None:
        """The message, as the channel understood it; None for what nobody could read."""
        try:
            value = orjson.loads(self.payload)
        except orjson.JSONDecodeError:
            return None
        return _inbound(value) if isinstance(value, dict) and {"sender", "kind", "sent_at"} <= set(value) else None


def listed(tx: Tx) -> list[Entry]:
    """What waits for a decision: what cannot be assessed and the highest level first."""
    return [Entry(*row) for row in tx.all(_LIST, limit=LIMIT)]


def opened(tx: Tx, id: int, *, actor: str, now: int) -> Opened:
    """Read one; that somebody read it stands in the audit (P5). Raises Missing."""
    row = tx.one(_ONE, id=id)
    if row is None:
        raise Missing("Nothing of this number was set aside: see `sebaya aside list`")
    audit.record(tx, actor=actor, action="aside.read", object=f"aside:{id}", detail={}, now=now)
    *entry, payload, external_id = row
    words = tx.unseal(None, payload, PAYLOAD) if payload else b""  # its retention is over
    return Opened(Entry(*entry), words, str(external_id))


def decide(tx: Tx, id: int, state: str, *, actor: str, now: int) -> None:
    """Put an open entry away as "retried" or "dismissed". Raises Missing, and Conflict where it was decided before."""
    if tx.run(_DECIDE, id=id, state=state, actor=actor, now=now) != 1:
        row = tx.one(_ONE, id=id)
        if row is None:
            raise Missing("Nothing of this number was set aside: see `sebaya aside list`")
        raise Conflict(f"It was decided before ({row['state']})")
    audit.record(tx, actor=actor, action=f"aside.{state}", object=f"aside:{id}", detail={}, now=now)


def again(found: Opened) -> Inbound:
    """The message as if it came in anew, under a number of its own. Raises Conflict for what nobody could read."""
    message = found.inbound
    if message is None:
        raise Conflict("Nobody could read this: look at it by `sebaya aside show`, then dismiss it")
    values = {field.name: getattr(message, field.name) for field in fields(Inbound)}
    return Inbound(**{**values, "external_id": f"{found.external_id}#again{found.entry.id}"})


async def retry(store: Store, receive: Receive, id: int, *, actor: str, now: int) -> bool:
    """Process one again by `receive` (the engine's), as if it came in now; False when it failed again and was set aside
    anew. Raises Missing, and Conflict for what was decided before or nobody could read. Whoever serves sends what it
    causes."""

    def take(tx: Tx) -> Inbound:
        message = again(opened(tx, id, actor=actor, now=now))
        decide(tx, id, "retried", actor=actor, now=now)
        return message

    message = await store.write(take)
    await receive(message)
    return await store.read(lambda tx: tx.one(_AGAIN, channel=message.channel, external=message.external_id) is None)


def _inbound(value: Mapping[str, Any]) -> Inbound:
    known = {field.name for field in fields(Inbound)}
    values: dict[str, Any] = {
        name: tuple(part) if isinstance(part, list) else part for name, part in value.items() if name in known
    }
    values["kind"] = Kind(values["kind"])
    for name, kind in (("media", Media), ("place", Place), ("status", Status)):
        if values.get(name) is not None:
            values[name] = kind(**values[name])
    if values.get("media") is not None:
        values["media"] = Media(**{**_fields(values["media"]), "kind": Kind(values["media"].kind)})
    return Inbound(**values)


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}
