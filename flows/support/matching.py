"""Who is offered which request. A pure ranking: nothing here reads a store or a clock.

Order of requests: risk first; among equals the longest waiting. Ageing is bounded: whoever has waited longer than
AGEING for each level of difference stands as if one level higher, so that a long queue of grave requests cannot
starve an ordinary one for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from flows.effects import Args, Button, Create, Effect, Say, SetTimer
from flows.events import Expire
from flows.facts import MINUTE, Policy, Ready, Staff, Waiting
from flows.snapshot import Offer, Request

AGEING = 15 * MINUTE
PASSED_REST = 2
"""A helper who passed is asked again after this many offer periods, if nobody else is there."""

# What weighs how much in the ranking of helpers for a request; a wish of the student outweighs fairness.
_WEIGHTS = {"topic": 4.0, "language": 8.0, "gender": 6.0, "site": 5.0, "again": 3.0, "idle": 2.0, "load": 3.0}


_Key = tuple[int, int, float, int]  # just lost, how often asked, rank, person


@dataclass(slots=True)
class _Seat:
    """A helper during one round. `room`: how many more offers they may hold; `turn` counts the offers made to them."""

    ready: Ready
    room: int
    offers: int
    rest: float  # what speaks for them with every request alike: idle for long, few chats
    turn: int = 0

    @property
    def person(self) -> int:
        return self.ready.duty.staff.person

    @property
    def rank(self) -> float:
        """The lower, the sooner, among helpers who fit alike."""
        return _WEIGHTS["load"] * self.offers / max(1, capacity(self.ready)) - self.rest


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


def fit(request: Request, staff: Staff) -> float:
    """How well a helper fits a request by topic, language and wishes; the same for all who are alike in these."""
    points = 0.0
    if request.topic and request.topic in staff.topics:
        points += _WEIGHTS["topic"]
    if request.language in staff.languages:
        points += _WEIGHTS["language"]
    if staff.gender in ("female", "male") and staff.gender in request.wishes:
        points += _WEIGHTS["gender"]
    if "other_site" in request.wishes and request.site and staff.site and staff.site != request.site:
        points += _WEIGHTS["site"]
    return points


def rested(ready: Ready, now: int) -> float:
    """What speaks for a helper with every request alike."""
    idle = _WEIGHTS["idle"] * min(1.0, max(0, now - ready.last_offer) / (30 * MINUTE))
    return idle - _WEIGHTS["load"] * ready.duty.load / max(1, capacity(ready))


class _Room:
    """All seats of a round, in groups of helpers who fit every request alike, the most rested first in each: a request
    looks at the first few of each group, not at everybody, so that a round grows with the requests served."""

    def __init__(self, helpers: Sequence[Ready], now: int) -> None:
        self.seats: dict[int, _Seat] = {}
        self.free = 0
        self._groups: dict[tuple[object, ...], tuple[Staff, list[tuple[float, int, int, _Seat]]]] = {}
        for ready in helpers:
            room = max(0, 2 * (capacity(ready) - ready.duty.load) - ready.offers)
            seat = _Seat(ready, room, ready.offers, rested(ready, now))
            if room <= 0 or ready.duty.load >= capacity(ready):
                continue
            staff = ready.duty.staff
            self.seats[staff.person] = seat
            self.free += room
            alike = (staff.role, staff.languages, staff.topics, staff.gender, staff.site)
            self._groups.setdefault(alike, (staff, []))[1].append((seat.rank, staff.person, 0, seat))
        for _, group in self._groups.values():
            heapify(group)

    def first(self, request: Request, wanted: int, known: Container[int], now: int) -> list[tuple[_Key, _Seat]]:
        """Of each group the first `wanted` whom the request does not know yet."""
        found: list[tuple[_Key, _Seat]] = []
        for example, group in self._groups.values():
            points = fit(request, example)
            looked_at: list[tuple[float, int, int, _Seat]] = []
            got = 0
            while group and got < wanted:
                item = heappop(group)
                rank, person, turn, seat = item
                if turn != seat.turn or seat.room <= 0:
                    continue
                looked_at.append(item)
                if person not in known and eligible(request, seat.ready, now):
                    found.append(((0, 0, rank - points, person), seat))
                    got += 1
                elif not eligible(request, seat.ready, now) and len(looked_at) > wanted:
                    break
            for item in looked_at:
                heappush(group, item)
        return found

    def take(self, seat: _Seat) -> None:
        """An offer goes to this seat."""
        seat.room -= 1
        seat.offers += 1
        seat.turn += 1
        self.free -= 1
        staff = seat.ready.duty.staff
        alike = (staff.role, staff.languages, staff.topics, staff.gender, staff.site)
        heappush(self._groups[alike][1], (seat.rank, staff.person, seat.turn, seat))


def plan(
    queue: Iterable[Waiting], helpers: Sequence[Ready], now: int, policy: Policy, new_id: Callable[[], str]
) -> list[Effect]:
    """One matching round: the offers to be made now.

    Each waiting request holds at most `policy.breadth` open offers. Helpers not yet asked come first; when all have
    been asked, the same are asked again. Nobody who was wished away (`never`) is asked, and one whom the student just
    lost only when there is nobody else.
    """
    room = _Room([r for r in helpers if _may_be_asked(r, now)], now)
    effects: list[Effect] = []
    for waiting in sorted(queue, key=lambda w: urgency(w.request, now)):
        wanted = policy.breadth - len(waiting.open)
        if room.free <= 0:
            break
        if wanted <= 0:
            continue
        best = _best(waiting, room, wanted, now, policy)
        card = card_args(waiting.request, now) if best else {}
        for seat in best:
            room.take(seat)
            effects.extend(_offer(waiting, seat.ready, now, policy, new_id(), card))
    return effects


def _may_be_asked(ready: Ready, now: int) -> bool:
    """What holds for every request: active, reachable, certified."""
    staff = ready.duty.staff
    if not staff.active or not staff.reachable:
        return False
    return staff.role == "counselor" or (staff.certified_until or 0) >= now


def _best(waiting: Waiting, room: _Room, wanted: int, now: int, policy: Policy) -> list[_Seat]:
    request = waiting.request
    avoid = frozenset(request.avoid)
    known = frozenset((*waiting.open, *waiting.never, *waiting.offered, *avoid, *waiting.again))
    ranked = room.first(request, wanted, known, now)
    for person in known - waiting.open - waiting.never:
        seat = room.seats.get(person)
        if seat is None or seat.room <= 0 or not eligible(request, seat.ready, now):
            continue
        times, newest, passed = waiting.offered.get(person, (0, 0, False))
        if passed and now < newest + PASSED_REST * policy.offer:
            continue
        points = fit(request, seat.ready.duty.staff) + (_WEIGHTS["again"] if person in waiting.again else 0.0)
        ranked.append(((1 if person in avoid else 0, times, seat.rank - points, person), seat))
    ranked.sort(key=lambda pair: pair[0])
    if waiting.open - avoid or (ranked and ranked[0][0][:2] == (0, 0)):  # somebody else has not had their turn yet
        ranked = [pair for pair in ranked if pair[0][0] == 0]
    return [seat for _, seat in ranked[:wanted]]


def _offer(waiting: Waiting, ready: Ready, now: int, policy: Policy, id: str, card: Args) -> list[Effect]:
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
            card,
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
