"""Whether a call was right: asked of those who were called, once the case is resolved, until it reopens."""

from __future__ import annotations

from flows.dialogs.helper.step import step as desk_step
from flows.effects import Mark, Toast
from flows.events import Acknowledge, Marked, Pressed, Resolve, Withheld
from flows.snapshot import Desk
from tests.flows.crisis_room import case, crisis, room
from tests.flows.world import World

A, B, OFF, COORDINATOR = 11, 12, 21, 31


def resolved(by: int = A) -> tuple[World, str]:
    world = room()
    id = crisis(world)
    world.give("case", id, Acknowledge(A))
    world.give("case", id, Resolve(by))
    return world, id


def test_whoever_was_called_says_it_and_changes_their_mind() -> None:
    world, id = resolved()
    assert world.buttons[A, f"mark:{id}"] == (f"case:right:{id}", f"case:wrong:{id}")
    before = case(world)
    world.give("case", id, Marked(A, True))
    world.give("case", id, Marked(A, False))
    assert world.wanted(Mark) == [Mark(id, A, True), Mark(id, A, False)]
    assert [toast.key for toast in world.wanted(Toast)] == ["mark.right", "mark.wrong"]
    assert case(world) == before and (A, f"mark:{id}") in world.buttons, "nothing else has changed"


def test_nobody_else_may_say_it() -> None:
    world, id = resolved(by=COORDINATOR)
    assert [ref for _, ref in world.buttons] == [f"mark:{id}"], "the coordinator who resolved it is not asked"
    for person in (B, OFF, COORDINATOR):
        world.give("case", id, Marked(person, True))
        assert world.heard(person)[-1] == "case.refused"
    world.change(A, active=False)
    world.give("case", id, Marked(A, True))
    assert world.wanted(Mark) == []


def test_it_is_asked_anew_of_the_next_episode() -> None:
    world, id = resolved()
    crisis(world)
    assert not any(ref == f"mark:{id}" for _, ref in world.buttons)
    world.give("case", id, Marked(A, True))
    assert world.wanted(Mark) == [] and world.wanted(Toast)[-1].key == "mark.later"


def test_whoever_is_kept_away_by_then_is_asked_no_more() -> None:
    world, id = resolved()
    world.kept[case(world).student] = {A}
    world.give("case", id, Withheld())
    assert not world.buttons
    world.give("case", id, Marked(A, True))
    assert world.wanted(Mark) == []


def test_the_buttons_are_those_of_the_desk() -> None:
    world, id = resolved()
    world.flows["desk"] = desk_step
    world.things["desk"][A] = Desk(person=A)
    world.give("desk", A, Pressed("case", "right", id))
    world.give("desk", A, Pressed("case", "wrong", id))
    assert world.wanted(Mark) == [Mark(id, A, True), Mark(id, A, False)]
