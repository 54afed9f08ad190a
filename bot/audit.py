"""The record that somebody did something, which nobody can change in silence (P5).

Every row carries a hash over itself and the row before it, keyed by the store's own secret: who can write the table but
has not SECRET_KEYS cannot forge a link. The head of the chain stands in `meta`, so that cutting rows off its end shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from bot.store.db import Tx

_HEAD = "audit.head"
_LOCK = "SELECT value FROM meta WHERE key = 'audit.head' FOR UPDATE"
_FIRST = "INSERT INTO meta (key, value) VALUES ('audit.head', :value) ON CONFLICT DO NOTHING"
_ADVANCE = "UPDATE meta SET value = :value WHERE key = 'audit.head'"
_INSERT = (
    "INSERT INTO audit (at, actor, action, object, detail, hash) VALUES (:at, :actor, :action, :object, :detail, :hash)"
)
_PART = "SELECT id, at, actor, action, object, detail, hash FROM audit WHERE id > :after ORDER BY id LIMIT 1000"
START = ""


def record(tx: Tx, *, actor: str, action: str, object: str, detail: Mapping[str, object], now: int) -> None:
    """Append an entry at `now` (ms). `actor` is "person:<id>", "token:<id>", "cli" or "system"; `object` is
    "kind:<id>"; `detail` holds ids and words of the contract only, never what somebody wrote."""
    tx.run(_FIRST, value=b"")
    before = bytes(tx.value(_LOCK)).decode()
    text = orjson.dumps(dict(detail), option=orjson.OPT_SORT_KEYS).decode()
    link = _link(tx, before, now, actor, action, object, text)
    tx.run(_INSERT, at=now, actor=actor, action=action, object=object, detail=text, hash=link)
    tx.run(_ADVANCE, value=link.encode())


def _link(tx: Tx, before: str, at: int, actor: str, action: str, object: str, detail: str) -> str:
    return tx.keeper.chain(orjson.dumps([before, at, actor, action, object, detail]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: `entries` read, and the id of the first that does not fit (0: the end was cut off)."""

    entries: int
    broken: int | None = None


def verify(tx: Tx) -> Verdict:
    """Walk the whole chain."""
    before, after, entries = START, 0, 0
    while rows := tx.all(_PART, after=after):
        for id, at, actor, action, object, detail, link in rows:
            if link != _link(tx, before, at, actor, action, object, detail):
                return Verdict(entries, id)
            before, after, entries = link, id, entries + 1
    head = tx.value("SELECT value FROM meta WHERE key = 'audit.head'")
    return Verdict(entries, None if (bytes(head).decode() if head else START) == before else 0)
