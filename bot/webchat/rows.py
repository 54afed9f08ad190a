"""Rows of the outbox as a page is shown them, whatever became of them: the ids that a page knows are the rows' own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.channels.base import Abilities, Outgoing
from bot.outbox.pacing import FLEETING
from bot.outbox.payload import Amended, Payload, Relayed, Speech, Typing, Unbutton, decode
from bot.outbox.queue import PAYLOAD
from bot.render import Target, render
from bot.store.db import Row, Tx
from bot.store.errors import StoreError
from bot.webchat.lines import Event, spoken
from bot.words import Words

PENDING, SENT = 0, 1
DEEPEST = 20
"""How often a line may have been changed before we stop looking for the first."""

_LATEST = """SELECT id, kind, cls, payload, owner_id, ref, message_id, status, has_buttons, created_at FROM outbox
WHERE person_id = :person AND address_id = :address AND id < :before AND status IN (0, 1)
AND (status = 0 OR kind NOT IN ('unbutton', 'typing')) ORDER BY id DESC LIMIT :limit"""
_SINCE = """SELECT id, kind, cls, payload, owner_id, ref, message_id, status, has_buttons, created_at FROM outbox
WHERE person_id = :person AND address_id = :address AND id > :after AND status IN (0, 1) ORDER BY id LIMIT :limit"""
_PENDING = """SELECT id, kind, cls, payload, owner_id, ref, message_id, status, has_buttons, created_at FROM outbox
WHERE address_id = :address AND status = 0 AND id <= :after AND id NOT IN :shown ORDER BY id LIMIT :limit"""
_ONE = """SELECT id, kind, cls, payload, owner_id, ref, message_id, status, has_buttons, created_at FROM outbox
WHERE id = :id AND address_id = :address AND status IN (0, 1)"""
_SHOWN = "SELECT id, status, has_buttons FROM outbox WHERE address_id = :address AND id IN :ids"
_EARLIER = """SELECT id, payload, owner_id FROM outbox WHERE address_id = :address AND ref = :ref AND kind = 'say'
AND id < :id AND status IN (0, 1) ORDER BY id DESC LIMIT 1"""
_CARRIED = """SELECT id FROM outbox WHERE address_id = :address AND message_id = :message AND kind = 'relay'
AND status IN (0, 1) ORDER BY id DESC LIMIT 1"""
_SAID = "SELECT address_id, external_id, original_id FROM messages WHERE id = :message"
_HELD = """SELECT id FROM outbox WHERE person_id = :person AND address_id = :address AND has_buttons
AND status IN (0, 1) ORDER BY id DESC LIMIT :limit"""
_LANGUAGE = "SELECT language FROM people WHERE id = :person"


class Rows:
    """Reads within one transaction, for one address of one person."""

    def __init__(self, tx: Tx, words: Words, abilities: Abilities, person: int, address: int) -> None:
        self._tx = tx
        self._words = words
        self._abilities = abilities
        self._who: dict[str, Any] = {"person": person, "address": address}
        self._address = address
        self._language = str(tx.value(_LANGUAGE, person=person) or words.default)

    def latest(self, before: int, limit: int) -> list[Row]:
        """The newest rows below `before`, oldest first. Spent buttons are left out of the past: their lines are read
        without them."""
        return list(reversed(self._tx.all(_LATEST, before=before, limit=limit, **self._who)))

    def since(self, after: int, shown: Sequence[int], limit: int) -> list[Row]:
        """What a page that was told up to `after` lacks: newer rows, and older ones that were committed late or never
        acknowledged and are not among `shown`. Crisis first (C4)."""
        late = self._tx.all(_PENDING, address=self._address, after=after, shown=shown, limit=limit)
        new = self._tx.all(_SINCE, after=after, limit=limit, **self._who)
        return sorted([*late, *new], key=lambda row: (row["cls"], row["id"]))

    def one(self, id: int) -> Row | None:
        return self._tx.one(_ONE, id=id, address=self._address)

    def bare(self, shown: dict[int, bool]) -> list[int]:
        """Those of the rows on a page (id -> with buttons) that have lost their buttons or were withdrawn since."""
        held = [id for id, buttons in shown.items() if buttons]
        found = self._tx.all(_SHOWN, address=self._address, ids=held) if held else []
        return [int(row[0]) for row in found if row[1] not in (PENDING, SENT) or not row[2]]

    def held(self, limit: int) -> list[str]:
        """The lines whose buttons can still be pressed, newest first."""
        return [str(self.first(int(row[0]))) for row in self._tx.all(_HELD, limit=limit, **self._who)]

    def settled(self, ids: Sequence[int]) -> set[int]:
        """Those of the rows that wait for no acknowledgement any more."""
        return {int(row[0]) for row in self._tx.all(_SHOWN, address=self._address, ids=ids) if row[1] != PENDING}

    def events(self, row: Row, now: int) -> list[Event]:
        """The row as the page's events; none for what cannot be read any more (its owner is erased)."""
        payload = self.payload(row)
        if payload is None:
            return []
        if isinstance(payload, Typing):
            return [Event("typing", {"id": str(row["id"]), "late": now - row["created_at"] > FLEETING})]
        parts = self.parts(row, payload)
        person = row["kind"] in ("relay", "amend")
        return [
            spoken(row["id"], part, row["created_at"], person=person, part=at) for at, part in enumerate(parts)
        ] or [Event("nothing", {"id": str(row["id"])})]

    def payload(self, row: Row) -> Payload | None:
        if row["payload"] is None:
            return None
        try:
            return decode(self._tx.unseal(row["owner_id"], row["payload"], PAYLOAD))
        except (StoreError, ValueError, KeyError, TypeError):
            return None

    def parts(self, row: Row, payload: Payload) -> tuple[Outgoing, ...]:
        """The row rendered for a page. What it edits or quotes is named by the page's own ids."""
        edit_id = quote_id = ""
        if isinstance(payload, Amended):
            edit_id = self.line_of(payload.original)
        elif isinstance(payload, Unbutton):
            edit_id = str(self.first(payload.row))
        elif isinstance(payload, Speech) and payload.replaces and row["ref"] is not None:
            edit_id = self._replaced(row["id"], row["ref"])
        elif isinstance(payload, Relayed) and payload.quote is not None:
            quote_id = self.line_of(payload.quote)
        buttons = bool(row["has_buttons"])
        return render(payload, self._words, Target(self._language, self._abilities, quote_id, edit_id, buttons))

    def line_of(self, message: int) -> str:
        """The page's id of a message of ours: a line of the other side, or the person's own; of an edit, the line
        that it changed. Empty where the page shows none of them."""
        for _ in range(DEEPEST):
            carried = self._tx.value(_CARRIED, address=self._address, message=message)
            if carried is not None:
                return str(carried)
            said = self._tx.one(_SAID, message=message)
            if said is None:
                return ""
            if said["address_id"] == self._address and said["external_id"]:
                return str(said["external_id"])
            if said["original_id"] is None:
                return ""
            message = int(said["original_id"])
        return ""

    def first(self, id: int) -> int:
        """The row whose line a later one of its ref has only changed: itself for most."""
        row = self.one(id)
        payload = self.payload(row) if row is not None else None
        if row is not None and isinstance(payload, Speech) and payload.replaces and row["ref"] is not None:
            return int(self._replaced(id, row["ref"]) or id)
        return id

    def _replaced(self, id: int, ref: str) -> str:
        """The line that this row changes; empty where there is none, so that it becomes a line of its own."""
        found = ""
        for _ in range(DEEPEST):
            earlier = self._tx.one(_EARLIER, address=self._address, ref=ref, id=id)
            if earlier is None:
                break
            id = int(earlier["id"])
            found = str(id)
            payload = self.payload(earlier)
            if not (isinstance(payload, Speech) and payload.replaces):
                break
        return found
