"""What must come by itself: nobody does anything any more, timers fire, and everything is delivered.

C3: whoever showed a crisis and has not been answered by a person is told so, with numbers, in time. And nobody in the
queue is forgotten: whoever may be helped by somebody on duty is offered to them.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.crisis.ladder import honest_after
from flows.support.matching import capacity, eligible
from tests.exploration.bench import Bench
from tests.exploration.choices import NAMES

FIRES = 60
"""Timers that are waited for at most."""
TRUTH = ("crisis.unanswered", "crisis.again", "crisis.still")


def unheard(bench: Bench) -> tuple[str, ...]:
    """What does not come by itself from this state on. Looked at only where something is still to come."""
    untold = [c for c in bench.things["case"].values() if _untold(c)]
    alone = _alone(bench)
    if not untold and not alone:
        return ()
    later = bench.copy()
    later.stalled = later.lagging = 0
    later.vanished = frozenset()
    later.settle()
    until = max((c.paging_since + honest_after(bench.policy) for c in untold), default=0)
    until = max(until, later.now + 3 * bench.policy.offer if alone else 0)
    for _ in range(FIRES):
        alone &= _alone(later)
        key = later.next_timer()
        if key is None or _due(later, key) > until:
            break
        later.now = max(later.now, _due(later, key))
        if key[0] == "match":
            later.settle()
        else:
            later.fire(key)
    return (*_untold_still(later, [c.id for c in untold]), *_left_alone(alone))


def _untold(case: object) -> bool:
    state, told, outcome = (getattr(case, name) for name in ("state", "told_at", "outcome"))
    return bool(state == "paging" and told is None and outcome != "erased")


def _due(bench: Bench, key: tuple[str, str | int, str]) -> int:
    return bench.match_due or 0 if key[0] == "match" else bench.timers[key].due


def _untold_still(later: Bench, cases: list[str]) -> Iterator[str]:
    for case in (later.things["case"][id] for id in cases):
        if _untold(case):
            yield f"C3 comes by itself: {NAMES[case.student]} is not told that nobody has answered"
            continue
        heard = [one[1].key for one in later.happened if one[0] == "sent" and one[1].to == case.student]
        if case.state == "paging" and later.reachable(case.student) and not any(key in TRUTH for key in heard):
            yield f"C3 comes by itself: the truth does not reach {NAMES[case.student]}"


def _alone(bench: Bench) -> frozenset[int]:
    """Students in the queue who are offered to nobody though somebody could take them."""
    asked = {o.request for o in bench.things["offer"].values() if o.state == "open"}
    there = [bench._ready(one) for role in ("supporter", "counselor") for one in bench.on_duty(role)]
    return frozenset(
        request.student
        for request in bench.things["request"].values()
        if request.state == "waiting"
        and request.id not in asked
        and any(
            eligible(request, one, bench.now)
            and one.offers < 2 * (capacity(one) - one.duty.load)
            and bench.pairings.get((request.student, one.duty.staff.person), True)
            for one in there
        )
    )


def _left_alone(students: frozenset[int]) -> Iterator[str]:
    for person in students:
        yield f"nobody is forgotten: {NAMES[person]} waits, and is offered to nobody who could help"
