"""An owner who does nothing or is lost, a student who cannot be reached, the end and the next episode."""

from __future__ import annotations

import pytest

from flows.crisis.assessment import Level
from flows.effects import Audit, Class, Hook
from flows.events import (
    Acknowledge,
    Acted,
    Back,
    CaseOver,
    Decline,
    OwnerLost,
    Reopen,
    Resolve,
    StudentGone,
    Take,
    Tick,
)
from tests.flows.crisis_room import (
    MINUTE,
    SECOND,
    STUDENT,
    SUPPORTER,
    acknowledged,
    case,
    crisis,
    last,
    pages,
    room,
    supported,
    told,
)
from tests.flows.world import START

A, B, OFF, COORDINATOR = 11, 12, 21, 31


# --- an owner who does nothing, or is lost --------------------------------------------------------------------------


def test_an_idle_owner_is_reminded_once_then_the_ladder_starts_again() -> None:
    world, _ = acknowledged(act=600)
    world.advance(600 * SECOND)
    assert world.heard(A).count("case.remind") == 1 and len(pages(world)) == 1
    world.advance(119 * SECOND)
    assert case(world).state == "acknowledged"
    world.advance(1 * SECOND)
    assert told(world)[2:] == [(720, "crisis.again")]
    assert "numbers" in last(world, STUDENT).args
    assert pages(world)[1:] == [(720, B)]
    assert world.heard(A)[-1] == "case.lapsed" and world.heard(A).count("case.remind") == 1
    assert (case(world).state, case(world).owner) == ("paging", None)
    world.advance(120 * SECOND)
    assert told(world)[-1] == (840, "crisis.unanswered")


@pytest.mark.parametrize("event", [Acted(A), Take(A), Resolve(A), Acted(None)])
def test_an_owner_who_acted_is_left_in_peace(event: Acted | Take | Resolve) -> None:
    world, id = acknowledged()
    world.advance(605 * SECOND)
    world.give("case", id, event)
    world.advance(120 * MINUTE)
    assert len(pages(world)) == 1


def test_a_reminder_that_comes_late_does_not_blame_who_acted() -> None:
    world, id = acknowledged()
    world.give("case", id, Acted(A))
    before, count = case(world), len(world.said)
    world.give("case", id, Tick("act"))
    assert case(world) == before and len(world.said) == count


def test_somebody_elses_note_does_not_speak_for_the_owner() -> None:
    world, id = acknowledged()
    world.give("case", id, Acted(B))
    world.advance(720 * SECOND)
    assert case(world).state == "paging"


@pytest.mark.parametrize("taken", [False, True])
def test_a_lost_owner_restarts_the_ladder_at_once_and_the_student_is_told(taken: bool) -> None:
    world, id = acknowledged()
    if taken:
        world.give("case", id, Take(A))
    world.advance(30 * SECOND)
    world.change(A, active=False)
    world.give("case", id, OwnerLost(A))
    assert told(world)[-1] == (30, "crisis.again")
    assert pages(world)[1:] == [(30, B)]
    assert "@page.lost" in last(world, B).args.values()
    world.give("case", id, OwnerLost(A))
    assert len(pages(world)) == 2, "told twice, lost once"
    world.advance(120 * SECOND)
    assert told(world)[-1] == (150, "crisis.unanswered")


def test_a_refused_page_counts_against_the_owner_only_if_nothing_else_reaches_them() -> None:
    world, id = acknowledged()
    world.give("case", id, Decline(A, unreachable=True))
    assert case(world).state == "acknowledged"
    world.change(A, reachable=False)
    world.give("case", id, Decline(A, unreachable=True))
    assert case(world).state == "paging" and told(world)[-1][1] == "crisis.again"


def test_losing_somebody_who_is_only_asked_calls_the_next() -> None:
    world = room()
    id = crisis(world)
    world.change(A, reachable=False)
    world.give("case", id, OwnerLost(A))
    assert pages(world) == [(0, A), (0, B)] and told(world)[1:] == []
    world.give("case", id, OwnerLost(OFF))
    assert len(pages(world)) == 2


def test_an_owner_may_hand_it_back_until_they_hold_the_chat() -> None:
    world, id = acknowledged()
    world.give("case", id, Decline(A))
    assert pages(world)[1:] == [(0, B)] and told(world)[-1][1] == "crisis.again"
    assert world.heard(A)[-1] == "case.declined"
    world.give("case", id, Take(B))
    world.give("case", id, Decline(B))
    assert case(world).state == "taken" and last(world, B).key == "case.yours"
    world.give("case", id, Decline(A))
    assert last(world, A).key == "case.taken-by"


# --- the student cannot be reached ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("erased", "word"), [(False, "gone"), (True, "erased")])
def test_owner_and_supporter_are_told_when_the_student_goes(erased: bool, word: str) -> None:
    world, id = acknowledged()
    supported(world)
    world.give("case", id, StudentGone(erased))
    assert last(world, A).key == f"case.{word}" and last(world, A).cls is Class.CRISIS
    assert last(world, SUPPORTER).key == f"safety.{word}"
    count = len(world.said)
    world.give("case", id, StudentGone(erased))
    world.give("case", id, StudentGone(False))
    assert len(world.said) == count, "the news is told once"


def test_the_ladder_is_told_and_its_next_pages_say_so() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, StudentGone())
    assert last(world, A).key == "case.gone"
    world.advance(60 * SECOND)
    assert "@page.unreachable" in last(world, B).args.values()
    world.give("case", id, Back())
    assert last(world, A).key == last(world, B).key == "case.back"
    assert case(world).outcome is None
    world.give("case", id, StudentGone())
    world.advance(60 * SECOND)
    world.give("case", id, Back())
    assert told(world)[-2:] == [(120, "crisis.unanswered"), (120, "crisis.unanswered")], "the first met nobody"


def test_after_an_erasure_paging_goes_on_without_anything_of_theirs() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, StudentGone(erased=True))
    world.people[STUDENT].erased = True  # the world refuses whatever is still sealed under the key
    heard = world.heard(STUDENT)
    world.advance(10 * MINUTE)
    assert last(world, B).key == "page.high.wordless"
    assert "@page.erased" in last(world, B).args.values()
    assert world.heard(STUDENT) == heard
    world.give("case", id, Take(B))
    assert case(world).state == "taken" and world.things["chat"] == {}
    world.give("case", id, Resolve(B))
    assert world.heard(STUDENT) == heard and case(world).outcome == "erased"
    assert [letter for letter in world.unsent if letter.kind == "student"] == []


# --- the end, and the next episode ----------------------------------------------------------------------------------


def test_resolve_ends_the_episode_for_everybody() -> None:
    world, id = acknowledged()
    world.give("case", id, Resolve(A, "rujukan"))
    assert (case(world).state, case(world).outcome, case(world).resolved_at) == ("resolved", "rujukan", world.now)
    assert not world.timers
    assert list(world.buttons) == [(A, f"mark:{id}")], "only whether the calls were right is still asked"
    assert last(world, A).key == "case.resolved"
    assert [letter.event for letter in world.unsent] == [CaseOver(id)]
    assert "rujukan" not in str(world.wanted(Audit)), "what somebody wrote is no audit detail"
    for event in (Acknowledge(B), Take(B), Resolve(B), Decline(B)):
        world.give("case", id, event)
        assert case(world).state == "resolved" and last(world, B).key == "case.closed"


def test_somebody_else_may_resolve_and_the_owner_is_told() -> None:
    world, id = acknowledged()
    world.give("case", id, Resolve(COORDINATOR))
    assert (last(world, A).key, last(world, A).args["name"]) == ("case.resolved-by", "Kak Sari 0")


def test_resolved_before_anybody_answered_still_names_somebody_and_tells_the_student() -> None:
    world = room()
    id = crisis(world, Level.IMMINENT)
    world.give("case", id, Resolve(A))
    assert told(world)[1:] == [(0, "crisis.seen")]
    assert (case(world).owner, case(world).acknowledged_at) == (A, START)
    assert last(world, B).key == "case.resolved-by"


def test_a_later_hit_reopens_the_case_and_pages_anew() -> None:
    world, id = acknowledged()
    world.give("case", id, Take(A))
    world.give("case", id, Resolve(A))
    world.advance(24 * 60 * MINUTE)
    assert crisis(world, words="lagi") == id
    again = case(world)
    assert (again.episode, again.state, again.owner, again.acted_at) == (2, "paging", None, None)
    day = 24 * 3600
    assert told(world)[-1] == (day, "crisis.answer.calling")
    assert pages(world)[1:] == [(day, A)]
    assert "@page.reopened" in last(world, A).args.values()
    world.advance(120 * SECOND)
    assert told(world)[-1] == (day + 120, "crisis.unanswered")


def test_reopening_by_hand_tells_the_student_why_somebody_comes() -> None:
    world, id = acknowledged()
    world.give("case", id, Reopen(A))
    assert case(world).state == "acknowledged" and last(world, A).key == "case.still-open"
    world.give("case", id, Resolve(A))
    world.give("case", id, Reopen(B))
    assert case(world).state == "paging" and case(world).episode == 2
    assert told(world)[-1] == (0, "crisis.reopened")
    assert "numbers" in last(world, STUDENT).args


def test_the_outside_hook_carries_no_text() -> None:
    world = room(duty=0, off=0)
    id = crisis(world, Level.IMMINENT)
    assert world.wanted(Hook) == [Hook(id, "imminent", "suicide", 0)]
