"""The laws by SQL, as they hold at any moment between two transactions: what is shared always fits together, dialogs
once their mail has been stepped."""

from __future__ import annotations

from bot.store import entities
from bot.store.db import Tx

RULES = {
    "C3: nobody has a case, and nobody will be paged": """SELECT id FROM cases WHERE state = 'paging' AND NOT EXISTS
        (SELECT 1 FROM timers WHERE kind = 'case' AND target = cases.id AND name = 'climb' AND crisis)""",
    "C3: nobody has a case, and its person is not told": """SELECT id FROM cases WHERE state = 'paging'
        AND told_at IS NULL AND (outcome IS NULL OR outcome <> 'erased') AND NOT EXISTS (SELECT 1 FROM timers
        WHERE kind = 'case' AND target = cases.id AND name = 'tell' AND crisis)""",
    "C3: an acknowledged case has no owner": """SELECT id FROM cases WHERE state IN ('acknowledged', 'taken')
        AND owner IS NULL AND acknowledged_at IS NULL""",
    "C3: nobody looks whether anything is done": """SELECT id FROM cases WHERE state = 'acknowledged'
        AND acted_at IS NULL AND NOT EXISTS (SELECT 1 FROM timers WHERE kind = 'case' AND target = cases.id
        AND name = 'act' AND crisis)""",
    "C3: closed, and nobody has acknowledged it": """SELECT id FROM cases WHERE state = 'resolved'
        AND acknowledged_at IS NULL""",
    "M5: an open offer of a request that is over": """SELECT offers.id FROM offers JOIN requests
        ON requests.id = offers.request WHERE offers.state = 'open' AND requests.state <> 'waiting'""",
    "M5: an offer that would stay for ever": """SELECT id FROM offers WHERE state = 'open' AND NOT EXISTS
        (SELECT 1 FROM timers WHERE kind = 'offer' AND target = offers.id AND name = 'expire')""",
    "M6: something was set aside": "SELECT id FROM aside",
    "M2: a line of a chat went to somebody who is not of it": """SELECT o.id FROM outbox o JOIN chats c
        ON c.id = o.chat_id WHERE o.kind = 'relay' AND o.person_id NOT IN (c.student, c.helper)""",
    "two offers of one request were accepted": """SELECT request FROM offers WHERE state = 'accepted'
        GROUP BY request HAVING count(*) > 1""",
    "a supporter holds more chats than they may": """SELECT staff.id FROM staff WHERE role = 'supporter' AND capacity <
        (SELECT count(*) FROM chats WHERE chats.helper = staff.person_id AND chats.state = 'open')""",
    "P4: somebody suspended holds a chat, an offer or a case": """SELECT staff.id FROM staff WHERE status <> 'active'
        AND NOT EXISTS (SELECT 1 FROM mail WHERE mail.person_id = staff.person_id) AND (
        EXISTS (SELECT 1 FROM chats WHERE helper = staff.person_id AND state = 'open')
        OR EXISTS (SELECT 1 FROM offers WHERE helper = staff.person_id AND state = 'open')
        OR EXISTS (SELECT 1 FROM cases WHERE owner = staff.person_id AND state <> 'resolved'))""",
    "nobody looks after a chat that waits for an answer": """SELECT id FROM chats WHERE state = 'open' AND watched
        AND NOT EXISTS (SELECT 1 FROM timers WHERE kind = 'chat' AND target = chats.id AND name = 'silence')""",
    "somebody waits, somebody is there, and no round is set": """SELECT requests.id FROM requests
        WHERE state = 'waiting' AND NOT EXISTS (SELECT 1 FROM offers WHERE offers.request = requests.id
        AND offers.state = 'open') AND NOT EXISTS (SELECT 1 FROM timers WHERE kind = 'match')
        AND EXISTS (SELECT 1 FROM staff JOIN people ON people.id = staff.person_id WHERE staff.status = 'active'
        AND people.on_duty AND people.unreachable_at IS NULL AND people.paused_until IS NULL
        AND staff.role = CASE requests.kind WHEN 'counselor' THEN 'counselor' ELSE 'supporter' END)""",
}
_DIALOGS = """SELECT people.id, chats.id, requests.id FROM people
LEFT JOIN chats ON chats.student = people.id AND chats.state = 'open'
LEFT JOIN requests ON requests.student = people.id AND requests.state = 'waiting'
WHERE people.student IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mail WHERE mail.person_id = people.id)"""


def broken(tx: Tx) -> list[str]:
    """Every rule that does not hold, with the ids."""
    found = []
    for name, sql in RULES.items():
        rows = [str(row[0]) for row in tx.all(sql)]
        if rows:
            found.append(f"{name}: {', '.join(rows)}")
    for person, chat, request in [tuple(row) for row in tx.all(_DIALOGS)]:
        who = entities.person(tx, person)
        student = None if who is None else who.student
        if student is None:
            continue
        if (student.state == "chatting") != (chat is not None) or (chat is not None and chat != student.chat):
            found.append(f"M5: student {person} is {student.state}, and the chat says otherwise")
        if (student.state == "waiting") != (request is not None):
            found.append(f"M5: student {person} is {student.state}, and the queue says otherwise")
    return found


_COUNTS = {
    "lines": "SELECT count(*) FROM messages",
    "chats": "SELECT count(*) FROM chats",
    "chats that went on elsewhere": "SELECT count(*) FROM requests WHERE previous IS NOT NULL",
    "cases": "SELECT count(*) FROM cases",
    "cases that somebody had": "SELECT count(*) FROM cases WHERE acknowledged_at IS NOT NULL",
    "messages out": "SELECT count(*) FROM outbox WHERE status = 1",
    "refused": "SELECT count(*) FROM outbox WHERE status = 2",
    "withdrawn": "SELECT count(*) FROM outbox WHERE status = 3",
}


def counts(tx: Tx) -> list[tuple[str, int]]:
    """What a schedule has led to, so that one sees whether it leads anywhere."""
    return [(name, int(tx.value(sql))) for name, sql in _COUNTS.items()]
