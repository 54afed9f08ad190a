"""What the semantic net reads, and the reviews that it leaves, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot import leases, people, withheld
from bot.acting import Acting
from bot.ids import CountedIds
from bot.lists import Ask
from bot.refusals import Conflict
from bot.semantic import reading, reviews
from bot.store import entities
from bot.store.db import Store, Tx
from flows.snapshot import Chat, Request
from tests.store.test_retention import ZONE

NOW = 1_795_000_000_000
THEN = NOW - reading.SETTLING
ACTING = Acting("token:x", NOW, ZONE)
_MESSAGE = """INSERT INTO messages (id, person_id, chat_id, kind, body, owner_id, level, fate, sent_at, created_at)
VALUES (:id, :person, :chat, 'text', :body, :owner, :level, 'answered', :at, :at)"""
_REVIEW = """INSERT INTO reviews (id, person_id, message_id, score, head, created_at)
VALUES (:id, :person, :message, :score, 'x', :now) ON CONFLICT (message_id) DO NOTHING"""


@dataclass
class Room:
    store: Store
    ids: CountedIds = field(default_factory=CountedIds)

    async def person(self) -> int:
        return int(await self.store.write(lambda tx: people.create(tx, language="id", now=NOW, ids=self.ids)))

    async def line(self, by: int, text: str, at: int = THEN, owner: int | None = None, **given: Any) -> int:
        id, whose = self.ids.message(at), owner or by

        def job(tx: Tx) -> None:
            body = tx.seal(whose, text, "messages.body")
            row = {"id": id, "person": by, "chat": None, "body": body, "owner": whose, "level": 0, "at": at}
            tx.run(_MESSAGE, **row | given)

        await self.store.write(job)
        return id

    async def next(self, now: int = NOW) -> reading.Batch:
        return await self.store.read(lambda tx: reading.batch(tx, now))


@pytest.fixture
async def room(store: Store) -> Room:
    made = Room(store)
    await store.write(lambda tx: reading.keep(tx, 0))
    return made


async def test_both_sides_of_a_chat_and_only_the_student_is_read(room: Room) -> None:
    student, helper = await room.person(), await room.person()
    request, chat = room.ids.id(), room.ids.id()

    def job(tx: Tx) -> None:
        entities.insert(tx, Request(id=request, student=student, opened_at=NOW, state="matched"))
        entities.insert(tx, Chat(id=chat, request=request, student=student, helper=helper, opened_at=NOW, alias="x",
                                 helper_alias="y"))  # fmt: skip

    await room.store.write(job)
    await room.line(student, "kata siswa", chat=chat)
    await room.line(helper, "kata pendamping", owner=student, chat=chat)
    await room.line(student, "kata berat", chat=chat, level=2)
    await room.line(student, "/catat di luar obrolan", level=1)
    found = await room.next()
    assert [each.text for each in found.texts] == ["kata siswa", "di luar obrolan"]
    assert found.too_old == 0


async def test_the_mark_moves_and_comes_back(room: Room) -> None:
    person = await room.person()
    ids = [await room.line(person, f"baris {number}") for number in range(reading.BATCH + 1)]
    first = await room.next()
    assert (len(first.texts), first.mark) == (reading.BATCH, ids[-2])
    await room.store.write(lambda tx: reading.keep(tx, first.mark))
    second = await room.next()
    assert ([each.message for each in second.texts], second.mark) == (ids[-1:], ids[-1])
    await room.store.write(lambda tx: reading.keep(tx, second.mark))
    assert not (await room.next()).moved


async def test_what_may_still_be_overtaken_waits_where_many_write(room: Room) -> None:
    await room.line(await room.person(), "baru saja", at=NOW)
    waits = room.store.dialect == "postgresql"
    assert len((await room.next()).texts) == (0 if waits else 1)
    assert len((await room.next(NOW + reading.SETTLING)).texts) == 1


async def test_old_ones_are_counted(room: Room) -> None:
    person = await room.person()
    await room.line(person, "lama sekali", at=NOW - reading.OLDEST - 1)
    await room.line(person, "masih baru")
    found = await room.next()
    assert ([each.text for each in found.texts], found.too_old) == (["masih baru"], 1)


async def test_a_review_is_listed_read_and_decided_once(room: Room) -> None:
    person = await room.person()
    message = await room.line(person, "lilin redup")

    def ask(id: str, score: int) -> Any:
        return room.store.write(
            lambda tx: tx.run(_REVIEW, id=id, person=person, message=message, score=score, now=NOW)
        )  # fmt: skip

    assert [await ask("first", 700), await ask("second", 700)] == [1, 0], "one review a message, whoever is quicker"
    listed = await room.store.read(lambda tx: reviews.listed(tx, Ask(filters={"state": "open", "shown_to": "nobody"})))
    assert [row.id for row in listed.items] == ["first"]
    lines = await room.store.write(lambda tx: reviews.context(tx, ACTING, "first"))
    assert [(line.text, line.asked) for line in lines] == [("lilin redup", True)]
    assert not await room.store.read(lambda tx: withheld.keeps_away(tx, person, "nobody"))
    await room.store.write(lambda tx: reviews.dismiss(tx, ACTING, "first"))
    with pytest.raises(Conflict, match="dismissed"):
        await room.store.write(lambda tx: reviews.dismiss(tx, ACTING, "first"))


async def test_the_lease_is_one_process_s(room: Room) -> None:
    def take(holder: str, now: int) -> Any:
        return room.store.write(lambda tx: leases.take(tx, "semantic", holder, now))

    assert [await take("a", NOW), await take("b", NOW), await take("b", NOW + leases.LEASE + 1)] == [True, False, True]
