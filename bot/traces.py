"""The path of one inbound through the store: when it came, what it was, and everything that it has caused, with its
end. Aliases, ids and words of the contract; no body, name or number (P3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.refusals import Missing
from bot.store.db import Row, Tx

ROWS = 1_000
"""So many rows of one trace are shown at most; a ladder that pages all night stays below it."""
STATUS = ("pending", "sent", "refused", "withdrawn", "failed")
SEARCHED = 60_000
"""ms after its arrival within which the number of an inbound's message lies."""

_INBOX = "SELECT id, channel, received_at, state FROM inbox WHERE id = :id"
_OF_CASE = "SELECT MIN(cause) FROM outbox WHERE case_id = :case"
# A message's number begins with its time.
_MESSAGE = """SELECT m.id, m.kind, m.level, m.fate, m.chat_id, p.alias FROM messages m
LEFT JOIN people p ON p.id = m.person_id WHERE m.id >= :first AND m.id < :last AND m.inbox_id = :id"""
_ASIDE = """SELECT a.id, a.reason, a.state, a.created_at, a.decided_at, p.alias FROM aside a
LEFT JOIN people p ON p.id = a.person_id WHERE a.inbox_id = :id ORDER BY a.id"""
_OUTBOX = """SELECT o.id, o.created_at, o.kind, o.cls, o.status, o.attempts, o.reason, o.sent_at, o.delivered_at,
o.chat_id, o.case_id, a.channel, p.alias, s.role FROM outbox o LEFT JOIN people p ON p.id = o.person_id
LEFT JOIN addresses a ON a.id = o.address_id LEFT JOIN staff s ON s.person_id = o.person_id
WHERE o.cause = :id ORDER BY o.id LIMIT :limit"""
_CASES = """SELECT c.id, c.state, c.opened_at, c.acknowledged_at, c.resolved_at, p.alias FROM cases c
LEFT JOIN people p ON p.id = c.owner WHERE c.id IN :ids ORDER BY c.opened_at"""
_MAIL = "SELECT kind, created_at FROM mail WHERE cause = :id ORDER BY id"
_TIMERS = "SELECT kind, name, due_at FROM timers WHERE cause = :id ORDER BY due_at"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One row that the inbound caused. Times in ms; `to` is an alias, `role` the recipient's in the roster, if any."""

    row: int
    queued_at: int
    kind: str
    cls: str
    to: str | None
    role: str | None
    channel: str | None
    status: str
    attempts: int
    reason: str | None
    sent_at: int | None
    delivered_at: int | None
    chat: str | None
    case: str | None


@dataclass(frozen=True, slots=True)
class Escalation:
    """A case that the inbound opened, raised or told about."""

    id: str
    state: str
    opened_at: int
    acknowledged_at: int | None
    resolved_at: int | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is still to come of it: a letter to a dialog (since `at`), or a timer (due `at`)."""

    what: str
    kind: str
    at: int


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything about one inbound. `state` is done or aside; the message is None for a press or a status."""

    id: int
    channel: str
    received_at: int
    state: str
    who: str | None
    message: int | None
    kind: str | None
    level: int | None
    fate: str | None
    chat: str | None
    aside: str | None
    outgoing: Sequence[Outgoing]
    cases: Sequence[Escalation]
    waiting: Sequence[Waiting]


def follow(tx: Tx, name: str) -> Trace:
    """The trace of this number, as the log gives it, or of what opened the case of this id. Raises Missing."""
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 19 else tx.value(_OF_CASE, case=name)
    inbox = tx.one(_INBOX, id=number) if number is not None else None
    if inbox is None:
        raise Missing("Nothing came in under this number, and no case of this id sent anything")
    id, channel, received_at, state = inbox
    first = received_at << 21
    message = tx.one(_MESSAGE, first=first, last=first + (SEARCHED << 21), id=id)
    aside = tx.one(_ASIDE, id=id)
    rows = [_outgoing(row) for row in tx.all(_OUTBOX, id=id, limit=ROWS)]
    ids = sorted({row.case for row in rows if row.case is not None})
    return Trace(
        id=id,
        channel=channel,
        received_at=received_at,
        state=state,
        who=message[5] if message is not None else (aside[5] if aside is not None else None),
        message=message[0] if message is not None else None,
        kind=message[1] if message is not None else None,
        level=message[2] if message is not None else None,
        fate=message[3] if message is not None else None,
        chat=message[4] if message is not None else None,
        aside=f"{aside[2]}: {aside[1]}" if aside is not None else None,
        outgoing=rows,
        cases=[Escalation(*row) for row in tx.all(_CASES, ids=ids)] if ids else [],
        waiting=[
            *(Waiting("letter", str(kind), at) for kind, at in tx.all(_MAIL, id=id)),
            *(Waiting("timer", f"{kind}.{name}", at) for kind, name, at in tx.all(_TIMERS, id=id)),
        ],
    )


def _outgoing(row: Row) -> Outgoing:
    id, at, kind, cls, status, attempts, reason, sent_at, delivered_at, chat, case, channel, alias, role = row
    return Outgoing(
        row=id, queued_at=at, kind=kind, cls="crisis" if cls == 0 else "ordinary", to=alias, role=role,
        channel=channel, status=STATUS[status], attempts=attempts, reason=reason, sent_at=sent_at,
        delivered_at=delivered_at, chat=chat, case=case,
    )  # fmt: skip
