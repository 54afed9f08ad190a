"""Forgetting in time: words go, rows stay; what somebody still needs is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import audit, leases, ledger, people, retention
from bot.clock import SetClock
from bot.ids import CountedIds
from bot.retention import DAY, SEEN, Report, Retention
from bot.store import entities
from bot.store.db import Store, Tx
from flows.facts import Policy
from flows.snapshot import Case, Chat, Request

NOW = 1_795_000_000_000  # 2026-11-18T18:06:40+07:00
ZONE = ZoneInfo("Asia/Jakarta")
OLD = NOW - 400 * DAY
DAYS = 365


@dataclass
class Archive:
    """A store with years behind it."""

    store: Store
    clock: SetClock
    ids: CountedIds
    kept: Retention

    async def do(self, job: Callable[[Tx], Any]) -> Any:
        return await self.store.write(job)

    async def student(self) -> int:
        return int(await self.do(lambda tx: people.create(tx, language="id", now=OLD, ids=self.ids)))

    async def line(self, person: int, at: int = OLD, *, chat: str | None = None, fate: str = "answered") -> int:
        id = self.ids.message(at)

        def job(tx: Tx) -> None:
            tx.run(
                "INSERT INTO messages (id, person_id, chat_id, kind, body, owner_id, media, fate, sent_at, created_at)"
                " VALUES (:id, :person, :chat, 'text', :body, :person, :body, :fate, :at, :at)",
                id=id, person=person, chat=chat, body=tx.seal(person, "rahasia", "messages.body"), fate=fate, at=at,
            )  # fmt: skip

        await self.do(job)
        return id

    async def row(self, person: int, at: int = OLD, *, status: int = 1) -> int:
        return int(
            await self.do(
                lambda tx: tx.value(
                    "INSERT INTO outbox (person_id, address_id, kind, payload, owner_id, status, created_at)"
                    " VALUES (:person, 1, 'say', :body, :person, :status, :at) RETURNING id",
                    person=person, body=tx.seal(person, "rahasia", "outbox.payload"), status=status, at=at,
                )
            )
        )  # fmt: skip

    async def request(self, student: int, **given: Any) -> str:
        made = Request(**{"id": self.ids.id(), "student": student, "opened_at": OLD, "state": "matched", **given})
        await self.do(lambda tx: entities.insert(tx, made))
        return made.id

    async def chat(self, student: int, helper: int, **given: Any) -> str:
        made = Chat(**{
            "id": self.ids.id(), "request": await self.request(student), "student": student, "helper": helper,
            "opened_at": OLD, "alias": "x", "helper_alias": "y", **given,
        })  # fmt: skip
        await self.do(lambda tx: entities.insert(tx, made))
        return made.id

    async def case(self, student: int, **given: Any) -> str:
        made = Case(**{
            "id": self.ids.id(), "student": student, "alias": "x", "opened_at": OLD, "category": "suicide", **given,
        })  # fmt: skip

        def job(tx: Tx) -> None:
            entities.insert(tx, made)
            entities.set_words(tx, made.id, student, "rahasia", "id-2026")

        await self.do(job)
        return made.id

    async def value(self, sql: str, **params: object) -> Any:
        return await self.store.read(lambda tx: tx.value(sql, **params))

    async def has_words(self, message: int) -> bool:
        return bool(
            await self.value("SELECT body IS NOT NULL OR media IS NOT NULL FROM messages WHERE id = :id", id=message)
        )

    async def run(self, **given: Any) -> Report:
        return await self.kept.run("cli", **given)


@pytest.fixture
async def archive(store: Store) -> Archive:
    clock = SetClock(NOW)
    return Archive(store, clock, CountedIds(), Retention(store, clock=clock, zone=ZONE, days=DAYS, breath=0))


async def test_words_go_and_rows_stay(archive: Archive) -> None:
    ana = await archive.student()
    old, young = await archive.line(ana), await archive.line(ana, NOW - 364 * DAY)
    sent, pending = await archive.row(ana), await archive.row(ana, status=0)
    waiting = await archive.line(ana, fate="held")
    await archive.do(
        lambda tx: tx.run(
            "INSERT INTO notes (id, body, owner_id, created_at) VALUES ('n', :body, :ana, :old)",
            body=tx.seal(ana, "rahasia", "notes.body"), ana=ana, old=OLD,
        )
    )  # fmt: skip
    await archive.do(
        lambda tx: tx.run(
            "INSERT INTO blobs (id, owner_id, data, size, created_at) VALUES ('b', :ana, :data, 3, :old)",
            ana=ana, data=b"abc", old=OLD,
        )
    )  # fmt: skip
    await archive.do(
        lambda tx: tx.run(
            "INSERT INTO reviews (id, person_id, message_id, score, head, created_at)"
            " VALUES ('r', :ana, :id, 600, 'x', :old)",
            ana=ana, id=old, old=OLD,
        )
    )  # fmt: skip
    for state in ("open", "dismissed"):
        await archive.do(
            lambda tx, state=state: tx.run(
                "INSERT INTO aside (channel, external_id, person_id, payload, reason, state, created_at)"
                " VALUES ('telegram', :state, :ana, :data, 'KeyError', :state, :old)",
                ana=ana, data=b"abc", state=state, old=OLD,
            )
        )  # fmt: skip
    case = await archive.case(await archive.student(), state="resolved", resolved_at=OLD)

    would = await archive.run(dry=True)
    wanted = {"messages": 2, "outbox": 2, "blobs": 1, "notes": 1, "cases": 1, "reviews": 1, "aside": 1}
    assert (would.rows, would.finished) == (wanted, True)
    assert await archive.has_words(old)
    done = await archive.run()
    assert (done.rows, done.finished, done.before) == (wanted, True, NOW - DAYS * DAY)
    assert not await archive.has_words(old)
    assert await archive.has_words(young)
    assert await archive.value("SELECT count(*) FROM messages") == 3
    assert await archive.value("SELECT fate FROM messages WHERE id = :id", id=waiting) == "answered"
    assert await archive.value("SELECT count(*) FROM outbox WHERE payload IS NULL") == 2
    assert await archive.value("SELECT status FROM outbox WHERE id = :id", id=sent) == 1
    assert await archive.value("SELECT status FROM outbox WHERE id = :id", id=pending) == 3
    assert await archive.value("SELECT body IS NULL FROM notes")
    assert await archive.value("SELECT count(*) FROM blobs") == 0
    assert await archive.value("SELECT words IS NULL FROM cases WHERE id = :id", id=case)
    assert await archive.value("SELECT state FROM aside WHERE LENGTH(payload) > 0") == "open"
    assert dict(archive.kept.erased) == wanted
    action, detail = await archive.store.read(
        lambda tx: tuple(tx.all("SELECT action, detail FROM audit ORDER BY id DESC")[0])
    )
    assert action == "retention.run"
    assert '"messages":2' in detail
    assert (await archive.store.read(audit.verify)).broken is None
    assert not [
        each for each in await archive.store.read(lambda tx: list(ledger.check(tx, NOW, Policy()))) if each.law == "M2"
    ]
    assert (await archive.run()).total == 0


async def test_what_somebody_still_needs_is_kept_and_goes_later(archive: Archive) -> None:
    helper = await archive.student()
    lines: dict[str, int] = {}
    for why in ("case", "resolved lately", "queue", "chat", "chat ended lately", "nothing"):
        student = await archive.student()
        chat = None
        if why == "case":
            await archive.case(student, state="acknowledged")
        elif why == "resolved lately":
            await archive.case(student, state="resolved", resolved_at=NOW - 300 * DAY)
        elif why == "queue":
            await archive.request(student, state="waiting")
        elif why == "chat":
            chat = await archive.chat(student, helper)
        elif why == "chat ended lately":
            chat = await archive.chat(student, helper, state="ended", ended_at=NOW - 300 * DAY)
        lines[why] = await archive.line(student, chat=chat)
    assert (await archive.run()).rows["messages"] == 1
    assert not await archive.has_words(lines.pop("nothing"))
    for why, line in lines.items():
        assert await archive.has_words(line), why

    # Nothing of it is forgotten about: once the reason is gone, so are the words.
    archive.clock.advance(100 * DAY)
    await archive.do(lambda tx: tx.run("UPDATE requests SET state = 'left'"))
    await archive.do(lambda tx: tx.run("UPDATE chats SET state = 'ended', ended_at = :at WHERE state = 'open'", at=OLD))
    assert (await archive.run()).rows["messages"] == 4
    assert [why for why, line in lines.items() if await archive.has_words(line)] == ["case"]


async def test_more_than_one_reading_and_what_lies_behind_is_not_read_again(archive: Archive) -> None:
    ana, ben = await archive.student(), await archive.student()

    def fill(tx: Tx) -> None:
        body = tx.seal(ana, "rahasia", "messages.body")
        tx.many(
            "INSERT INTO messages (id, person_id, kind, body, owner_id, sent_at, created_at)"
            " VALUES (:id, :ana, 'text', :body, :ana, :old, :old)",
            [{"id": archive.ids.message(OLD), "ana": ana, "body": body, "old": OLD} for _ in range(SEEN + 7)],
        )

    await archive.do(fill)
    await archive.case(ben, state="paging")
    held = await archive.line(ben, OLD + 1)
    later = await archive.line(ana, OLD + 2)
    await archive.line(ana, NOW)
    assert (await archive.run()).rows["messages"] == SEEN + 8
    marks = (await archive.store.read(retention.remembered)).marks
    assert marks["messages"] < held < later
    await archive.do(lambda tx: tx.run("UPDATE cases SET state = 'resolved', resolved_at = :old", old=OLD))
    assert (await archive.run()).rows["messages"] == 1
    assert not await archive.has_words(held)
    assert (await archive.store.read(retention.remembered)).marks["messages"] > later


async def test_a_second_process_leaves_it_to_the_first(archive: Archive) -> None:
    line = await archive.line(await archive.student())
    await archive.do(lambda tx: leases.take(tx, retention.LEASE, "another", tx.moment(NOW)))
    report = await archive.run()
    assert (report.finished, report.total) == (False, 0)
    assert await archive.has_words(line)
    await archive.do(lambda tx: leases.drop(tx, "another"))
    assert (await archive.run()).rows["messages"] == 1


async def test_every_night_at_three_once(archive: Archive) -> None:
    nine_hours = 9 * 3_600_000  # from 18:06 to 03:06
    assert await archive.kept.night() == 0  # a new store: from now on
    line = await archive.line(await archive.student())
    assert await archive.kept.night() == 0
    archive.clock.advance(nine_hours)
    assert await archive.kept.night() == 0  # less than a day since
    archive.clock.advance(DAY)
    assert await archive.kept.night() == 1
    assert not await archive.has_words(line)
    await archive.line(await archive.student())
    assert await archive.kept.night() == 0  # once a night
    archive.clock.advance(DAY + 7_200_000)
    assert await archive.kept.night() == 0  # not by day
    archive.clock.advance(DAY)
    assert await archive.kept.night() == 1  # unless the nights were missed
