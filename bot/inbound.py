"""From what a channel parsed to an event: durable, deduplicated, screened before anything else is done with it (C1)."""

from __future__ import annotations

import logging

from bot.channels.base import Inbound, Kind
from bot.journal import TRACE
from bot.outbox import queue
from bot.store.db import Tx
from flows.commands import parse_command, parse_data
from flows.crisis.assessment import NOTHING, UNSURE, Assessment
from flows.crisis.screen import Matcher, screen
from flows.events import Back, Command, Edited, Gone, Personal, Pressed, Quote, Said, Shown, TakenBack, Unrelayable

log = logging.getLogger(__name__)

RELAYED_AS_SUCH = frozenset({
    Kind.PHOTO, Kind.VOICE, Kind.AUDIO, Kind.VIDEO, Kind.STICKER, Kind.DOCUMENT, Kind.LOCATION,
})  # fmt: skip
TELLING = frozenset({Kind.TEXT, *RELAYED_AS_SUCH, Kind.CONTACT, Kind.VENUE, Kind.LIVE_LOCATION, Kind.POLL, Kind.UNKNOWN,
                     Kind.EDIT})  # fmt: skip
"""Kinds that are stored as messages."""

_SEEN = """INSERT INTO inbox (channel, external_id, person_id, received_at, state)
VALUES (:channel, :external, :person, :now, 'done') ON CONFLICT (channel, external_id) DO NOTHING RETURNING id"""
_COPY = "SELECT message_id, chat_id FROM copies WHERE address_id = :address AND external_id = :external"
_ORIGINAL = """SELECT m.id, m.chat_id, m.fate, c.student, c.helper FROM messages m LEFT JOIN chats c ON c.id = m.chat_id
WHERE m.id = :id"""


def assess(text: str, matcher: Matcher) -> Assessment:
    """Screen a text. If assessing fails it counts as risk (C5)."""
    if not text:
        return NOTHING
    try:
        return screen(text, matcher)
    except Exception as error:
        log.error("screening failed: %s", type(error).__name__)
        return UNSURE


def first_time(tx: Tx, inbound: Inbound, person: int | None, now: int) -> bool:
    """Remember that this inbound was handled; False when it was before (M1). Its number is the cause of all that
    follows in this transaction."""
    tx.cause = tx.value(_SEEN, channel=inbound.channel, external=inbound.external_id, person=person, now=now)
    TRACE.set(tx.cause)
    return tx.cause is not None


def is_crisis(inbound: Inbound, assessment: Assessment) -> bool:
    """Whether the inbound overtakes on the way in (C4)."""
    if assessment.crisis or inbound.data in ("menu:danger",) or inbound.data.startswith("case:"):
        return True
    command = parse_command(inbound.text) if inbound.kind is Kind.TEXT else None
    return command is not None and command[0] == "danger"


def quote(tx: Tx, inbound: Inbound, address: int) -> Quote | None:
    """What the message quotes, as far as we know it."""
    if not inbound.quote_id:
        return None
    row = tx.one(_COPY, address=address, external=inbound.quote_id)
    if row is None:
        return Quote(known=False)
    return Quote(chat=row[1], message=row[0])


def event(tx: Tx, inbound: Inbound, assessment: Assessment, message: int, address: int, now: int) -> Personal | None:
    """The event of an inbound; None for what is understood and needs nothing."""
    kind = inbound.kind
    if kind is Kind.PRESS:
        verb, name, id = parse_data(inbound.data)
        return Pressed(verb, name, id)
    if kind is Kind.TEXT:
        command = parse_command(inbound.text)
        if command is not None:
            argument = command[1] or inbound.start
            return Command(command[0], argument, message, inbound.sent_at, assessment)
        return Said(message, inbound.text, inbound.sent_at, assessment, quote(tx, inbound, address))
    if kind in RELAYED_AS_SUCH:
        seen = quote(tx, inbound, address)
        return Shown(message, kind.value, inbound.text, inbound.sent_at, assessment, seen)
    if kind is Kind.EDIT:
        return _edited(tx, inbound, assessment, message, address)
    if kind is Kind.DELETED:
        return taken_back(tx, inbound, address, now)
    if kind is Kind.BLOCKED:
        return Gone()
    if kind is Kind.UNBLOCKED:
        return Back()
    if kind in (Kind.CONTACT, Kind.VENUE, Kind.LIVE_LOCATION, Kind.POLL, Kind.UNKNOWN):
        return Unrelayable(message, kind.value, inbound.sent_at, assessment)
    return None


def _edited(tx: Tx, inbound: Inbound, assessment: Assessment, message: int, address: int) -> Edited:
    copy = tx.one(_COPY, address=address, external=inbound.message_id)
    if copy is None or copy[0] is None:
        return Edited(message, None, inbound.text, inbound.sent_at, assessment)
    row = tx.one(_ORIGINAL, id=copy[0])
    if row is None:
        return Edited(message, None, inbound.text, inbound.sent_at, assessment)
    to: int | None = None
    if row[2] == "relayed" and row[1] is not None:
        to = tx.value("SELECT CASE WHEN person_id = :student THEN :helper ELSE :student END FROM messages"
                      " WHERE id = :id",
                      student=row[3], helper=row[4], id=row[0])  # fmt: skip
    return Edited(message, int(row[0]), inbound.text, inbound.sent_at, assessment, chat=row[1], to=to)


_WRITTEN = """SELECT messages.id, messages.fate FROM messages JOIN copies ON copies.message_id = messages.id
WHERE copies.address_id = :address AND copies.external_id = :external AND messages.address_id = :address
AND messages.level < 2"""


def taken_back(tx: Tx, inbound: Inbound, address: int, now: int) -> TakenBack | None:
    """Somebody deleted a line. What nobody has been shown yet is shown to nobody; what was read stays read, and a
    crisis stays one."""
    row = tx.one(_WRITTEN, address=address, external=inbound.message_id)
    if row is None:
        return None
    withdrawn = row[1] == "held" or (row[1] == "relayed" and queue.withdraw(tx, int(row[0]), now))
    return TakenBack(int(row[0])) if withdrawn else None


_ROW = "SELECT person_id, address_id, cls FROM outbox WHERE id = :id AND has_buttons"
_SPENT = """SELECT outbox_id FROM copies WHERE address_id = :address AND external_id = :external"""


def pressed(tx: Tx, address: int, inbound: Inbound, now: int) -> None:
    """The buttons of a message go once one of them was pressed, unless several may be pressed in turn."""
    if inbound.data.partition(":")[0] in STAYING:
        return
    row = tx.value(_SPENT, address=address, external=inbound.message_id)
    if row is not None:
        found = tx.one(_ROW, id=int(row))
        if found is not None:
            queue.unbutton(tx, int(row), found[0], found[1], found[2], now=now)


STAYING = frozenset({"wish", "chat", "exercise", "info", "menu", "data", "queue", "own", "case", "offer", "hand"})
"""Verbs whose buttons stay: they can be pressed again, or their flow takes them away itself."""
