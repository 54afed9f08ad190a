"""What may happen in a state, within a bound. A choice is (what, who, of what)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.crisis.assessment import About, Assessment, Category, Hit, Level
from flows.events import Back, Command, Gone, Pressed, Revoked, Said
from flows.facts import Policy
from tests.exploration.bench import Bench

Choice = tuple[str, int, str]
EVERYBODY = -1
SYSTEM = 0
ALWAYS = (0, -1)
"""How often something may happen that is not counted."""


def _grave(level: Level) -> Assessment:
    words = "capek hidup"
    hit = Hit("rule", words, 0, len(words), level, Category.suicide)
    return Assessment(level, Category.suicide, About.self, (hit,))


# C6: a plain line here is one whose hit was lowered to its floor. It pages nobody.
WORDS: Mapping[str, Assessment] = {
    "says": Assessment(Level.DISTRESS, Category.suicide, About.self),
    "cries": _grave(Level.HIGH),
    "screams": _grave(Level.IMMINENT),
    "writes": Assessment(Level.NONE),
    "writes late": Assessment(Level.NONE),
    "despairs": Assessment(Level.HIGH, Category.suicide, About.self),
}
LATE = 2_000
"""How long before an end notice arrived a line that comes after it was written (ms)."""


@dataclass(frozen=True)
class Bound:
    """What is explored: who is there, what may happen and how often (`often`: for one person, for all together), and
    how many choices follow one another at most. What is not in `often` does not happen."""

    name: str
    often: Mapping[str, tuple[int, int]]
    depth: int
    capacity: int = 2
    students: tuple[str, ...] = ("waits", "waits")
    on_duty: bool = True
    policy: Policy = field(default_factory=lambda: Policy(breadth=2))

    def allows(self, bench: Bench, what: str, who: int) -> bool:
        """Whether the bound leaves room for one more."""
        each, together = self.often.get(what, (0, 0))
        mine, all_ = bench.used.get((what, who), 0), bench.used.get((what, EVERYBODY), 0)
        return (each, together) == ALWAYS or (mine < each and all_ < together)


STUDENTS = (1, 2)
SUPPORTERS = (11, 12)
COUNSELOR = 21
NAMES = {1: "Ana", 2: "Budi", 11: "Sari", 12: "Tono", 21: "Rini", SYSTEM: ""}


def start(bound: Bound) -> Bench:
    """Where the bound begins: everybody is welcome, each student is at the menu, waits, or talks to a supporter."""
    bench = Bench.new(bound.policy)
    for person in SUPPORTERS:
        bench.hire(person, "supporter", duty=bound.on_duty, capacity=bound.capacity)
    bench.hire(COUNSELOR, "counselor", duty=bound.on_duty, name="Bu Rini", capacity=1)
    for person, doing in zip(STUDENTS, bound.students, strict=False):
        bench.arrive(person, NAMES[person])
        if doing != "chooses":
            _asks(bench, person)
        if doing == "talks":
            offer = next(o for o in bench.things["offer"].values() if o.state == "open" and o.helper == 11)
            bench.act("desk", 11, Pressed("offer", "accept", offer.id))
    return bench


def choices(bench: Bench, bound: Bound) -> list[Choice]:
    """Everything that may happen now, in an order that is always the same."""
    found = [*_time(bench, bound)]
    for person in bench.things["student"]:
        if not bench.people[person].erased:
            found += _student(bench, person)
    for person in bench.things["desk"]:
        found += _helper(bench, person)
    for person in (*STUDENTS, *SUPPORTERS, COUNSELOR):
        if person in bench.people and not bench.people[person].erased:
            found += _platform(bench, person)
    return [one for one in found if bound.allows(bench, one[0], one[1])]


def _time(bench: Bench, bound: Bound) -> Iterator[Choice]:
    if bench.next_timer() is not None:
        yield ("time passes", SYSTEM, "")
        for name in ("silence", "tell", "act"):
            if any(key[2] == name for key in bench.timers):
                yield ("time passes until", SYSTEM, name)
    if bench.stalled or bench.lagging:
        yield ("a crash", SYSTEM, "")


def _student(bench: Bench, person: int) -> Iterator[Choice]:
    student = bench.things["student"][person]
    if not bench.people[person].reachable:
        yield ("returns", person, "")
        return
    for what in ("says", "cries", "screams", "erases"):
        yield (what, person, "")
    match student.state:
        case "choosing":
            yield ("asks", person, "")
        case "waiting":
            yield ("leaves", person, "")
        case "chatting":
            yield ("ends", person, "")
        case _:
            yield ("turns away", person, "")
    over = [c.id for c in bench.things["chat"].values() if c.student == person and c.state == "ended"]
    if over:
        yield ("presses an old end", person, over[-1])


def _helper(bench: Bench, person: int) -> Iterator[Choice]:
    staff, desk = bench.roster[person], bench.things["desk"][person]
    if not staff.reachable:
        yield ("returns", person, "")
        return
    if staff.active:
        yield ("is revoked", person, "")
    for offer in bench.things["offer"].values():
        if offer.helper == person and offer.state == "open":
            yield ("accepts", person, offer.id)
            yield ("passes", person, offer.id)
    stale = [o.id for o in bench.things["offer"].values() if o.helper == person and o.state != "open"]
    if stale:
        yield ("presses an old offer", person, stale[-1])
    if desk.state == "gone" and desk.asked == "refused":
        return  # a student like anybody else from here on
    for what in ("writes", "writes late"):
        if what == "writes" or (desk.ended_at or desk.ending):
            yield (what, person, "")
    yield ("goes off duty" if desk.state == "on" else "goes on duty", person, "")
    for chat in bench.open_chats(person):
        yield ("ends", person, chat.id)
        yield ("calls a counselor", person, chat.id)
        yield ("despairs", person, "")
        if desk.held:
            yield ("chooses", person, chat.id)
    if desk.own:
        yield ("sends after all", person, "")
        yield ("rests", person, "")
    if staff.role == "counselor":
        for case in bench.things["case"].values():
            for what in ("acknowledges", "declines", "takes", "resolves"):
                yield (what, person, case.id)


def _platform(bench: Bench, person: int) -> Iterator[Choice]:
    if bench.people[person].reachable and person not in bench.vanished:
        yield ("blocks the bot", person, "")
        yield ("vanishes", person, "")
    if not bench.stalled:
        yield ("is not delivered to", person, "")
    elif bench.stalled == person:
        yield ("is delivered to", person, "")
        if person in bench.outbox:
            yield ("gets the next", person, "")
    if not bench.lagging:
        yield ("is not stepped", person, "")
    elif bench.lagging == person:
        yield ("is stepped", person, "")


# --- how it happens ---------------------------------------------------------------------------------------------------


def perform(bench: Bench, choice: Choice, bound: Bound) -> None:
    """Let it happen, and count it where the bound counts."""
    what, who, of = choice
    if bound.often[what] != ALWAYS:
        for key in ((what, who), (what, EVERYBODY)):
            bench.used[key] = bench.used.get(key, 0) + 1
    HOW[what](bench, who, of)
    tidy(bench)


def _line(bench: Bench, who: int, of: str, *, what: str, kind: str) -> None:
    bench.ids += 1
    at = bench.now - (LATE if what == "writes late" else 0)
    text = "capek hidup" if WORDS[what].level >= Level.HIGH else "halo kak"
    bench.act(kind, who, Said(bench.ids, text, at, WORDS[what]))


def _says(what: str, kind: str) -> Any:
    return lambda bench, who, of: _line(bench, who, of, what=what, kind=kind)


def _presses(kind: str, verb: str, name: str) -> Any:
    return lambda bench, who, of: bench.act(kind, who, Pressed(verb, name, of or None))


def _orders(kind: str, name: str) -> Any:
    def order(bench: Bench, who: int, of: str) -> None:
        bench.ids += 1
        bench.act(kind, who, Command(name, "", bench.ids, bench.now))

    return order


def _asks(bench: Bench, who: int, of: str = "") -> None:
    """From the menu into the queue, every question skipped."""
    for verb, name in (("menu", "peer"), *(("skip", q) for q in ("topic", "heavy", "wish", "note"))):
        bench.act("student", who, Pressed(verb, name))


def _erases(bench: Bench, who: int, of: str) -> None:
    _orders("student", "forget")(bench, who, of)
    for _ in range(2):
        if not bench.people[who].erased:
            bench.act("student", who, Pressed("erase", "yes"))


def _ends(bench: Bench, who: int, of: str) -> None:
    if of:
        bench.act("desk", who, Pressed("chat", "end", of))
    else:
        _orders("student", "end")(bench, who, of)


def _is_revoked(bench: Bench, who: int, of: str) -> None:
    bench.change(who, active=False)
    bench.post("desk", who, Revoked())
    bench.settle()


def _goes(on: bool) -> Any:
    def go(bench: Bench, who: int, of: str) -> None:
        _orders("desk", "on" if on else "off")(bench, who, of)

    return go


def _blocks(bench: Bench, who: int, of: str) -> None:
    """The platform tells us that somebody has blocked the bot."""
    bench.away(who)
    for kind in ("student", "desk"):
        if who in bench.things[kind]:
            bench.act(kind, who, Gone())


def _vanishes(bench: Bench, who: int, of: str) -> None:
    """Nobody knows before something is sent."""
    bench.vanished |= {who}


def _returns(bench: Bench, who: int, of: str) -> None:
    bench.back(who)
    bench.act("desk" if who in bench.roster else "student", who, Back())


def _stall(bench: Bench, who: int, of: str) -> None:
    bench.stalled = who


def _lag(bench: Bench, who: int, of: str) -> None:
    bench.lagging = who


def _flow(bench: Bench, who: int, of: str) -> None:
    bench.stalled = 0
    bench.settle()


def _catch_up(bench: Bench, who: int, of: str) -> None:
    bench.lagging = 0
    bench.settle()


def _next(bench: Bench, who: int, of: str) -> None:
    bench.deliver(who)
    bench.settle()


def _crash(bench: Bench, who: int, of: str) -> None:
    """What was on its way arrives, and nothing remembers it: it is sent again. The sweeps find everything else."""
    if bench.stalled in bench.outbox:
        bench.deliver(bench.stalled, forgotten=True)
    bench.stalled = bench.lagging = 0
    bench.settle()


DULL = frozenset({"position"})
"""Timers that only tell a place in the queue: they fire on the way to the next that does more."""


def _passes(bench: Bench, who: int, of: str) -> None:
    """Time passes until something is due; with `of`, until a timer of this name is."""
    for _ in range(60):
        key = bench.next_timer()
        if key is None:
            return
        if key[0] == "match":
            bench.now = max(bench.now, bench.match_due or 0)
            bench.happened.append(("fired", key))
            bench.settle()
        else:
            bench.fire(key)
        if key[2] == of or (not of and key[2] not in DULL):
            return


HOW: dict[str, Any] = {
    "says": _says("says", "student"), "cries": _says("cries", "student"), "screams": _says("screams", "student"),
    "asks": _asks, "leaves": _presses("student", "queue", "leave"), "ends": _ends,
    "turns away": _orders("student", "menu"), "presses an old end": _presses("student", "chat", "end"),
    "erases": _erases,
    "accepts": _presses("desk", "offer", "accept"), "passes": _presses("desk", "offer", "pass"),
    "presses an old offer": _presses("desk", "offer", "accept"),
    "writes": _says("writes", "desk"), "writes late": _says("writes late", "desk"),
    "despairs": _says("despairs", "desk"), "sends after all": _presses("desk", "own", "send"),
    "rests": _presses("desk", "own", "rest"), "chooses": _presses("desk", "chat", "switch"),
    "calls a counselor": _presses("desk", "chat", "escalate"),
    "goes off duty": _goes(False), "goes on duty": _goes(True),
    "is revoked": _is_revoked,
    "acknowledges": _presses("desk", "case", "ack"), "declines": _presses("desk", "case", "decline"),
    "takes": _presses("desk", "case", "take"), "resolves": _presses("desk", "case", "resolve"),
    "blocks the bot": _blocks, "vanishes": _vanishes, "returns": _returns,
    "is not delivered to": _stall, "is delivered to": _flow, "gets the next": _next,
    "is not stepped": _lag, "is stepped": _catch_up, "a crash": _crash,
    "time passes": _passes, "time passes until": _passes,
}  # fmt: skip


def tidy(bench: Bench) -> None:
    """Forget what nothing can come back to: over offers of requests that are over (but a helper's newest, which they
    may still press), over requests and chats that nothing names."""
    things = bench.things
    newest = {o.helper: o.id for o in things["offer"].values() if o.state != "open"}
    requests = things["request"]
    things["offer"] = {
        id: o for id, o in things["offer"].items()
        if newest.get(o.helper) == id or o.state == "open" or requests[o.request].state == "waiting"
    }  # fmt: skip
    named = {s.chat for s in things["student"].values()} | {w.chat for w in bench.written.values()}
    named |= {r.previous for r in requests.values() if r.state == "waiting"}
    named |= {row.chat for rows in bench.outbox.values() for row in rows}
    named |= {getattr(letter.event, "chat", None) for letter in bench.letters}
    things["chat"] = {id: c for id, c in things["chat"].items() if c.state == "open" or id in named}
    named = {c.request for c in things["chat"].values()} | {o.request for o in things["offer"].values()}
    things["request"] = {id: r for id, r in requests.items() if r.state == "waiting" or id in named}
