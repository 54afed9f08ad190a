"""Reading the audit: who did what, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bot.lists import Ask, Listing, Page, page
from bot.store.db import Tx


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry. `at` in ms."""

    id: int
    at: int
    actor: str
    action: str
    object: str
    detail: Mapping[str, Any]


LISTING = Listing(
    name="audit",
    columns="id, at, actor, action, object, detail",
    source="audit",
    key="id",
    sorts={"id": "id", "at": "at"},
    filters={
        "actor": "actor = :actor",
        "action": "action = :action",
        "object": "object = :object",
        "from": "at >= :from",
        "to": "at < :to",
    },
    default="-id",
)


def listed(tx: Tx, ask: Ask) -> Page[AuditRow]:
    """One page of the record."""
    found = page(tx, LISTING, ask)
    rows = [AuditRow(id, at, who, did, what, orjson.loads(detail)) for id, at, who, did, what, detail in found.items]
    return Page(rows, found.next_cursor)
