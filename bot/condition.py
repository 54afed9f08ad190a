"""How a deployment stands, in figures: for /metrics, /readyz and `sebaya doctor`. What changes slowly (rota, directory,
certificates) is `standing`; what must not wait is `stuck`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import directory, retention, shifts
from bot.leases import PROCESS
from bot.store.db import Tx, sqlite_path

DAY = 24 * 3_600_000
AHEAD = 7 * DAY
"""ms ahead in which gaps of the rota, and what expires, are named."""
LATE = 60_000
"""ms after which a timer that has not fired shows that nobody works, and a crisis message is stuck."""
STUCK = 600_000
"""ms after which an ordinary message that has not left is stuck."""
SKEWED = 5_000
"""ms by which this machine's clock may differ from the database's."""
LITTLE_BYTES, LITTLE_SHARE = 256 * 1024 * 1024, 0.02
"""A disk with less than either left is nearly full: the database grows, and a backup needs its size once more."""

_STANDBY = """SELECT count(*) FROM people JOIN staff ON staff.person_id = people.id
WHERE people.on_duty AND staff.role = 'counselor' AND staff.status = 'active'"""
_CERTIFICATES = """SELECT sum(CASE WHEN certified_until < :now THEN 1 ELSE 0 END),
sum(CASE WHEN certified_until >= :now AND certified_until < :soon THEN 1 ELSE 0 END)
FROM staff WHERE role = 'supporter' AND status = 'active'"""
_LEASES = "SELECT name FROM leases WHERE until_at >= :now AND until_at <= :far ORDER BY name"
_OVERDUE = "SELECT MIN(due_at) FROM timers WHERE due_at < :late"
_OLDEST = """SELECT MIN(outbox.created_at) FROM outbox JOIN addresses ON addresses.id = outbox.address_id
WHERE outbox.status = 0 AND outbox.cls = :cls AND addresses.channel <> 'web' AND addresses.revoked_at IS NULL
AND (outbox.reason IS NULL OR outbox.reason <> 'window')"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`next_gap`: ms until no counselor has a shift (AHEAD when there is none in that time); `numbers` that a crisis
    answer may show, `expired` when only the last, old one is left; `skew`: ms by which this machine is ahead of the
    database; `retained`: when words were last forgotten (ms)."""

    on_duty: int = 0
    next_gap: int = AHEAD
    numbers: int = 0
    expired: bool = False
    to_check: int = 0
    certificates_expired: int = 0
    certificates_expiring: int = 0
    skew: int = 0
    processes: int = 0
    leases: tuple[str, ...] = ()
    retained: int | None = None


def standing(tx: Tx, now: int, zone: ZoneInfo, area: str) -> Standing:
    """What changes slowly."""
    today = directory.day(now, zone)
    shown = directory.for_crisis(tx, today, "suicide", None, area or None)
    gaps = shifts.gaps(tx, now, now + AHEAD)
    moment = tx.moment(now)
    certificates = tx.one(_CERTIFICATES, now=now, soon=now + AHEAD)
    expired, expiring = certificates if certificates is not None else (0, 0)
    leases = [str(row[0]) for row in tx.all(_LEASES, now=moment, far=moment + 60_000)]
    return Standing(
        on_duty=int(tx.value(_STANDBY)),
        next_gap=gaps[0][0] - now if gaps else AHEAD,
        numbers=len(shown),
        expired=bool(shown) and shown[0].expired,
        to_check=len(directory.to_check(tx, today)),
        certificates_expired=int(expired or 0),
        certificates_expiring=int(expiring or 0),
        skew=now - moment,
        processes=sum(name.startswith(PROCESS) for name in leases),
        leases=tuple(name for name in leases if not name.startswith(PROCESS)),
        retained=retention.remembered(tx).ran,
    )


def stuck(tx: Tx, now: int) -> Sequence[str]:
    """What should have happened by now and has not, one sentence each."""
    said: list[str] = []
    overdue = tx.value(_OVERDUE, late=now - LATE)
    if overdue is not None:
        said.append(
            f"timers are {_span(now - int(overdue))} late: no worker serves this database, or it cannot keep up"
        )
    for cls, name, patience in ((0, "crisis", LATE), (1, "ordinary", STUCK)):
        oldest = tx.value(_OLDEST, cls=cls)
        if oldest is not None and now - int(oldest) > patience:
            said.append(f"the oldest {name} message has waited {_span(now - int(oldest))} to be sent: see the log")
    skew = now - tx.moment(now)
    if abs(skew) > SKEWED:
        which = "ahead of" if skew > 0 else "behind"
        said.append(f"this machine's clock is {_span(abs(skew))} {which} the database's: set it right (NTP)")
    return said


def _span(ms: int) -> str:
    return f"{ms // 1000} s" if ms < 120_000 else f"{ms // 60_000} minutes"


@dataclass(frozen=True, slots=True)
class Disk:
    """The volume of a SQLite database, and the file itself with its log, in bytes."""

    free: int
    total: int
    used: int

    @property
    def little(self) -> bool:
        """Whether it is nearly full."""
        return self.free < LITTLE_BYTES or self.free < self.total * LITTLE_SHARE

    def sentence(self) -> str:
        return f"the disk of the database is nearly full: {self.free // 1024**2} MB are left"


def disk(url: str) -> Disk | None:
    """The disk of a store; None where it is not on this machine's own disk (PostgreSQL, memory) or cannot be asked."""
    path = sqlite_path(url) if url.startswith("sqlite:") else None
    if path is None:
        return None
    file = Path(path).absolute()
    try:
        usage = shutil.disk_usage(file.parent)
        parts = [file, file.with_name(f"{file.name}-wal")]
        return Disk(usage.free, usage.total, sum(part.stat().st_size for part in parts if part.exists()))
    except OSError:
        return None
