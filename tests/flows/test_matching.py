"""Who is offered which request."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from flows.effects import Create, Say, SetTimer
from flows.facts import MINUTE, OnDuty, Policy, Ready, Staff, Waiting
from flows.snapshot import Desk, Offer, Request
from flows.support.matching import AGEING, card_args, card_key, eligible, next_round, plan, urgency

NOW = 1_795_270_000_000
POLICY = Policy(breadth=1)


def request(id: str = "r", **more: Any) -> Request:
    return Request(**{"id": id, "student": 1, "opened_at": NOW - MINUTE, **more})


def waiting(id: str = "r", **more: Any) -> Waiting:
    known = {k: more.pop(k) for k in ("open", "offered", "never", "again") if k in more}
    return Waiting(request(id, **more), "Awan", **known)


def helper(
    person: int, *, load: int = 0, offers: int = 0, last: int = 0, limit: int | None = None, **more: Any
) -> Ready:
    given = {"role": "supporter", "certified_until": NOW + 1, "capacity": 3, **more}
    staff = Staff(person=person, id=str(person), alias=f"A{person}", name=f"N{person}", **given)
    desk = Desk(person=person, state="on", limit=limit)
    return Ready(OnDuty(staff, desk, load), offers, last)


def offered(queue: list[Waiting], helpers: list[Ready], policy: Policy = POLICY) -> list[tuple[str, int]]:
    """(request, helper) of every offer, in order."""
    ids = count()
    effects = plan(queue, helpers, NOW, policy, lambda: f"offer{next(ids)}")
    return [(e.what.request, e.what.helper) for e in effects if isinstance(e, Create) and isinstance(e.what, Offer)]


def best(one: Waiting, *helpers: Ready) -> int:
    return offered([one], list(helpers))[0][1]


# --- who may be offered at all ---


@pytest.mark.parametrize(
    ("ready", "kind", "may"),
    [
        (helper(9), "peer", True),
        (helper(9, certified_until=None), "peer", False),
        (helper(9, certified_until=NOW - 1), "peer", False),
        (helper(9, certified_until=NOW), "peer", True),
        (helper(9, active=False), "peer", False),
        (helper(9, reachable=False), "peer", False),
        (helper(9, load=3), "peer", False),
        (helper(9, load=2), "peer", True),
        (helper(9, load=1, limit=1), "peer", False),
        (helper(9, load=3, limit=5), "peer", False),
        (helper(1), "peer", False),  # is the student
        (helper(9), "counselor", False),
        (helper(9, role="counselor", certified_until=None), "counselor", True),
        (helper(9, role="counselor"), "peer", False),
        (helper(9, role="coordinator"), "peer", False),
        (helper(9, role="coordinator"), "counselor", False),
    ],
)
def test_role_certificate_capacity_and_standing_decide_who_may(ready: Ready, kind: str, may: bool) -> None:
    assert eligible(request(kind=kind), ready, NOW) is may
    assert bool(offered([waiting(kind=kind)], [ready])) is may


# --- which helper ---


def test_topic_language_and_wishes_weigh() -> None:
    assert best(waiting(topic="family"), helper(8), helper(9, topics=("family",))) == 9
    assert best(waiting(language="en"), helper(8), helper(9, languages=("id", "en"))) == 9
    assert best(waiting(wishes=("female",)), helper(8, gender="male"), helper(9, gender="female")) == 9
    assert best(waiting(wishes=("other_site",), site="fk"), helper(8, site="fk"), helper(9, site="ft")) == 9
    assert best(waiting(again=frozenset({9})), helper(8), helper(9)) == 9


def test_a_wish_outweighs_fairness_and_a_language_a_topic() -> None:
    rested, tired = NOW - 60 * MINUTE, NOW - MINUTE
    assert best(waiting(wishes=("female",)), helper(8, last=rested), helper(9, gender="female", last=tired)) == 9
    speaks = helper(9, languages=("en",))
    assert best(waiting(language="en", topic="family"), helper(8, topics=("family",)), speaks) == 9


def test_fairness_and_load() -> None:
    assert best(waiting(), helper(8, last=NOW - MINUTE), helper(9, last=NOW - 20 * MINUTE)) == 9
    assert best(waiting(), helper(8, load=1), helper(9)) == 9
    assert best(waiting(), helper(8, offers=2), helper(9)) == 9


def test_a_round_spreads_its_offers() -> None:
    queue = [waiting(f"r{n}", student=100 + n) for n in range(6)]
    found = offered(queue, [helper(7), helper(8), helper(9)])
    assert sorted(person for _, person in found) == [7, 7, 8, 8, 9, 9]


def test_nobody_is_offered_more_than_twice_what_they_can_hold() -> None:
    queue = [waiting(f"r{n}", student=100 + n) for n in range(20)]
    assert len(offered(queue, [helper(9, capacity=3, load=1)])) == 4
    assert len(offered(queue, [helper(9, capacity=3, load=1, offers=3)])) == 1
    assert offered(queue, [helper(9, capacity=3, load=1, offers=4)]) == []


# --- who is never, or only at last ---


def test_never_again_is_never() -> None:
    assert offered([waiting(never=frozenset({9}))], [helper(9)]) == []


def test_whoever_was_just_lost_comes_after_everybody_else_has_had_their_turn() -> None:
    lost = {"avoid": (9,)}
    three = Policy(breadth=3)
    assert offered([waiting(**lost)], [helper(9), helper(8)], three) == [("r", 8)]
    holds = waiting(open=frozenset({8}), offered={8: (1, NOW, False)}, **lost)
    assert offered([holds], [helper(9), helper(8)], three) == []
    asked = waiting(offered={8: (1, NOW - MINUTE, False)}, **lost)
    assert offered([asked], [helper(9), helper(8)], three) == [("r", 8), ("r", 9)]
    assert offered([waiting(**lost)], [helper(9)], three) == [("r", 9)], "if nobody else is there"


def test_the_least_asked_come_first_and_all_are_asked_again() -> None:
    once = {8: (1, NOW - MINUTE, False)}
    assert best(waiting(offered=once), helper(8, topics=("study",)), helper(9)) == 9
    both = {8: (1, NOW - MINUTE, False), 9: (1, NOW - MINUTE, False)}
    assert offered([waiting(offered=both)], [helper(8), helper(9)]) == [("r", 8)]


def test_whoever_passed_rests_for_two_offers() -> None:
    rest = 2 * POLICY.offer
    assert offered([waiting(offered={9: (1, NOW - rest + 1, True)})], [helper(9)]) == []
    assert offered([waiting(offered={9: (1, NOW - rest, True)})], [helper(9)]) == [("r", 9)]


def test_whoever_holds_an_open_offer_is_not_asked_twice() -> None:
    held = waiting(open=frozenset({9}), offered={9: (1, NOW, False)})
    assert offered([held], [helper(9), helper(8)], Policy(breadth=2)) == [("r", 8)]
    assert offered([held], [helper(9), helper(8)], Policy(breadth=1)) == []


# --- which request ---


def test_risk_first_then_the_longest_waiting() -> None:
    queue = [
        waiting("new", opened_at=NOW - 1),
        waiting("old", opened_at=NOW - 9),
        waiting("risk", risk=2, opened_at=NOW),
    ]
    order = [one.request.id for one in sorted(queue, key=lambda w: urgency(w.request, NOW))]
    assert order == ["risk", "old", "new"]
    assert offered(queue, [helper(9, capacity=1)])[0] == ("risk", 9)


@pytest.mark.parametrize(("waited", "first"), [(2 * AGEING - 1, "risk"), (2 * AGEING, "old"), (9 * AGEING, "old")])
def test_ageing_is_bounded_so_that_nobody_starves(waited: int, first: str) -> None:
    old, risk = request("old", opened_at=NOW - waited), request("risk", risk=2, opened_at=NOW)
    assert min((old, risk), key=lambda one: urgency(one, NOW)).id == first


def test_nobody_overtakes_an_imminent_risk_who_has_waited_longer() -> None:
    old, risk = request("old", opened_at=NOW - 99 * AGEING), request("risk", risk=3, opened_at=NOW - 100 * AGEING)
    assert min((old, risk), key=lambda one: urgency(one, NOW)).id == "risk"


# --- what an offer says, and when to look again ---


def test_an_offer_tells_topic_level_wait_and_wishes_and_never_who() -> None:
    one = request(topic="family", heavy=7, wishes=("female",), language="en", risk=2, opened_at=NOW - 5 * MINUTE)
    args = card_args(one, NOW)
    assert args == {
        "topic": "@topic.family", "heavy": "7/10", "risk": "@risk.2", "minutes": 5,
        "wishes": "@wish.female, @wish.english",
    }  # fmt: skip
    assert card_args(request(), NOW)["wishes"] == "@wish.none"
    assert [card_key(request(**k)) for k in ({}, {"kind": "counselor"}, {"previous": "c"})] == [
        "offer.card.new", "offer.card.counselor", "offer.card.again",
    ]  # fmt: skip
    effects = plan([waiting()], [helper(9)], NOW, POLICY, lambda: "offer000")
    say = next(e for e in effects if isinstance(e, Say))
    assert (say.to, say.ref) == (9, "offer:offer000") and "Awan" not in str(say)
    assert next(e for e in effects if isinstance(e, SetTimer)).due == NOW + POLICY.offer


def test_the_round_looks_again_only_where_nothing_else_would_wake_it() -> None:
    held = waiting(open=frozenset({9}))
    assert next_round([held], [helper(9)], NOW, POLICY) is None
    assert next_round([held, waiting("s")], [helper(9)], NOW, POLICY) == NOW + POLICY.offer
    assert next_round([waiting()], [], NOW, POLICY) is None
