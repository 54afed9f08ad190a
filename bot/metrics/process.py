"""What this process did, and how long it took."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from bot.histograms import Histogram
from bot.metrics.queues import Metric, gauge

if TYPE_CHECKING:
    from bot.app import App
    from bot.journal import Journal
    from bot.semantic.service import Semantic


def of_process(app: App) -> Iterator[Metric]:
    """Counters since the process began, and its state now."""
    build = GaugeMetricFamily("sebaya_build_info", "Always 1.", labels=("version", "python", "store", "role"))
    build.add_metric((_version(), platform.python_version(), app.store.dialect, app.role), 1)
    yield build
    works = app.role != "web" and app.started and app.loops.running
    yield gauge("sebaya_worker_up", "1 while this process sends and fires timers.", int(works))
    yield gauge("sebaya_store_queue", "Transactions that wait here.", app.store.waiting())
    yield _counts("sebaya_store_failures", "Transactions that could not be stored.", "error", app.store.failures)
    yield _counts("sebaya_store_reruns", "Transactions that were run again.", "reason", app.store.reruns)
    yield gauge("sebaya_outbox_sending", "Recipients being sent to now.", app.dispatcher.busy)
    yield _counts("sebaya_outbox", "What became of messages sent here.", "outcome", app.dispatcher.counts)
    yield _counts("sebaya_loop_failures", "Rounds of a worker loop that failed.", "loop", app.loops.failed)
    yield CounterMetricFamily(
        "sebaya_words_missed", "Texts that a catalogue lacked.", value=sum(app.words.missed.values())
    )
    yield gauge(
        "sebaya_lexicon_version", "The version of the edited crisis rules in force here; 0: as shipped.",
        app.lexicon.number,
    )  # fmt: skip
    yield gauge(
        "sebaya_lexicon_unusable", "1 while the newest version of the crisis rules cannot be used here.",
        int(bool(app.lexicon.trouble)),
    )  # fmt: skip
    yield _counts("sebaya_retention_erased", "Rows whose words were forgotten here.", "what", app.retention.erased)
    channels = GaugeMetricFamily("sebaya_channel_up", "1 while the platform answers.", labels=("channel",))
    for name, channel in sorted(app.channels.items()):
        health = getattr(channel, "health", None)
        if health is not None:
            channels.add_metric((name,), int(health.ok))
    yield channels
    braked = GaugeMetricFamily(
        "sebaya_brake_seconds", "For how long a platform is sent nothing ordinary.", labels=("channel",)
    )
    now = app.clock()
    for channel_name, until in sorted(app.dispatcher.paused(now).items()):
        braked.add_metric((channel_name,), max(0, until - now) / 1000)
    yield braked
    if app.semantic is not None:
        yield from of_semantic(app.semantic)
    yield from of_journal(app.engine.journal)


def of_semantic(net: Semantic) -> Iterator[Metric]:
    """The second reading, where it is on."""
    yield CounterMetricFamily("sebaya_semantic_looked", "Texts that the semantic net has looked at.", value=net.looked)
    yield _counts("sebaya_semantic_skipped", "Texts that it has not: old, short, failed.", "why", net.skipped)
    yield _counts("sebaya_semantic_verdicts", "Cases it raised, and texts it wants looked at.", "verdict", net.verdicts)
    yield _histogram("sebaya_semantic_seconds", "What it took to look at one text.", (), net.seconds)


def of_journal(journal: Journal) -> Iterator[Metric]:
    """The path of messages."""
    handled = CounterMetricFamily("sebaya_handled", "Messages handled here.", labels=("channel", "what"))
    for labels, count in sorted(journal.handled.items()):
        handled.add_metric(labels, count)
    yield handled
    yield CounterMetricFamily("sebaya_set_aside", "Messages that could not be processed here.", value=journal.aside)
    sends = CounterMetricFamily("sebaya_sends", "Attempts to send, and how they ended.", labels=("channel", "result"))
    for labels, count in sorted(journal.results.items()):
        sends.add_metric(labels, count)
    yield sends
    yield _counts("sebaya_slowed", "Times that a platform asked for less (429).", "channel", journal.slowed)
    yield _histogram("sebaya_inbound_seconds", "From arrival to commit.", ("class",), journal.inbound)
    yield _histogram(
        "sebaya_inbound_stage_seconds",
        "Where the time goes: screen, queue (waits for its transaction), step, commit.", ("stage",), journal.stages,
    )  # fmt: skip
    yield _histogram(
        "sebaya_send_delay_seconds", "From queued to taken by the platform (web: to seen by the browser).",
        ("channel", "class"), journal.sends,
    )  # fmt: skip
    yield _histogram(
        "sebaya_page_delay_seconds", "From the arrival of a crisis text to the first page taken by a platform.",
        ("channel",), journal.pages,
    )  # fmt: skip


def _counts(name: str, help: str, label: str, counts: dict[str, int]) -> CounterMetricFamily:
    made = CounterMetricFamily(name, help, labels=(label,))
    for value, count in sorted(counts.items()):
        made.add_metric((value,), count)
    return made


def _histogram(name: str, help: str, labels: tuple[str, ...], held: Histogram) -> HistogramMetricFamily:
    made = HistogramMetricFamily(name, help, labels=labels)
    for values, buckets, total in held.read():
        made.add_metric(values, buckets, total)
    return made


def _version() -> str:
    try:
        return version("sebaya")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
