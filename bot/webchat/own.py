"""A person's own lines, read back for their page."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from bot.channels.base import Kind, Media
from bot.messages import BODY, MEDIA
from bot.store.db import Row, Tx
from bot.webchat.lines import Event, changed, own
from bot.webchat.rows import Rows

_LATEST = """SELECT id, kind, body, owner_id, media, external_id, quote_of, original_id, created_at FROM messages
WHERE person_id = :person AND address_id = :address AND id < :before ORDER BY id DESC LIMIT :limit"""
_SINCE = """SELECT id, kind, body, owner_id, media, external_id, quote_of, original_id, created_at FROM messages
WHERE person_id = :person AND address_id = :address AND id > :after ORDER BY id LIMIT :limit"""
_MEDIA = """SELECT id, kind, body, owner_id, media, external_id, quote_of, original_id, created_at FROM messages
WHERE person_id = :person AND address_id = :address AND external_id = :name ORDER BY id LIMIT 1"""


def latest(tx: Tx, person: int, address: int, before: int, limit: int) -> list[Row]:
    """The newest own messages below `before`, oldest first."""
    return list(reversed(tx.all(_LATEST, person=person, address=address, before=before, limit=limit)))


def since(tx: Tx, person: int, address: int, after: int, limit: int) -> list[Row]:
    return tx.all(_SINCE, person=person, address=address, after=after, limit=limit)


def events(tx: Tx, row: Row, rows: Rows) -> Sequence[Event]:
    """An own message as the page's events. An edit changes the line it belongs to."""
    text = tx.text(row["owner_id"], row["body"], BODY)
    picture = media(tx, row)
    if row["original_id"] is not None:
        target = rows.line_of(row["original_id"])
        return [changed(f"e{row['id']}", target, text or "", row["created_at"])] if target else []
    if text is None and picture is None:
        return []
    quote = rows.line_of(row["quote_of"]) if row["quote_of"] is not None else ""
    kind = "media" if picture is not None else "text"
    name = row["external_id"] or f"m{row['id']}"
    return [own(row["id"], name, row["created_at"], text or "", kind=kind, quote=quote, media=picture)]


def picture(tx: Tx, person: int, address: int, name: str) -> Media | None:
    """What the person sent under this client_id."""
    row = tx.one(_MEDIA, person=person, address=address, name=name)
    return None if row is None else media(tx, row)


def media(tx: Tx, row: Row) -> Media | None:
    told = tx.text(row["owner_id"], row["media"], MEDIA)
    found = orjson.loads(told).get("media") if told else None
    return Media(**{**found, "kind": Kind(found["kind"])}) if found else None
