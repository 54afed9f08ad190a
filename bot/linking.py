"""Codes that join a further address to a person, and the joining. The rule is flows.dialogs.linking's."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING

from bot import accounts, audit, withheld
from bot.invitations import LETTERS
from bot.messages import BODY, MEDIA
from bot.store.db import Tx

if TYPE_CHECKING:
    from bot.turn import Turn

LENGTH = 8
"""Letters of a code: 40 random bits, good for minutes and for one use."""
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{8}")
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})

_ADD = """INSERT INTO links (code_hash, person_id, created_at, expires_at, used_at)
VALUES (:hash, :person, :now, :until, NULL)"""
_OLD = "DELETE FROM links WHERE person_id = :person OR expires_at <= :now"
_WHO = "SELECT person_id FROM links WHERE code_hash = :hash AND used_at IS NULL AND expires_at > :now"
_USE = "UPDATE links SET used_at = :now WHERE code_hash = :hash AND used_at IS NULL"
_STORY = """SELECT 1 FROM people WHERE id = :person AND (erased_at IS NOT NULL
OR EXISTS (SELECT 1 FROM staff WHERE person_id = :person)
OR EXISTS (SELECT 1 FROM requests WHERE student = :person)
OR EXISTS (SELECT 1 FROM chats WHERE student = :person OR helper = :person)
OR EXISTS (SELECT 1 FROM cases WHERE student = :person))"""
_ADDRESSES = "SELECT id, channel, sealed FROM addresses WHERE person_id = :person AND revoked_at IS NULL ORDER BY id"
_HELD = """SELECT id, body, media, owner_id FROM messages WHERE person_id = :person AND fate = 'held'
ORDER BY id LIMIT 500"""
_MOVE = "UPDATE messages SET person_id = :to, owner_id = :to, body = :body, media = :media WHERE id = :id"

_REVIEWS = "UPDATE reviews SET person_id = :into WHERE person_id = :source"


def make(tx: Tx, person: int, now: int, valid: int) -> str:
    """A code of this person, good for `valid` ms; an earlier one ends."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    tx.run(_OLD, person=person, now=now)
    tx.run(_ADD, hash=_digest(code), person=person, now=now, until=now + valid)
    return f"{code[:4]}-{code[4:]}"


def who(tx: Tx, text: str, now: int) -> int | None:
    """Whose code this is; None for one that is unknown, used, or too old."""
    code = re.sub(r"[\s-]", "", text).upper().translate(_READ_AS)
    found = tx.value(_WHO, hash=_digest(code), now=now) if _CODE.fullmatch(code) else None
    return None if found is None else int(found)


def storied(tx: Tx, person: int) -> bool:
    """Whether this person is of the roster, or has ever asked for somebody, talked to somebody, or been in danger."""
    return tx.one(_STORY, person=person) is not None


def merge(turn: Turn, source: int, into: int, text: str) -> None:
    """Move every address of `source`, and the lines that nobody has read yet, to `into`; the code is used up."""
    tx = turn.tx
    code = re.sub(r"[\s-]", "", text).upper().translate(_READ_AS)
    if not tx.run(_USE, hash=_digest(code), now=turn.now):
        return
    for id, channel, sealed in tx.all(_ADDRESSES, person=source):
        name = accounts.shown(tx.text(source, sealed, accounts.SEALED) or "")
        if name:
            accounts.own(tx, str(channel), int(id), into, name)
    for id, body, media, owner in tx.all(_HELD, person=source):
        words, file = tx.text(owner, body, BODY), tx.text(owner, media, MEDIA)
        tx.run(_MOVE, id=id, to=into, body=tx.seal(into, words, BODY) if words else None,
               media=tx.seal(into, file, MEDIA) if file else None)  # fmt: skip
    withheld.move(tx, source, into)
    tx.run(_REVIEWS, source=source, into=into)
    audit.record(tx, now=turn.now, actor=f"person:{into}", action="person.link", object=f"person:{into}", detail={})


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
