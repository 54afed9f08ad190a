"""Who receives a helper's line. The order of the rules is the contract's; a line goes to exactly one student, or waits.

1. A quote decides before everything else; quoting something of a chat that is over is refused.
2. With one open chat the line goes there, unless it was written before an end notice reached its writer.
3. With several: the student chosen by chat:switch, while the choice holds.
4. Otherwise it is held, and asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flows.events import Quote
from flows.facts import Ms
from flows.snapshot import Chat, Desk


class Why(StrEnum):
    """Why a line did not simply go."""

    OVER = "over"  # it quotes a chat that is over
    NONE = "none"  # no chat is open
    BEFORE_END = "before-end"  # written before the writer could know that a chat was over
    SEVERAL = "several"  # several chats, and nothing says which


@dataclass(frozen=True, slots=True)
class To:
    """Goes to this chat."""

    chat: Chat


@dataclass(frozen=True, slots=True)
class Ask:
    """Held, and asked about."""

    why: Why


@dataclass(frozen=True, slots=True)
class No:
    """Refused, with notice."""

    why: Why


def route(desk: Desk, quote: Quote | None, at: Ms, chats: Sequence[Chat], now: Ms, lapse: Ms) -> To | Ask | No:
    """Where a line written at `at` (the platform's date) goes. `chats` are the writer's open ones."""
    if quote is not None and quote.known and quote.chat is not None:
        for chat in chats:
            if chat.id == quote.chat:
                return To(chat)
        return No(Why.OVER)
    if not chats:
        return No(Why.NONE)
    if len(chats) == 1:
        return Ask(Why.BEFORE_END) if before_end(desk, at) else To(chats[0])
    chosen = current(desk, chats, now, lapse)
    return To(chosen) if chosen is not None else Ask(Why.SEVERAL)


def before_end(desk: Desk, at: Ms) -> bool:
    """Whether a line was written before an end notice reached its writer, compared in whole seconds. While a notice
    is still on its way, every line was."""
    if desk.ending > 0:
        return True
    return desk.ended_at is not None and at // 1000 < desk.ended_at // 1000


def current(desk: Desk, chats: Sequence[Chat], now: Ms, lapse: Ms) -> Chat | None:
    """The chat chosen by chat:switch, while the choice holds: until the next accept (which clears it), until another
    student has written since, and for `lapse` ms."""
    if desk.current is None or now - desk.current_at >= lapse:
        return None
    chosen = next((c for c in chats if c.id == desk.current), None)
    if chosen is None:
        return None
    if any(c.id != chosen.id and c.student_at > desk.current_at for c in chats):
        return None
    return chosen
