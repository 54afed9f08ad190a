"""People and their addresses: found by channel and external address, made when they arrive, erased if they wish."""

from __future__ import annotations

from dataclasses import dataclass

from bot import aliases
from bot.ids import Ids
from bot.store.db import Tx
from bot.store.errors import Again

_SEALED = "addresses.sealed"


@dataclass(frozen=True, slots=True)
class Address:
    """One channel identity of a person. `fresh`: the person has just been made."""

    id: int
    person: int
    channel: str
    reachable: bool
    revoked: bool
    fresh: bool = False
    last_in_at: int | None = None


_FIND = (
    "SELECT id, person_id, channel, reachable, revoked_at, last_in_at FROM addresses "
    "WHERE channel = :channel AND lookup = :lookup"
)
_FIND_ALSO = (
    "SELECT id, person_id, channel, reachable, revoked_at, last_in_at FROM addresses "
    "WHERE channel = :channel AND also = :lookup"
)
_ADD_PERSON = (
    "INSERT INTO people (alias, language, created_at, seen_at) VALUES (:alias, :language, :now, :now) "
    "ON CONFLICT DO NOTHING RETURNING id"
)
_GIVE_KEY = "UPDATE people SET key = :key WHERE id = :id"
_ADD_ADDRESS = (
    "INSERT INTO addresses (person_id, channel, lookup, sealed, expires_at, created_at) "
    "VALUES (:person, :channel, :lookup, :sealed, :expires_at, :now) ON CONFLICT DO NOTHING RETURNING id"
)
_HEARD = (
    "UPDATE addresses SET last_in_at = :now, window_until = CASE WHEN COALESCE(window_until, 0) > "
    "COALESCE(CAST(:window_until AS BIGINT), 0) THEN window_until ELSE CAST(:window_until AS BIGINT) END, "
    "invited_at = NULL, reachable = true, unreachable_at = NULL WHERE id = :id"
)
_SEEN = "UPDATE people SET seen_at = :now, unreachable_at = NULL WHERE id = :id"
_REACHED = "UPDATE people SET unreachable_at = NULL WHERE id = :person AND unreachable_at IS NOT NULL"
_REACHABLE = (
    "SELECT 1 FROM addresses WHERE person_id = :person AND reachable AND revoked_at IS NULL "
    "AND (expires_at IS NULL OR expires_at > :now) LIMIT 1"
)


def find(tx: Tx, channel: str, external: str) -> Address | None:
    """Whose address this is, or None."""
    lookup = tx.keeper.lookup(channel, external)
    row = tx.one(_FIND, channel=channel, lookup=lookup) or tx.one(_FIND_ALSO, channel=channel, lookup=lookup)
    if row is None:
        return None
    id, person, _, reachable, revoked_at, last_in_at = row
    return Address(id, person, channel, bool(reachable), revoked_at is not None, last_in_at=last_in_at)


def find_or_create(
    tx: Tx, channel: str, external: str, *, language: str, now: int, ids: Ids, expires_at: int | None = None
) -> Address:
    """The address, with a new person behind it where nobody has it yet."""
    found = find(tx, channel, external)
    if found is not None:
        return found
    person = create(tx, language=language, now=now, ids=ids)
    id = add_address(tx, person, channel, external, now=now, expires_at=expires_at)
    return Address(id, person, channel, True, False, fresh=True)


def create(tx: Tx, *, language: str, now: int, ids: Ids) -> int:
    """A new person with an alias and a data key of their own; no address, no dialog yet."""
    alias = aliases.choose(tx, ids)
    person = tx.value(_ADD_PERSON, alias=alias, language=language, now=now)
    if person is None or not aliases.keep(tx, alias, person, now):
        raise Again("somebody else was given this alias meanwhile")
    key = tx.keeper.new_key(person)
    tx.run(_GIVE_KEY, key=key, id=person)
    tx.keeper.prime(tx, person, key)
    return int(person)


def add_address(tx: Tx, person: int, channel: str, external: str, *, now: int, expires_at: int | None = None) -> int:
    """A further address of a person, who can be reached again if they could not. Raises Again where somebody has it
    since the job began: it is looked up anew."""
    id = tx.value(
        _ADD_ADDRESS,
        person=person,
        channel=channel,
        lookup=tx.keeper.lookup(channel, external),
        sealed=tx.seal(person, external, _SEALED),
        expires_at=expires_at,
        now=now,
    )
    if id is None:
        raise Again("the address was taken meanwhile")
    tx.run(_REACHED, person=person)
    return int(id)


def external(tx: Tx, address: int) -> tuple[str, str] | None:
    """Channel and external address to send to; None where the address is gone or its person erased."""
    row = tx.one("SELECT person_id, channel, sealed FROM addresses WHERE id = :id", id=address)
    if row is None:
        return None
    person, channel, sealed = row
    text = tx.text(person, sealed, _SEALED)
    return None if text is None else (channel, text)


SEEN_EVERY = 3_600_000
"""ms: people.seen_at need not be truer than this."""


def heard(
    tx: Tx, address: int, person: int, now: int, window_until: int | None = None, last_in_at: int | None = None
) -> None:
    """Something came in from this address: it reaches its person again. `window_until` (ms): how long the platform
    lets us write freely; an older message that comes late takes nothing away."""
    tx.run(_HEARD, id=address, now=now, window_until=window_until)
    tx.run(_SEEN, id=person, now=now)


def reachable(tx: Tx, person: int, now: int) -> bool:
    """Whether at least one address of the person takes messages."""
    return tx.one(_REACHABLE, person=person, now=now) is not None


def lost(tx: Tx, address: int, now: int) -> bool:
    """The platform says that this address takes nothing any more. True when it was the person's last one, and they were
    reachable until now."""
    person = tx.value(
        "UPDATE addresses SET reachable = false, unreachable_at = :now WHERE id = :id RETURNING person_id",
        id=address,
        now=now,
    )
    if person is None or reachable(tx, person, now):
        return False
    return (
        tx.run(
            "UPDATE people SET unreachable_at = :now WHERE id = :person AND unreachable_at IS NULL",
            person=person,
            now=now,
        )
        == 1
    )


def regained(tx: Tx, address: int, now: int) -> bool:
    """The address takes messages again. True when its person could not be reached before."""
    person = tx.value(
        "UPDATE addresses SET reachable = true, unreachable_at = NULL WHERE id = :id RETURNING person_id", id=address
    )
    return (
        tx.run(
            "UPDATE people SET unreachable_at = NULL WHERE id = :person AND unreachable_at IS NOT NULL",
            person=person,
        )
        == 1
    )


def by_alias(tx: Tx, alias: str) -> int | None:
    """The person of an alias, not erased; the letters' case does not matter."""
    person = tx.value(
        "SELECT id FROM people WHERE lower(alias) = lower(:alias) AND erased_at IS NULL", alias=alias.strip()
    )
    return None if person is None else int(person)


# What is theirs alone goes; what others need (an audit entry, a chat that was held) stays without words or names.
_ERASE = (
    "UPDATE messages SET body = NULL, media = NULL "
    "WHERE owner_id = :person AND (body IS NOT NULL OR media IS NOT NULL)",
    "UPDATE outbox SET payload = NULL, status = CASE WHEN status = 0 THEN 3 ELSE status END "
    "WHERE owner_id = :person AND payload IS NOT NULL",
    "UPDATE outbox SET payload = NULL, status = CASE WHEN status = 0 THEN 3 ELSE status END "
    "WHERE address_id IN (SELECT id FROM addresses WHERE person_id = :person) AND payload IS NOT NULL",
    "UPDATE cases SET words = NULL WHERE student = :person AND words IS NOT NULL",
    "UPDATE notes SET body = NULL WHERE owner_id = :person AND body IS NOT NULL",
    "DELETE FROM blobs WHERE owner_id = :person",
    "DELETE FROM mail WHERE person_id = :person",
    "DELETE FROM lanes WHERE address_id IN (SELECT id FROM addresses WHERE person_id = :person)",
    "DELETE FROM copies WHERE address_id IN (SELECT id FROM addresses WHERE person_id = :person)",
    "DELETE FROM pairings WHERE student_id = :person OR helper_id = :person",
    "DELETE FROM links WHERE person_id = :person",
    "DELETE FROM withheld WHERE student_id = :person",
    "DELETE FROM reviews WHERE person_id = :person",
    "DELETE FROM addresses WHERE person_id = :person",
    "UPDATE staff SET name = NULL, email = NULL, status = 'removed', updated_at = :now, version = version + 1 "
    "WHERE person_id = :person",
    "UPDATE people SET student = NULL, desk = NULL, on_duty = false, duty_since = NULL, paused_until = NULL, "
    "erased_at = :now WHERE id = :person",
)


def erase(tx: Tx, person: int, now: int) -> None:
    """Destroy the person's key, addresses, dialogs and everything sealed under the key (P2). Their alias stays taken.

    Call it when the last notices have left, and `Store.checkpoint` after its commit.
    """
    for sql in _ERASE:
        tx.run(sql, person=person, now=now)
    tx.keeper.destroy(tx, person)
