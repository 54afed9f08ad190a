"""Who is paged when (the contract's ladder, word by word)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from flows.crisis.assessment import Category, Level
from flows.crisis.ladder import climb, honest_after, patience, pause, watchers
from flows.events import Decline, Hit, OnDutyNow
from flows.facts import Policy
from flows.snapshot import Case
from tests.flows.crisis_room import MINUTE, SECOND, STUDENT, case, crisis, hooks, pages, room

A, B, C = 11, 12, 13
OFF, OFF2 = 21, 22
COORDINATOR = 31


def test_high_pages_one_at_a_time_then_all_then_coordinators_and_the_hook() -> None:
    world = room(duty=2, off=1)
    crisis(world)
    world.advance(4 * 60 * SECOND - 1)
    assert pages(world) == [(0, A), (60, B), (120, A), (120, B), (120, OFF), (180, COORDINATOR)]
    assert hooks(world) == [180]


def test_imminent_pages_all_on_duty_at_once() -> None:
    world = room(duty=3, off=1)
    crisis(world, Level.IMMINENT)
    world.advance(60 * SECOND)
    assert pages(world) == [(0, A), (0, B), (0, C), (60, A), (60, B), (60, C), (60, OFF)]
    assert hooks(world) == []
    world.advance(60 * SECOND)
    assert pages(world)[-1] == (120, COORDINATOR)
    assert hooks(world) == [120]


@pytest.mark.parametrize("level", [Level.HIGH, Level.IMMINENT])
def test_with_nobody_on_duty_all_counselors_are_paged_at_second_0(level: Level) -> None:
    world = room(duty=0, off=2)
    crisis(world, level)
    assert pages(world) == [(0, OFF), (0, OFF2)]
    world.advance(60 * SECOND)
    assert pages(world)[2:] == [(60, COORDINATOR)]


def test_with_no_counselor_at_all_coordinators_and_the_hook_at_second_0() -> None:
    world = room(duty=0, off=0, coordinators=2)
    crisis(world)
    assert pages(world) == [(0, COORDINATOR), (0, 32)]
    assert hooks(world) == [0]


def test_with_nobody_at_all_the_hook_rings_on() -> None:
    world = room(duty=0, off=0, coordinators=0)
    crisis(world)
    world.advance(10 * MINUTE)
    assert pages(world) == []
    assert hooks(world) == [0, 60, 180, 420]


def test_pauses_between_laps_double_to_a_quarter_of_an_hour_and_never_end() -> None:
    world = room(duty=0, off=0)
    crisis(world)
    world.advance(6 * 60 * MINUTE)
    rung = hooks(world)
    gaps = [later - earlier for earlier, later in pairwise(rung)]
    assert gaps[:6] == [60, 120, 240, 480, 900, 900]
    assert max(gaps) == 900
    assert 6 * 3600 - rung[-1] < 900


def test_every_lap_asks_the_duty_first_again() -> None:
    world = room(duty=1, off=1)
    crisis(world)
    world.advance(4 * 60 * SECOND)
    assert pages(world) == [(0, A), (60, A), (60, OFF), (120, COORDINATOR), (180, A), (240, A), (240, OFF)]


def test_a_pause_is_never_longer_than_a_quarter_of_an_hour_however_slow_the_setting() -> None:
    slow = Policy(ack=3_600 * SECOND)
    assert pause(0, slow) == 15 * MINUTE
    assert honest_after(slow) == 120 * SECOND
    assert honest_after(Policy(ack=5 * SECOND)) == 10 * SECOND
    assert patience(Policy(ack=60 * SECOND, case_action=30 * SECOND)) == 30 * SECOND
    assert patience(Policy()) == 120 * SECOND
    world = room(duty=1, ack=3_600)
    crisis(world)
    world.advance(15 * MINUTE)
    assert pages(world)[1:] == [(900, A), (900, OFF)]


@pytest.mark.parametrize("unreachable", [False, True])
def test_a_decline_calls_the_next_at_once_and_the_clock_runs_from_there(unreachable: bool) -> None:
    world = room(duty=2, off=1)
    id = crisis(world)
    world.advance(10 * SECOND)
    world.give("case", id, Decline(A, unreachable))
    assert pages(world) == [(0, A), (10, B)]
    world.advance(59 * SECOND)
    assert len(pages(world)) == 2
    world.advance(1 * SECOND)
    assert pages(world)[2:] == [(70, B), (70, OFF)], "who declined is not asked again in this climb"


def test_an_earlier_one_who_declines_late_hurries_nobody() -> None:
    world = room(duty=3)
    id = crisis(world)
    world.advance(70 * SECOND)
    world.give("case", id, Decline(A))
    assert pages(world) == [(0, A), (60, B)]
    world.advance(50 * SECOND)
    assert pages(world)[2:] == [(120, C)]


def test_a_group_is_left_when_its_last_one_declines() -> None:
    world = room(duty=2, off=1)
    id = crisis(world, Level.IMMINENT)
    world.give("case", id, Decline(A))
    assert len(pages(world)) == 2
    world.give("case", id, Decline(B))
    assert pages(world)[2:] == [(0, OFF)]
    world.give("case", id, Decline(OFF))
    assert pages(world)[3:] == [(0, COORDINATOR)]
    assert hooks(world) == [0]


def test_whoever_joins_the_duty_unheard_does_not_hold_up_the_next_rung() -> None:
    world = room(duty=1, off=2)
    crisis(world, Level.IMMINENT)
    world.duty(OFF, True)
    world.advance(60 * SECOND)
    assert pages(world)[1:] == [(60, A), (60, OFF), (60, OFF2)]


def test_refusals_by_everybody_do_not_turn_the_ladder_into_a_loop() -> None:
    world = room(duty=1, off=0, coordinators=1)
    id = crisis(world)
    world.give("case", id, Decline(A, unreachable=True))
    world.give("case", id, Decline(COORDINATOR, unreachable=True))
    assert pages(world) == [(0, A), (0, COORDINATOR)]
    assert hooks(world) == [0]
    world.advance(60 * SECOND)
    assert pages(world)[2:] == [(60, A)]


def test_a_decline_by_somebody_not_asked_changes_nothing_but_is_answered() -> None:
    world = room(duty=2)
    id = crisis(world)
    before = case(world)
    world.give("case", id, Decline(OFF))
    assert case(world) == before
    assert pages(world) == [(0, A)]
    assert world.heard(OFF) == ["case.declined"]
    world.give("case", id, Decline(OFF, unreachable=True))
    assert world.heard(OFF) == ["case.declined"]


@pytest.mark.parametrize("category", [Category.abuse, Category.sexual_abuse])
def test_violence_goes_first_to_staff_with_its_topic(category: str) -> None:
    world = room(duty=3, off=2, topics=(B, OFF2, COORDINATOR))
    crisis(world, category=category)
    world.advance(300 * SECOND)
    assert pages(world) == [
        (0, B),
        *[(60, OFF2), (60, COORDINATOR)],
        (120, A),
        (180, C),
        *[(240, B), (240, OFF2), (240, COORDINATOR), (240, A), (240, C), (240, OFF)],
        (300, COORDINATOR),
    ]


def test_imminent_violence_waits_for_no_specialist() -> None:
    world = room(duty=2, off=2, topics=(B, OFF2))
    crisis(world, Level.IMMINENT, Category.abuse)
    assert pages(world) == [(0, B), (0, OFF2), (0, A)]


def test_violence_with_nobody_on_duty_reaches_all_at_second_0() -> None:
    world = room(duty=0, off=2, topics=(OFF2, COORDINATOR))
    crisis(world, category=Category.abuse)
    assert pages(world) == [(0, OFF2), (0, COORDINATOR), (0, OFF)]


def test_a_coordinator_with_the_topic_who_declined_is_not_asked_again_in_the_climb() -> None:
    world = room(duty=1, off=0, coordinators=2, topics=(32,))
    id = crisis(world, category=Category.abuse)
    assert pages(world) == [(0, 32)]
    world.give("case", id, Decline(32))
    world.advance(120 * SECOND)
    assert pages(world)[1:] == [(0, A), (60, A), (120, COORDINATOR)]


def test_the_topic_means_nothing_for_other_dangers() -> None:
    world = room(duty=2, topics=(B,))
    crisis(world, category=Category.suicide)
    assert pages(world) == [(0, A)]


def test_nobody_is_paged_about_themselves() -> None:
    world = room(duty=1, off=1)
    for person in (A, OFF, COORDINATOR):
        world.helper(STUDENT, world.roster[person].role, duty=True, rota=0)
        for rung in ("start", "duty", "all", "coordinators"):
            asked = climb(Case(id="x", student=STUDENT, alias="", rung=rung), world).people
            assert STUDENT not in asked
        assert STUDENT not in watchers(Case(id="x", student=STUDENT, alias=""), world)


def test_suspended_and_unreachable_staff_are_passed_over() -> None:
    world = room(duty=3)
    world.change(A, active=False)
    world.change(B, reachable=False)
    crisis(world)
    assert pages(world) == [(0, C)]


def test_a_rise_to_imminent_pages_anew_whoever_was_asked_or_declined() -> None:
    world = room(duty=2, off=1)
    id = crisis(world)
    world.give("case", id, Decline(A))
    world.advance(5 * SECOND)
    world.give("case", id, Hit(Level.IMMINENT, Category.suicide, 8))
    assert pages(world)[2:] == [(5, A), (5, B)]
    world.advance(60 * SECOND)
    assert pages(world)[4:] == [(65, A), (65, B), (65, OFF)]


def test_a_rise_with_nobody_on_duty_pages_all_at_once() -> None:
    world = room(duty=0, off=2)
    id = crisis(world)
    world.advance(90 * SECOND)
    world.give("case", id, Hit(Level.IMMINENT, Category.suicide, 8))
    assert pages(world)[-2:] == [(90, OFF), (90, OFF2)]


def test_who_comes_on_duty_is_asked_at_once_unless_others_are_asked_in_turn() -> None:
    world = room(duty=1, off=1)
    id = crisis(world)
    world.duty(OFF, True)
    world.give("case", id, OnDutyNow(OFF))
    assert pages(world) == [(0, A)]
    world.advance(60 * SECOND)
    assert pages(world)[1:] == [(60, OFF)]

    late = room(duty=0, off=1)
    id = crisis(late)
    late.advance(70 * SECOND)
    late.duty(OFF, True)
    late.give("case", id, OnDutyNow(OFF))
    assert pages(late)[-1] == (70, OFF)


def test_the_longest_sleep_of_the_service_delays_the_next_page_by_nothing_more() -> None:
    world = room(duty=2)
    crisis(world)
    world.sleep(9 * 60 * MINUTE)
    world.wake()
    assert pages(world)[1:] == [(9 * 3600, B)]
