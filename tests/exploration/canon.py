"""One name for all states that differ only in who is who among equals, in ids, and in times.

Students are interchangeable, and so are supporters: of all ways to number them the smallest description counts. Ids are
replaced by what they name. Of times only this is left: the order in which timers are due, and what a guard of a flow
asks of the clock. What is kept of ladders and offers is bounded (a lap is the first or a later one).
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from itertools import permutations, product
from typing import Any

import orjson

from flows.facts import MINUTE
from tests.exploration.bench import Bench
from tests.exploration.choices import COUNSELOR, STUDENTS, SUPPORTERS

MOST = 3


def digest(bench: Bench) -> bytes:
    """The canonical name of a state."""
    students = [p for p in STUDENTS if p in bench.things["student"]]
    best: bytes | None = None
    for one in _orders(bench, students, _student_sign):
        for two in _orders(bench, list(SUPPORTERS), _helper_sign):
            number = {p: n for n, p in enumerate((*one, *two, COUNSELOR))}
            found = orjson.dumps(_describe(bench, one, two, number))
            if best is None or found < best:
                best = found
    assert best is not None
    return blake2b(best, digest_size=12).digest()


def _orders(bench: Bench, people: list[int], sign: Any) -> list[tuple[int, ...]]:
    """The orders of equals that may be the smallest: those who differ by themselves stand in one order only."""
    signs: dict[Any, list[int]] = {}
    for person in people:
        signs.setdefault(sign(bench, person), []).append(person)
    groups = [list(permutations(signs[key])) for key in sorted(signs)]
    return [tuple(p for group in way for p in group) for way in product(*groups)]


def _student_sign(bench: Bench, person: int) -> Any:
    student = bench.things["student"][person]
    chat = bench.open_chat_of(person)
    case = bench.open_case(person)
    return (
        student.state, student.asked or "", chat is not None, "" if case is None else case.state,
        sum(1 for w in bench.written.values() if w.writer == person),
        sum(count for (what, who), count in bench.used.items() if who == person),
    )  # fmt: skip


def _helper_sign(bench: Bench, person: int) -> Any:
    desk = bench.things["desk"][person]
    return (
        desk.state, len(bench.open_chats(person)), len(desk.held), len(desk.own), desk.ending,
        sum(1 for o in bench.things["offer"].values() if o.helper == person and o.state == "open"),
        sum(count for (what, who), count in bench.used.items() if who == person),
    )  # fmt: skip


def _describe(bench: Bench, students: tuple[int, ...], helpers: tuple[int, ...], number: Mapping[int, int]) -> Any:
    of = _Names(bench, number)
    timers = sorted(
        (t.due, not t.crisis, kind, of.name(kind, id), name, t.event.n if name == "tell" else 0)
        for (kind, id, name), t in bench.timers.items()
    )
    due = bench.match_due
    return (
        tuple(_student(bench, p, of) for p in students),
        tuple(_helper(bench, p, of) for p in (*helpers, COUNSELOR)),
        tuple(timer[1:] for timer in timers),
        None if due is None else sum(1 for timer in timers if timer[0] <= due),
        tuple((x.kind, number[int(x.id)], type(x.event).__name__, of.chat(getattr(x.event, "chat", None)),
               str(getattr(x.event, "reason", ""))) for x in bench.letters),
        tuple(sorted((number[to], tuple(_out(row, of) for row in rows)) for to, rows in bench.outbox.items())),
        number.get(bench.stalled, -1), number.get(bench.lagging, -1),
        tuple(sorted(number[p] for p in bench.vanished)),
        tuple(sorted((what, number.get(who, -1), count) for (what, who), count in bench.used.items())),
        tuple(sorted((number[a], number[b], again) for (a, b), again in bench.pairings.items())),
    )  # fmt: skip


class _Names:
    """What an id names, seen from the people."""

    def __init__(self, bench: Bench, number: Mapping[int, int]) -> None:
        self.bench, self.number = bench, number
        self.lines = {id: n for n, id in enumerate(sorted(bench.written))}

    def chat(self, id: str | None) -> Any:
        chat = self.bench.chat(id) if id else None
        if chat is None:
            return id is not None
        return (chat.state, self.number[chat.student], self.number[chat.helper], str(chat.reason))

    def name(self, kind: str, id: Any) -> Any:
        if kind in ("student", "desk"):
            return (self.number[int(id)],)
        thing = self.bench.things[kind].get(id)
        if thing is None:
            return ()
        if kind == "offer":
            asked = self.bench.request(thing.request)
            return (-1 if asked is None else self.number[asked.student], self.number[thing.helper])
        return (self.number[thing.student],)


def _student(bench: Bench, person: int, of: _Names) -> Any:
    s, now, number = bench.things["student"][person], bench.now, of.number
    known = bench.people[person]
    request = bench.open_request_of(person)
    chat = bench.open_chat_of(person)
    cases = [c for c in bench.things["case"].values() if c.student == person]
    return (
        s.state, s.asked, s.consent, s.chat is not None and (chat is None or chat.id != s.chat), of.chat(s.chat),
        (request is not None) == (s.request is not None), s.case is not None,
        min(len([t for t in s.taps if t > now - MINUTE]), 1), now - s.told_kept_at < MINUTE,
        known.reachable, known.erased,
        None if request is None else _request(bench, request, of),
        None if chat is None else _chat(chat, of),
        tuple(_case(case, of) for case in cases),
        tuple((number.get(w.writer, -1), w.fate, bool(w.shown), w.told, of.chat(w.chat),
               _shown_to_owner(bench, w))
              for w in bench.written.values() if _about(bench, w) == person),
    )  # fmt: skip


def _about(bench: Bench, line: Any) -> int:
    """Whose story a line is part of."""
    if line.writer in STUDENTS:
        return int(line.writer)
    chat = bench.chat(line.chat) if line.chat else None
    return chat.student if chat is not None else 0


def _shown_to_owner(bench: Bench, line: Any) -> bool:
    chat = bench.open_chat_of(_about(bench, line))
    return chat is not None and (chat.helper, chat.id) in line.shown


def _request(bench: Bench, request: Any, of: _Names) -> Any:
    number = of.number
    mine = [o for o in bench.things["offer"].values() if o.request == request.id]
    offered = []
    for helper in {o.helper for o in mine}:
        his = [o for o in mine if o.helper == helper]
        newest = max(his, key=lambda o: (o.created_at, o.id))
        offered.append((number[helper], min(len(his), MOST), newest.state))
    previous = bench.chat(request.previous) if request.previous else None
    return (
        request.kind, request.risk, None if previous is None else number[previous.helper],
        tuple(sorted(number[p] for p in set(request.avoid))), min(request.shown_position or 0, 2),
        tuple(sorted(offered)),
    )  # fmt: skip


def _chat(chat: Any, of: _Names) -> Any:
    return (
        of.number[chat.helper], chat.role, chat.case is not None, chat.unanswered_at is not None,
        chat.warned_at is not None, chat.watched, chat.since == 0, chat.since < chat.opened_at,
    )  # fmt: skip


def _case(case: Any, of: _Names) -> Any:
    number = of.number
    return (
        case.about, case.state, case.level, case.category, min(case.episode, MOST), case.rung, min(case.lap, 1),
        tuple(sorted(number[p] for p in set(case.paged))), tuple(sorted(number[p] for p in set(case.asking))),
        case.told_at is not None, None if case.owner is None else number.get(case.owner, -1),
        case.acted_at is not None, case.reminded_at is not None, case.outcome,
    )  # fmt: skip


def _helper(bench: Bench, person: int, of: _Names) -> Any:
    d, staff = bench.things["desk"][person], bench.roster[person]
    over = [o for o in bench.things["offer"].values() if o.helper == person and o.state != "open"]
    return (
        staff.active, staff.reachable, d.state, of.chat(d.current), tuple(of.lines[m] for m in d.held),
        tuple(of.lines[m] for m in d.own), of.chat(d.own_chat), d.asked, min(d.ending, MOST), d.ended_at is not None,
        d.paused_until is not None and d.paused_until > bench.now, bool(over),
        tuple(_case(case, of) for case in bench.things["case"].values() if case.student == person),
    )  # fmt: skip


def _out(row: Any, of: _Names) -> Any:
    return (
        row.cls, row.key, of.chat(row.chat), row.case is not None, row.notice, of.lines.get(row.message, -1), row.tries,
    )  # fmt: skip
