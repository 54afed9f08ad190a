"""What a score leads to, in one commit: a case by the same path as a text of the rules, a row for a counselor to look
at, or nothing."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.messages import Message
from bot.semantic.reading import spoken
from bot.store import entities
from bot.store.db import Tx
from flows.crisis import first
from flows.crisis.assessment import About, Assessment, Category, Hit, Level
from flows.events import Said
from flows.snapshot import Student

if TYPE_CHECKING:
    from bot.engine import Engine
    from bot.semantic.head import Head
    from bot.turn import Turn

SOURCE = "semantic"
"""What opened a case, and the name under which its rule is counted when a page is marked right or wrong."""
LOWERED = frozenset({About.homework.value, About.fiction.value, About.quote.value, About.past.value})
"""Where the rules know that a text is nobody's danger now, the net alone opens no case: a person looks."""
ACTOR = "system"

_FACTS = "SELECT category, about, inbox_id FROM messages WHERE id = :id"
_ADD = """INSERT INTO reviews (id, person_id, message_id, score, state, head, created_at, decided_at, decided_by,
case_id) VALUES (:id, :person, :message, :score, :state, :head, :now, :decided, :by, NULL)
ON CONFLICT (message_id) DO NOTHING"""
_CASE = "UPDATE reviews SET case_id = :case WHERE message_id = :message"


class Verdict(StrEnum):
    nothing = "nothing"
    review = "review"
    raised = "raised"


def judge(engine: Engine, tx: Tx, message: int, person: int, score: float, head: Head) -> Verdict:
    """Do what a score asks for; done again, it does nothing. The text is looked at as it stands in this transaction: an
    erased one is nobody's."""
    if score < head.review_at:
        return Verdict.nothing
    entities.hold_person(tx, person)
    row = tx.one(_FACTS, id=message)
    stored = engine.messages.get(tx, message)
    if row is None or stored is None or stored.person != person or not spoken(stored.text):
        return Verdict.nothing
    now = engine.clock()
    turn = engine.turn(tx, now, person)
    raised = score >= head.raise_at and str(row[1]) not in LOWERED
    if not raised and turn.facts.open_case(person) is not None:
        return Verdict.nothing  # whoever has the case reads along
    fresh = tx.run(
        _ADD, id=engine.ids.id(), person=person, message=message, score=round(score * 1000), head=head.version,
        state="opened" if raised else "open", now=now, decided=now if raised else None, by=ACTOR if raised else None,
    )  # fmt: skip
    if not fresh:
        return Verdict.nothing
    if not raised:
        return Verdict.review
    open_case(turn, message, person, head.version)
    return Verdict.raised


def open_case(turn: Turn, message: int, person: int, version: str) -> str | None:
    """Open or raise the person's case as their text would have, at level high: answer, case, pages (C2). The id of the
    case; None where the words are gone."""
    tx = turn.tx
    row = tx.one(_FACTS, id=message)
    stored = turn.engine.messages.get(tx, message)
    if row is None or stored is None or not spoken(stored.text):
        return None
    category, about, cause = row
    if tx.cause is None:
        tx.cause = cause
    text = spoken(stored.text)
    hit = Hit(SOURCE, text, 0, len(text), Level.HIGH, Category(category))
    assessment = Assessment(Level.HIGH, Category(category), About(about), (hit,), version)
    turn.message = Message(
        id=message, person=person, address=0, kind=stored.kind, text=text, sent_at=stored.sent_at, external_id="",
        assessment=assessment,
    )  # fmt: skip
    who = entities.person(tx, person, lock=True)
    student = who.student if who is not None else None
    if student is None:
        facts = turn.facts
        student = Student(person=person, alias=facts.alias(person), language=facts.language(person))
    event = Said(message, text, stored.sent_at, assessment)
    case, effects = first.respond(student, event, assessment, False, turn.now, turn.facts, source=SOURCE)
    entities.save_student(tx, replace(student, case=case))
    turn.apply(effects)
    turn.message = None
    tx.run(_CASE, case=case, message=message)
    return case
