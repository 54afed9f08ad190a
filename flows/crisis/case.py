"""An escalation, from the words that opened it until somebody resolves it.

Law C3: it is acknowledged by a named person, or the person in danger is told in time that nobody has answered, with
numbers, while paging goes on without end.

For whoever calls:

- `opening` opens a case: say its `answer` first, then apply its `effects` (which begin with Create and hold the first
  pages, the outside hook when due, the timers, the safety card of a supporter, the request's raise).
- A person who has a case, open or resolved, is answered by `answers.further_answer`, and the case gets a Hit.
- `words` are the triggering words of that very message, if they are at hand; without them `Facts.words` is asked.
  Words only ever travel in a Say's `private`.
- A refused page is `Decline(unreachable=True)`; a refused notice to the owner, or their suspension, `OwnerLost`.
- A counselor's line to the student, or a note, is `Acted`.
- While a case is open its `outcome` says whether the person can be reached: None, "unreachable" or "erased".
- Timers are `("case", id, "climb" | "tell" | "act")`; all are crisis timers and are never too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flows.crisis.answers import first_answer
from flows.crisis.assessment import About, Level
from flows.crisis.casework import ACT, CLIMB, TELL, CaseWork
from flows.crisis.ladder import Rung
from flows.effects import Audit, Create, Effect, Say
from flows.events import (
    Acknowledge,
    Acted,
    Back,
    Decline,
    Hit,
    Internal,
    Marked,
    OnDutyNow,
    OwnerLost,
    Placed,
    Reopen,
    Resolve,
    StudentGone,
    Take,
    Tick,
    Withheld,
)
from flows.facts import Facts, Ms
from flows.machine import ANY, SAME, Flow, FlowError, Row
from flows.snapshot import Case, CaseState
from flows.step import Step


class Trigger(StrEnum):
    HIT = "hit"
    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    TAKE = "take"
    ACTED = "acted"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    OWNER_LOST = "owner_lost"
    STUDENT_GONE = "student_gone"
    BACK = "back"
    ON_DUTY = "on_duty"
    MARK = "mark"
    WITHHELD = "withheld"
    PLACED = "placed"
    CLIMB = CLIMB
    TELL = TELL
    ACT = ACT


_TRIGGERS: dict[type[Internal], Trigger] = {
    Hit: Trigger.HIT,
    Acknowledge: Trigger.ACKNOWLEDGE,
    Decline: Trigger.DECLINE,
    Take: Trigger.TAKE,
    Acted: Trigger.ACTED,
    Resolve: Trigger.RESOLVE,
    Reopen: Trigger.REOPEN,
    OwnerLost: Trigger.OWNER_LOST,
    StudentGone: Trigger.STUDENT_GONE,
    Back: Trigger.BACK,
    OnDutyNow: Trigger.ON_DUTY,
    Marked: Trigger.MARK,
    Withheld: Trigger.WITHHELD,
    Placed: Trigger.PLACED,
}
_TICKS = {CLIMB: Trigger.CLIMB, TELL: Trigger.TELL, ACT: Trigger.ACT}

PAGING, ACKNOWLEDGED, TAKEN, RESOLVED = (
    CaseState.PAGING.value,
    CaseState.ACKNOWLEDGED.value,
    CaseState.TAKEN.value,
    CaseState.RESOLVED.value,
)
_HELD = (ACKNOWLEDGED, TAKEN)
_OPEN = (PAGING, *_HELD)

ROWS = (
    # a further crisis line
    Row("hit", (PAGING, *_HELD), PAGING, guard="rises", reply="raise_level"),
    Row("hit", PAGING, SAME, reply="hear"),
    Row("hit", _HELD, SAME, reply="tell_owner"),
    Row("hit", RESOLVED, PAGING, reply="reopen_by_hit"),
    # somebody has it, or cannot
    Row("acknowledge", PAGING, ACKNOWLEDGED, guard="can_hold", reply="accept"),
    Row("acknowledge", PAGING, SAME, reply="refuse"),
    Row("acknowledge", _HELD, SAME, guard="by_owner", reply="confirm"),
    Row("acknowledge", _HELD, SAME, guard="can_hold", reply="say_who"),
    Row("acknowledge", _HELD, SAME, reply="refuse"),
    Row("acknowledge", RESOLVED, SAME, reply="say_closed"),
    Row("decline", PAGING, SAME, guard="was_asked", reply="decline"),
    Row("decline", _HELD, PAGING, guard="owner_unreachable", reply="lose"),
    Row("decline", ACKNOWLEDGED, PAGING, guard="owner_hands_back", reply="hand_back"),
    Row("decline", TAKEN, SAME, guard="owner_hands_back", reply="confirm"),
    Row("decline", PAGING, SAME, reply="note_decline"),
    Row("decline", _HELD, SAME, guard="pressed", reply="say_who"),
    Row("decline", RESOLVED, SAME, guard="pressed", reply="say_closed"),
    Row("decline", (*_HELD, RESOLVED), SAME),
    Row("take", _OPEN, TAKEN, guard="can_hold", reply="take"),
    Row("take", _OPEN, SAME, reply="refuse"),
    Row("take", RESOLVED, SAME, reply="say_closed"),
    Row("acted", PAGING, ACKNOWLEDGED, guard="counselor_acts", reply="accept_by_acting"),
    Row("acted", _HELD, SAME, guard="owner_acts", reply="act"),
    Row("acted", ANY, SAME),
    # the end of an episode, and the next one
    Row("resolve", _OPEN, RESOLVED, guard="can_hold", reply="close"),
    Row("resolve", _OPEN, SAME, reply="refuse"),
    Row("resolve", RESOLVED, SAME, reply="say_closed"),
    Row("reopen", RESOLVED, PAGING, guard="can_hold", reply="reopen_by_hand"),
    Row("reopen", RESOLVED, SAME, reply="refuse"),
    Row("reopen", _OPEN, SAME, reply="say_open"),
    Row("mark", _OPEN, SAME, reply="mark_later"),
    Row("mark", RESOLVED, SAME, guard="may_mark", reply="mark"),
    Row("mark", RESOLVED, SAME, reply="refuse"),
    # people who vanish
    Row("owner_lost", PAGING, SAME, guard="was_asked", reply="decline"),
    Row("owner_lost", _HELD, PAGING, guard="by_owner", reply="lose"),
    Row("owner_lost", ANY, SAME),
    Row("student_gone", _OPEN, SAME, guard="gone_is_news", reply="lose_student"),
    Row("student_gone", ANY, SAME),
    Row("back", _OPEN, SAME, guard="was_unreachable", reply="find_student"),
    Row("back", ANY, SAME),
    Row("withheld", PAGING, SAME, reply="keep_away"),
    Row("withheld", _HELD, PAGING, guard="owner_is_kept_away", reply="lose_kept_away"),
    Row("withheld", _HELD, SAME),
    Row("withheld", RESOLVED, SAME, reply="unbutton_kept_away"),
    Row("placed", (PAGING, *_HELD), SAME, reply="pass_place"),
    Row("placed", RESOLVED, SAME),
    # people who come
    Row("on_duty", PAGING, SAME, guard="joins", reply="ask_too"),
    Row("on_duty", ANY, SAME),
    # time
    Row("climb", PAGING, SAME, reply="climb"),
    Row("climb", (*_HELD, RESOLVED), SAME),
    Row("tell", PAGING, SAME, reply="tell_truth"),
    Row("tell", (*_HELD, RESOLVED), SAME),
    Row("act", ACKNOWLEDGED, SAME, guard="acted"),
    Row("act", ACKNOWLEDGED, PAGING, guard="reminded", reply="lapse"),
    Row("act", ACKNOWLEDGED, SAME, reply="remind"),
    Row("act", (PAGING, TAKEN, RESOLVED), SAME),
)

FLOW = Flow(
    "case",
    states=CaseState,
    triggers=Trigger,
    initial=CaseState.PAGING,
    rows=ROWS,
    work=CaseWork,
)


def step(case: Case, event: Internal, now: Ms, facts: Facts, *, words: str | None = None) -> Step[Case]:
    """What `event` makes of `case`. `words`: the triggering words of a Hit, the writer's own. Raises FlowError for an
    event that is none of a case's."""
    trigger = _TICKS.get(event.name) if isinstance(event, Tick) else _TRIGGERS.get(type(event))
    if trigger is None:
        raise FlowError(f"case: no such event as {type(event).__name__}")
    work = CaseWork(case, event, now, facts, given=words)
    FLOW.fire(work, trigger)
    return work.done()


def open_case(
    *,
    id: str,
    student: int,
    alias: str,
    level: int,
    category: str,
    source: str,
    message: int | None,
    now: Ms,
    facts: Facts,
    about: str = "student",
    words: str = "",
) -> Step[Case]:
    """A new case with its first pages. Its effects begin with Create; the snapshot is the case as created."""
    case = Case(
        id=id,
        student=student,
        alias=alias,
        about=about,
        level=max(level, Level.HIGH),  # a case opened by hand needs no triage to be one
        category=category,
        source=source,
        message=message,
        opened_at=now,
        raised_at=now,
        paging_since=now,
        rung=Rung.START.value,
    )
    work = CaseWork(case, Hit(case.level, category, message), now, facts, given=words)
    work.begin()
    opened = Audit(None, "case.open", f"case:{id}", {"level": Level(case.level).word, "source": source})
    return Step(work.case, (Create(work.case), opened, *work.effects))


@dataclass(frozen=True, slots=True)
class Opening:
    """A case opened: what its person is told first, the case, and everything that follows, in the order of the law."""

    answer: Say
    case: Case
    effects: tuple[Effect, ...]


def opening(
    *,
    id: str,
    student: int,
    alias: str,
    level: int,
    category: str,
    source: str,
    message: int | None,
    now: Ms,
    facts: Facts,
    about: str = "student",
    words: str = "",
    subject: str = About.self,
    site: str | None = None,
) -> Opening:
    """A crisis was found in somebody who has no case: open one. `source` text | danger | helper | aside | hand | api;
    `about` student | helper: in which role the person is in danger; `subject` whom the words speak of (an About)."""
    opened = open_case(
        id=id,
        student=student,
        alias=alias,
        level=level,
        category=category,
        source=source,
        message=message,
        now=now,
        facts=facts,
        about=about,
        words=words,
    )
    case = opened.snapshot
    return Opening(first_answer(case, facts, subject, site), case, tuple(opened.effects))
