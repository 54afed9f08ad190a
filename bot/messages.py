"""The message table: bodies sealed under the key of the student whose story they are part of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from bot.channels.base import Kind, Media, Place
from bot.store.db import Tx
from flows.crisis.assessment import NOTHING, Assessment
from flows.effects import Fate

HELD = 5_000
"""How many held lines are handed over at once: more than anybody types in a night. M2 leaves no room for a few."""
BODY = "messages.body"
MEDIA = "messages.media"

_ADD = """INSERT INTO messages (id, person_id, address_id, inbox_id, chat_id, request_id, kind, body, owner_id, media,
level, category, about, lexicon, fate, external_id, quote_of, original_id, sent_at, created_at)
VALUES (:id, :person, :address, :inbox, :chat, :request, :kind, :body, :owner, :media,
:level, :category, :about, :lexicon, :fate, :external, :quote_of, :original, :sent_at, :now)"""
_COPY = """INSERT INTO copies (address_id, external_id, message_id, chat_id, outbox_id)
VALUES (:address, :external, :message, :chat, NULL)
ON CONFLICT (address_id, external_id) DO UPDATE SET message_id = excluded.message_id, chat_id = excluded.chat_id"""
_GET = """SELECT id, person_id, kind, body, owner_id, media, chat_id, quote_of, fate, created_at, sent_at FROM messages
WHERE id = :id"""
_SETTLE = """UPDATE messages SET fate = :fate, chat_id = COALESCE(:chat, chat_id),
request_id = COALESCE(:request, request_id), body = :body, media = :media, owner_id = :owner WHERE id = :id"""
_RECOPY = "UPDATE copies SET chat_id = :chat WHERE message_id = :id AND outbox_id IS NULL"
_IN_ITS_PLACE = "UPDATE copies SET message_id = :id WHERE message_id = :original AND outbox_id IS NULL"
_HELD = """SELECT id, person_id, kind, body, owner_id, media, chat_id, quote_of, fate, created_at, sent_at FROM messages
WHERE person_id = :person AND fate = 'held' AND created_at >= :since ORDER BY id LIMIT :limit"""
_SAID = """SELECT m.id, m.person_id, m.kind, m.body, m.owner_id, m.media, m.chat_id, m.quote_of, m.fate, m.created_at,
m.sent_at FROM messages m JOIN chats c ON c.id = m.chat_id
WHERE c.student = :student AND c.opened_at >= :since AND m.fate = 'relayed' ORDER BY m.id DESC LIMIT :limit"""


@dataclass(slots=True)
class Message:
    """The inbound message of this turn, on its way into the message table."""

    id: int
    person: int
    address: int
    kind: str
    text: str
    sent_at: int
    external_id: str
    assessment: Assessment = NOTHING
    media: Media | None = None
    place: Place | None = None
    quote_of: int | None = None
    original: int | None = None
    fate: str = Fate.ANSWERED
    chat: str | None = None
    request: str | None = None
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A message read back, its words in memory only."""

    id: int
    person: int
    kind: str
    text: str
    media: Media | None
    place: Place | None
    owner: int | None
    chat: str | None
    quote_of: int | None
    fate: str
    created_at: int
    sent_at: int


def _pack(media: Media | None, place: Place | None) -> bytes | None:
    """Where a piece of media lies, or a place."""
    if media is not None:
        return orjson.dumps({"media": {k: v for k, v in asdict(media).items() if v not in ("", 0)}})
    return orjson.dumps({"place": asdict(place)}) if place is not None else None


def _unpack(raw: str | None) -> tuple[Media | None, Place | None]:
    data: dict[str, Any] = orjson.loads(raw) if raw else {}
    media, place = data.get("media"), data.get("place")
    return (
        Media(**{**media, "kind": Kind(media["kind"])}) if media else None,
        Place(**place) if place else None,
    )


class Messages:
    """Reads and writes the message table."""

    def add(self, tx: Tx, m: Message, now: int) -> None:
        owner = m.owner if m.owner is not None else m.person
        media = _pack(m.media, m.place)
        tx.run(
            _ADD,
            id=m.id,
            person=m.person,
            address=m.address,
            inbox=tx.cause,
            chat=m.chat,
            request=m.request,
            kind=m.kind,
            body=tx.seal(owner, m.text, BODY) if m.text else None,
            owner=owner,
            media=tx.seal(owner, media, MEDIA) if media else None,
            level=int(m.assessment.level),
            category=str(m.assessment.category),
            about=str(m.assessment.about),
            lexicon=m.assessment.version,
            fate=m.fate,
            external=m.external_id,
            quote_of=m.quote_of,
            original=m.original,
            sent_at=m.sent_at,
            now=now,
        )
        if m.external_id and m.original is None:
            tx.run(_COPY, address=m.address, external=m.external_id, message=m.id, chat=m.chat)
        elif m.original is not None and m.fate == Fate.HELD:
            # Nobody has read the line yet: a further edit is one of these words.
            tx.run(_IN_ITS_PLACE, id=m.id, original=m.original)

    def get(self, tx: Tx, id: int) -> Stored | None:
        row = tx.one(_GET, id=id)
        return None if row is None else self._read(tx, row)

    def settle(
        self, tx: Tx, stored: Stored, *, fate: str, chat: str | None, request: str | None, owner: int | None
    ) -> None:
        """What became of an earlier (held) message. Its words move under the key of `owner`, the student whose chat
        it went to."""
        new_owner = owner if owner is not None else stored.owner
        media = _pack(stored.media, stored.place)
        tx.run(
            _SETTLE,
            id=stored.id,
            fate=fate,
            chat=chat,
            request=request,
            owner=new_owner,
            body=tx.seal(new_owner, stored.text, BODY) if stored.text else None,
            media=tx.seal(new_owner, media, MEDIA) if media else None,
        )
        if chat is not None:
            tx.run(_RECOPY, id=stored.id, chat=chat)

    def held(self, tx: Tx, person: int, since: int, limit: int = HELD) -> list[Stored]:
        """A student's lines that nobody has been shown yet, oldest first."""
        return [self._read(tx, row) for row in tx.all(_HELD, person=person, since=since, limit=limit)]

    def said(self, tx: Tx, student: int, since: int, limit: int = 100) -> Sequence[Stored]:
        """What both sides said in the student's chats that were opened since then, and what the student had written
        before the first of them, oldest first; the newest `limit` lines."""
        rows = tx.all(_SAID, student=student, since=since, limit=limit)
        return [self._read(tx, row) for row in reversed(rows)]

    def _read(self, tx: Tx, row: Any) -> Stored:
        owner = row[4]
        media, place = _unpack(tx.text(owner, row[5], MEDIA))
        return Stored(
            id=int(row[0]),
            person=int(row[1]),
            kind=str(row[2]),
            text=tx.text(owner, row[3], BODY) or "",
            owner=owner,
            media=media,
            place=place,
            chat=row[6],
            quote_of=row[7],
            fate=str(row[8]),
            created_at=int(row[9]),
            sent_at=int(row[10]),
        )
