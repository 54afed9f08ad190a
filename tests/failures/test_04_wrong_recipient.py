"""Wrong recipient: many chats at once, every await slow, every line carrying its owner's secret. No crossing."""

import asyncio
import re

from bot import duty, people, roster
from bot.roster_fields import Entry
from bot.store import entities
from bot.store.db import Tx
from flows.dialogs.student.states import Doing
from flows.snapshot import Request, Student
from flows.support.request import open_request
from tests.failures.house import CERTIFIED, LONG, House, house, said
from tests.platforms.telegram import Message, Person

CHATS, FEWER, HELPERS, ROUNDS = 80, 30, 5, 2
"""Fewer where two workers share a machine with a database."""
SECRET = re.compile(r"(?:rahasia|jawab)-(\d+)")


def hire(home: House, helpers: list[Person], tx: Tx) -> None:
    acting = home.app.acting("cli")
    for helper in helpers:
        entry = Entry(role="supporter", name=f"Kak {helper.id}", telegram=str(helper.id), certified_until=CERTIFIED,
                      capacity=20)  # fmt: skip
        duty.put(tx, acting, roster.add(tx, acting, entry).id, True)


def bring_in(home: House, students: list[Person], tx: Tx) -> None:
    """Everybody in the queue, without the fourteen messages that lead there."""
    engine, now = home.app.engine, home.app.clock()
    for student in students:
        at = people.find_or_create(tx, "telegram", str(student.id), language="id", now=now, ids=home.app.ids)
        request = Request(id=home.app.ids.id(), student=at.person, opened_at=now)
        alias = str(tx.value("SELECT alias FROM people WHERE id = :id", id=at.person))
        entities.save_student(
            tx,
            Student(person=at.person, alias=alias, state=Doing.WAITING.value, consent=True, age="18-21",
                    request=request.id),
        )  # fmt: skip
        engine.turn(tx, now, at.person).apply(open_request(request, now))


async def accepts(helper: Person) -> None:
    """Presses every offer until there are no more."""
    pressed: set[int] = set()
    for _ in range(CHATS):
        fresh = [m for m in helper.inbox if m.id not in pressed and any(d.startswith("offer:accept") for d in m.data)]
        if not fresh:
            return
        pressed.add(fresh[0].id)
        await helper.press(fresh[0], "offer:accept", timeout=LONG)


async def brought(home: House, helpers: list[Person], turn: int, chats: int) -> dict[int, tuple[Person, Message]]:
    """Where each student's line of this turn arrived, once all have, and once we know under which number: a person
    takes longer to answer than Telegram to tell us."""
    async with asyncio.timeout(LONG):
        while True:
            found = {}
            for helper in helpers:
                for message in helper.inbox:
                    secret = SECRET.search(message.text)
                    if secret is not None and f"ke-{turn}." in message.text:
                        found[int(secret[1])] = helper, message
            if len(found) == chats:
                break
            await asyncio.sleep(0.1)
    await home.quiet()
    return found


async def test_no_line_ever_reaches_anybody_but_its_chat(store_url: str) -> None:
    async with house(store_url, offer_breadth=1, offer_seconds=600) as home:
        helpers = [home.api.person(700 + n, f"Kak{n}", started=True) for n in range(HELPERS)]
        chats = CHATS if len(home.roles) == 1 else FEWER
        students = [home.api.person(7_000_000_000 + n, f"Murid{n}", started=True) for n in range(chats)]
        await home.app.store.write(lambda tx: hire(home, helpers, tx))
        await home.quiet()
        await home.app.store.write(lambda tx: bring_in(home, students, tx))
        await home.quiet()
        await asyncio.gather(*(accepts(helper) for helper in helpers))
        await home.quiet()
        assert await home.value("SELECT count(*) FROM chats WHERE state = 'open'") == chats

        home.api.faults.add("slow", method="sendMessage", times=None, delay=0.03)
        for turn in range(ROUNDS):
            await asyncio.gather(*(student.say(f"rahasia-{student.id} ke-{turn}.") for student in students))
            arrived = await brought(home, helpers, turn, chats)
            await asyncio.gather(
                *(helper.say(f"jawab-{id} ke-{turn}.", reply_to=line) for id, (helper, line) in arrived.items())
            )
        await home.quiet()

        for student in students:
            assert {int(found) for text in said(student) for found in SECRET.findall(text)} == {student.id}
            lines = [text for text in said(student) if "jawab" in text]
            assert lines == [f"jawab-{student.id} ke-{turn}." for turn in range(ROUNDS)]
        seen: dict[str, set[int]] = {}
        for helper in helpers:
            for text in said(helper):
                for found in SECRET.findall(text):
                    seen.setdefault(text.partition(":")[0], set()).add(int(found))
        assert len(seen) == chats, "each under an alias of their own"
        assert all(len(secrets) == 1 for secrets in seen.values())
