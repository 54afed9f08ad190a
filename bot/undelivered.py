"""What it means for others that a message has not arrived: decided by the flows, looked up here (M4)."""

from __future__ import annotations

from bot.outbox.rows import Row
from bot.store import entities
from bot.turn import Turn
from flows.effects import Say
from flows.events import Decline, OwnerLost
from flows.snapshot import Case

LINES = ("relay", "amend")


def refused(turn: Turn, row: Row) -> None:
    """It never will: a page counts as a decline, an owner as lost; the writer of a line is told."""
    if row.case_id is not None:
        case = entities.get(turn.tx, Case, row.case_id)
        if case is not None and row.person_id in case.asking:
            turn.internal("case", row.case_id, Decline(row.person_id, unreachable=True))
        elif case is not None and row.person_id == case.owner and not turn.facts.reachable(row.person_id):
            turn.internal("case", row.case_id, OwnerLost(row.person_id))
        elif case is not None and row.person_id == case.student and turn.facts.reachable(case.student):
            _of_case(turn, case, "line.undelivered.case")
    elif row.kind in LINES and row.chat_id is not None:
        chat = turn.facts.chat(row.chat_id)
        if chat is None:
            return
        # A helper who cannot be reached at all loses the chat, and the next one is shown this line.
        lost = row.person_id == chat.helper and not turn.facts.reachable(row.person_id)
        if chat.state != "open" or not lost:
            turn.undelivered(chat, row.person_id)


def held(turn: Turn, row: Row) -> None:
    """It waits for its person to write again."""
    if row.kind in LINES and row.chat_id is not None:
        chat = turn.facts.chat(row.chat_id)
        if chat is not None and chat.state == "open":
            turn.waiting(chat, row.person_id)
    elif row.case_id is not None:
        case = entities.get(turn.tx, Case, row.case_id)
        if case is not None and case.student == row.person_id and case.owner is not None:
            _of_case(turn, case, "line.waiting.case")


def _of_case(turn: Turn, case: Case, key: str) -> None:
    """Something about its student that whoever has the case must know, or, before anybody has it, those asked."""
    who = case.asking if case.owner is None else (case.owner,)
    turn.apply([Say(key, {"alias": case.alias}, to=person, case=case.id) for person in who])
