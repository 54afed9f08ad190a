"""Requests and chats as coordinators and counselors may see them: who waits how long and who holds whom, by alias.

No column here holds a word that somebody wrote, and none identifies a student.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot import audit, withheld
from bot.acting import Acting
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Missing
from bot.store.db import Tx


@dataclass(frozen=True, slots=True)
class RequestRow:
    """Times in ms; `risk` is a level from 0 (none) to 3 (imminent)."""

    id: str
    alias: str
    state: str
    kind: str
    topic: str | None
    heavy: int | None
    wishes: tuple[str, ...]
    language: str
    site: str | None
    risk: int
    opened_at: int
    matched_at: int | None
    previous: str | None
    round: int
    left_message: bool
    open_offers: int
    version: int


@dataclass(frozen=True, slots=True)
class ChatRow:
    """Times in ms; `helper` is the id of the roster, None for somebody who has left it."""

    id: str
    request: str
    alias: str
    helper: str | None
    helper_alias: str
    role: str
    case: str | None
    state: str
    reason: str | None
    opened_at: int
    ended_at: int | None
    student_at: int
    helper_at: int
    unanswered_at: int | None
    version: int


REQUESTS = Listing(
    name="requests",
    columns=(
        "requests.id, people.alias, requests.state, requests.kind, requests.topic, requests.heavy, requests.wishes, "
        "requests.language, requests.site, requests.risk, requests.opened_at, requests.matched_at, "
        "requests.previous, requests.round, requests.left_message, "
        "(SELECT count(*) FROM offers WHERE offers.request = requests.id AND offers.state = 'open'), requests.version"
    ),
    source="requests JOIN people ON people.id = requests.student",
    key="requests.id",
    sorts={"opened_at": "requests.opened_at", "risk": "requests.risk"},
    filters={
        "state": "requests.state = :state",
        "kind": "requests.kind = :kind",
        "topic": "requests.topic = :topic",
        "site": "requests.site = :site",
        "language": "requests.language = :language",
        "level": "requests.risk = :level",
        "shown_to": withheld.not_from("requests.student"),
        "id": "requests.id = :id",
    },
    default="-opened_at",
)

CHATS = Listing(
    name="chats",
    columns=(
        "chats.id, chats.request, chats.alias, staff.id, "
        # A counselor's display name lies sealed; it is not for everybody who may read this list.
        "CASE WHEN chats.role = 'counselor' THEN COALESCE(staff.alias, '') ELSE chats.helper_alias END, "
        "chats.role, chats.case_id, chats.state, "
        "chats.reason, chats.opened_at, chats.ended_at, chats.student_at, chats.helper_at, chats.unanswered_at, "
        "chats.version"
    ),
    source="chats LEFT JOIN staff ON staff.person_id = chats.helper",
    key="chats.id",
    sorts={"opened_at": "chats.opened_at", "ended_at": "COALESCE(chats.ended_at, 0)"},
    filters={
        "state": "chats.state = :state",
        "role": "chats.role = :role",
        "helper": "staff.id = :helper",
        "case": "chats.case_id = :case",
        "shown_to": withheld.not_from("chats.student"),
        "unanswered": "(chats.unanswered_at IS NOT NULL) = (:unanswered = 1)",
        "id": "chats.id = :id",
    },
    default="-opened_at",
)


def _request(row: Sequence[object]) -> RequestRow:
    values = list(row)
    values[6] = tuple(json.loads(str(values[6] or "[]")))
    values[14] = bool(values[14])
    made = RequestRow(*values)  # type: ignore[arg-type]  # the listing's columns are these fields, in this order
    return made


def requests(tx: Tx, ask: Ask) -> Page[RequestRow]:
    """One page of requests."""
    found = page(tx, REQUESTS, ask)
    return Page([_request(row) for row in found.items], found.next_cursor)


def refuse_kept_from(tx: Tx, acting: Acting, kind: str, id: str, staff: str) -> bool:
    """Whether this request or chat (`kind`) is of a student who keeps the person of the roster with this id away: then
    that they asked is an audit entry, and they are to be refused."""
    kept = withheld.kept_request if kind == "request" else withheld.kept_chat
    if not kept(tx, id, staff):
        return False
    audit.record(tx, actor=acting.actor, action=f"{kind}.refused", object=f"{kind}:{id}", detail={}, now=acting.now)
    return True


def request(tx: Tx, id: str) -> RequestRow:
    """Raises Missing."""
    found = requests(tx, Ask(limit=1, filters={"id": id})).items
    if not found:
        raise Missing("There is no such request.")
    return found[0]


def chats(tx: Tx, ask: Ask) -> Page[ChatRow]:
    """One page of chats."""
    found = page(tx, CHATS, ask)
    return Page([ChatRow(*row) for row in found.items], found.next_cursor)


def chat(tx: Tx, id: str) -> ChatRow:
    """Raises Missing."""
    found = chats(tx, Ask(limit=1, filters={"id": id})).items
    if not found:
        raise Missing("There is no such chat.")
    return found[0]
