"""The laws of product.md, asked of a state and of the step that led into it. Each law yields what is wrong, in a
sentence; nothing here knows how the flows do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from flows.effects import Class, Say
from flows.events import Command, Pressed, Said, Unrelayable
from flows.support.matching import eligible
from tests.exploration.bench import Bench
from tests.exploration.choices import NAMES, STUDENTS

Law = Callable[[Bench], Iterator[str]]
TRUTH = frozenset({"crisis.unanswered", "crisis.again", "crisis.still"})


def people(bench: Bench) -> Iterator[int]:
    yield from bench.things["student"]


def quiet(bench: Bench, person: int) -> bool:
    """Nothing that has happened to this person is still on its way to their dialog."""
    return all(letter.id != person for letter in bench.letters)


# --- crisis -----------------------------------------------------------------------------------------------------------


def c2_a_hit_opens_one_case_and_is_answered(bench: Bench) -> Iterator[str]:
    """In the step that takes the line: a case is open at that level or above, and the writer is told, with numbers,
    unless they are in a chat and nothing has become graver."""
    did = [one for one in bench.happened if one[0] == "did"]
    for _, person, event in did:
        if not isinstance(event, Said) or not event.assessment.crisis:
            continue
        case = bench.open_case(person)
        if case is None or case.level < event.assessment.level:
            yield f"{NAMES[person]} showed a crisis, and no case of that level is open"
            return
        told = [s for s in _said(bench) if s.cls is Class.CRISIS and s.to == person and "119" in str(s.args)]
        was = [one[2] for one in bench.happened if one[0] == "stepped" and one[1] == "case" and one[2].id == case.id]
        known = bool(was) and was[0].state != "resolved" and was[0].level >= event.assessment.level
        carried = any(o[0] == "settled" and o[1].id == event.message and o[2].chat for o in bench.happened)
        if not told and not (known and carried):
            yield f"{NAMES[person]} showed a crisis and was not answered with numbers"
        new = any(one[0] == "created" and one[1] == "case" for one in bench.happened)
        if (new or not known) and not _calls(bench, case):
            yield f"the case of {NAMES[person]} was opened or raised, and nobody is called"


def _said(bench: Bench) -> list[Say]:
    return [one[2] for one in bench.happened if one[0] == "said"]


def _calls(bench: Bench, case: Any) -> bool:
    return case.state != "paging" or ("case", case.id, "climb") in bench.timers


def c3_acknowledged_or_told(bench: Bench) -> Iterator[str]:
    """No third way: a case that nobody has goes on being paged, and its person has been told or will be, by a crisis
    timer; a case that somebody has, has an active person, who is looked after until they act."""
    for case in bench.things["case"].values():
        name = NAMES[case.student]
        if case.state == "paging":
            climb = bench.timers.get(("case", case.id, "climb"))
            if climb is None or not climb.crisis:
                yield f"nobody has the case of {name}, and nobody will be paged"
            tell = bench.timers.get(("case", case.id, "tell"))
            if case.told_at is None and case.outcome != "erased" and (tell is None or not tell.crisis):
                yield f"nobody has the case of {name}, who has not been told and will not be"
        elif case.state in ("acknowledged", "taken"):
            staff = bench.staff(case.owner) if case.owner is not None else None
            if staff is None or not quiet(bench, staff.person):
                if staff is None:
                    yield f"the case of {name} is acknowledged by nobody"
            elif not staff.active or not staff.reachable:
                yield f"{NAMES[staff.person]} has the case of {name} and is suspended or cannot be reached"
            if case.acted_at is None and ("case", case.id, "act") not in bench.timers:
                yield f"the case of {name} was acknowledged, and nobody looks whether anything is done"
        elif case.acknowledged_at is None or case.resolved_at is None:
            yield f"the case of {name} is closed and nobody has acknowledged it"


def c6_a_plain_line_pages_nobody(bench: Bench) -> Iterator[str]:
    did = [one[2] for one in bench.happened if one[0] == "did"]
    if len(did) == 1 and isinstance(did[0], Said) and not did[0].assessment.crisis:
        if any(one[0] == "created" and one[1] == "case" for one in bench.happened):
            yield "a plain line opened a case"
        raised = [o for o in bench.happened if o[0] == "stepped" and o[1] == "case" and o[3].level > o[2].level]
        if raised:
            yield "a plain line raised a case"


# --- messages ---------------------------------------------------------------------------------------------------------


def m2_every_line_has_one_end_or_one_owner(bench: Bench) -> Iterator[str]:
    on_the_way = {row.message for rows in bench.outbox.values() for row in rows}
    for line in bench.written.values():
        who = NAMES[line.writer]
        if line.fate is None:
            yield f"nothing became of a line of {who}"
        elif line.fate == "held":
            yield from _held(bench, line)
        elif line.fate == "relayed" and not line.shown and not line.told and line.id not in on_the_way:
            yield from _undelivered(bench, line)


def _held(bench: Bench, line: Any) -> Iterator[str]:
    who = NAMES[line.writer]
    if line.writer in STUDENTS:
        if bench.open_chat_of(line.writer) is not None and quiet(bench, line.writer):
            yield f"a line of {who} is still kept although somebody sits in their chat"
    elif line.writer in bench.things["desk"]:
        desk = bench.things["desk"][line.writer]
        if line.id not in (*desk.held, *desk.own):
            yield f"a line of {who} is kept, and nobody remembers for whom"
        elif not bench.open_chats(line.writer) and quiet(bench, line.writer):
            yield f"a line of {who} is kept although they hold no chat"


def _undelivered(bench: Bench, line: Any) -> Iterator[str]:
    """A line whose owner was lost before it arrived: it goes along with the story, or it is told."""
    who = NAMES[line.writer]
    chat = bench.chat(line.chat) if line.chat else None
    if chat is None:
        yield f"a line of {who} was carried nowhere"
        return
    if chat.state == "open":
        gone = line.writer == chat.student and not bench.reachable(chat.helper)
        if not gone or quiet(bench, chat.helper):
            yield f"a line of {who} went into an open chat and is nowhere"
        return
    if line.writer != chat.student:
        return  # the student left: their side is gone, and the helper has been told of the end
    request = bench.open_request_of(chat.student)
    carried = request is not None and _since(bench, request) <= chat.opened_at
    if not carried:
        yield f"a line of {who} reached nobody, will reach nobody, and they were not told"


def _since(bench: Bench, request: Any) -> int:
    previous = bench.chat(request.previous) if request.previous else None
    return previous.since if previous is not None else bench.now + 1


def m2_nothing_reaches_a_stranger(bench: Bench) -> Iterator[str]:
    """What leaves goes to who owned the chat it is part of; nothing but its own end reaches a suspended helper."""
    for one in bench.happened:
        if one[0] != "sent":
            continue
        row = one[1]
        chat = bench.chat(row.chat) if row.chat else None
        if row.message is not None:
            line = bench.written.get(row.message)
            if line is None or chat is None or row.to not in (chat.student, chat.helper):
                yield f"{NAMES[row.to]} got a line of a chat that is not theirs"
            elif line.writer == row.to:
                yield f"{NAMES[row.to]} got their own line"
            elif row.to == chat.helper and _story(bench, line) != chat.student:
                yield f"{NAMES[row.to]} got a line of another student"
            elif row.to == chat.student and (line.writer != chat.helper or line.chat != chat.id):
                yield f"{NAMES[row.to]} got a line that was not written to them"
        staff = bench.roster.get(row.to)
        if staff is not None and not staff.active and quiet(bench, row.to) and not _parting(row):
            yield f"{NAMES[row.to]} is suspended and got {row.key}"


def _story(bench: Bench, line: Any) -> int:
    if line.writer in STUDENTS:
        return int(line.writer)
    chat = bench.chat(line.chat) if line.chat else None
    return chat.student if chat is not None else 0


def _parting(row: Any) -> bool:
    """What somebody may get who is not of the roster any more: that it is over, and what anybody in danger gets.
    Nothing of a student: no line, no offer, no page, no word about a chat or a case."""
    if row.notice is not None or row.key.startswith("crisis."):
        return True
    return row.message is None and row.chat is None and row.case is None and not row.key.startswith("offer.card")


def m3_lines_keep_their_order(bench: Bench) -> Iterator[str]:
    """What one student wrote reaches one helper in one chat in the order in which it was written."""
    newest: dict[tuple[int, str], int] = {}
    for line in bench.written.values():
        if line.writer in STUDENTS:
            for key in line.shown:
                newest[key] = max(newest.get(key, 0), line.id)
    waiting = {
        (row.to, row.chat): row.message for rows in bench.outbox.values() for row in reversed(rows)
        if row.message in bench.written and bench.written[row.message].writer in STUDENTS and not row.tries
    }  # fmt: skip
    for key, message in waiting.items():
        if message is not None and key in newest and message < newest[key]:
            yield f"{NAMES[key[0]]} is shown a later line before an earlier one"


def m5_no_half_step(bench: Bench) -> Iterator[str]:
    """What is shared fits together after every transaction; a dialog fits once its mail has been stepped."""
    things = bench.things
    for offer in things["offer"].values():
        request = things["request"].get(offer.request)
        if offer.state == "open" and (request is None or request.state != "waiting"):
            yield f"an offer to {NAMES[offer.helper]} is open and its request is over"
        if offer.state == "open" and ("offer", offer.id, "expire") not in bench.timers:
            yield f"an offer to {NAMES[offer.helper]} would stay for ever"
    for person in STUDENTS:
        if person not in things["student"] or not quiet(bench, person) or bench.people[person].erased:
            continue
        student, chat = things["student"][person], bench.open_chat_of(person)
        request = bench.open_request_of(person)
        name = NAMES[person]
        if (student.state == "chatting") != (chat is not None) or (chat is not None and chat.id != student.chat):
            yield f"{name} is {student.state}, and the chat says otherwise"
        if (student.state == "waiting") != (request is not None):
            yield f"{name} is {student.state}, and the queue says otherwise"
        if request is not None and request.id != student.request:
            yield f"{name} waits with another request than they know of"


def m6_everything_is_answered(bench: Bench) -> Iterator[str]:
    """Each line has a fate in its own step; each tap and command is answered visibly."""
    for _, person, event in [one for one in bench.happened if one[0] == "did"]:
        if isinstance(event, Said | Unrelayable | Command) and not any(
            one[0] == "settled" and one[1].id == event.message for one in bench.happened
        ):  # fmt: skip
            yield f"a line of {NAMES[person]} was neither answered nor kept"
        if isinstance(event, Pressed | Command) and not any(
            (one[0] == "said" and one[1] == person) or (one[0] == "toast" and one[1] == person)
            for one in bench.happened
        ):  # fmt: skip
            yield f"{NAMES[person]} pressed or ordered something and met silence"
    for one in bench.happened:
        if one[0] == "settled" and str(one[2].fate) == "refused":
            staff = bench.roster.get(one[1].writer)
            told = any(o[0] == "said" and o[1] == one[1].writer for o in bench.happened)
            if not told and (staff is None or staff.active) and bench.reachable(one[1].writer):
                yield f"a line of {NAMES[one[1].writer]} was refused without a word"


# --- one of each ------------------------------------------------------------------------------------------------------


def one_of_each(bench: Bench) -> Iterator[str]:
    """At most one open chat, waiting request and open case a person; one accepted offer a request."""
    things = bench.things
    for kind, state, says in (
        ("chat", "open", "open chats"), ("request", "waiting", "requests in the queue"), ("case", "", "open cases"),
    ):  # fmt: skip
        count = Counter(t.student for t in things[kind].values() if (t.state == state if state else
                                                                      t.state != "resolved"))  # fmt: skip
        for person, many in count.items():
            if many > 1:
                yield f"{NAMES[person]} has {many} {says}"
    won = Counter(o.request for o in things["offer"].values() if o.state == "accepted")
    if any(many > 1 for many in won.values()):
        yield "two offers of one request were accepted"


def nobody_holds_too_much(bench: Bench) -> Iterator[str]:
    """Capacity holds for whatever is accepted; a counselor who takes a case may hold one more."""
    accepted = any(o[0] == "created" and o[1] == "chat" and o[2].case is None for o in bench.happened)
    for person, staff in bench.roster.items():
        chats = bench.open_chats(person)
        if len(chats) > staff.capacity and (staff.role == "supporter" or accepted):
            yield f"{NAMES[person]} holds {len(chats)} chats and may hold {staff.capacity}"


def the_suspended_hold_nothing(bench: Bench) -> Iterator[str]:
    for person, staff in bench.roster.items():
        if staff.active or not quiet(bench, person):
            continue
        name, desk = NAMES[person], bench.things["desk"][person]
        if bench.open_chats(person) or bench.offers_to(person):
            yield f"{name} is suspended and has a chat or an offer"
        if any(case.owner == person or person in case.asking for case in bench.owned_cases(person)):
            yield f"{name} is suspended and has a case"
        if desk.held or desk.own or desk.state == "on":
            yield f"{name} is suspended and is on duty, or keeps lines"


def nobody_waits_for_nothing(bench: Bench) -> Iterator[str]:
    """A request in the queue has an open offer, or the next round is set, or nobody is there to be asked; a chat whose
    student waits for an answer is looked after."""
    asked = {o.request for o in bench.things["offer"].values() if o.state == "open"}
    there = [one for role in ("supporter", "counselor") for one in bench.on_duty(role)]
    for request in bench.things["request"].values():
        if request.state != "waiting" or request.id in asked or bench.match_due is not None:
            continue
        if any(eligible(request, bench._ready(one), bench.now) for one in there):
            yield f"{NAMES[request.student]} waits, somebody is there, and no round is set"
    for chat in bench.things["chat"].values():
        if chat.state == "open" and chat.unanswered_at is not None and chat.watched:
            if ("chat", chat.id, "silence") not in bench.timers:
                yield f"{NAMES[chat.student]} waits for an answer, and nobody looks after the chat"
        elif chat.state == "open" and chat.unanswered_at is not None and chat.student_at:
            yield f"{NAMES[chat.student]} wrote into a chat that nobody looks after"


def helpers_lines_can_go(bench: Bench) -> Iterator[str]:
    """A helper counts the end notices that are on their way to them; while one is, every line of theirs is asked
    about. So the count is never above what is really on its way."""
    for person, desk in bench.things["desk"].items():
        if quiet(bench, person):
            coming = sum(1 for row in bench.outbox.get(person, ()) if row.notice == "chat_end")
            if desk.ending > coming:
                yield f"{NAMES[person]} waits for an end notice that will never come"


LAWS: dict[str, Law] = {
    "C2 a hit opens or raises one case in its own step, and is answered with numbers":
        c2_a_hit_opens_one_case_and_is_answered,
    "C3 acknowledged by somebody, or told, and paging goes on": c3_acknowledged_or_told,
    "C6 the floor of a lowered hit pages nobody": c6_a_plain_line_pages_nobody,
    "M2 every line has one end, or one owner to come": m2_every_line_has_one_end_or_one_owner,
    "M2 nothing reaches a stranger, nor a suspended helper": m2_nothing_reaches_a_stranger,
    "M3 a student's lines keep their order": m3_lines_keep_their_order,
    "M5 no half step: dialogs and shared things agree": m5_no_half_step,
    "M6 no line without a fate, no tap without an answer": m6_everything_is_answered,
    "at most one open chat, request and case, one accepted offer": one_of_each,
    "capacity is never exceeded, but by a take-over": nobody_holds_too_much,
    "P4 the suspended hold nothing": the_suspended_hold_nothing,
    "nobody waits for nothing": nobody_waits_for_nothing,
    "a helper's lines are not held for an end that will never come": helpers_lines_can_go,
}  # fmt: skip


def broken(bench: Bench) -> list[str]:
    """Every law that does not hold in this state, or did not in the step that led here."""
    return [f"{name}: {what}" for name, law in LAWS.items() for what in law(bench)]
