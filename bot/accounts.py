"""One account that its platform knows by two ids: on WhatsApp a business-scoped user id, and often a phone number.

An address holds both, so that quotes, edits and everything on its way go on when the second id is seen. The user id
counts. A phone that is known with one user id and arrives with another is somebody else's now (numbers are given out
again): it goes to the new person, and nothing meant for the former one can follow it (P1).
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.store.db import Tx

SEALED = "addresses.sealed"

_ROW = """SELECT id, person_id, sealed FROM addresses WHERE channel = :channel AND (lookup = :lookup OR also = :lookup)
FOR UPDATE"""
_NAMES = "UPDATE addresses SET lookup = :lookup, also = :also, sealed = :sealed WHERE id = :id"
_OWNER = "UPDATE addresses SET person_id = :person, revoked_at = NULL WHERE id = :id"
_STANDING = "SELECT 1 FROM staff WHERE person_id = :person AND status <> 'removed'"
_BUSY = """SELECT 1 FROM people WHERE id = :person AND (
EXISTS (SELECT 1 FROM requests WHERE student = :person AND state = 'waiting') OR
EXISTS (SELECT 1 FROM chats WHERE (student = :person OR helper = :person) AND state = 'open') OR
EXISTS (SELECT 1 FROM cases WHERE student = :person AND state <> 'resolved'))"""
# What was on its way to the old owner must not reach the new one, nor may an old message be edited there.
_FORGET = (
    "UPDATE outbox SET status = 3 WHERE address_id = :id AND status = 0",
    "UPDATE outbox SET has_buttons = false, external_id = NULL WHERE address_id = :id",
    "DELETE FROM lanes WHERE address_id = :id",
    "DELETE FROM copies WHERE address_id = :id",
)
_DELETE = "DELETE FROM addresses WHERE id = :id"


@dataclass(frozen=True, slots=True)
class Account:
    """An address with the ids that it is known by, the first known first."""

    id: int
    person: int
    names: tuple[str, ...]


def find(tx: Tx, channel: str, name: str) -> Account | None:
    """The account of an id, locked; None where nobody has it."""
    row = tx.one(_ROW, channel=channel, lookup=tx.keeper.lookup(channel, name))
    if row is None:
        return None
    text = tx.text(row[1], row[2], SEALED)
    return Account(int(row[0]), int(row[1]), tuple((text or name).split()))


def shown(text: str) -> str:
    """Of an address as it is sealed, the id to show to a coordinator: the one that was given first."""
    return text.partition(" ")[0]


def learn(tx: Tx, channel: str, counts: str, linked: str) -> None:
    """The platform says that `counts` (the id that counts) and `linked` are one account."""
    mine, other = find(tx, channel, counts), find(tx, channel, linked)
    if other is not None and mine is not None and other.id == mine.id:
        return
    if other is not None and len(other.names) > 1:  # known with another id: a new person has this phone
        _name(tx, channel, other, tuple(name for name in other.names if name != linked))
        other = None
    if other is None:
        if mine is not None and linked not in mine.names:
            _name(tx, channel, mine, (_kept(mine, counts), linked))
    elif mine is None:
        _name(tx, channel, other, (*other.names, counts))
    else:
        _join(tx, channel, mine, other, counts, linked)


def _kept(mine: Account, counts: str) -> str:
    return counts if counts in mine.names else mine.names[0]


def _join(tx: Tx, channel: str, mine: Account, other: Account, counts: str, linked: str) -> None:
    """One human who came twice, as an id without a phone and as a phone without an id. Whoever is in the middle of
    something, or in the roster, stays; where both are, both stay until one is not."""
    if _stays(tx, other.person):
        if _stays(tx, mine.person):
            return
        let_go(tx, mine.id)
        _name(tx, channel, other, (linked, counts))
    else:
        let_go(tx, other.id)
        _name(tx, channel, mine, (counts, linked))


def _stays(tx: Tx, person: int) -> bool:
    return tx.one(_STANDING, person=person) is not None or tx.one(_BUSY, person=person) is not None


def moved(tx: Tx, channel: str, before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """The platform says that the person known as `before` is known as `after` from now on; False where they are not
    known. Somebody in the middle of something under the new ids keeps them."""
    known = next((one for one in (find(tx, channel, name) for name in before) if one is not None), None)
    if known is None or not after:
        return False
    for name in after:
        other = find(tx, channel, name)
        if other is not None and other.id != known.id:
            if _stays(tx, other.person):
                return False
            let_go(tx, other.id)
    _name(tx, channel, known, after[:2])
    return True


def own(tx: Tx, channel: str, address: int, person: int, name: str) -> None:
    """Give an address to a person, with all its ids, `name` first; what was on its way to its former owner goes."""
    row = tx.one("SELECT person_id, sealed FROM addresses WHERE id = :id", id=address)
    if row is None:
        return
    names = (tx.text(row[0], row[1], SEALED) or name).split()
    account = Account(address, person, (name, *(one for one in names if one != name)))
    if row[0] != person:
        forget(tx, address)
        tx.run(_OWNER, id=address, person=person)
    _name(tx, channel, account, account.names)


def forget(tx: Tx, address: int) -> None:
    """Nothing that was sent, or is being sent, to this address counts any more."""
    for sql in _FORGET:
        tx.run(sql, id=address)


def let_go(tx: Tx, address: int) -> None:
    """An address is nobody's any more."""
    forget(tx, address)
    tx.run(_DELETE, id=address)


def _name(tx: Tx, channel: str, account: Account, names: tuple[str, ...]) -> None:
    lookups = [tx.keeper.lookup(channel, name) for name in names[:2]]
    sealed = tx.seal(account.person, " ".join(names[:2]), SEALED)
    tx.run(_NAMES, id=account.id, lookup=lookups[0], also=lookups[1] if len(lookups) > 1 else None, sealed=sealed)
