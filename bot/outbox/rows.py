"""A row of the outbox on its way out, and whoever wants to know what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.outbox.payload import Payload
from bot.store.db import Tx

CRISIS, ORDINARY = 0, 1
PENDING, SENT, REFUSED, WITHDRAWN, FAILED = range(5)


@dataclass(frozen=True, slots=True)
class Row:
    """What the outbox knows of a row besides its words."""

    id: int
    person_id: int
    address_id: int
    cls: int
    kind: str
    ref: str | None
    notice: str | None
    chat_id: str | None
    case_id: str | None
    message_id: int | None
    owner_id: int | None
    attempts: int
    created_at: int
    cause: int | None = None  # the inbound that it comes from


@dataclass(frozen=True, slots=True)
class Work:
    """A row with everything that sending it needs. `sent`: the platform's ids of the parts that have left already.
    `edit_id` and `quote_id`: what it refers to on the recipient's platform."""

    row: Row
    channel: str
    address: str
    language: str
    payload: Payload
    buttons: bool
    sent: tuple[str, ...] = ()
    edit_id: str = ""
    quote_id: str = ""
    window: int | None = None  # when the address's window closes, as it was known when the row was taken


class Told(Protocol):
    """Who must know what became of a row (M4). Called inside the transaction that records it, so that what follows (a
    mail row) is one commit with it. What a method raises is counted, and the record stands without it."""

    def sent(self, tx: Tx, row: Row, at: int) -> None:
        """A row with a `notice` was accepted by the platform at `at` ms."""
        ...

    def refused(self, tx: Tx, row: Row, reason: str, at: int) -> None:
        """A row will never arrive: the platform refused it, or it grew too old."""
        ...

    def unreachable(self, tx: Tx, person: int, address: int, at: int) -> None:
        """The platform says that this address cannot be reached at all. Its rows have been refused one by one
        before."""
        ...

    def held(self, tx: Tx, row: Row, at: int) -> None:
        """A row waits, in its place, until its person writes again: the platform's window is closed."""
        ...
