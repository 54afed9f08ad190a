"""What changes slowly, and what the machine has left."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily

from bot import retention
from bot.condition import Disk, Standing
from bot.metrics.queues import Metric, gauge

LEASES = ("telegram.polling", retention.LEASE)


def of_standing(found: Standing) -> Iterator[Metric]:
    """Duty, directory, certificates, processes."""
    yield gauge("sebaya_duty_gap", "1 while no counselor is on duty.", int(found.on_duty == 0))
    yield gauge(
        "sebaya_duty_next_gap_seconds",
        "Seconds until no counselor has a shift; 604800 when there is no gap within a week.", found.next_gap / 1000,
    )  # fmt: skip
    yield gauge("sebaya_crisis_numbers", "Entries of the directory that a crisis answer may show.", found.numbers)
    yield gauge("sebaya_crisis_numbers_expired", "1 when only an expired one is left.", int(found.expired))
    yield gauge("sebaya_directory_to_check", "Entries of the directory that are old or expire soon.", found.to_check)
    yield gauge("sebaya_certificates_expired", "Active supporters whose certificate has ended.",
                found.certificates_expired)  # fmt: skip
    yield gauge("sebaya_certificates_expiring", "Active supporters whose certificate ends within a week.",
                found.certificates_expiring)  # fmt: skip
    yield gauge("sebaya_clock_skew_seconds", "How far this machine's clock is ahead of the database's.",
                found.skew / 1000)  # fmt: skip
    yield gauge("sebaya_processes", "Worker and web processes that live; 1 on SQLite.", max(1, found.processes))
    leases = GaugeMetricFamily("sebaya_lease_held", "1 while some process has this lease.", labels=("lease",))
    for name in LEASES:
        leases.add_metric((name,), int(name in found.leases))
    yield leases
    yield gauge("sebaya_retention_last_run_timestamp_seconds", "When words were last forgotten; 0 for never.",
                (found.retained or 0) / 1000)  # fmt: skip


def of_disk(found: Disk | None) -> Iterator[Metric]:
    """Nothing for a store that is not on this machine's own disk."""
    if found is not None:
        yield gauge("sebaya_disk_free_bytes", "Free on the volume of the database.", found.free)
        yield gauge("sebaya_disk_total_bytes", "Size of the volume of the database.", found.total)
        yield gauge("sebaya_store_bytes", "Size of the database with its log.", found.used)
