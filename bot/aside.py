"""What could not be processed: set aside, shown to a human, its sender told with the numbers, never met with silence
(M6). If it assesses as high or imminent, or could not be assessed, this very transaction opens the case and pages."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from bot import mail, outbox, people, timers, window
from bot.channels.base import Answer, Inbound, Kind
from bot.outbox import holding
from bot.outbox.payload import Speech
from bot.store.db import Tx
from flows.crisis import first
from flows.crisis.assessment import Assessment
from flows.crisis.numbers import numbers_text
from flows.effects import Class
from flows.events import Back
from flows.snapshot import Student

if TYPE_CHECKING:
    from bot.engine import Engine

PAYLOAD = "aside.payload"
_ADD = """INSERT INTO aside (inbox_id, channel, external_id, person_id, payload, reason, level, attempts,
state, created_at)
VALUES (:inbox, :channel, :external, :person, :payload, :reason, :level, :attempts, 'open', :now)"""
_INBOX = """INSERT INTO inbox (channel, external_id, person_id, received_at, state)
VALUES (:channel, :external, :person, :now, 'aside') ON CONFLICT (channel, external_id) DO NOTHING"""
_INBOX_ID = "SELECT id FROM inbox WHERE channel = :channel AND external_id = :external"


def _as_json(incoming: Inbound) -> bytes:
    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        raise TypeError

    return orjson.dumps(asdict(incoming), default=plain)


def set_aside(engine: Engine, tx: Tx, incoming: Inbound, assessment: Assessment, reason: str, attempts: int) -> Answer:
    """Keep the message sealed, tell its sender, and page where it may be a crisis."""
    now = engine.clock()
    address = engine.address(tx, incoming, now)
    if not tx.run(_INBOX, channel=incoming.channel, external=incoming.external_id, person=address.person, now=now):
        return Answer(fresh=False)
    tx.cause = inbox = tx.value(_INBOX_ID, channel=incoming.channel, external=incoming.external_id)
    tx.run(_ADD, inbox=inbox, channel=incoming.channel, external=incoming.external_id, person=address.person,
           payload=tx.seal(None, _as_json(incoming), PAYLOAD), reason=reason, level=int(assessment.level),
           attempts=attempts, now=now)  # fmt: skip
    turn = engine.turn(tx, now, address.person)
    facts = turn.facts
    speaks = incoming.kind not in (Kind.SEEN, Kind.IGNORED, Kind.BLOCKED)
    if speaks:
        _heard(engine, tx, incoming, address, now)
    if assessment.crisis:
        student = Student(person=address.person, alias=facts.alias(address.person))
        turn.message = engine._message(incoming, assessment, address.id, address.person, now)
        _, effects = first.respond(student, Back(), assessment, False, now, facts, source="aside")
        turn.apply(effects)
        turn.message = None
    numbers = numbers_text(facts, str(assessment.category), None, facts.language(address.person))
    if speaks:
        outbox.enqueue(tx, person=address.person, cls=Class.CRISIS if assessment.crisis else Class.ORDINARY,
                       payload=Speech(key="fallback", args={"numbers": numbers}), now=now)  # fmt: skip
    return Answer(fresh=True)


def _heard(engine: Engine, tx: Tx, incoming: Inbound, address: people.Address, now: int) -> None:
    """Whoever wrote it can be written to. That they are back is stepped by itself: here it might fail once more."""
    if people.regained(tx, address.id, now):
        mail.post(tx, "student", address.person, Back(), now)
        if engine.facts(tx, now).staff(address.person) is not None:
            mail.post(tx, "desk", address.person, Back(), now)
        tx.after(engine.wake_mail)
    people.heard(tx, address.id, address.person, now, window.until(incoming.channel, incoming.sent_at, now))
    holding.reopen(tx, incoming.channel, address.id, now)


def keep(tx: Tx, channel: str, body: bytes, reason: str, now: int, level: int = 0) -> None:
    """Keep raw bytes that belong to nobody we know."""
    tx.run(_ADD, inbox=None, channel=channel, external="", person=None, payload=tx.seal(None, body, PAYLOAD),
           reason=reason, level=level, attempts=1, now=now)  # fmt: skip


def set_mail_aside(engine: Engine, tx: Tx, person: int, reason: str) -> None:
    """The oldest letter of a dialog failed: after some tries it is set aside, so that the ones behind it go on."""
    for letter in mail.of(tx, person, 1):
        if letter.attempts + 1 < 3:
            mail.failed(tx, letter.id)
            return
        mail.drop(tx, letter.id)
        keep(tx, "internal", orjson.dumps({"kind": letter.kind, "is": type(letter.event).__name__}), reason,
             engine.clock())  # fmt: skip


def set_timer_aside(engine: Engine, tx: Tx, timer: timers.Due) -> None:
    """A timer whose step failed is tried again in a while; a crisis timer soon, and without end."""
    now = engine.clock()
    pause = 5_000 if timer.crisis else 60_000
    if timers.put_off(tx, timer, now + pause):
        engine.expect(tx, now + pause)
