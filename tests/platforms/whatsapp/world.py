"""The state of one business number: people, what stands on their phones, media, and what is to be told to the bot."""

from __future__ import annotations

import base64
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.platforms.telegram.clock import Clock
from tests.platforms.telegram.waking import Waking

from .errors import ApiError
from .messages import Bubble, bubble

if TYPE_CHECKING:
    from .person import Person

Json = dict[str, Any]
WINDOW = 24 * 3600.0


@dataclass(eq=False)
class Request:
    """One request of the bot. `method`: messages, media, read, fetch, download, number, templates. `status` is the HTTP
    status answered, 0 if the connection was closed unanswered; `done` whether it was carried out."""

    method: str
    path: str
    body: bytes
    json: Json
    query: dict[str, str]
    at: float
    to: Person | None = None
    status: int = 0
    done: bool = False
    fault: str = ""
    code: int = 0
    file_name: str = ""
    content: bytes = b""


@dataclass(eq=False)
class Pending:
    """Something that the bot is to be told: a message or a status of `person`, dated in seconds."""

    kind: str  # messages | statuses
    item: Json
    contact: Json | None


@dataclass
class Settings:
    """How this number behaves; a test may change it at any time."""

    statuses: tuple[str, ...] = ("sent", "delivered")
    late_refusals: bool = False  # 131047 and 131026 come as failed statuses, after a 200
    pair_limit: bool = False  # one message every 6 s to each person, bursts of 45
    templates: set[tuple[str, str]] = field(
        default_factory=lambda: {("sebaya_continue", "id"), ("sebaya_continue", "en")}
    )
    paused: set[tuple[str, str]] = field(default_factory=set)
    known: bool = True  # whether the phone number id exists


class World:
    """One number. Every access holds `lock`."""

    def __init__(self, token: str, phone_id: str, waba_id: str, secret: str, clock: Clock) -> None:
        self.lock = threading.RLock()
        self.waking = Waking(self.lock)
        self.token, self.phone_id, self.waba_id, self.secret = token, phone_id, waba_id, secret
        self.clock = clock
        self.settings = Settings()
        self.people: list[Person] = []
        self.media: dict[str, tuple[bytes, str, str]] = {}
        self.sent: dict[str, tuple[Person, Bubble]] = {}
        self.reads: list[str] = []
        self.typing: list[str] = []
        self.requests: list[Request] = []
        self.outgoing: list[Pending] = []
        self.log: list[Pending] = []
        self.held = False
        self.open = 0
        self._numbers = itertools.count(1)
        self._pairs: dict[Person, list[float]] = {}

    @contextmanager
    def change(self) -> Iterator[float]:
        """Hold the lock, yield the present moment, and wake all waiters afterwards."""
        with self.lock:
            yield self.clock.now()
        self.waking.wake()

    def number(self) -> int:
        """A number never given before in this world."""
        return next(self._numbers)

    def wamid(self) -> str:
        """The id of a new message, as opaque as Meta's."""
        raw = f"HBgN{self.number():012d}{self.phone_id}".encode()
        return "wamid." + base64.b64encode(raw).decode()

    def keep(self, data: bytes, mime: str, name: str = "") -> str:
        """Store media; its id."""
        id = str(700_000_000_000_000 + self.number())
        self.media[id] = (data, mime, name)
        return id

    def tell(self, kind: str, item: Json, contact: Json | None) -> Pending:
        """Queue something for the webhook."""
        pending = Pending(kind, item, contact)
        self.outgoing.append(pending)
        self.log.append(pending)
        return pending

    # --- what the bot sends ---

    def whom(self, request: Json) -> Person | None:
        """Who is meant by `recipient` (an id) or `to` (a phone)."""
        to, recipient = str(request.get("to") or ""), str(request.get("recipient") or "")
        for person in self.people:
            if (recipient and recipient == person.user_id) or (to and to.lstrip("+") == person.phone):
                return person
        return None

    def take(self, request: Json, now: float) -> Json:
        """Carry a message out. Raises ApiError."""
        if not request.get("to") and not request.get("recipient"):
            raise ApiError(131008, "either to or recipient")
        made = bubble(self.wamid(), request, self.media)
        made.at = now
        if made.type == "template":
            known = (made.template, made.language)
            if known in self.settings.paused:
                raise ApiError(132015)
            if known not in self.settings.templates:
                raise ApiError(132001)
        person = self.whom(request)
        refusal = self._refusal(person, made, now)
        if refusal is not None and not self.settings.late_refusals:
            raise refusal
        if self.settings.pair_limit and person is not None:
            self._pace(person, now)
        contact: Json = {"input": request.get("to") or request.get("recipient")}
        if person is not None and refusal is None:
            person.inbox.append(made)
            self.sent[made.id] = (person, made)
            contact |= {"wa_id": person.phone} if request.get("to") else {"user_id": person.user_id}
            if not person.away:
                for state in self.settings.statuses:
                    self.status(person, made, state)
        elif refusal is not None:
            self.fail(person, made, refusal, request)
        return {"messaging_product": "whatsapp", "contacts": [contact],
                "messages": [{"id": made.id, "message_status": "accepted"}]}  # fmt: skip

    def _refusal(self, person: Person | None, made: Bubble, now: float) -> ApiError | None:
        if person is None or person.gone:
            return ApiError(131026)
        if made.type != "template" and now >= person.wrote_at + WINDOW:
            return ApiError(131047)
        return None

    def _pace(self, person: Person, now: float) -> None:
        """One message every 6 s, up to 45 of them borrowed in advance."""
        times = [at for at in self._pairs.get(person, []) if now - at < 45 * 6]
        if len(times) >= 45 or (len(times) > 1 and now < times[0] + 6 * (len(times) - 44)):
            raise ApiError(131056)
        self._pairs[person] = [*times, now]

    def status(self, person: Person, made: Bubble, state: str) -> Pending:
        """Queue a status of a message."""
        made.status = state
        item: Json = {"id": made.id, "status": state, "timestamp": str(int(self.clock.now()))}
        if person.tells_phone:
            item["recipient_id"] = person.phone
        if person.user_id:
            item["recipient_user_id"] = person.user_id
        if state in ("sent", "delivered"):
            item["pricing"] = {"billable": False, "pricing_model": "PMP", "category": "service", "type": "regular"}
        return self.tell("statuses", item, person.contact(profile=False))

    def fail(self, person: Person | None, made: Bubble, error: ApiError, request: Json | None = None) -> Pending:
        """Queue the failed status of a message."""
        made.status = "failed"
        item: Json = {
            "id": made.id,
            "status": "failed",
            "timestamp": str(int(self.clock.now())),
            "errors": [error.in_status()],
        }
        if person is not None and person.user_id:
            item["recipient_user_id"] = person.user_id
        to = person.phone if person is not None else str((request or {}).get("to") or "")
        if to:
            item["recipient_id"] = to
        return self.tell("statuses", item, person.contact(profile=False) if person is not None else None)
