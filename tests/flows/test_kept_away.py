"""Whom the student keeps away from their case: not paged, not told, not able to take it; and C3 holds all the same."""

from __future__ import annotations

import pytest

from flows.crisis.assessment import NOTHING, Category, Level
from flows.dialogs.student.states import Doing
from flows.dialogs.student.step import step as student_step
from flows.effects import Audit, Withhold
from flows.events import Acknowledge, Command, OnDutyNow, Pressed, Take, Withheld
from flows.support import chat as chats
from tests.flows.crisis_room import SECOND, STUDENT, case, crisis, hooks, pages, room
from tests.flows.world import World

A, B, OFF, COORDINATOR = 11, 12, 21, 31
EVERYBODY = (A, B, OFF, COORDINATOR)


def spoken(world: World) -> World:
    """A world in which the student has a dialog too."""
    world.flows["student"] = student_step
    world.flows["chat"] = chats.step
    world.labels.update({f"month.{n}": str(n) for n in range(1, 13)})
    return world


def press(world: World, object: str, id: str | None = None) -> None:
    world.give("student", STUDENT, Pressed("hide", object, id))


def keep_away(world: World, *people: int) -> None:
    """What the shell does when somebody has been chosen."""
    for person in people:
        world.apply([Withhold(STUDENT, "person", f"staff-{person}")])
    found = world.open_case(STUDENT)
    if found is not None:
        world.give("case", found.id, Withheld())


@pytest.mark.parametrize("level", [Level.HIGH, Level.IMMINENT])
@pytest.mark.parametrize("category", [Category.suicide, Category.abuse])
def test_nobody_kept_away_is_ever_paged(level: Level, category: Category) -> None:
    world = room(topics=(A, COORDINATOR))
    keep_away(world, A, OFF)
    crisis(world, level, category)
    world.advance(20 * 60 * SECOND)
    assert {person for _, person in pages(world)} == {B, COORDINATOR}


def test_with_everybody_kept_away_the_hook_rings_and_the_truth_is_told() -> None:
    world = room()
    keep_away(world, *EVERYBODY)
    crisis(world)
    world.advance(120 * SECOND)
    assert pages(world) == []
    assert hooks(world)[0] == 0
    assert "crisis.unanswered" in world.heard(STUDENT)
    world.advance(3600 * SECOND)
    assert len(hooks(world)) > 4, "without end"


def test_whoever_is_being_asked_is_asked_no_more_and_the_next_is_called_at_once() -> None:
    world = room()
    id = crisis(world)
    assert pages(world) == [(0, A)]
    keep_away(world, A)
    assert pages(world) == [(0, A), (0, B)]
    assert case(world).asking == (B,)
    assert (A, f"case:{id}") not in world.buttons
    keep_away(world, B, OFF, COORDINATOR)
    world.advance(125 * SECOND)
    assert "crisis.unanswered" in world.heard(STUDENT) and hooks(world)


def test_they_can_neither_acknowledge_nor_take_it() -> None:
    world = room()
    id = crisis(world)
    keep_away(world, A)
    for event in (Acknowledge(A), Take(A), OnDutyNow(A)):
        before = case(world)
        world.give("case", id, event)
        assert case(world) == before
    assert world.heard(A)[-1] == "case.refused"


def test_an_owner_who_is_kept_away_loses_the_case() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, Acknowledge(A))
    since = len(world.said)
    keep_away(world, A)
    found = case(world)
    assert (found.state, found.owner, found.asking) == ("paging", None, (B,))
    assert world.heard(STUDENT, since)[0] == "crisis.again.kept-away"
    world.advance(120 * SECOND)
    assert "crisis.unanswered" in world.heard(STUDENT, since)
    assert world.heard(A, since) == []


def test_others_who_are_kept_away_change_nothing_for_the_owner() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, Acknowledge(A))
    before = case(world)
    keep_away(world, B)
    assert case(world) == before


def test_the_audit_does_not_say_whom() -> None:
    world = spoken(room())
    crisis(world)
    press(world, f"staff-{A}")
    entries = [each for each in world.wanted(Audit) if each.action.startswith("case.withh")]
    assert len(entries) == 2
    assert all(str(A) not in str(each.detail) and "staff" not in str(each.detail) for each in entries)


def test_the_list_is_of_those_who_could_be_called() -> None:
    world = spoken(room(off=8))
    world.helper(50, "supporter", duty=True)
    press(world, "list")
    first = world.buttons[STUDENT, f"hide:{STUDENT}"]
    assert first == (*(f"hide:staff-{n}" for n in (11, 12, 21, 22, 23, 24, 25)), "hide:next-7", "hide:done")
    press(world, "next-7")
    assert world.buttons[STUDENT, f"hide:{STUDENT}"] == (
        "hide:staff-26", "hide:staff-27", "hide:staff-28", "hide:staff-31", "hide:done",
    )  # fmt: skip
    press(world, "staff-11")
    press(world, "list")
    assert "hide:staff-11" not in world.buttons[STUDENT, f"hide:{STUDENT}"]
    assert "hide:nobody" in world.buttons[STUDENT, f"hide:{STUDENT}"]
    press(world, "nobody")
    assert not world.withheld(STUDENT)


def test_a_site_is_kept_away_as_a_whole() -> None:
    world = spoken(room())
    for person in (A, OFF):
        world.change(person, site="FK")
    crisis(world)
    press(world, "site", f"staff-{A}")
    assert world.withheld(STUDENT) == {A, OFF}
    assert world.heard(STUDENT)[-1] == "hide.kept.site.called"
    world.advance(600 * SECOND)
    assert {person for at, person in pages(world) if at > 0} == {B, COORDINATOR}


@pytest.mark.parametrize("object", ["staff-50", "staff-1", "x", "site", "next-x", "next--1"])
def test_what_is_not_on_the_list_is_answered_and_does_nothing(object: str) -> None:
    world = spoken(room())
    world.helper(50, "supporter", duty=True)
    press(world, object, "staff-50")
    assert not world.withheld(STUDENT) and world.wanted(Withhold) == []


@pytest.mark.parametrize("state", list(Doing))
def test_the_command_works_in_every_state_and_leaves_it(state: Doing) -> None:
    world = spoken(room())
    world.student(STUDENT, state=state)
    before = world.things["student"][STUDENT]

    world.give("student", STUDENT, Command("hide", "", 7, world.now, NOTHING))
    assert world.heard(STUDENT) == ["hide.ask"]
    press(world, f"staff-{A}")
    assert world.things["student"][STUDENT].state == before.state
    assert world.withheld(STUDENT) == {A}
