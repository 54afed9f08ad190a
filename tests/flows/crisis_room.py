"""A world with a student in danger and the people who are paged: 11, 12 ... counselors on duty in rota order, 21 ...
counselors off duty, 31 ... coordinators."""

from __future__ import annotations

from typing import Any

from flows.crisis import case as cases
from flows.crisis.answers import further_answer
from flows.crisis.assessment import Category, Level
from flows.effects import Say
from flows.events import Acknowledge, Hit
from flows.facts import Policy
from flows.snapshot import Case, Chat, Request
from tests.flows.world import START, World

STUDENT = 1
SUPPORTER = 2
SECOND = 1_000
MINUTE = 60_000


def room(
    *, duty: int = 2, off: int = 1, coordinators: int = 1, ack: int = 60, act: int = 600, topics: tuple[int, ...] = ()
) -> World:
    """`topics`: who of the staff has the topic of violence. Times in seconds."""
    world = World(policy=Policy(ack=ack * SECOND, case_action=act * SECOND))
    world.flows["case"] = cases.step
    world.student(STUDENT)
    for n in range(duty):
        world.helper(11 + n, "counselor", duty=True, rota=n, name=f"Bu Rini {n}")
    for n in range(off):
        world.helper(21 + n, "counselor", name=f"Pak Joko {n}")
    for n in range(coordinators):
        world.helper(31 + n, "coordinator", name=f"Kak Sari {n}")
    for person in topics:
        world.change(person, topics=("kekerasan",))
    return world


def crisis(
    world: World,
    level: int = Level.HIGH,
    category: str = Category.suicide,
    *,
    words: str = "capek hidup",
    source: str = "text",
    **more: Any,
) -> str:
    """A line of the student that shows a crisis, the first or a further one: the id of the case."""
    known = world.open_case(STUDENT) or world.last_case(STUDENT)
    if known is not None:
        world.case_words[known.id] = words
        answer = further_answer(known, level, category, world, source=source)
        world.apply([] if answer is None else [answer])
        world.give("case", known.id, Hit(level, category, 8))
        return known.id
    opened = cases.opening(
        id=world.new_id(),
        student=STUDENT,
        alias=world.alias(STUDENT),
        level=level,
        category=category,
        source=source,
        message=7,
        now=world.now,
        facts=world,
        words=words,
        **more,
    )
    world.case_words[opened.case.id] = words
    world.apply([opened.answer, *opened.effects])
    return opened.case.id


def case(world: World) -> Case:
    """The one case of the world."""
    (one,) = world.things["case"].values()
    assert isinstance(one, Case)
    return one


def supported(world: World, helper: int = SUPPORTER, role: str = "supporter") -> Chat:
    """The student already talks with somebody."""
    if helper not in world.roster:
        world.helper(helper, role, duty=True)
    chat = Chat(id="chat-before", request="req-before", student=STUDENT, helper=helper, role=role)
    world.things["chat"][chat.id] = chat
    return chat


def waiting(world: World) -> Request:
    """The student waits in the queue."""
    request = Request(id="req-waiting", student=STUDENT, opened_at=world.now)
    world.things["request"][request.id] = request
    return request


def last(world: World, person: int) -> Say:
    """What somebody heard last."""
    return [one.say for one in world.said if one.to == person][-1]


def acknowledged(*, act: int = 600) -> tuple[World, str]:
    """A room in which the first counselor has acknowledged at once, and the id of the case."""
    world = room(act=act)
    id = crisis(world)
    world.give("case", id, Acknowledge(11))
    return world, id


def pages(world: World, since: int = START) -> list[tuple[float, int]]:
    """Who was paged when: (seconds after `since`, person)."""
    return [((one.at - since) / SECOND, one.to) for one in world.said if one.key.startswith("page.")]


def hooks(world: World, since: int = START) -> list[float]:
    """When the outside hook rang, in seconds after `since`."""
    return [(at - since) / SECOND for at, effect in world.log if type(effect).__name__ == "Hook"]


def told(world: World, since: int = START) -> list[tuple[float, str]]:
    """What the student heard when: (seconds after `since`, key)."""
    return [((one.at - since) / SECOND, one.key) for one in world.said if one.to == STUDENT]
