"""The Telegram and WhatsApp ids of staff: the roster says which account a person writes from.

An account that the roster gives to somebody may already have written to the bot, as a student. It then becomes theirs,
unless it is another staff member's or in the middle of something as a student's.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot import accounts, people
from bot.acting import Acting
from bot.refusals import Conflict
from bot.store.db import Tx

CHANNELS = ("telegram", "whatsapp")
_SEALED = "addresses.sealed"

_OF = (
    "SELECT person_id, channel, id, sealed FROM addresses WHERE person_id IN :people "
    "AND channel IN ('telegram', 'whatsapp') AND revoked_at IS NULL ORDER BY id DESC"
)
_STANDING = "SELECT status FROM staff WHERE person_id = :person"
_BUSY = (
    "SELECT 1 FROM people WHERE id = :person AND ("
    "EXISTS (SELECT 1 FROM requests WHERE student = :person AND state = 'waiting') OR "
    "EXISTS (SELECT 1 FROM chats WHERE student = :person AND state = 'open') OR "
    "EXISTS (SELECT 1 FROM cases WHERE student = :person AND state <> 'resolved'))"
)


def of(tx: Tx, persons: Iterable[int]) -> dict[int, dict[str, str]]:
    """The account of each channel, by person; the oldest where there are several."""
    found: dict[int, dict[str, str]] = {}
    for person, channel, _id, sealed in tx.all(_OF, people=list(persons)):
        external = tx.text(person, sealed, _SEALED)
        if external is not None:
            found.setdefault(person, {})[channel] = accounts.shown(external)
    return found


def holder(tx: Tx, channel: str, external: str | None) -> int | None:
    """Who writes from this account, if anybody has."""
    found = people.find(tx, channel, external) if external else None
    return None if found is None else found.person


def check(tx: Tx, channel: str, external: str | None, person: int | None) -> None:
    """Raise Conflict unless `person` (None: somebody new) may have this account. Changes nothing."""
    other = holder(tx, channel, external)
    if other is None or other == person:
        return
    if tx.value(_STANDING, person=other) in ("active", "suspended"):
        raise Conflict("is already that of another person of the roster", channel)
    if person is not None and tx.one(_BUSY, person=other) is not None:
        raise Conflict("is in use by another person just now", channel)


def give(tx: Tx, acting: Acting, channel: str, external: str | None, person: int) -> None:
    """Make this the person's one account on the channel, or leave them none. `check` comes first."""
    found = people.find(tx, channel, external) if external else None
    for _person, held, id, _sealed in tx.all(_OF, people=[person]):
        if held == channel and (found is None or found.id != id):
            accounts.let_go(tx, id)
    if external is None:
        return
    if found is None:
        people.add_address(tx, person, channel, external, now=acting.now)
    else:
        accounts.own(tx, channel, found.id, person, external)
