"""What all processes share: queues and their ages, read from the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from bot.store.db import Row, Tx

Metric = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
CLASSES = {0: "crisis", 1: "ordinary"}
OPEN_CASES = ("paging", "acknowledged", "taken")

_OUTBOX = """SELECT outbox.cls, addresses.channel, count(*),
min(CASE WHEN outbox.reason = 'window' THEN NULL ELSE outbox.created_at END),
sum(CASE WHEN outbox.reason = 'window' THEN 1 ELSE 0 END) FROM outbox
JOIN addresses ON addresses.id = outbox.address_id WHERE outbox.status = 0 AND addresses.revoked_at IS NULL
GROUP BY outbox.cls, addresses.channel"""
_CASES = "SELECT state, count(*), min(raised_at) FROM cases WHERE state <> 'resolved' GROUP BY state"
_REQUESTS = "SELECT kind, count(*), min(opened_at) FROM requests WHERE state = 'waiting' GROUP BY kind"
_CHATS = "SELECT count(*) FROM chats WHERE state = 'open'"
_ON_DUTY = """SELECT staff.role, count(*) FROM people JOIN staff ON staff.person_id = people.id
WHERE people.on_duty AND staff.status = 'active' GROUP BY staff.role"""
_ASIDE = "SELECT count(*), min(created_at) FROM aside WHERE state = 'open'"
_MAIL = "SELECT count(*), min(created_at) FROM mail"
_OVERDUE = "SELECT count(*), min(due_at) FROM timers WHERE due_at <= :now"
_REVIEWS = "SELECT count(*) FROM reviews WHERE state = 'open'"
_INBOUND = "SELECT max(id) FROM inbox"


@dataclass(frozen=True, slots=True)
class Shared:
    """What the store held at `at` (ms)."""

    at: int = 0
    outbox: list[Row] = field(default_factory=list)
    cases: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    chats: int = 0
    on_duty: list[Row] = field(default_factory=list)
    aside: tuple[int, int | None] = (0, None)
    mail: tuple[int, int | None] = (0, None)
    overdue: tuple[int, int | None] = (0, None)
    reviews: int = 0
    inbound: int = 0


def shared(tx: Tx, now: int) -> Shared:
    """Look into the store."""
    return Shared(
        at=now,
        outbox=tx.all(_OUTBOX),
        cases=tx.all(_CASES),
        requests=tx.all(_REQUESTS),
        chats=int(tx.value(_CHATS)),
        on_duty=tx.all(_ON_DUTY),
        aside=_pair(tx.one(_ASIDE)),
        mail=_pair(tx.one(_MAIL)),
        overdue=_pair(tx.one(_OVERDUE, now=now)),
        reviews=int(tx.value(_REVIEWS)),
        inbound=int(tx.value(_INBOUND) or 0),
    )


def _pair(row: Row | None) -> tuple[int, int | None]:
    return (0, None) if row is None else (int(row[0]), row[1])


def gauge(name: str, help: str, value: float) -> GaugeMetricFamily:
    """A figure without labels."""
    return GaugeMetricFamily(name, help, value=value)


def of_shared(held: Shared, now: int) -> Iterator[Metric]:
    """The figures of the store at `now` (ms); ages grow while it cannot be asked."""

    def age(since: int | None) -> float:
        return 0.0 if since is None else max(0, now - since) / 1000

    pending = GaugeMetricFamily("sebaya_outbox_pending", "Messages to be sent.", labels=("class", "channel"))
    oldest = GaugeMetricFamily(
        "sebaya_outbox_oldest_seconds", "Age of the oldest message that could be sent.", labels=("class", "channel")
    )
    window = GaugeMetricFamily(
        "sebaya_outbox_held", "Messages that wait for their person to write, because a platform's window is closed.",
        labels=("class", "channel"),
    )  # fmt: skip
    for cls, channel, count, since, waiting in held.outbox:
        labels = (CLASSES.get(cls, "other"), str(channel))
        pending.add_metric(labels, count)
        oldest.add_metric(labels, age(since))
        window.add_metric(labels, int(waiting or 0))
    yield from (pending, oldest, window)
    cases = GaugeMetricFamily("sebaya_cases", "Cases that are not resolved.", labels=("state",))
    found = {str(state): int(count) for state, count, _since in held.cases}
    for state in sorted({*OPEN_CASES, *found}):
        cases.add_metric((state,), found.get(state, 0))
    yield cases
    paging = min((since for state, _count, since in held.cases if state == "paging"), default=None)
    yield gauge("sebaya_pages_unacknowledged", "Cases for which people are paged and nobody has said: I have it.",
                found.get("paging", 0))  # fmt: skip
    yield gauge("sebaya_case_paging_oldest_seconds", "How long the oldest unacknowledged case has paged.", age(paging))
    requests = GaugeMetricFamily("sebaya_requests_waiting", "Students in the queue.", labels=("kind",))
    longest = GaugeMetricFamily("sebaya_request_oldest_seconds", "The longest wait just now.", labels=("kind",))
    waits = {str(kind): (count, since) for kind, count, since in held.requests}
    for kind in sorted({"peer", "counselor", *waits}):
        count, since = waits.get(kind, (0, None))
        requests.add_metric((kind,), count)
        longest.add_metric((kind,), age(since))
    yield from (requests, longest)
    yield gauge("sebaya_chats_open", "Chats under way.", held.chats)
    duty = GaugeMetricFamily("sebaya_on_duty", "Staff on duty.", labels=("role",))
    on = {str(role): count for role, count in held.on_duty}
    for role in sorted({"supporter", "counselor", "coordinator", *on}):
        duty.add_metric((role,), on.get(role, 0))
    yield duty
    yield gauge("sebaya_aside", "Messages set aside that wait for a human.", held.aside[0])
    yield gauge("sebaya_aside_oldest_seconds", "Age of the oldest of them.", age(held.aside[1]))
    yield gauge("sebaya_reviews_open", "Texts that the semantic net wants a counselor to look at.", held.reviews)
    yield gauge("sebaya_mail_waiting", "Internal events not yet handled.", held.mail[0])
    yield gauge("sebaya_mail_oldest_seconds", "Age of the oldest of them.", age(held.mail[1]))
    yield gauge("sebaya_timers_overdue", "Timers that should have fired.", held.overdue[0])
    yield gauge("sebaya_timer_oldest_overdue_seconds", "How late the latest of them is.", age(held.overdue[1]))
    yield CounterMetricFamily("sebaya_inbound", "Messages taken in, by all processes.", value=held.inbound)
