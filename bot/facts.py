"""The lookups of `flows.facts`, answered by constant statements inside the step's own transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import median
from zoneinfo import ZoneInfo

from bot import directory, linking, people, withheld
from bot.ids import Ids
from bot.store import entities
from bot.store.db import Row, Tx
from bot.window import WINDOWS
from flows.facts import Number, OnDuty, Policy, Ready, Staff, Waiting
from flows.snapshot import Case, Chat, Desk, Offer, Request
from flows.support.matching import AGEING

DAY = 24 * 60 * 60 * 1000
HOUR = 60 * 60 * 1000
ESTIMATE_DAYS = 30
ESTIMATE_LEAST = 5
ESTIMATE_MOST = 500

_OPEN_CASE = f"{entities.CASES.select} WHERE student = :student AND state <> 'resolved'"
_LAST_CASE = (
    f"{entities.CASES.select} WHERE student = :student AND state = 'resolved' "
    "ORDER BY resolved_at DESC, opened_at DESC, id DESC LIMIT 1"
)
_PAGING_CASES = f"{entities.CASES.select} WHERE state = 'paging' ORDER BY level DESC, opened_at, id"
_OWNED_CASES = (
    f"{entities.CASES.select} WHERE state <> 'resolved' AND (owner = :person OR asking <> '[]') ORDER BY opened_at, id"
)
_OFFERS_TO = f"{entities.OFFERS.select} WHERE helper = :helper AND state = 'open' ORDER BY created_at, id"
_OPEN_OFFERS = f"{entities.OFFERS.select} WHERE request = :request AND state = 'open' ORDER BY created_at, id"
_OPEN_CHATS = f"{entities.CHATS.select} WHERE helper = :helper AND state = 'open' ORDER BY opened_at, id"
_OPEN_CHAT_OF = f"{entities.CHATS.select} WHERE student = :student AND state = 'open'"
_OPEN_REQUEST_OF = f"{entities.REQUESTS.select} WHERE student = :student AND state = 'waiting'"

_REACHED = (
    "EXISTS (SELECT 1 FROM addresses WHERE addresses.person_id = staff.person_id AND addresses.reachable "
    "AND addresses.revoked_at IS NULL AND (addresses.expires_at IS NULL OR addresses.expires_at > :now))"
)
_ROSTER = (
    "SELECT staff.person_id, staff.id, staff.role, staff.alias, staff.name, staff.language, staff.languages, "
    "staff.gender, staff.site, staff.topics, staff.capacity, staff.status, staff.certified_until, people.key, "
    f"{_REACHED} AS reached"
)
_JOINED = "FROM staff JOIN people ON people.id = staff.person_id"
_STAFF = f"{_ROSTER} {_JOINED} WHERE staff.person_id = :person AND staff.status <> 'removed'"
_ALL_STAFF = (
    f"{_ROSTER} {_JOINED} WHERE staff.role = :role AND staff.status = 'active' AND people.erased_at IS NULL "
    f"AND {_REACHED} ORDER BY staff.created_at, staff.person_id"
)
_ROTA = (
    "COALESCE((SELECT min(CASE shifts.rank WHEN 'primary' THEN 0 ELSE 1 END) FROM shifts "
    "WHERE shifts.staff_id = staff.id AND shifts.starts_at <= :now AND shifts.ends_at > :now), 2)"
)
_LOAD = "(SELECT count(*) FROM chats WHERE chats.helper = staff.person_id AND chats.state = 'open')"
_DUTY_WHERE = (
    "WHERE staff.role = :role AND staff.status = 'active' AND people.on_duty AND people.erased_at IS NULL "
    "AND (people.paused_until IS NULL OR people.paused_until <= :now) "
    f"AND {_REACHED} ORDER BY rota, people.duty_since, staff.person_id"
)
_ON_DUTY = f"{_ROSTER}, people.desk, {_LOAD} AS load, {_ROTA} AS rota {_JOINED} {_DUTY_WHERE}"
_READY = (
    f"{_ROSTER}, people.desk, {_LOAD} AS load, {_ROTA} AS rota, "  # noqa: S608 - constants of this file
    "(SELECT count(*) FROM offers WHERE offers.helper = staff.person_id AND offers.state = 'open') AS offers, "
    "(SELECT max(offers.created_at) FROM offers WHERE offers.helper = staff.person_id) AS last_offer "
    f"{_JOINED} {_DUTY_WHERE}"
)

# flows.support.matching.urgency in SQL: how long somebody has waited lifts them, by at most three levels.
_URGENCY = (
    "(CASE WHEN requests.risk + (:now - requests.opened_at) / :ageing > 3 THEN 3 "
    "WHEN requests.opened_at > :now THEN requests.risk "
    "ELSE requests.risk + (:now - requests.opened_at) / :ageing END)"
)
_POSITION = (
    f"WITH mine AS (SELECT id, kind, opened_at, {_URGENCY} AS urgency FROM requests WHERE id = :id) "  # noqa: S608 - constants of this file
    "SELECT count(*) FROM requests, mine WHERE requests.state = 'waiting' AND requests.kind = mine.kind "
    f"AND requests.id <> mine.id AND ({_URGENCY} > mine.urgency OR ({_URGENCY} = mine.urgency "
    "AND (requests.opened_at < mine.opened_at OR (requests.opened_at = mine.opened_at AND requests.id < mine.id))))"
)
_WAITING = (
    f"{entities.REQUESTS.select.replace(' FROM requests', '')}, people.alias, "  # noqa: S608 - constants of this file
    "EXISTS (SELECT 1 FROM cases WHERE cases.student = requests.student AND cases.state <> 'resolved') AS paged "
    "FROM requests JOIN people ON people.id = requests.student WHERE requests.state = 'waiting' "
    f"ORDER BY {_URGENCY} DESC, requests.opened_at, requests.id LIMIT :most"
)
_OFFERED = (
    "SELECT request, helper, count(*), max(created_at), max(CASE state WHEN 'passed' THEN created_at ELSE 0 END), "
    "max(CASE state WHEN 'open' THEN 1 ELSE 0 END) FROM offers WHERE request IN :requests GROUP BY request, helper"
)
_PAIRED = "SELECT student_id, helper_id, again FROM pairings WHERE student_id IN :students"
# The same hour of each of the last days, one index range a day. A request that continues a chat has waited elsewhere.
_WAITS = (
    "WITH RECURSIVE past(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM past WHERE n < :days) "
    "SELECT requests.matched_at - requests.opened_at FROM past JOIN requests "
    "ON requests.opened_at >= :hour - past.n * :day AND requests.opened_at < :hour + :length - past.n * :day "
    "WHERE requests.matched_at IS NOT NULL AND requests.previous IS NULL LIMIT :most"
)
_NEXT_DUTY = (
    "SELECT min(shifts.starts_at) FROM shifts JOIN staff ON staff.id = shifts.staff_id "
    "WHERE staff.role = 'supporter' AND staff.status = 'active' AND shifts.starts_at > :now"
)
_NEWEST = (
    "SELECT channel, window_until FROM addresses WHERE person_id = :person AND reachable AND revoked_at IS NULL "
    "AND (expires_at IS NULL OR expires_at > :now) ORDER BY COALESCE(last_in_at, 0) DESC, id DESC LIMIT 1"
)
_NEVER = "SELECT helper_id FROM pairings WHERE student_id = :student AND NOT again ORDER BY helper_id"
# What a new owner is shown: what the student wrote since then, held for somebody or relayed to somebody before.
_LINES = (
    "SELECT count(*) FROM messages WHERE person_id = :student AND created_at >= :since "
    "AND fate IN ('held', 'relayed') AND original_id IS NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlFacts:
    """`flows.facts.Facts` in one transaction at `now` (ms). `zone` is where days and hours are counted, `area` the
    deployment's (ISO 3166-2, or empty), `text` the catalogue: (language, key) to text."""

    tx: Tx
    policy: Policy
    now: int
    ids: Ids
    zone: ZoneInfo
    text: Callable[[str, str, Mapping[str, str | int] | None], str]
    area: str = ""

    def new_id(self) -> str:
        return self.ids.id()

    # --- what people share --------------------------------------------------------------------------------------------

    def request(self, id: str) -> Request | None:
        return entities.get(self.tx, Request, id)

    def offer(self, id: str) -> Offer | None:
        return entities.get(self.tx, Offer, id)

    def chat(self, id: str) -> Chat | None:
        return entities.get(self.tx, Chat, id)

    def case(self, id: str) -> Case | None:
        return entities.get(self.tx, Case, id)

    def open_case(self, student: int) -> Case | None:
        return self._case(self.tx.one(_OPEN_CASE, student=student))

    def last_case(self, student: int) -> Case | None:
        return self._case(self.tx.one(_LAST_CASE, student=student))

    def _case(self, row: Row | None) -> Case | None:
        return None if row is None else entities.CASES.read(self.tx, row)

    def paging_cases(self) -> Sequence[Case]:
        return [entities.CASES.read(self.tx, row) for row in self.tx.all(_PAGING_CASES)]

    def owned_cases(self, person: int) -> Sequence[Case]:
        found = [entities.CASES.read(self.tx, row) for row in self.tx.all(_OWNED_CASES, person=person)]
        return [case for case in found if case.owner == person or person in case.asking]

    def open_offers(self, request: str) -> Sequence[Offer]:
        return [entities.OFFERS.read(self.tx, row) for row in self.tx.all(_OPEN_OFFERS, request=request)]

    def offers_to(self, helper: int) -> Sequence[Offer]:
        return [entities.OFFERS.read(self.tx, row) for row in self.tx.all(_OFFERS_TO, helper=helper)]

    def open_chats(self, helper: int) -> Sequence[Chat]:
        return [entities.CHATS.read(self.tx, row) for row in self.tx.all(_OPEN_CHATS, helper=helper)]

    def open_chat_of(self, student: int) -> Chat | None:
        row = self.tx.one(_OPEN_CHAT_OF, student=student)
        return None if row is None else entities.CHATS.read(self.tx, row)

    def open_request_of(self, student: int) -> Request | None:
        row = self.tx.one(_OPEN_REQUEST_OF, student=student)
        return None if row is None else entities.REQUESTS.read(self.tx, row)

    # --- the roster ---------------------------------------------------------------------------------------------------

    def staff(self, person: int) -> Staff | None:
        row = self.tx.one(_STAFF, person=person, now=self.now)
        return None if row is None else _staff(self.tx, row)

    def on_duty(self, role: str) -> Sequence[OnDuty]:
        return [_on_duty(self.tx, row) for row in self.tx.all(_ON_DUTY, role=role, now=self.now)]

    def all_staff(self, role: str) -> Sequence[Staff]:
        return [_staff(self.tx, row) for row in self.tx.all(_ALL_STAFF, role=role, now=self.now)]

    def next_duty(self) -> int | None:
        found = self.tx.value(_NEXT_DUTY, now=self.now)
        return None if found is None else int(found)

    # --- the queue ----------------------------------------------------------------------------------------------------

    def position(self, request: str) -> int:
        return 1 + int(self.tx.value(_POSITION, id=request, now=self.now, ageing=AGEING))

    def estimate(self) -> int | None:
        here = datetime.fromtimestamp(self.now / 1000, UTC).astimezone(self.zone)
        hour = self.now - (here.minute * 60 + here.second) * 1000 - self.now % 1000
        waits = [
            row[0]
            for row in self.tx.all(_WAITS, days=ESTIMATE_DAYS - 1, hour=hour, length=HOUR, day=DAY, most=ESTIMATE_MOST)
        ]
        return int(median(waits)) if len(waits) >= ESTIMATE_LEAST else None

    def lines_since(self, student: int, since: int) -> int:
        return int(self.tx.value(_LINES, student=student, since=since))

    # --- numbers ------------------------------------------------------------------------------------------------------

    def numbers(self, category: str, site: str | None = None) -> Sequence[Number]:
        return directory.for_crisis(self.tx, self._today(), category, site, self.area)

    def directory(self, site: str | None = None) -> Sequence[Number]:
        return directory.near(self.tx, self._today(), site, self.area)

    def _today(self) -> date:
        return directory.day(self.now, self.zone)

    # --- people -------------------------------------------------------------------------------------------------------

    def words(self, case: str) -> str:
        row = self.tx.one("SELECT student, words FROM cases WHERE id = :case", case=case)
        return "" if row is None else self.tx.text(row[0], row[1], "cases.words") or ""

    def language(self, person: int) -> str:
        return str(self.tx.value("SELECT language FROM people WHERE id = :person", person=person) or "id")

    def alias(self, person: int) -> str:
        return str(self.tx.value("SELECT alias FROM people WHERE id = :person", person=person) or "")

    def never_again(self, student: int) -> Sequence[int]:
        met = [row[0] for row in self.tx.all(_NEVER, student=student)]
        return sorted({*met, *self.withheld(student)})

    def withheld(self, student: int) -> frozenset[int]:
        return withheld.of(self.tx, student)

    def reachable(self, person: int) -> bool:
        return people.reachable(self.tx, person, self.now)

    def window(self, person: int) -> int | None:
        row = self.tx.one(_NEWEST, person=person, now=self.now)
        if row is None or row[0] not in WINDOWS:
            return None
        return int(row[1] or 0)

    def linked(self, code: str) -> int | None:
        return linking.who(self.tx, code, self.now)

    def storied(self, person: int) -> bool:
        return linking.storied(self.tx, person)

    def label(self, language: str, key: str, args: Mapping[str, str | int] | None = None) -> str:
        return self.text(language, key, args)

    def pranks(self, person: int) -> int:
        return int(self.tx.value("SELECT pranks FROM people WHERE id = :person", person=person) or 0)


def _staff(tx: Tx, row: Row) -> Staff:
    (
        person, id, role, alias, name, language, languages, gender, site, topics, capacity, status, certified_until,
        key, reached, *_,
    ) = row  # fmt: skip
    tx.keeper.prime(tx, person, key)
    # P1: a supporter's name is never opened where only their alias may be shown.
    shown = alias if role == "supporter" else tx.text(person, name, "staff.name") or alias
    return Staff(
        person=person, id=id, role=role, alias=alias, name=shown, language=language,
        languages=tuple(json.loads(languages)) or (language,), gender=gender, site=site,
        topics=tuple(json.loads(topics)), capacity=capacity, active=status == "active",
        certified_until=certified_until, reachable=bool(reached),
    )  # fmt: skip


def _on_duty(tx: Tx, row: Row) -> OnDuty:
    staff = _staff(tx, row)
    desk = Desk(person=staff.person, state="on") if row["desk"] is None else entities.read_desk(row["desk"])
    return OnDuty(staff, desk, row["load"], row["rota"])


# --- the matching round -----------------------------------------------------------------------------------------------


def waiting(tx: Tx, now: int, limit: int = 500) -> list[Waiting]:
    """The queue as the matching round sees it, most urgent first, in three statements."""
    rows = tx.all(_WAITING, now=now, ageing=AGEING, most=limit)
    if not rows:
        return []
    queue = [(entities.REQUESTS.read(tx, row), str(row["alias"]), bool(row["paged"])) for row in rows]
    open_: dict[str, set[int]] = {}
    offered: dict[str, dict[int, tuple[int, int, bool]]] = {}
    for request, helper, times, newest, passed_at, is_open in tx.all(
        _OFFERED, requests=[request.id for request, _, _ in queue]
    ):
        offered.setdefault(request, {})[helper] = (times, newest, passed_at == newest)
        if is_open:
            open_.setdefault(request, set()).add(helper)
    paired: dict[tuple[int, bool], set[int]] = {}
    for student, helper, again in tx.all(_PAIRED, students=[request.student for request, _, _ in queue]):
        paired.setdefault((student, bool(again)), set()).add(helper)
    kept = withheld.of_many(tx, [request.student for request, _, _ in queue])
    return [
        Waiting(
            request, alias, frozenset(open_.get(request.id, ())), offered.get(request.id, {}),
            frozenset((*paired.get((request.student, False), ()), *kept.get(request.student, ()))),
            frozenset(paired.get((request.student, True), ())),
            paged,
        )
        for request, alias, paged in queue
    ]  # fmt: skip


def ready(tx: Tx, now: int, role: str) -> list[Ready]:
    """Who of the role is on duty, with the offers they hold, in one statement."""
    return [
        Ready(_on_duty(tx, row), row["offers"], row["last_offer"] or 0) for row in tx.all(_READY, role=role, now=now)
    ]
