"""Who is paged when, until somebody acknowledges. The ladder asks nobody and remembers nothing: it reads how far a
case has climbed and says who is next, and after how long to climb on.

Rungs: the counselors on duty (one at a time in rota order at level high, all at once at imminent), all counselors of
the roster, the coordinators together with the outside hook, and again. A rung without people takes no time. Whoever
declined is not asked again within the same climb. The person whom the case is about is never asked, nor is anybody
whom that person keeps away from it; where nobody is left, the outside hook rings as always.

Violence told (abuse, sexual abuse) goes first to staff with the topic `kekerasan`: those on duty in rota order, then
all others of them at once, then the rest of the duty. With nobody on duty the first rung is empty here as anywhere, so
that nobody waits for a specialist who sleeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flows.crisis.assessment import Category, Level
from flows.facts import MINUTE, SECOND, Facts, Ms, Policy, Staff
from flows.snapshot import Case

VIOLENCE = frozenset({Category.abuse.value, Category.sexual_abuse.value})
TOPIC = "kekerasan"
LONGEST: Ms = 15 * MINUTE  # no pause of the ladder is longer
HONEST: Ms = 120 * SECOND  # C3: the latest moment at which an unanswered student is told


class Rung(StrEnum):
    """How far a climb has come. START is never stored: the first rung is climbed in the step that starts it."""

    START = "start"
    DUTY = "duty"
    ALL = "all"
    COORDINATORS = "coordinators"


@dataclass(frozen=True, slots=True)
class Climb:
    """One step up: ask `people` now, ring the outside `hook` if so, and climb on after `wait` ms."""

    rung: Rung
    lap: int
    fresh: bool  # a new lap: who declined in the one before may be asked again
    people: tuple[int, ...]
    hook: bool
    wait: Ms


def honest_after(policy: Policy) -> Ms:
    """How long after paging began the student is told that nobody has answered (ms)."""
    return min(HONEST, 2 * policy.ack)


def patience(policy: Policy) -> Ms:
    """How long after the one reminder an acknowledger may still stay idle before the ladder starts again (ms). The
    contract leaves it open; a person in danger has by then waited a whole CASE_ACTION_SECONDS, so it is as short as
    the time after which an unanswered student is told: two answers' time."""
    return min(policy.case_action, honest_after(policy))


def pause(lap: int, policy: Policy) -> Ms:
    """The pause between two laps (ms): doubling from ESCALATION_ACK_SECONDS, 15 minutes at most."""
    return min(LONGEST, policy.ack << min(lap, 20))


def violent(category: str) -> bool:
    """Whether a category takes the route of violence: other people first, and no words on a page."""
    return category in VIOLENCE


def climb(case: Case, facts: Facts, also: Iterable[int] = ()) -> Climb:
    """The next step up from where `case` stands; rungs without people are climbed past. `also` are asked with the
    first people found (somebody who had the case before its level rose)."""
    lap, fresh, rung = case.lap, False, Rung(case.rung)
    if rung is Rung.COORDINATORS:
        lap, fresh, rung = lap + 1, True, Rung.START
    asked = frozenset() if fresh else frozenset(case.paged)
    declined = asked - frozenset(case.asking)
    step = min(LONGEST, facts.policy.ack)
    extra = tuple(also)

    people: Sequence[int] = ()
    if rung in (Rung.START, Rung.DUTY):
        people = _on_duty(case, facts, asked, begun=rung is Rung.DUTY)
        if people:
            return Climb(Rung.DUTY, lap, fresh, _once((*people, *extra)), False, step)
        rung = Rung.ALL
    elif rung is Rung.ALL:
        rung = Rung.COORDINATORS
    if rung is Rung.ALL:
        people = [p for p in everybody(case, facts) if p not in declined]
        if people:
            return Climb(Rung.ALL, lap, fresh, _once((*people, *extra)), False, step)
    people = [p for p in coordinators(case, facts) if p not in declined]
    return Climb(Rung.COORDINATORS, lap, fresh, _once((*people, *extra)), True, pause(lap, facts.policy))


def exhausted(case: Case, by: int, facts: Facts) -> bool:
    """Whether the rung has nobody left who might answer, now that `by` has declined (and left `case.asking`): climb
    on at once. Never between two laps: with every page refused that would be a loop without a pause."""
    rung = Rung(case.rung)
    if rung is Rung.COORDINATORS:
        return False
    if rung is Rung.DUTY and case.level < Level.IMMINENT:
        return bool(case.paged) and case.paged[-1] == by
    members = everybody(case, facts) if rung is Rung.ALL else _on_duty(case, facts, frozenset(), begun=False)
    return not frozenset(members) & frozenset(case.asking)


def duty(case: Case, facts: Facts) -> tuple[int, ...]:
    """The counselors on duty in rota order, without the person whom the case is about."""
    away = shut_out(case, facts)
    return tuple(one.staff.person for one in facts.on_duty("counselor") if one.staff.person not in away)


def shut_out(case: Case, facts: Facts) -> frozenset[int]:
    """Who is never asked: the person whom the case is about, and whomever they keep away from it."""
    return frozenset((case.student, *facts.withheld(case.student)))


def everybody(case: Case, facts: Facts) -> tuple[int, ...]:
    """All counselors of the roster; for violence those with its topic first, coordinators with it included."""
    away = shut_out(case, facts)
    counselors = [one for one in facts.all_staff("counselor") if one.person not in away]
    if not violent(case.category):
        return tuple(one.person for one in counselors)
    special = _special(case, facts)
    return _once((*special, *(one.person for one in counselors)))


def coordinators(case: Case, facts: Facts) -> tuple[int, ...]:
    """All coordinators, on duty or not."""
    away = shut_out(case, facts)
    return tuple(one.person for one in facts.all_staff("coordinator") if one.person not in away)


def watchers(case: Case, facts: Facts) -> tuple[int, ...]:
    """Who hears of a case that somebody acknowledged from outside the roster, where no owner can be written to."""
    return duty(case, facts) or everybody(case, facts) or coordinators(case, facts)


def _on_duty(case: Case, facts: Facts, asked: frozenset[int], *, begun: bool) -> Sequence[int]:
    on = duty(case, facts)
    if not on:
        return ()
    groups = [[person] for person in on]
    if violent(case.category):
        special = _special(case, facts)
        first = [[person] for person in on if person in special]
        others = [person for person in special if person not in on]
        groups = [*first, others, *([person] for person in on if person not in special)]
    if case.level >= Level.IMMINENT:
        return () if begun else [person for group in groups for person in group if person not in asked]
    for group in groups:
        waiting = [person for person in group if person not in asked]
        if waiting:
            return waiting
    return ()


def _special(case: Case, facts: Facts) -> tuple[int, ...]:
    """Staff with the topic of violence, counselors before coordinators."""

    away = shut_out(case, facts)

    def chosen(staff: Sequence[Staff]) -> list[int]:
        return [one.person for one in staff if TOPIC in one.topics and one.person not in away]

    return _once((*chosen(facts.all_staff("counselor")), *chosen(facts.all_staff("coordinator"))))


def _once(people: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(people))
