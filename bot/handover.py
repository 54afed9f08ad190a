"""Showing a new owner what was said before: the lines that a student wrote while waiting, and, when a chat goes on with
somebody else, what was said in it. Nothing is dropped, nothing is shown twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import audit, outbox
from bot.messages import Stored
from bot.outbox.payload import Payload, Relayed, Speech
from flows.effects import Class, Fate, HandOver

if TYPE_CHECKING:
    from bot.turn import Turn

SHOWN = 100
"""How many earlier lines a new owner is shown at most; the newest. Held lines are all shown."""


def show(turn: Turn, e: HandOver) -> None:
    """Put the earlier lines into the new owner's outbox, oldest first, under the student's alias, and make held lines
    part of the chat."""
    messages = turn.engine.messages
    said = list(messages.said(turn.tx, e.student, e.since, SHOWN))
    held = messages.held(turn.tx, e.student, 0)
    known = {m.id for m in said}
    lines = sorted([*said, *(m for m in held if m.id not in known)], key=lambda m: m.id)
    if said:
        _say(turn, e, "handover.before", {"alias": e.alias, "count": len(said)})
    for line in lines:
        _line(turn, e, line)
    for line in held:
        messages.settle(turn.tx, line, fate=Fate.RELAYED, chat=e.chat, request=None, owner=e.student)
    current = turn.message
    if current is not None and current.person == e.student and current.fate == Fate.HELD:
        current.chat, current.fate, current.owner = e.chat, Fate.RELAYED, e.student
        _enqueue(turn, e, Relayed(text=current.text, alias=e.alias, media=current.media, place=current.place),
                 current.id)  # fmt: skip
    if said:
        _say(turn, e, "handover.now", {"alias": e.alias})
    if e.read_by_staff:
        audit.record(turn.tx, now=turn.now, actor=f"person:{e.to}", action="chat.read", object=f"chat:{e.chat}",
                     detail={"lines": len(lines)})  # fmt: skip


def _line(turn: Turn, e: HandOver, line: Stored) -> None:
    mine = line.person == e.student
    alias = e.alias if mine else turn.facts.label(turn.facts.language(e.to), "handover.helper")
    _enqueue(turn, e, Relayed(text=line.text, alias=alias, media=line.media, place=line.place),
             line.id if mine else None)  # fmt: skip


def _enqueue(turn: Turn, e: HandOver, payload: Payload, message: int | None) -> None:
    outbox.enqueue(turn.tx, person=e.to, cls=Class.ORDINARY, payload=payload, owner=e.student, chat_id=e.chat,
                   message_id=message, now=turn.now)  # fmt: skip


def _say(turn: Turn, e: HandOver, key: str, args: dict[str, str | int]) -> None:
    outbox.enqueue(turn.tx, person=e.to, cls=Class.ORDINARY, payload=Speech(key=key, args=args), chat_id=e.chat,
                   now=turn.now)  # fmt: skip
