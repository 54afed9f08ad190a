"""Forgetting in time: words older than RETENTION_DAYS are taken away every night, rows stay as bare facts (that a line
was said, when, and what became of it), so that the ledger and the reports go on telling the truth.

Kept beyond their time are the words of a person who has an open case, a case resolved within the last RETENTION_DAYS or
a place in the queue, and those of a chat that is open or ended within that time. They go with the first night after.
Decided by the database's rows alone, in small transactions under a lease: a crash or a second worker changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson

from bot import audit, leases
from bot.journal import fields
from bot.store.db import Store, Tx
from bot.store.errors import Busy

log = logging.getLogger(__name__)

DAY = 24 * 3_600_000
HOUR = 3
"""The hour of the night, in the deployment's zone, at which it runs."""
AGAIN, OVERDUE = 20 * 3_600_000, 48 * 3_600_000
"""ms since the last run after which the next night's may begin, and after which it begins at any hour."""
SEEN, TOGETHER = 500, 100
"""Rows looked at in one reading, and erased in one transaction."""
BREATH = 0.02
"""Seconds between two transactions, so that nobody waits for them."""
LEASE = "retention"
_META = "retention"

_KEPT = """(EXISTS (SELECT 1 FROM cases WHERE cases.student = {owner}
AND (cases.state <> 'resolved' OR cases.resolved_at >= :cutoff))
OR EXISTS (SELECT 1 FROM requests WHERE requests.student = {owner} AND requests.state = 'waiting')
OR EXISTS (SELECT 1 FROM chats WHERE chats.id = {chat} AND (chats.state = 'open' OR chats.ended_at >= :cutoff)))"""


_FIRST_NEWER = {
    "messages": "SELECT id FROM messages WHERE id > :after AND created_at >= :cutoff ORDER BY id LIMIT 1",
    "outbox": "SELECT id FROM outbox WHERE id > :after AND created_at >= :cutoff ORDER BY id LIMIT 1",
}
"""Big tables, whose ids rise with time. What lies before the first row that had to be kept is not looked at again, nor
what is younger."""
NEVER = 2**62


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of words. `find` reads rows that hold some, from `:after` on in the order of their ids: the id, whether
    it must be kept, and its age; `erase` takes the words of `:ids` away, unless they must be kept after all."""

    name: str
    find: str
    erase: str
    first: int | str = 0


def _part(name: str, has: str, taken: str, *, owner: str, chat: str = "NULL", old: str = "created_at",
          first: int | str = 0, dropped: bool = False) -> Part:  # fmt: skip
    kept = _KEPT.format(owner=owner, chat=chat)
    bound = " AND id < :until" if name in _FIRST_NEWER else ""
    done = f"DELETE FROM {name}" if dropped else f"UPDATE {name} SET {taken}"  # noqa: S608 - constants of this file
    return Part(
        name,
        f"SELECT id, CASE WHEN {kept} THEN 1 ELSE 0 END, {old} FROM {name} WHERE id > :after AND {old} < :cutoff"  # noqa: S608 - constants of this file
        f"{bound} AND {has} ORDER BY id LIMIT :limit",
        f"{done} WHERE id IN :ids AND {old} < :cutoff AND NOT {kept}",
        first,
    )


PARTS = (
    _part(
        "messages", "(body IS NOT NULL OR media IS NOT NULL)",
        "body = NULL, media = NULL, fate = CASE WHEN fate = 'held' THEN 'answered' ELSE fate END",
        owner="COALESCE(messages.owner_id, messages.person_id)", chat="messages.chat_id",
    ),
    _part(
        "outbox", "payload IS NOT NULL", "payload = NULL, status = CASE WHEN status = 0 THEN 3 ELSE status END",
        owner="COALESCE(outbox.owner_id, outbox.person_id)", chat="outbox.chat_id",
    ),
    _part("blobs", "size >= 0", "", owner="blobs.owner_id", first="", dropped=True),
    _part("notes", "body IS NOT NULL", "body = NULL", owner="notes.owner_id", chat="notes.chat_id", first=""),
    _part("cases", "words IS NOT NULL", "words = NULL", owner="cases.student", old="resolved_at", first=""),
    _part("reviews", "score >= 0", "", owner="reviews.person_id", first="", dropped=True),
    _part("aside", "state <> 'open' AND LENGTH(payload) > 0", "payload = :empty", owner="aside.person_id"),
)  # fmt: skip
"""What is forgotten. Where rows are found by their age alone, the words of nobody else are read."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, or would do: rows by part, whether it came to the end, and the ms before which words went."""

    before: int
    rows: Mapping[str, int]
    finished: bool

    @property
    def total(self) -> int:
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered between two nights: when a run came to its end (ms), and where to begin."""

    ran: int | None
    marks: Mapping[str, int]


def remembered(tx: Tx) -> Kept:
    """The end of the last run."""
    value = tx.value("SELECT value FROM meta WHERE key = :key", key=_META)
    said = orjson.loads(bytes(value)) if value else {}
    return Kept(said.get("ran"), said.get("marks", {}))


def _remember(tx: Tx, kept: Kept) -> None:
    tx.run(
        "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key=_META, value=orjson.dumps({"ran": kept.ran, "marks": dict(kept.marks)}),
    )  # fmt: skip


class Overtaken(Exception):
    """Another process has the lease."""


class Retention:
    """Forgets in one store. `erased` is for the metrics: rows by part, of this process."""

    def __init__(
        self, store: Store, *, clock: Callable[[], int], zone: ZoneInfo, days: int, breath: float = BREATH
    ) -> None:
        self._store, self._clock, self._zone, self._days = store, clock, zone, days
        self._breath = breath
        self._holder = secrets.token_hex(8)
        self.erased: Counter[str] = Counter()

    async def night(self) -> int:
        """Run if it is time to; how many rows lost their words."""
        now = self._clock()
        kept = await self._store.read(remembered)
        if kept.ran is None:  # a new store: nothing is old, and the first night is the next one
            await self._store.write(lambda tx: _remember(tx, Kept(now, kept.marks)))
            return 0
        since = now - kept.ran
        hour = datetime.fromtimestamp(now / 1000, UTC).astimezone(self._zone).hour
        if since < AGAIN or (hour != HOUR and since < OVERDUE):
            return 0
        return (await self.run("system")).total

    async def run(self, actor: str, *, dry: bool = False) -> Report:
        """Take away what is due now; `dry`: only count it. Ends early, not finished, when another process does the
        same. Raises StoreError; what was erased until then stays erased, and the next run goes on."""
        now = self._clock()
        cutoff = now - self._days * DAY
        rows: dict[str, int] = {}
        marks = dict((await self._store.read(remembered)).marks)
        finished = True
        try:
            for part in PARTS:
                begin = part.first if dry else marks.get(part.name, part.first)
                rows[part.name], mark = await self._forget(part, begin, cutoff, dry=dry)
                if isinstance(mark, int) and part.name in _FIRST_NEWER:
                    marks[part.name] = mark
        except Overtaken:
            finished = False
        report = Report(cutoff, rows, finished)
        if not dry:
            await self._end(report, actor, Kept(now, marks))
        return report

    async def _forget(self, part: Part, after: int | str, cutoff: int, *, dry: bool) -> tuple[int, int | str]:
        """How many rows of a part, and the last id before the first one that was kept."""
        done, mark, whole, until = 0, after, True, NEVER
        given: dict[str, object] = {"cutoff": cutoff, "limit": SEEN}
        if newer := _FIRST_NEWER.get(part.name):
            found_newer = await self._store.read(lambda tx: tx.value(newer, after=after, cutoff=cutoff))
            until = given["until"] = NEVER if found_newer is None else int(found_newer)
        while True:
            found = await self._store.read(lambda tx, after=after: tx.all(part.find, after=after, **given))  # type: ignore[misc]  # a job with its place
            ids = [row[0] for row in found if not row[1]]
            for start in range(0, len(ids), TOGETHER):
                some = ids[start : start + TOGETHER]
                done += len(some) if dry else await self._erase(part, some, cutoff)
            for row in found:
                whole = whole and not row[1]
                mark = row[0] if whole else mark
            if len(found) < SEEN:
                return done, until - 1 if whole and until < NEVER else mark
            after = found[-1][0]

    async def _erase(self, part: Part, ids: list[int | str], cutoff: int) -> int:
        def job(tx: Tx) -> int:
            if not leases.take(tx, LEASE, self._holder, tx.moment(self._clock())):
                raise Overtaken
            given: dict[str, object] = {"ids": ids, "cutoff": cutoff}
            return tx.run(part.erase, **(given | {"empty": b""} if ":empty" in part.erase else given))

        count = await self._store.write(job)
        self.erased[part.name] += count
        await asyncio.sleep(self._breath)
        return count

    async def _end(self, report: Report, actor: str, kept: Kept) -> None:
        """Say what was done, in the audit and in the log."""

        def job(tx: Tx) -> None:
            if report.finished:
                _remember(tx, kept)
            if report.total or actor != "system":
                day = datetime.fromtimestamp(self._clock() / 1000, UTC).astimezone(self._zone).date()
                audit.record(tx, actor=actor, action="retention.run", object=f"retention:{day}", now=self._clock(),
                             detail={"days": self._days, **report.rows})  # fmt: skip
            leases.drop(tx, self._holder)

        await self._store.write(job)
        log.info("words older than the retention were erased", extra=fields(**report.rows, finished=report.finished))
        if report.total:
            try:
                await self._store.checkpoint()
            except Busy:  # what was erased leaves the log of the database within minutes
                log.warning("the database is in use: what was erased leaves its log later")
