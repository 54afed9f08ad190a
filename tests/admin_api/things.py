"""Students, requests, chats and cases put into the store, as the engine would have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import people
from bot.store import entities
from bot.store.db import Tx
from flows.snapshot import Case, Chat, Request
from tests.admin_api.desk import NOW, Desk

WORDS = "canary words of a student"


async def add_student(desk: Desk) -> int:
    return await desk.do(lambda tx: people.create(tx, language="id", now=NOW, ids=desk.ids))


async def alias_of(desk: Desk, person: int) -> str:
    return str(await desk.look(lambda tx: tx.value("SELECT alias FROM people WHERE id = :id", id=person)))


async def add_request(desk: Desk, student: int | None = None, **given: Any) -> str:
    person = student if student is not None else await add_student(desk)
    request = Request(**{"id": desk.ids.id(), "student": person, "opened_at": NOW, **given})
    await desk.do(lambda tx: entities.insert(tx, request))
    return request.id


async def add_chat(desk: Desk, student: int, helper: int, **given: Any) -> str:
    request = await add_request(desk, student, state="matched", matched_at=NOW + 60_000)
    chat = Chat(**{
        "id": desk.ids.id(), "request": request, "student": student, "helper": helper, "opened_at": NOW,
        "alias": await alias_of(desk, student), "helper_alias": "Awan Teduh", **given,
    })  # fmt: skip
    await desk.do(lambda tx: entities.insert(tx, chat))
    return chat.id


async def add_case(desk: Desk, student: int | None = None, **given: Any) -> str:
    person = student if student is not None else await add_student(desk)
    case = Case(**{
        "id": desk.ids.id(), "student": person, "alias": await alias_of(desk, person), "opened_at": NOW,
        "category": "suicide", **given,
    })  # fmt: skip

    def job(tx: Tx) -> None:
        entities.insert(tx, case)
        entities.set_words(tx, case.id, person, WORDS, "id-2026.11")

    await desk.do(job)
    return case.id


async def change_case(desk: Desk, id: str, **changes: Any) -> None:
    def job(tx: Tx) -> None:
        found = entities.get(tx, Case, id)
        assert found is not None
        entities.save(tx, replace(found, **changes))

    await desk.do(job)


async def person_of(desk: Desk, staff: str) -> int:
    return int(await desk.look(lambda tx: tx.value("SELECT person_id FROM staff WHERE id = :id", id=staff)))


async def mail_of(desk: Desk, person: int) -> list[str]:
    """The kinds of events that wait for a person's desk."""
    from bot import mail

    return [type(letter.event).__name__ for letter in await desk.look(lambda tx: mail.of(tx, person))]
