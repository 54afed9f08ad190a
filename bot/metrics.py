"""Figures for Prometheus: what waits and for how long, what was sent and refused. Numbers and names of the contract
only, nothing about anybody (P3).

What all processes share is read from the store when it is asked for, once a second at most; what one process did is
counted in it. Ages are seconds; a process that stops working is seen by the ages rising.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.store.db import Row, Tx

if TYPE_CHECKING:
    from bot.app import App

Metric = CounterMetricFamily | GaugeMetricFamily

FRESH = 1_000
"""ms for which figures of the store are kept: nobody loads it by asking."""
CLASSES = {0: "crisis", 1: "ordinary"}

_OUTBOX = """SELECT outbox.cls, addresses.channel, count(*), min(outbox.created_at) FROM outbox
JOIN addresses ON addresses.id = outbox.address_id WHERE outbox.status = 0 AND addresses.revoked_at IS NULL
GROUP BY outbox.cls, addresses.channel"""
_CASES = "SELECT state, count(*), min(raised_at) FROM cases WHERE state <> 'resolved' GROUP BY state"
_REQUESTS = "SELECT kind, count(*), min(opened_at) FROM requests WHERE state = 'waiting' GROUP BY kind"
_CHATS = "SELECT count(*) FROM chats WHERE state = 'open'"
_ON_DUTY = """SELECT staff.role, count(*) FROM people JOIN staff ON staff.person_id = people.id
WHERE people.on_duty AND staff.status = 'active' GROUP BY staff.role"""
_ASIDE = "SELECT count(*) FROM aside WHERE state = 'open'"
_MAIL = "SELECT count(*), min(created_at) FROM mail"
_OVERDUE = "SELECT count(*), min(due_at) FROM timers WHERE due_at <= :now"
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
    aside: int = 0
    mail: tuple[int, int | None] = (0, None)
    overdue: tuple[int, int | None] = (0, None)
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
        aside=int(tx.value(_ASIDE)),
        mail=_pair(tx.one(_MAIL)),
        overdue=_pair(tx.one(_OVERDUE, now=now)),
        inbound=int(tx.value(_INBOUND) or 0),
    )


def _pair(row: Row | None) -> tuple[int, int | None]:
    return (0, None) if row is None else (int(row[0]), row[1])


class Metrics(Collector):
    """The registry of one App, filled anew when it is asked for."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._shared = Shared()
        self._up = 0
        self._reading = asyncio.Lock()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    async def fresh(self) -> CollectorRegistry:
        """The registry with figures of this moment. While the store does not answer, its last figures stand, and
        `sebaya_store_up` says so."""
        async with self._reading:
            now = self._app.clock()
            if not 0 <= now - self._shared.at < FRESH:
                try:
                    async with asyncio.timeout(5):
                        self._shared = await self._app.store.read(lambda tx: shared(tx, now))
                    self._up = 1
                except Exception:  # whatever keeps the store from answering, the other figures are still wanted
                    self._up = 0
        return self._registry

    def collect(self) -> Iterable[Metric]:
        yield from self._of_the_store()
        yield from self._of_this_process()

    def _of_the_store(self) -> Iterator[Metric]:
        held = self._shared
        now = self._app.clock()

        def age(since: int | None) -> float:
            return 0.0 if since is None else max(0, now - since) / 1000

        yield GaugeMetricFamily("sebaya_store_up", "1 when the database answered just now.", value=self._up)
        pending = GaugeMetricFamily("sebaya_outbox_pending", "Messages to be sent.", labels=("class", "channel"))
        oldest = GaugeMetricFamily(
            "sebaya_outbox_oldest_seconds", "Age of the oldest message to be sent.", labels=("class", "channel")
        )
        for cls, channel, count, since in held.outbox:
            labels = (CLASSES.get(cls, "other"), str(channel))
            pending.add_metric(labels, count)
            oldest.add_metric(labels, age(since))
        yield pending
        yield oldest
        cases = GaugeMetricFamily("sebaya_cases", "Cases that are not resolved.", labels=("state",))
        for state, count, _since in held.cases:
            cases.add_metric((str(state),), count)
        yield cases
        paging = min((since for state, _count, since in held.cases if state == "paging"), default=None)
        yield GaugeMetricFamily(
            "sebaya_case_paging_oldest_seconds", "How long the oldest unacknowledged case has paged.", value=age(paging)
        )
        requests = GaugeMetricFamily("sebaya_requests_waiting", "Students in the queue.", labels=("kind",))
        waiting = GaugeMetricFamily("sebaya_request_oldest_seconds", "The longest wait just now.", labels=("kind",))
        for kind, count, since in held.requests:
            requests.add_metric((str(kind),), count)
            waiting.add_metric((str(kind),), age(since))
        yield requests
        yield waiting
        yield GaugeMetricFamily("sebaya_chats_open", "Chats under way.", value=held.chats)
        duty = GaugeMetricFamily("sebaya_on_duty", "Staff on duty.", labels=("role",))
        for role, count in held.on_duty:
            duty.add_metric((str(role),), count)
        yield duty
        yield GaugeMetricFamily("sebaya_aside", "Messages set aside that wait for a human.", value=held.aside)
        yield GaugeMetricFamily("sebaya_mail_waiting", "Internal events not yet handled.", value=held.mail[0])
        yield GaugeMetricFamily("sebaya_mail_oldest_seconds", "Age of the oldest of them.", value=age(held.mail[1]))
        yield GaugeMetricFamily("sebaya_timers_overdue", "Timers that should have fired.", value=held.overdue[0])
        yield GaugeMetricFamily(
            "sebaya_timer_oldest_overdue_seconds", "How late the latest of them is.", value=age(held.overdue[1])
        )
        yield CounterMetricFamily("sebaya_inbound", "Messages taken in, by all processes.", value=held.inbound)

    def _of_this_process(self) -> Iterator[Metric]:
        app = self._app
        yield GaugeMetricFamily("sebaya_store_queue", "Transactions that wait here.", value=app.store.waiting())
        yield GaugeMetricFamily("sebaya_outbox_sending", "Recipients being sent to now.", value=app.dispatcher.busy)
        outcomes = CounterMetricFamily("sebaya_outbox", "What became of messages sent here.", labels=("outcome",))
        for outcome, count in sorted(app.dispatcher.counts.items()):
            outcomes.add_metric((outcome,), count)
        yield outcomes
        failures = CounterMetricFamily("sebaya_loop_failures", "Rounds of a worker loop that failed.", labels=("loop",))
        for loop, count in sorted(app.loops.failed.items()):
            failures.add_metric((loop,), count)
        yield failures
        yield GaugeMetricFamily(
            "sebaya_lexicon_version", "The version of the edited crisis rules in force here; 0: as shipped.",
            value=app.lexicon.number,
        )  # fmt: skip
        yield GaugeMetricFamily(
            "sebaya_lexicon_unusable", "1 while the newest version of the crisis rules cannot be used here.",
            value=int(bool(app.lexicon.trouble)),
        )  # fmt: skip
        yield CounterMetricFamily(
            "sebaya_words_missed", "Texts that a catalogue lacked.", value=sum(app.words.missed.values())
        )
        up = GaugeMetricFamily("sebaya_channel_up", "1 while the platform answers.", labels=("channel",))
        for name, channel in sorted(app.channels.items()):
            health = getattr(channel, "health", None)
            if health is not None:
                up.add_metric((name,), int(health.ok))
        yield up
