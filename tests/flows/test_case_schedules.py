"""Law C3 under thousands of random schedules: sleeping, declining, blocked, suspended and returning people, further
crisis lines, and a service that is down now and then. Every case is acknowledged by a named person, or the student
has been told in time, with numbers, and paging goes on."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from flows.crisis.assessment import Category, Level
from flows.effects import Hook
from flows.events import (
    Acknowledge,
    Acted,
    Back,
    Decline,
    Hit,
    OnDutyNow,
    OwnerLost,
    Reopen,
    Resolve,
    StudentGone,
    Take,
)
from tests.flows.crisis_room import MINUTE, SECOND, STUDENT, case, crisis, room, supported
from tests.flows.world import Spoken, World

SCHEDULES = 2_000
EACH = 25
BATCHES = 8
HONEST = ("crisis.unanswered", "crisis.again")
CAME = ("crisis.came", "crisis.taken")


def page(key: str) -> bool:
    return key.startswith("page.")


def schedule(seed: int) -> World:
    """One story: a room of random people, then random things."""
    random = Random(seed)
    world = room(
        duty=random.randrange(4),
        off=random.randrange(3),
        coordinators=random.randrange(3),
        ack=random.choice((2, 10, 60, 90, 1_200)),
        act=random.choice((5, 60, 600)),
    )
    staff = list(world.roster)
    for person in staff:
        if random.random() < 0.2:
            world.change(person, topics=("kekerasan",))
    if random.random() < 0.5:
        supported(world)
    crisis(world, random.choice((Level.HIGH, Level.IMMINENT)), random.choice(list(Category)))
    law(world, seed)
    for _ in range(EACH):
        before = len(world.said)
        happen(world, random, staff)
        law(world, seed)
        quote_law(world, world.said[before:], seed)
    return world


def happen(world: World, random: Random, staff: list[int]) -> None:
    """One random thing."""
    one = case(world)
    anybody = random.choice(staff) if staff else STUDENT
    asked = random.choice(one.asking) if one.asking else anybody
    owner = one.owner if one.owner is not None else anybody

    def give(event: object) -> None:
        world.give("case", one.id, event)

    match random.choices(range(14), weights=(30, 6, 6, 8, 6, 4, 3, 3, 4, 3, 3, 3, 3, 3))[0]:
        case 0:
            world.advance(random.choice((1, 5, 60, 121, 700)) * SECOND)
        case 1:
            world.sleep(random.choice((30, 600, 36_000)) * SECOND)
            world.wake()
        case 2:
            give(Acknowledge(random.choice((asked, anybody))))
        case 3:
            give(Decline(asked, unreachable=random.random() < 0.5))
        case 4:
            block(world, asked)
        case 5:
            block(world, owner)
        case 6:
            give(Take(random.choice((owner, anybody))))
        case 7:
            give(Acted(owner))
        case 8:
            give(Hit(random.choice((Level.HIGH, Level.IMMINENT)), random.choice(list(Category)), 9))
        case 9:
            give(Resolve(random.choice((owner, None))))
        case 10:
            give(random.choice((Reopen(anybody), Hit(Level.HIGH, Category.suicide, 9))))
        case 11:
            give(random.choice((StudentGone(), Back())))
        case 12 if anybody in world.roster:
            on = random.random() < 0.5
            world.duty(anybody, on)
            if on:
                give(OnDutyNow(anybody))
        case 13 if anybody in world.roster:
            world.change(anybody, active=True, reachable=True)


def block(world: World, person: int) -> None:
    """Somebody blocks the bot, or is suspended: the shell tells the cases that wait for them."""
    if person not in world.roster:
        return
    random = Random(world.steps)
    world.change(person, **{random.choice(("active", "reachable")): False})
    for one in world.owned_cases(person):
        event = OwnerLost(person) if one.owner == person else Decline(person, unreachable=True)
        world.give("case", one.id, event)


def law(world: World, seed: int) -> None:
    """C3, asked of what was really said and is really set, not of what the case remembers about it."""
    one, policy = case(world), world.policy
    where = (seed, world.steps, one)
    student = [spoken for spoken in world.said if spoken.to == STUDENT]
    for spoken in student:
        if spoken.key in HONEST or spoken.key.startswith("crisis.answer"):
            assert "119 ext 8" in str(spoken.say.args["numbers"]), where
    if one.state == "paging":
        climb = world.timers[("case", one.id, "climb")]
        assert climb.crisis and climb.due <= world.now + 15 * MINUTE, where
        late = one.paging_since + min(120 * SECOND, 2 * policy.ack)
        if world.now >= late:
            assert any(s.key in HONEST and s.at >= one.paging_since for s in student), where
        else:
            truth = world.timers.get(("case", one.id, "tell"))
            assert truth is not None and truth.crisis and truth.due <= late, where
    elif one.state in ("acknowledged", "taken"):
        assert one.owner is not None, where
        name = world.roster[one.owner].name
        unnamed = world.roster[one.owner].role == "coordinator"
        came = [s for s in student if s.key.removesuffix(".unnamed") in CAME]
        assert came and came[-1].at >= one.paging_since, where
        assert unnamed or came[-1].say.args["name"] == name, where
        assert ("case", one.id, "climb") not in world.timers, where
        if one.acted_at is None:
            assert world.timers[("case", one.id, "act")].due <= world.now + policy.case_action, where
    else:
        assert not world.timers, where
    pages = [spoken for spoken in world.said if page(spoken.key)]
    for spoken in pages:
        assert spoken.to != STUDENT, where
    if one.state != "paging" and one.acknowledged_at is not None:
        assert all(spoken.at <= one.acknowledged_at for spoken in pages), where


def quote_law(world: World, said: list[Spoken], seed: int) -> None:
    """A page of violence quotes no words; every other page quotes them."""
    for spoken in (spoken for spoken in said if page(spoken.key)):
        silent = case(world).category in ("abuse", "sexual_abuse")
        assert dict(spoken.say.private) == ({} if silent else {"words": "capek hidup"}), (seed, spoken)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_case_is_acknowledged_or_the_student_is_told_and_paging_goes_on(batch: int) -> None:
    size = SCHEDULES // BATCHES
    for seed in range(batch * size, (batch + 1) * size):
        world = schedule(seed)
        if seed % 4 == 0:  # hours of pages: enough of them
            fall_silent(world, seed)


def fall_silent(world: World, seed: int) -> None:
    """From now on nobody reacts: whatever was not acted upon is paged again, and goes on being paged."""
    one = case(world)
    if one.state == "resolved" or one.acted_at is not None:
        return
    world.advance(15 * MINUTE)
    assert case(world).state == "paging", (seed, case(world))
    law(world, seed)
    begun = world.now
    world.advance(2 * 60 * MINUTE)
    alarms = {at for at, effect in world.log if isinstance(effect, Hook)} | {s.at for s in world.said if page(s.key)}
    later = [begun, *sorted(at for at in alarms if at > begun), world.now]
    assert max(second - first for first, second in pairwise(later)) <= 15 * MINUTE, (seed, case(world))
    heard = {spoken.to for spoken in world.said if spoken.at > begun and page(spoken.key)}
    able = {s.person for s in world.roster.values() if s.active and s.reachable and s.role != "supporter"}
    assert heard == able, (seed, case(world))
