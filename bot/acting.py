"""Who changes something on behalf of a coordinator or an operator, when, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot import mail
from bot.ids import Ids, RandomIds
from bot.store.db import Tx
from flows.events import Internal


def _nobody_to_wake() -> None:
    """In a process that serves nobody (the command line): the sweep of the one that serves finds the rows."""


@dataclass(frozen=True, slots=True)
class Acting:
    """`actor` is written to the audit ("token:<id>", "cli"); `now` in ms; `zone` is where days begin and end; `wake`
    is called after a commit that left something to be done at once."""

    actor: str
    now: int
    zone: ZoneInfo
    wake: Callable[[], None] = _nobody_to_wake
    ids: Ids = field(default_factory=RandomIds)

    def tell_desk(self, tx: Tx, person: int, event: Internal) -> None:
        """Leave `event` for a helper's desk in the same commit, to be acted on at once after it."""
        mail.post(tx, "desk", person, event, self.now)
        tx.after(self.wake)
