"""Who is offered which request. A pure ranking: nothing here reads a store or a clock.

Order of requests: risk first; among equals the longest waiting. Ageing is bounded: whoever has waited longer than
AGEING for each level of difference stands as if one level higher, so that a long queue of grave requests cannot
starve an ordinary one for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flows.effects import Args, Button, Create, Effect, Say, SetTimer
from flows.events import Expire
from flows.facts import MINUTE, Policy, Ready, Waiting
from flows.snapshot import Offer, Request

AGEING = 15 * MINUTE
PASSED_REST = 2
"""A helper who passed is asked again after this many offer periods, if nobody else is there."""

# What weighs how much in the ranking of helpers for a request; a wish of the student outweighs fairness.
_WEIGHTS = {"topic": 4.0, "language": 8.0, "gender": 6.0, "site": 5.0, "again": 3.0, "idle": 2.0, "load": 3.0}


@dataclass(slots=True)
class _Seat:
    """A helper during one round."""

    ready: Ready
    room: int
    offers: int  # open ones, with those of this round


def urgency(request: Request, now: int) -> tuple[int, int]:
    """Sorting key of a request: the lower, the sooner."""
    aged = min(3, max(0, now - request.opened_at) // AGEING)
    return -(min(3, request.risk + aged)), request.opened_at


def eligible(request: Request, ready: Ready, now: int) -> bool:
    """Whether the helper may be offered the request at all: role, certificate, capacity, and not somebody whom the
    student has just lost, or is."""
    staff = ready.duty.staff
    if not staff.active or not staff.reachable or staff.person == request.student:
        return False
    if staff.role == "supporter":
        if request.kind != "peer" or (staff.certified_until or 0) < now:
            return False
    elif staff.role == "counselor":
        if request.kind != "counselor":
            return False
    else:
        return False
    return ready.duty.load < capacity(ready)


def capacity(ready: Ready) -> int:
    """How many chats the helper holds at most: the roster's figure, or fewer by their own wish."""
    wish = ready.duty.desk.limit
    return ready.duty.staff.capacity if wish is None else min(wish, ready.duty.staff.capacity)


def score(waiting: Waiting, ready: Ready, now: int) -> float:
    """How well a helper fits a request; the higher, the better."""
    request, staff = waiting.request, ready.duty.staff
    points = 0.0
    if request.topic and request.topic in staff.topics:
        points += _WEIGHTS["topic"]
    if request.language in staff.languages:
        points += _WEIGHTS["language"]
    wished = {w for w in request.wishes if w in ("female", "male")}
    if wished and staff.gender in wished:
        points += _WEIGHTS["gender"]
    if "other_site" in request.wishes and request.site and staff.site and staff.site != request.site:
        points += _WEIGHTS["site"]
    if staff.person in waiting.again:
        points += _WEIGHTS["again"]
    points += _WEIGHTS["idle"] * min(1.0, max(0, now - ready.last_offer) / (30 * MINUTE))
    return points - _WEIGHTS["load"] * ready.duty.load / max(1, capacity(ready))


def plan(
    queue: Iterable[Waiting], helpers: Sequence[Ready], now: int, policy: Policy, new_id: Callable[[], str]
) -> list[Effect]:
    """One matching round: the offers to be made now.

    Each waiting request holds at most `policy.breadth` open offers. Helpers not yet asked come first; when all have
    been asked, the same are asked again. Nobody who was wished away (`never`) is asked, and one whom the student just
    lost only when there is nobody else.
    """
    seats = [_Seat(r, max(0, 2 * (capacity(r) - r.duty.load) - r.offers), r.offers) for r in helpers]
    effects: list[Effect] = []
    for waiting in sorted(queue, key=lambda w: urgency(w.request, now)):
        wanted = policy.breadth - len(waiting.open)
        if wanted <= 0:
            continue
        for seat in _best(waiting, seats, now, policy)[:wanted]:
            seat.room -= 1
            seat.offers += 1
            effects.extend(_offer(waiting, seat.ready, now, policy, new_id()))
    return effects


def _best(waiting: Waiting, seats: Sequence[_Seat], now: int, policy: Policy) -> list[_Seat]:
    ranked: list[tuple[tuple[int, int, float, int], _Seat]] = []
    for seat in seats:
        person = seat.ready.duty.staff.person
        if seat.room <= 0 or person in waiting.open or person in waiting.never:
            continue
        if not eligible(waiting.request, seat.ready, now):
            continue
        times, newest, passed = waiting.offered.get(person, (0, 0, False))
        if passed and now < newest + PASSED_REST * policy.offer:
            continue
        lost = 1 if person in waiting.request.avoid else 0
        busy = _WEIGHTS["load"] * seat.offers / max(1, capacity(seat.ready))
        ranked.append(((lost, times, busy - score(waiting, seat.ready, now), person), seat))
    ranked.sort(key=lambda pair: pair[0])
    avoid = frozenset(waiting.request.avoid)
    if waiting.open - avoid or (ranked and ranked[0][0][:2] == (0, 0)):  # somebody else has not had their turn yet
        ranked = [pair for pair in ranked if pair[0][0] == 0]
    return [seat for _, seat in ranked]


def _offer(waiting: Waiting, ready: Ready, now: int, policy: Policy, id: str) -> list[Effect]:
    request, helper = waiting.request, ready.duty.staff.person
    offer = Offer(
        id=id,
        request=request.id,
        helper=helper,
        created_at=now,
        expires_at=now + policy.offer,
        round=request.round,
    )
    return [
        Create(offer),
        Say(
            card_key(request),
            card_args(request, now),
            to=helper,
            buttons=((Button(f"offer:accept:{id}", "button.accept"), Button(f"offer:pass:{id}", "button.pass")),),
            ref=f"offer:{id}",
        ),
        SetTimer("offer", id, "expire", offer.expires_at, Expire()),
    ]


def card_key(request: Request) -> str:
    """An offer tells topic, level, wait and wishes, never who."""
    kind = "again" if request.previous else "counselor" if request.kind == "counselor" else "new"
    return f"offer.card.{kind}"


def card_args(request: Request, now: int) -> Args:
    minutes = max(0, now - request.opened_at) // MINUTE
    english = ("english",) if request.language == "en" else ()
    return {
        "topic": f"@topic.{request.topic or 'none'}",
        "heavy": "@heavy.unknown" if request.heavy is None else f"{request.heavy}/10",
        "risk": f"@risk.{min(3, request.risk)}",
        "minutes": minutes,
        "wishes": ", ".join(f"@wish.{w}" for w in (*request.wishes, *english)) or "@wish.none",
    }


def next_round(queue: Sequence[Waiting], helpers: Sequence[Ready], now: int, policy: Policy) -> int | None:
    """When to look again although nothing happens: after the rest of somebody who passed; None when every waiting
    request has an open offer, whose end wakes the round, or nobody is there."""
    if not helpers:
        return None
    if all(w.open for w in queue):
        return None
    return now + policy.offer
