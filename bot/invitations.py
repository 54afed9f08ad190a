"""Single-use codes by which a new supporter, counselor or coordinator joins from their own chat app.

A code is 16 letters and digits of Crockford's alphabet (80 random bits: no I, L, O or U to misread), shown once; the
store keeps its hash. It ends by being used, revoked, or too old.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot import audit, roster
from bot.acting import Acting
from bot.ids import new_id
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Conflict, Missing
from bot.roster_fields import Entry, checked
from bot.store.db import Tx

DAY = 24 * 3_600_000
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NAME = "invitations.name"
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation without its code. Times in ms."""

    id: str
    role: str
    name: str | None
    site: str | None
    topics: tuple[str, ...]
    created_at: int
    expires_at: int
    used_at: int | None
    revoked_at: int | None

    def state(self, now: int) -> str:
        """open | used | revoked | expired."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


_COLUMNS = "id, role, name, site, topics, created_at, expires_at, used_at, revoked_at"
_READ = (
    "SELECT id, role, name, site, topics, created_at, expires_at, used_at, revoked_at FROM invitations WHERE id = :id"
)
_FIND = (
    "SELECT id, role, name, site, topics, created_at, expires_at, used_at, revoked_at FROM invitations "
    "WHERE code_hash = :hash"
)
_ADD = (
    "INSERT INTO invitations (id, role, name, code_hash, created_at, expires_at, used_at, used_by, revoked_at, site, "
    "topics) VALUES (:id, :role, :name, :hash, :now, :expires_at, NULL, NULL, NULL, :site, :topics)"
)
_USE = (
    "UPDATE invitations SET used_at = :now, used_by = :person "
    "WHERE id = :id AND used_at IS NULL AND revoked_at IS NULL AND expires_at > :now"
)
_REVOKE = "UPDATE invitations SET revoked_at = :now WHERE id = :id"

LISTING = Listing(
    name="invitations",
    columns=_COLUMNS,
    source="invitations",
    key="id",
    sorts={"created_at": "created_at", "expires_at": "expires_at", "role": "role"},
    filters={
        "role": "role = :role",
        "site": "site = :site",
        "open": "(used_at IS NULL AND revoked_at IS NULL AND expires_at > :open)",
        "used": "used_at IS NOT NULL AND :used > 0",
        "revoked": "(used_at IS NULL AND revoked_at IS NOT NULL AND :revoked > 0)",
        "expired": "(used_at IS NULL AND revoked_at IS NULL AND expires_at <= :expired)",
    },
)
STATES = ("open", "used", "revoked", "expired")
"""Each is a filter of the listing too, over the present time in ms."""


def normalized(text: str) -> str | None:
    """The code that somebody typed or that a link carried, in its one form; None for anything else."""
    code = re.sub(r"[\s-]", "", text).upper().translate(_READ_AS)
    return code if _CODE.fullmatch(code) else None


def digest(code: str) -> str:
    """What the store keeps of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def create(
    tx: Tx,
    acting: Acting,
    *,
    role: str,
    name: str | None = None,
    site: str | None = None,
    topics: Sequence[str] = (),
    days: int = 7,
) -> tuple[Invitation, str]:
    """A new invitation and its code, in groups of four. Raises Invalid."""
    values = checked({"role": role, "site": site, "topics": list(topics), **({"name": name} if name else {})})
    id, code = new_id(), "".join(secrets.choice(LETTERS) for _ in range(16))
    called = values.get("name")
    tx.run(
        _ADD,
        id=id,
        role=values["role"],
        name=tx.seal(None, called, _NAME) if called else None,
        hash=digest(code),
        now=acting.now,
        expires_at=acting.now + days * DAY,
        site=values["site"],
        topics=json.dumps(values["topics"]),
    )
    audit.record(
        tx, actor=acting.actor, action="invitation.create", object=f"invitation:{id}",
        detail={"role": values["role"]}, now=acting.now,
    )  # fmt: skip
    return read(tx, id), "-".join(code[n : n + 4] for n in range(0, 16, 4))


def read(tx: Tx, invitation: str) -> Invitation:
    """Raises Missing."""
    row = tx.one(_READ, id=invitation)
    if row is None:
        raise Missing("There is no such invitation.")
    return _opened(tx, row)


def listed(tx: Tx, ask: Ask) -> Page[Invitation]:
    """One page of invitations."""
    found = page(tx, LISTING, ask)
    return Page([_opened(tx, row) for row in found.items], found.next_cursor)


def revoke(tx: Tx, acting: Acting, invitation: str) -> None:
    """End an invitation; one that has ended stays as it is. Raises Missing, and Conflict for a used one."""
    found = read(tx, invitation)
    if found.used_at is not None:
        raise Conflict("This invitation has been used: suspend or remove the person instead.")
    if found.revoked_at is None:
        tx.run(_REVOKE, id=invitation, now=acting.now)
        audit.record(
            tx, actor=acting.actor, action="invitation.revoke", object=f"invitation:{invitation}", detail={},
            now=acting.now,
        )  # fmt: skip


def redeem(tx: Tx, acting: Acting, code: str, person: int) -> str | None:
    """Let a person join the roster by a code: the id of their new entry, or None where the code is unknown, used,
    revoked or too old, or where the person already stands in the roster (a suspension cannot be undone by a code).
    Using it up and joining are one commit, so a code makes one staff member only."""
    wanted = normalized(code)
    row = tx.one(_FIND, hash=digest(wanted)) if wanted else None
    if row is None or roster.entry_of(tx, person) is not None:
        return None
    found = _opened(tx, row)
    if not tx.run(_USE, id=found.id, person=person, now=acting.now):
        return None
    entry = Entry(role=found.role, name=found.name or "", site=found.site, topics=found.topics)
    staff = roster.join(tx, acting, person, entry)
    audit.record(
        tx, actor=acting.actor, action="invitation.use", object=f"invitation:{found.id}",
        detail={"staff": staff}, now=acting.now,
    )  # fmt: skip
    return staff


def _opened(tx: Tx, row: Iterable[Any]) -> Invitation:
    id, role, name, site, topics, *times = row
    return Invitation(id, role, tx.text(None, name, _NAME), site, tuple(json.loads(topics or "[]")), *times)
