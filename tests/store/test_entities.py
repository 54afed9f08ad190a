"""Rows and frozen values: what is written is what is read, on both databases; the tables make races harmless."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import orjson
import pytest

from bot import people
from bot.ids import CountedIds
from bot.store import entities
from bot.store.db import Store, Tx
from bot.store.errors import Again, Conflict
from flows.snapshot import (
    Case,
    CaseState,
    Chat,
    ChatState,
    Desk,
    Offer,
    OfferState,
    Request,
    RequestState,
    Student,
    to_json,
)  # fmt: skip


@pytest.fixture
async def crowd(store: Store) -> tuple[int, ...]:
    """Five people."""
    ids = CountedIds()
    return await store.write(lambda tx: tuple(people.create(tx, language="id", now=1, ids=ids) for _ in range(5)))


def request(student: int, id: str = "r1", **more: Any) -> Request:
    return Request(id=id, student=student, opened_at=10, **more)


def full(value: Any, crowd: tuple[int, ...]) -> Any:
    """The same thing with every field set to something else than its default."""
    kept = {"id", "student", "helper", "request", "state", "owner"}
    made: dict[str, Any] = {}
    for number, field in enumerate(fields(value)):
        kind = str(field.type)
        if field.name in kept:
            continue
        if kind.startswith("tuple[int"):
            made[field.name] = crowd[:2]
        elif kind.startswith("tuple[str"):
            made[field.name] = ("female", "other_site")
        elif kind == "bool":
            made[field.name] = True
        elif kind.startswith("int"):
            made[field.name] = 2**33 + number if "_at" in field.name or field.name == "message" else number
        else:
            made[field.name] = f"word {number} é"
    return replace(value, **made)


async def test_everything_comes_back(store: Store, crowd: tuple[int, ...]) -> None:
    ani, budi, *_ = crowd
    plain = [
        request(ani),
        Offer(id="o1", request="r1", helper=budi),
        Chat(id="c1", request="r1", student=ani, helper=budi),
        Case(id="k1", student=ani, alias="Awan Teduh"),
    ]
    await store.write(lambda tx: [entities.insert(tx, value) for value in plain])
    for value in plain:
        found = await store.read(lambda tx, v=value: entities.get(tx, type(v), v.id))
        assert found == value
        assert [type(getattr(found, f.name)) for f in fields(found)] == [
            str if isinstance(getattr(value, f.name), str) else type(getattr(value, f.name)) for f in fields(value)
        ]
        changed = full(value, crowd)
        await store.write(lambda tx, v=changed: entities.save(tx, v))
        assert await store.write(lambda tx, v=changed: entities.lock(tx, type(v), v.id)) == changed
        assert await store.read(lambda tx, v=value: entities.get(tx, type(v), "nobody")) is None


async def test_every_save_raises_the_version(store: Store, crowd: tuple[int, ...]) -> None:
    await store.write(lambda tx: entities.insert(tx, request(crowd[0])))
    version = "SELECT version FROM requests WHERE id = 'r1'"
    assert await store.read(lambda tx: tx.value(version)) == 1
    await store.write(lambda tx: entities.save(tx, request(crowd[0], risk=2)))
    assert await store.read(lambda tx: tx.value(version)) == 2
    with pytest.raises(entities.Missing):
        await store.write(lambda tx: entities.save(tx, request(crowd[0], id="r9")))


async def test_a_counselors_name_lies_sealed_in_the_chat(store: Store, crowd: tuple[int, ...]) -> None:
    ani, rini, *_ = crowd
    chat = Chat(id="c1", request="r1", student=ani, helper=rini, role="counselor", helper_alias="Bu Rini Kanari")

    def job(tx: Tx) -> None:
        entities.insert(tx, request(crowd[0]))
        entities.insert(tx, chat)
        assert "Rini" not in tx.value("SELECT helper_alias FROM chats WHERE id = 'c1'")
        entities.save(tx, chat)

    await store.write(job)
    assert await store.read(lambda tx: entities.get(tx, Chat, "c1")) == chat
    await store.write(lambda tx: people.erase(tx, crowd[1], 5))
    after = await store.read(lambda tx: entities.get(tx, Chat, "c1"))
    assert after is not None
    assert after.helper_alias == await store.read(
        lambda tx: tx.value("SELECT alias FROM people WHERE id = :id", id=crowd[1])
    )


@pytest.mark.parametrize(
    ("first", "second", "ended"),
    [
        (lambda a, b: request(a), lambda a, b: request(a, id="r2"), {"state": RequestState.LEFT}),
        (
            lambda a, b: Offer(id="o1", request="r1", helper=a, state=OfferState.ACCEPTED),
            lambda a, b: Offer(id="o2", request="r1", helper=b, state=OfferState.ACCEPTED),
            {"state": OfferState.WITHDRAWN},
        ),
        (
            lambda a, b: Chat(id="c1", request="r1", student=a, helper=b),
            lambda a, b: Chat(id="c2", request="r1", student=a, helper=b),
            {"state": ChatState.ENDED},
        ),
        (
            lambda a, b: Case(id="k1", student=a, alias="Awan", state=CaseState.TAKEN),
            lambda a, b: Case(id="k2", student=a, alias="Awan"),
            {"state": CaseState.RESOLVED},
        ),
    ],
    ids=["waiting request", "accepted offer", "open chat", "open case"],
)
async def test_only_one_at_a_time(store: Store, crowd: tuple[int, ...], first: Any, second: Any, ended: Any) -> None:
    ani, budi, citra, *_ = crowd
    one, two = first(ani, budi), second(ani, budi)

    def begin(tx: Tx) -> None:
        if not isinstance(one, Request):
            entities.insert(tx, request(citra))
        entities.insert(tx, one)

    await store.write(begin)
    with pytest.raises(Conflict):
        await store.write(lambda tx: entities.insert(tx, two))
    await store.write(lambda tx: entities.save(tx, replace(one, **ended)))
    await store.write(lambda tx: entities.insert(tx, two))


async def test_both_dialogs_of_a_person(store: Store, crowd: tuple[int, ...]) -> None:
    ani = crowd[0]
    student = Student(person=ani, alias="Awan Teduh", state="waiting", wishes=("female",), taps=(1, 2), consent=True)
    desk = Desk(person=ani, state="on", duty_since=7, held=(2**60, 5), current="c1")
    before = await store.read(lambda tx: entities.person(tx, ani))
    assert before is not None and before.student is None and before.desk is None and not before.erased
    await store.write(lambda tx: (entities.save_student(tx, student), entities.save_desk(tx, desk)))
    after = await store.write(lambda tx: entities.person(tx, ani, lock=True))
    assert after is not None
    assert (after.student, after.desk, after.language, after.version) == (student, desk, "id", before.version + 2)
    assert await store.read(lambda tx: entities.person(tx, 10**15)) is None


@pytest.mark.parametrize(
    ("desk", "copies"),
    [
        (Desk(person=0, state="on", duty_since=7), (True, 7, None)),
        (Desk(person=0, state="paused", duty_since=7, paused_until=9), (False, 7, 9)),
        (Desk(person=0, state="off"), (False, None, None)),
        (Desk(person=0, state="gone"), (False, None, None)),
    ],
)
async def test_the_copies_for_queries_follow_the_desk(
    store: Store, crowd: tuple[int, ...], desk: Desk, copies: tuple[object, ...]
) -> None:
    await store.write(lambda tx: entities.save_desk(tx, replace(desk, person=crowd[0])))
    row = await store.read(
        lambda tx: tx.one("SELECT on_duty, duty_since, paused_until FROM people WHERE id = :id", id=crowd[0])
    )
    assert row is not None
    assert (bool(row[0]), row[1], row[2]) == copies


async def test_a_dialog_changed_meanwhile_is_not_overwritten(store: Store, crowd: tuple[int, ...]) -> None:
    student = Student(person=crowd[0], alias="Awan Teduh")
    read = await store.read(lambda tx: entities.person(tx, crowd[0]))
    assert read is not None
    await store.write(lambda tx: entities.save_student(tx, student, read.version))
    with pytest.raises(Again):
        await store.write(lambda tx: entities.save_student(tx, replace(student, state="menu"), read.version))
    with pytest.raises(entities.Missing):
        await store.write(lambda tx: entities.save_student(tx, replace(student, person=10**15)))
    with pytest.raises(entities.Missing):
        await store.write(lambda tx: entities.save_desk(tx, Desk(person=10**15)))


def test_snapshots_of_other_versions_are_read() -> None:
    student = Student(person=1, alias="Awan Teduh", wishes=("female",), taps=(3,))
    newer = {**to_json(student), "v": 1, "a_field_of_tomorrow": [1]}
    older = {k: v for k, v in to_json(student).items() if k != "taps"}
    assert entities.read_student(orjson.dumps(newer).decode()) == student
    assert entities.read_student(orjson.dumps(older).decode()) == replace(student, taps=())
    desk = {"person": 1, "held": [4], "a_field_of_tomorrow": 1}
    assert entities.read_desk(orjson.dumps(desk).decode()) == Desk(person=1, held=(4,))


async def test_the_words_of_a_case_are_sealed_under_its_persons_key(store: Store, crowd: tuple[int, ...]) -> None:
    def job(tx: Tx) -> None:
        entities.insert(tx, Case(id="k1", student=crowd[0], alias="Awan Teduh"))
        entities.set_words(tx, "k1", crowd[0], "kata rahasia", "id-7")
        row = tx.one("SELECT words, words_version FROM cases WHERE id = 'k1'")
        assert row is not None
        assert b"rahasia" not in bytes(row["words"]) and row["words_version"] == "id-7"
        entities.save(tx, Case(id="k1", student=crowd[0], alias="Awan Teduh", level=3))
        assert tx.text(crowd[0], tx.value("SELECT words FROM cases"), "cases.words") == "kata rahasia"

    await store.write(job)


async def test_people_are_locked_in_order(store: Store, crowd: tuple[int, ...]) -> None:
    await store.write(lambda tx: entities.lock_people(tx, [crowd[2], crowd[0], crowd[2]]))
    await store.write(lambda tx: entities.lock_people(tx, []))
