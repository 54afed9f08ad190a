"""The ledger: whether the laws hold over the whole store. Every inbound line has one final state, every outgoing row
its end, every case its acknowledgement or its honest notice. Prints ids only, never a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.store.db import Tx
from flows.crisis.ladder import honest_after
from flows.facts import MINUTE, Policy

GRACE = 15 * MINUTE
"""How long a row may be on its way before it is an exception (ms)."""
SHOWN = 1_000
"""At most so many exceptions of one kind are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold, and the rows for which it does not."""

    law: str
    says: str
    sql: str


RULES = (
    Rule(
        "M2",
        "a message has no final state",
        """SELECT id FROM messages WHERE fate IS NULL OR fate NOT IN ('answered', 'relayed', 'held', 'refused')
        ORDER BY id LIMIT :limit""",
    ),
    Rule(
        "M2",
        "a relayed line was queued for nobody",
        """SELECT m.id FROM messages m WHERE m.fate = 'relayed' AND m.original_id IS NULL AND m.created_at < :old
        AND m.body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.message_id = m.id)
        ORDER BY m.id LIMIT :limit""",
    ),
    Rule(
        "M2",
        "a line was withdrawn from its recipient and kept for nobody",
        """SELECT m.id FROM messages m JOIN chats c ON c.id = m.chat_id WHERE m.fate = 'relayed'
        AND m.person_id = c.student AND m.original_id IS NULL AND m.created_at < :old AND m.body IS NOT NULL
        AND EXISTS (SELECT 1 FROM outbox o WHERE o.message_id = m.id)
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.message_id = m.id AND o.status <> 3)
        ORDER BY m.id LIMIT :limit""",
    ),
    Rule(
        "M2",
        "a line was queued for somebody who is not of its chat",
        """SELECT o.id FROM outbox o JOIN messages m ON m.id = o.message_id JOIN chats c ON c.id = o.chat_id
        WHERE o.person_id NOT IN (c.student, c.helper) ORDER BY o.id LIMIT :limit""",
    ),
    Rule(
        "M2",
        "a line reached its own writer",
        """SELECT o.id FROM outbox o JOIN messages m ON m.id = o.message_id
        WHERE o.kind = 'relay' AND o.person_id = m.person_id ORDER BY o.id LIMIT :limit""",
    ),
    Rule(
        "M3",
        "a later row of a recipient and class left before an earlier one that is still pending",
        """SELECT a.id FROM outbox a WHERE a.status = 0 AND a.kind IN ('relay', 'say')
        AND EXISTS (SELECT 1 FROM outbox b
        WHERE b.address_id = a.address_id AND b.cls = a.cls AND b.id > a.id AND b.status = 1
        AND b.kind IN ('relay', 'say')
        AND b.sent_at > a.created_at) AND (a.reason IS NULL OR a.reason NOT IN ('again', 'limit', 'window'))
        AND NOT EXISTS (SELECT 1 FROM addresses d WHERE d.id = a.address_id
        AND d.channel = 'web') ORDER BY a.id LIMIT :limit""",
    ),
    Rule(
        "M4",
        "an outgoing row waits for nobody: its recipient has no lane",
        """SELECT o.id FROM outbox o JOIN addresses a ON a.id = o.address_id WHERE o.status = 0 AND a.channel <> 'web'
        AND o.created_at < :old AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.address_id = o.address_id
        AND l.cls = o.cls) ORDER BY o.id LIMIT :limit""",
    ),
    Rule(
        "M5",
        "internal mail was left behind",
        "SELECT id FROM mail WHERE created_at < :old ORDER BY id LIMIT :limit",
    ),
    Rule(
        "M6",
        "something is set aside and nobody has decided",
        "SELECT id FROM aside WHERE state = 'open' ORDER BY id LIMIT :limit",
    ),
    Rule(
        "C3",
        "a case was neither acknowledged nor was its student told in time",
        """SELECT id FROM cases WHERE state = 'paging' AND told_at IS NULL AND paging_since + :honest < :now
        AND (outcome IS NULL OR outcome <> 'erased') ORDER BY id LIMIT :limit""",
    ),
    Rule(
        "C3",
        "a case that nobody has acknowledged has no next page",
        """SELECT id FROM cases WHERE state = 'paging' AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.kind = 'case'
        AND t.target = cases.id AND t.name = 'climb') ORDER BY id LIMIT :limit""",
    ),
    Rule(
        "C3",
        "an acknowledged case has no named owner",
        """SELECT id FROM cases WHERE state IN ('acknowledged', 'taken') AND owner IS NULL AND acknowledged_at IS NULL
        ORDER BY id LIMIT :limit""",
    ),
    Rule(
        "P2",
        "somebody erased still has sealed words or an address",
        """SELECT p.id FROM people p WHERE p.erased_at IS NOT NULL AND (p.key IS NOT NULL
        OR EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = p.id)) ORDER BY p.id LIMIT :limit""",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One exception to the laws: the law, what is wrong, and the ids of the rows (at most SHOWN)."""

    law: str
    says: str
    ids: tuple[str, ...]


def check(tx: Tx, now: int, policy: Policy, *, grace: int = GRACE) -> Iterator[Finding]:
    """Every law that does not hold at `now` (ms). Rows younger than `grace` ms may still be on their way."""
    values = {"limit": SHOWN, "old": now - grace, "now": now, "honest": honest_after(policy) + 15_000}
    for rule in RULES:
        given = {name: value for name, value in values.items() if f":{name}" in rule.sql}
        found = tuple(str(row[0]) for row in tx.all(rule.sql, **given))
        if found:
            yield Finding(rule.law, rule.says, found)


COUNTS = {
    "inbound": "SELECT COUNT(*) FROM inbox",
    "messages": "SELECT COUNT(*) FROM messages",
    "outgoing": "SELECT COUNT(*) FROM outbox",
    "sent": "SELECT COUNT(*) FROM outbox WHERE status = 1",
    "cases": "SELECT COUNT(*) FROM cases",
    "set aside": "SELECT COUNT(*) FROM aside",
}


def counts(tx: Tx) -> dict[str, int]:
    """How much there is."""
    return {name: int(tx.value(sql)) for name, sql in COUNTS.items()}
