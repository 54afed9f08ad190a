"""One function for each effect that is seen on a bench, as in bot.effects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flows.effects import (
    Amend,
    ClearTimer,
    Create,
    Erase,
    HandOver,
    Match,
    Relay,
    Remember,
    Retract,
    Say,
    Send,
    SetTimer,
    Settle,
    Toast,
)
from flows.snapshot import Student
from tests.exploration.values import DIALOGS, Broken, Out

if TYPE_CHECKING:
    from tests.exploration.bench import Bench


def _say(bench: Bench, e: Say, me: int | None) -> None:
    to = e.to if e.to is not None else me
    if to is None:
        raise Broken(f"M2: {e.key} is said to nobody")
    if e.about is not None and e.private and bench.people[e.about].erased:
        raise Broken(f"P2: {e.key} is sealed under a destroyed key")
    bench.happened.append(("said", to, e))
    if not bench.put(to, int(e.cls), e.key, chat=e.chat, case=e.case, ref=e.ref, notice=e.notice):
        bench._missed.append((to, e))


def _relay(bench: Bench, e: Relay | Amend, me: int | None) -> None:
    key = "line" if isinstance(e, Relay) else "edit"
    bench.put(e.to, 1, key, chat=e.chat, message=e.message)


def _settle(bench: Bench, e: Settle, me: int | None) -> None:
    line = bench.written[e.message]
    bench.happened.append(("settled", line, e))
    bench.written[e.message] = replace(line, fate=str(e.fate), chat=e.chat or line.chat)


def _create(bench: Bench, e: Create, me: int | None) -> None:
    kind = type(e.what).__name__.lower()
    bench.things[kind][e.what.id] = e.what
    bench.happened.append(("created", kind, e.what))


def _send(bench: Bench, e: Send, me: int | None) -> None:
    if e.kind in DIALOGS and e.id != bench._me:
        bench.post(e.kind, int(e.id), e.event)
    else:
        bench._step(e.kind, e.id, e.event)


def _set_timer(bench: Bench, e: SetTimer, me: int | None) -> None:
    bench.timers[e.kind, e.id, e.name] = e


def _clear_timer(bench: Bench, e: ClearTimer, me: int | None) -> None:
    bench.timers.pop((e.kind, e.id, e.name), None)


def _toast(bench: Bench, e: Toast, me: int | None) -> None:
    bench.happened.append(("toast", bench._me, e.key))


def _match(bench: Bench, e: Match, me: int | None) -> None:
    due = bench.now + e.after
    bench.match_due = due if bench.match_due is None else min(due, bench.match_due)


def _hand_over(bench: Bench, e: HandOver, me: int | None) -> None:
    """As bot.handover shows it."""
    theirs = {
        c.id for c in bench.things["chat"].values() if c.student == e.student and c.opened_at >= e.since
    }  # fmt: skip
    said = [w for w in bench.written.values() if w.fate == "relayed" and w.chat in theirs]
    held = [w for w in bench.written.values() if w.fate == "held" and w.writer == e.student]
    for line in sorted({w.id: w for w in (*said, *held)}.values(), key=lambda w: w.id):
        mine = line.id if line.writer == e.student else None  # another helper's words are context, nobody's mail
        bench.put(e.to, 1, "line", chat=e.chat, message=mine)
    for line in held:
        bench.written[line.id] = replace(line, fate="relayed", chat=e.chat)


def _retract(bench: Bench, e: Retract, me: int | None) -> None:
    def stays(row: Out) -> bool:
        if e.chat is not None:
            return not (row.chat == e.chat and row.message is not None)
        chat = bench.chat(row.chat) if row.chat else None
        helps = chat is not None and chat.helper == e.to
        return row.notice is not None or not (
            row.case is not None or helps or (row.ref or "").startswith("offer:")
        )  # fmt: skip

    rows = bench.outbox.get(e.to, ())
    waits = {(row.message, row.chat) for row in rows}
    if rows:
        bench._drop(e.to, tuple(row for row in rows if stays(row)))
    for line in list(bench.written.values()):
        lost = line.chat == e.chat if e.chat is not None else (line.id, line.chat) in waits
        if lost and line.writer != e.to and line.fate == "relayed" and all(to != e.to for to, _ in line.shown):
            bench.written[line.id] = replace(line, fate="held", chat=None)


def _remember(bench: Bench, e: Remember, me: int | None) -> None:
    bench.pairings[e.student, e.helper] = e.again


def _erase(bench: Bench, e: Erase, me: int | None) -> None:
    """The words go at once, the address when the last notice has left; then they are somebody new."""
    bench.people[e.person] = replace(bench.people[e.person], erased=True)
    bench.things["student"][e.person] = Student(person=e.person, alias=bench.alias(e.person))
    for line in list(bench.written.values()):
        chat = bench.chat(line.chat) if line.chat else None
        if line.writer == e.person or (chat is not None and chat.student == e.person):
            del bench.written[line.id]
    for to, rows in list(bench.outbox.items()):
        bench._drop(to, tuple(row for row in rows if row.message is None or row.message in bench.written))


DO: dict[type[Any], Any] = {
    Say: _say, Relay: _relay, Amend: _relay, Settle: _settle, Create: _create, Send: _send, SetTimer: _set_timer,
    ClearTimer: _clear_timer, Toast: _toast, Match: _match, HandOver: _hand_over, Retract: _retract,
    Remember: _remember, Erase: _erase,
}  # fmt: skip
"""The other effects change nothing that is looked at here: buttons are judged by what they belong to."""
