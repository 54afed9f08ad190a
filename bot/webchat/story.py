"""What a page is told: all of its conversation at first, then what it lacks. One read, one moment of the store."""

from __future__ import annotations

from dataclasses import replace

from bot.channels.base import Abilities
from bot.store.db import Row, Tx
from bot.webchat import own
from bot.webchat.lines import Batch, Cursor, Event
from bot.webchat.rows import PENDING, Rows
from bot.webchat.sessions import Session
from bot.words import Words

LIMIT = 150
"""Lines of the past that a page is given at once; older ones when it asks."""
TOP = Cursor(2**63 - 1, 2**63 - 1)
Told = tuple[int, bool, Row]


class Story:
    """One person's conversation on one web address."""

    def __init__(self, tx: Tx, words: Words, abilities: Abilities, session: Session, now: int) -> None:
        self._tx = tx
        self._session = session
        self._now = now
        self._rows = Rows(tx, words, abilities, session.person_id, session.address_id)

    def past(self, before: Cursor = TOP, limit: int = LIMIT) -> tuple[Batch, dict[int, bool]]:
        """The newest `limit` rows below `before`, both sides' in order; and those of them that wait for the page's
        acknowledgement, with whether they carry buttons."""
        out = [(row["created_at"], True, row) for row in self._rows.latest(before.out, limit + 1)]
        who = self._session.person_id, self._session.address_id
        mine = [(row["created_at"], False, row) for row in own.latest(self._tx, *who, before.mine, limit + 1)]
        told = _merged(mine, out)
        kept = told[-limit:]
        cursor = Cursor(_over(told, True) - 1, _over(told, False) - 1)  # also past what was not kept: it is older
        lowest = Cursor(
            min((row["id"] for _, theirs, row in kept if theirs), default=_over(told, True)),
            min((row["id"] for _, theirs, row in kept if not theirs), default=_over(told, False)),
        )
        events = [event for _, theirs, row in kept for event in self._events(row, theirs)]
        shown = {row["id"]: bool(row["has_buttons"]) for _, theirs, row in kept if theirs and row["status"] == PENDING}
        unread = [event.data["id"] for event in events if event.name == "line" and _row(event) in shown]
        return Batch(events, cursor, str(lowest) if len(told) > limit else None, unread), shown

    def news(self, cursor: Cursor, shown: dict[int, bool]) -> Batch:
        """What a page that was told up to `cursor` lacks. `shown`: rows on it that wait for its acknowledgement, with
        whether they carry buttons; brought up to date here."""
        events: list[Event] = []
        for id in self._rows.bare(shown):
            shown[id] = False
            events.append(Event("change", {"id": str(id), "kind": "unbutton", "target": str(self._rows.first(id))}))
        for id in self._rows.settled(list(shown)):
            del shown[id]
        who = self._session.person_id, self._session.address_id
        mine = own.since(self._tx, *who, cursor.mine, LIMIT)
        out = self._rows.since(cursor.out, list(shown), LIMIT)
        for row in mine:
            events += own.events(self._tx, row, self._rows)
            cursor = replace(cursor, mine=max(cursor.mine, row["id"]))
        for row in out:
            events += self._rows.events(row, self._now)
            cursor = replace(cursor, out=max(cursor.out, row["id"]))
            if row["status"] == PENDING:
                shown[row["id"]] = bool(row["has_buttons"])
        return Batch(events, cursor, more=max(len(mine), len(out)) >= LIMIT)

    def held(self) -> list[str]:
        """The lines whose buttons can still be pressed. A page that was cut off may show others, which were spent
        before their acknowledgement was through."""
        return self._rows.held(LIMIT)

    def _events(self, row: Row, theirs: bool) -> list[Event]:
        if theirs:
            return self._rows.events(row, self._now)
        return list(own.events(self._tx, row, self._rows))


def _row(event: Event) -> int:
    """The row of a line; none for an own one, whose id is a name."""
    number = str(event.data["id"]).partition("-")[0]
    return int(number) if number.isdigit() and not event.data["mine"] else -1


def _merged(mine: list[Told], out: list[Told]) -> list[Told]:
    """Both in one order; a line stands before what answered it in the same moment."""
    return sorted([*mine, *out], key=lambda one: (one[0], one[1], one[2]["id"]))


def _over(told: list[Told], theirs: bool) -> int:
    """Just above the highest row of a side, kept or not; 1 where there is none."""
    return max((row["id"] for _, side, row in told if side is theirs), default=0) + 1
