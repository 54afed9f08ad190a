"""The path of every message through this process: one line in the log for what came in, one for each thing that left,
and the durations behind the metrics. Numbers and words of the contract only (P3).

A line's `trace` is the number of the inbound in `inbox`. It stands with everything that the inbound caused, also what
leaves hours later: `sebaya trace` follows it through the store.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from bot.channels.base import Answer, Inbound, Refused, Result, Retry, Sent
from bot.histograms import COARSE, FINE, Histogram
from bot.store.db import Tx

if TYPE_CHECKING:
    from bot.outbox.rows import Row

log = logging.getLogger(__name__)

FIELDS = "fields"
"""The attribute of a log record that holds what the line says besides its words."""
TRACE: ContextVar[int | None] = ContextVar("trace", default=None)
"""The inbound that this thread is handling: lines that others log meanwhile carry it."""
QUEUED = "outbox.queued"
"""In `Tx.memo`: how many rows a transaction has queued."""
CALLS = 1_000
"""So many crisis texts are remembered until the first page for them has left."""
CLASSES = ("crisis", "ordinary")
LONG_WAITS = (1, 10, 100, 1_000)
"""The attempts of a row that are worth a line."""


def fields(**said: Any) -> dict[str, Any]:
    """What a line says besides its words, for `extra`."""
    return {FIELDS: said}


class Journal:
    """Notes what one process does. Called on the event loop, but for `Path.step`."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.stages = Histogram(FINE)
        self.inbound = Histogram(FINE)
        self.sends = Histogram(COARSE)
        self.pages = Histogram(COARSE)
        self.handled: Counter[tuple[str, str]] = Counter()
        self.results: Counter[tuple[str, str]] = Counter()
        self.slowed: Counter[str] = Counter()
        self.aside = 0
        self._calls: OrderedDict[int, int] = OrderedDict()

    def received(self, incoming: Inbound) -> Path:
        """An inbound has arrived."""
        return Path(self, incoming)

    def called(self, trace: int, at: int) -> None:
        """A crisis text came at `at` (ms): how long until somebody's phone is asked to ring?"""
        self._calls[trace] = at
        if len(self._calls) > CALLS:
            self._calls.popitem(last=False)

    def sent(self, row: Row, channel: str, result: Result) -> None:
        """What became of a row that was tried."""
        word = _word(result)
        self.results[channel, word] += 1
        if isinstance(result, Sent):
            self._left(row, channel)
        elif isinstance(result, Retry):
            if result.reason in ("slow_down", "throughput"):
                self.slowed[channel] += 1
            if row.attempts + 1 in LONG_WAITS:
                _line(logging.WARNING, "waits", row, channel, reason=result.reason, attempt=row.attempts + 1)
        elif isinstance(result, Refused):
            _line(logging.WARNING, word, row, channel, reason=result.reason)
        else:
            _line(logging.INFO, "window closed", row, channel)

    def pulled(self, row: Row) -> None:
        """A browser has acknowledged a row."""
        self.results["web", "sent"] += 1
        self._left(row, "web")

    def _left(self, row: Row, channel: str) -> None:
        now = self._clock()
        took = max(0, now - row.created_at)
        self.sends.observe(took / 1000, channel, CLASSES[row.cls])
        page = CLASSES[row.cls] == "crisis" and row.ref is not None and row.ref.startswith("case:")
        if page and row.cause is not None:
            since = self._calls.pop(row.cause, None)
            if since is not None:
                self.pages.observe(max(0, now - since) / 1000, channel)
        if log.isEnabledFor(logging.INFO):
            _line(logging.INFO, "page sent" if page else "sent", row, channel, ms=took)


def _word(result: Result) -> str:
    if isinstance(result, Sent):
        return "sent"
    if isinstance(result, Retry):
        return "retried"
    if isinstance(result, Refused):
        return "unreachable" if result.person else "refused"
    return "shut"


def _line(level: int, event: str, row: Row, channel: str, **more: Any) -> None:
    said: dict[str, Any] = {"trace": row.cause, "row": row.id, "kind": row.kind, "channel": channel,
                            "class": CLASSES[row.cls], "person": row.person_id}  # fmt: skip
    if row.chat_id is not None:
        said["chat"] = row.chat_id
    if row.case_id is not None:
        said["case"] = row.case_id
    said.update(more)
    _write(level, event, said)


def _write(level: int, event: str, said: dict[str, Any]) -> None:
    """As `log.log(level, event, extra=fields(**said))`, without the search for who calls: these lines are many."""
    if log.isEnabledFor(level):
        record = logging.LogRecord(log.name, level, __file__, 0, event, (), None)
        setattr(record, FIELDS, said)
        log.handle(record)


class Path:
    """One inbound on its way: what it is, and when it reached which stage."""

    __slots__ = ("_began", "_crisis", "_incoming", "_journal", "_now", "_queued", "_screened", "_start", "_stepped",
                 "_trace")  # fmt: skip

    def __init__(self, journal: Journal, incoming: Inbound) -> None:
        self._journal = journal
        self._incoming = incoming
        self._now = journal._clock()
        self._start = self._screened = self._began = self._stepped = time.perf_counter()
        self._crisis = False
        self._trace: int | None = None
        self._queued = 0
        _write(logging.DEBUG, "received", {"channel": incoming.channel, "kind": incoming.kind.value})

    def screened(self, crisis: bool) -> None:
        """It was assessed, and waits for its transaction; `crisis`: it overtakes."""
        self._screened = time.perf_counter()
        self._crisis = crisis

    def step(self, tx: Tx, handle: Callable[[], Answer]) -> Answer:
        """Run the transaction, in the store's thread."""
        self._began = time.perf_counter()
        try:
            answer = handle()
        finally:
            TRACE.set(None)
        self._trace = tx.cause
        self._queued = tx.memo.get(QUEUED, 0)
        self._stepped = time.perf_counter()
        return answer

    def committed(self, answer: Answer) -> Answer:
        """It is stored, with all that it causes."""
        end = time.perf_counter()
        journal, incoming = self._journal, self._incoming
        stages = journal.stages.observe
        stages(self._screened - self._start, "screen")
        stages(self._began - self._screened, "queue")
        stages(self._stepped - self._began, "step")
        stages(end - self._stepped, "commit")
        journal.inbound.observe(end - self._start, "crisis" if self._crisis else "ordinary")
        journal.handled[incoming.channel, "new" if answer.fresh else "repeated"] += 1
        trace = self._trace
        if trace is None or not answer.fresh:
            return answer
        if self._crisis:
            journal.called(trace, self._now)
        if log.isEnabledFor(logging.INFO):
            _write(logging.INFO, "handled", {
                "trace": trace, "channel": incoming.channel, "kind": incoming.kind.value,
                "class": "crisis" if self._crisis else "ordinary", "queued": self._queued,
                "screen_ms": _ms(self._screened - self._start), "queue_ms": _ms(self._began - self._screened),
                "step_ms": _ms(self._stepped - self._began), "commit_ms": _ms(end - self._stepped),
            })  # fmt: skip
        return answer

    def set_aside(self, answer: Answer, reason: str) -> Answer:
        """It could not be processed, and waits for a human (M6). `reason` is the name of an error."""
        self._journal.aside += 1
        incoming = self._incoming
        said = {"trace": self._trace, "channel": incoming.channel, "kind": incoming.kind.value, "reason": reason}
        _write(logging.ERROR, "set aside", said)
        return answer


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
