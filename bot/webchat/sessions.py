"""A web session: an address of the channel "web", known by a token that only the browser has."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from bot import people
from bot.channels.web import NAME
from bot.ids import Ids
from bot.store.db import Tx

TOKEN_BYTES = 32
HOUR = 3_600_000
LIFE = 48 * HOUR
"""ms without a sign of life after which a session of a tab ends."""
REMEMBERED = 60 * 24 * HOUR
"""The same with "remember me"."""

_FIND = """SELECT id, person_id, expires_at, remembered FROM addresses WHERE channel = 'web' AND lookup = :lookup
AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)"""
_ALIVE = """SELECT id FROM addresses WHERE id IN :ids AND revoked_at IS NULL
AND (expires_at IS NULL OR expires_at > :now)"""
_EXTEND = "UPDATE addresses SET expires_at = :until, remembered = :remembered WHERE id = :id AND revoked_at IS NULL"
_REVOKE = "UPDATE addresses SET revoked_at = :now, reachable = false WHERE id = :id AND revoked_at IS NULL"
_REVOKE_EARLIER = """UPDATE addresses SET revoked_at = :now, reachable = false
WHERE person_id = :person AND channel = 'web' AND revoked_at IS NULL"""
_REACHED = "UPDATE people SET unreachable_at = NULL WHERE id = :person"
_HEARD = "UPDATE addresses SET last_in_at = :now WHERE id = :id"


@dataclass(frozen=True, slots=True)
class Session:
    """Who speaks. `address` is what the channel calls them; it is no secret and opens nothing."""

    address_id: int
    person_id: int
    address: str
    expires_at: int | None = None
    remembered: bool = False

    def due(self, now: int) -> bool:
        """Whether its end should be put off: at most once an hour."""
        life = REMEMBERED if self.remembered else LIFE
        return self.expires_at is not None and self.expires_at - now < life - HOUR


def new_token() -> str:
    """A token that nobody can guess: 32 random bytes, url-safe."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def address_of(token: str) -> str:
    """The channel's address of a token: a hash, so that the store never holds what opens the session."""
    return hashlib.sha256(f"sebaya web session {token}".encode()).hexdigest()


def begin(tx: Tx, token: str, *, language: str, now: int, ids: Ids) -> Session:
    """A session of somebody new."""
    address = address_of(token)
    made = people.find_or_create(tx, NAME, address, language=language, now=now, ids=ids, expires_at=now + LIFE)
    return Session(made.id, made.person, address, now + LIFE)


def open_for(tx: Tx, person: int, token: str, now: int) -> Session:
    """A session of a person who is known already (the demonstration's staff): from now on they are reached here, and
    on their earlier pages no more."""
    address = address_of(token)
    tx.run(_REVOKE_EARLIER, person=person, now=now)
    tx.run(_REACHED, person=person)
    id = people.add_address(tx, person, NAME, address, now=now, expires_at=now + LIFE)
    tx.run(_HEARD, id=id, now=now)
    return Session(id, person, address, now + LIFE)


def find(tx: Tx, token: str, now: int) -> Session | None:
    """The session of a token; None where it is unknown, expired or revoked (P4)."""
    address = address_of(token)
    row = tx.one(_FIND, lookup=tx.keeper.lookup(NAME, address), now=now)
    return None if row is None else Session(int(row[0]), int(row[1]), address, row[2], bool(row[3]))


def alive(tx: Tx, ids: list[int], now: int) -> set[int]:
    """Those of the addresses whose sessions still hold."""
    return {int(row[0]) for row in tx.all(_ALIVE, ids=ids, now=now)}


def extend(tx: Tx, session: Session, *, remembered: bool, now: int) -> None:
    """Put the end of a session off."""
    life = REMEMBERED if remembered else LIFE
    tx.run(_EXTEND, id=session.address_id, until=now + life, remembered=remembered)


def revoke(tx: Tx, address: int, now: int) -> bool:
    """End a session at once; false where it had ended."""
    return tx.run(_REVOKE, id=address, now=now) == 1
