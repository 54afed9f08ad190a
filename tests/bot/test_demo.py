"""The demonstration's people."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot import demo
from bot.app import App, build
from bot.channels.web import Text, read
from bot.clock import SetClock
from bot.settings import load_settings
from bot.store.keys import key_text, new_key
from bot.webchat.sessions import Session

NOW = 1_795_000_000_000


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
async def app(clock: SetClock) -> AsyncIterator[App]:
    settings = load_settings(None, database_url="sqlite://", secret_keys=key_text([new_key()]))
    made = await build(settings, clock=clock, strict=True)
    await demo.prepare(made)
    yield made
    await made.stop()


async def session(app: App, role: str, language: str = "id") -> Session:
    found = await app.webchat.session(await app.demo.session(role, language))
    assert found is not None
    await app.engine.run_mail()
    return found


async def say(app: App, who: Session, text: str) -> None:
    app.clock.advance(1_000)  # type: ignore[attr-defined]  # the clock of these tests is a SetClock
    await app.engine.receive(read(who.address, Text(f"c{app.clock()}", text), app.clock()))


async def one(app: App, sql: str) -> object:
    return await app.store.read(lambda tx: tx.value(sql))


async def test_the_store_is_marked(app: App) -> None:
    assert await app.store.read(demo.lives_here)


async def test_staff_come_on_duty_with_their_page_and_speak_the_visitors_language(app: App) -> None:
    assert await one(app, "SELECT count(*) FROM people WHERE on_duty") == 0
    supporter = await session(app, "supporter", "en")
    await session(app, "counselor")
    assert await one(app, "SELECT count(*) FROM people WHERE on_duty") == 2
    spoken = await app.store.read(
        lambda tx: tx.value("SELECT language FROM people WHERE id = :id", id=supporter.person_id)
    )
    assert spoken == "en"
    assert await one(app, "SELECT count(*) FROM staff WHERE role = 'supporter' AND certified_until > 1") == 2


async def test_a_student_is_somebody_new_each_time_and_staff_are_not(app: App) -> None:
    first, second = await session(app, "student"), await session(app, "student")
    assert first.person_id != second.person_id
    early, late = await session(app, "supporter"), await session(app, "supporter")
    assert early.person_id == late.person_id
    assert early.address_id != late.address_id


async def test_preparing_again_adds_nobody(app: App) -> None:
    before = await one(app, "SELECT count(*) FROM people")
    await demo.prepare(app)
    assert await one(app, "SELECT count(*) FROM people") == before


async def test_again_ends_whatever_is_open(app: App) -> None:
    await session(app, "counselor")
    student = await session(app, "student")
    await say(app, student, "/darurat")
    assert await one(app, "SELECT count(*) FROM cases WHERE state <> 'resolved'") == 1
    await app.demo.again()
    assert await one(app, "SELECT count(*) FROM cases WHERE state <> 'resolved'") == 0
    assert await one(app, "SELECT count(*) FROM requests WHERE state = 'waiting'") == 0


async def test_a_visitor_who_left_leaves_nobody_occupied(app: App, clock: SetClock) -> None:
    student = await session(app, "student")
    await say(app, student, "/darurat")
    # A moment later they may only have reloaded the page.
    await session(app, "counselor")
    assert await one(app, "SELECT count(*) FROM cases WHERE state <> 'resolved'") == 1
    clock.advance(demo.ABSENT + 1_000)
    with app.webchat.pages.subscribe(student.address_id, student.person_id, student.address):
        await session(app, "counselor")
        assert await one(app, "SELECT count(*) FROM cases WHERE state <> 'resolved'") == 1
    await session(app, "counselor")
    assert await one(app, "SELECT count(*) FROM cases WHERE state <> 'resolved'") == 0
