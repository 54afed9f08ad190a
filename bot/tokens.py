"""Bearer tokens of the admin API. The secret is shown once, when it is made; the store keeps its SHA-256 only.

A token is 32 random bytes, so a plain hash of it can be neither guessed nor reversed; a slow password hash would only
slow each request down.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from bot import audit
from bot.ids import new_id
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Invalid, Missing
from bot.store.db import Tx

ROLES = ("coordinator", "counselor", "supporter", "read-only")
PREFIX = "sebaya_"
"""So that secret scanners, and people, recognize one that lies where it should not."""
LONGEST_NAME = 80
TOUCH = 60_000
"""ms between two notes of a token's last use."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret. Times in ms."""

    id: str
    name: str
    role: str
    created_at: int
    last_used_at: int | None
    revoked_at: int | None


_COLUMNS = "id, name, role, created_at, last_used_at, revoked_at"
_FIND = "SELECT id, name, role, created_at, last_used_at, revoked_at, hash FROM tokens WHERE hash = :hash"
_READ = "SELECT id, name, role, created_at, last_used_at, revoked_at FROM tokens WHERE id = :id"
_LIVE = "SELECT id, name FROM tokens WHERE revoked_at IS NULL"
_ADD = (
    "INSERT INTO tokens (id, name, role, hash, created_at, last_used_at, revoked_at) "
    "VALUES (:id, :name, :role, :hash, :now, NULL, NULL)"
)
_REVOKE = "UPDATE tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL"
_TOUCH = "UPDATE tokens SET last_used_at = :now WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :now)"

LISTING = Listing(
    name="tokens",
    columns=_COLUMNS,
    source="tokens",
    key="id",
    sorts={"created_at": "created_at", "name": "name", "role": "role"},
    filters={
        "role": "role = :role",
        "revoked": "(revoked_at IS NOT NULL) = (:revoked = 1)",
    },
)


def digest(secret: str) -> str:
    """What the store keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create(tx: Tx, *, role: str, name: str, now: int, actor: str) -> tuple[Token, str]:
    """A new token and its secret, which nobody can be shown again. Raises Invalid."""
    if role not in ROLES:
        raise Invalid.one("role", f"must be one of {', '.join(ROLES)}")
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid.one("name", f"must be 1 to {LONGEST_NAME} characters long")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(new_id(), name, role, now, None, None)
    tx.run(_ADD, id=token.id, name=name, role=role, hash=digest(secret), now=now)
    audit.record(tx, actor=actor, action="token.create", object=f"token:{token.id}", detail={"role": role}, now=now)
    return token, secret


def verify(tx: Tx, secret: str) -> Token | None:
    """The live token of a secret, or None. The comparison takes the same time wherever two hashes differ."""
    hashed = digest(secret)
    row = tx.one(_FIND, hash=hashed)
    if row is None or not hmac.compare_digest(str(row[6]), hashed):
        return None
    id, name, role, created_at, last_used_at, revoked_at, _hash = row
    token = Token(id, name, role, created_at, last_used_at, revoked_at)
    return None if token.revoked_at is not None else token


def touch(tx: Tx, token: str, now: int) -> None:
    """Note that a token was used."""
    tx.run(_TOUCH, id=token, now=now)


def read(tx: Tx, token: str) -> Token:
    """Raises Missing."""
    row = tx.one(_READ, id=token)
    if row is None:
        raise Missing("There is no such token.")
    return Token(*row)


def listed(tx: Tx, ask: Ask) -> Page[Token]:
    """One page of tokens."""
    found = page(tx, LISTING, ask)
    return Page([Token(*row) for row in found.items], found.next_cursor)


def revoke(tx: Tx, token: str, *, now: int, actor: str) -> None:
    """End a token at once; ending it twice changes nothing. Raises Missing."""
    if read(tx, token).revoked_at is not None:
        return
    tx.run(_REVOKE, id=token, now=now)
    audit.record(tx, actor=actor, action="token.revoke", object=f"token:{token}", detail={}, now=now)


def revoke_named(tx: Tx, names: Iterable[str], *, now: int, actor: str) -> int:
    """End every token that carries one of the names (letter case aside), as when a person is suspended (P4).
    Returns how many."""
    wanted = {name.casefold() for name in names if name}
    ended = [row[0] for row in tx.all(_LIVE) if str(row[1]).casefold() in wanted]
    for token in ended:
        tx.run(_REVOKE, id=token, now=now)
        audit.record(tx, actor=actor, action="token.revoke", object=f"token:{token}", detail={"why": "staff"}, now=now)
    return len(ended)
