"""The table of a case: every state answers every event, and answers in the same way after a restart."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from flows.crisis import case as cases
from flows.crisis.assessment import Category, Level
from flows.effects import Hook, Say, SetTimer
from flows.events import (
    Accept,
    Acknowledge,
    Acted,
    Back,
    Decline,
    Hit,
    Internal,
    OnDutyNow,
    OwnerLost,
    Reopen,
    Resolve,
    StudentGone,
    Take,
    Tick,
)
from flows.machine import FlowError
from flows.snapshot import Case, CaseState
from tests.flows.crisis_room import STUDENT, room, supported
from tests.flows.world import START, reread, reread_event

A, B, OFF, COORDINATOR, NOBODY = 11, 12, 21, 31, 99
PEOPLE = (A, B, OFF, COORDINATOR, STUDENT, NOBODY)

EVENTS: list[Internal] = [
    *(Hit(level, category, 8) for level in (Level.HIGH, Level.IMMINENT) for category in Category),
    *(Acknowledge(by) for by in (*PEOPLE, None)),
    Acknowledge(None, "Bu Tuti"),
    *(Decline(by, gone) for by in PEOPLE for gone in (False, True)),
    *(Take(by) for by in PEOPLE),
    *(Acted(by) for by in (*PEOPLE, None)),
    *(Resolve(by) for by in (*PEOPLE, None)),
    Resolve(A, "rujukan"),
    *(Reopen(by) for by in (*PEOPLE, None)),
    *(OwnerLost(by) for by in PEOPLE),
    *(OnDutyNow(by) for by in PEOPLE),
    StudentGone(),
    StudentGone(erased=True),
    Back(),
    *(Tick("climb", n) for n in (0, 1)),
    *(Tick("tell", n) for n in (0, 1, 9)),
    Tick("act"),
]

BASE = Case(id="case-under-test1", student=STUDENT, alias="Alias", opened_at=START, paging_since=START)
CASES: list[Case] = [
    *(
        replace(BASE, level=level, rung=rung, lap=lap, paged=(A, B), asking=asking, told_at=told_at, outcome=outcome)
        for level, rung, lap, asking, told_at, outcome in product(
            (Level.HIGH, Level.IMMINENT),
            ("duty", "all", "coordinators"),
            (0, 40),
            ((), (A,), (A, B)),
            (None, START),
            (None, "unreachable", "erased"),
        )
    ),
    *(
        replace(BASE, state=state, owner=owner, acknowledged_at=START, acted_at=acted, reminded_at=reminded)
        for state, owner, acted, reminded in product(
            (CaseState.ACKNOWLEDGED, CaseState.TAKEN), (A, None), (None, START), (None, START)
        )
    ),
    replace(BASE, state=CaseState.RESOLVED, owner=A, resolved_at=START),
    replace(BASE, state=CaseState.RESOLVED, outcome="erased", category=Category.abuse),
]


def test_the_flow_is_sound_and_draws_itself() -> None:
    cases.FLOW.validate()
    assert set(cases.FLOW.states) == {state.value for state in CaseState}
    assert "paging --> acknowledged" in cases.FLOW.diagram()
    assert cases.FLOW.final == frozenset()


def test_every_state_answers_every_event_and_paging_never_stops() -> None:
    """About 25,000 pairs. What must hold after any step whatever: a paging case that was stepped into paging has its
    next climb set within a quarter of an hour, a resolved one nothing; a page goes to staff only; after an erasure
    nothing is sealed under the lost key."""
    world = room(duty=2, off=1)
    supported(world)
    count, states = 0, set(CaseState)
    for case, event in product([reread(one) for one in CASES], [reread_event(one) for one in EVENTS]):
        count += 1
        step = cases.step(case, event, START + 1, world)
        after = step.snapshot
        assert after.state in states
        climbs = [e.due for e in step.effects if isinstance(e, SetTimer) and e.name == "climb"]
        if after.state == "paging" and (case.state != "paging" or (isinstance(event, Tick) and event.name == "climb")):
            assert climbs and START < climbs[-1] <= START + 1 + 15 * 60_000, (case, event)
        for effect in step.effects:
            if isinstance(effect, Say):
                assert effect.to is not None
                if effect.key.startswith("page."):
                    assert after.state == "paging" and effect.to in (A, B, OFF, COORDINATOR), (case, event)
                if after.outcome == "erased":
                    assert effect.about is None and effect.to != STUDENT, (case, event)
            if isinstance(effect, Hook):
                assert after.state == "paging"
            if isinstance(effect, SetTimer):
                assert effect.crisis and after.state != "resolved", (case, event)
    assert count == len(CASES) * len(EVENTS) > 15_000


def test_a_case_and_its_events_survive_the_store() -> None:
    for case in CASES:
        assert reread(case) == case
    for event in EVENTS:
        assert reread_event(event) == event


def test_an_event_of_something_else_is_refused() -> None:
    for event in (Accept(A), Tick("position")):
        with pytest.raises(FlowError, match="no such event"):
            cases.step(BASE, event, START, room())
