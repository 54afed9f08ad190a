"""One step of a student's dialog: the crisis law first, then the table."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from flows.commands import parse_data
from flows.crisis import first
from flows.crisis.assessment import Assessment
from flows.dialogs.student import menus
from flows.dialogs.student.states import Doing, On
from flows.dialogs.student.table import FLOW
from flows.dialogs.student.work import StudentWork, choices
from flows.effects import Class, Effect, Say, Send
from flows.events import (
    Back,
    CaseOver,
    ChatOver,
    Command,
    Edited,
    Gone,
    Internal,
    Matched,
    Personal,
    Placed,
    Pressed,
    RequestOver,
    Said,
    Shown,
    TakenBack,
    Tick,
    Unrelayable,
)  # fmt: skip
from flows.facts import Facts
from flows.snapshot import Student
from flows.step import Step

_PLAIN: dict[type, On] = {
    Said: On.text, Shown: On.media, Unrelayable: On.unrelayable, Edited: On.edited,
    TakenBack: On.taken_back, Gone: On.gone, Back: On.back,
    Matched: On.matched, ChatOver: On.chat_over, RequestOver: On.request_over, CaseOver: On.case_over, Tick: On.tick,
}  # fmt: skip

_COMMANDS = {
    "start": On.start, "menu": On.menu, "help": On.help, "language": On.language, "danger": On.danger, "end": On.end,
    "report": On.report, "mydata": On.export, "forget": On.forget, "link": On.link,
    "hide": On.hidden,
}  # fmt: skip

_BUTTONS: dict[tuple[str, str], On] = {
    ("consent", "yes"): On.consent_yes, ("consent", "no"): On.consent_no, ("menu", "open"): On.menu,
    ("menu", "own"): On.start,
    ("menu", "peer"): On.peer, ("menu", "counselor"): On.counselor, ("menu", "exercises"): On.exercises,
    ("menu", "info"): On.infos, ("menu", "near"): On.near, ("menu", "data"): On.mydata, ("menu", "danger"): On.danger,
    ("queue", "stay"): On.stay, ("queue", "leave"): On.leave, ("erase", "yes"): On.erase_yes,
    ("erase", "no"): On.erase_no, ("data", "export"): On.export, ("data", "forget"): On.forget,
    ("chat", "end"): On.end, ("window", "open"): On.here,
}  # fmt: skip

_VERBS = {
    "age": On.age, "topic": On.topic, "heavy": On.heavy, "wish": On.wish, "skip": On.skip, "rate": On.rate,
    "again": On.again, "lang": On.lang, "exercise": On.exercise, "info": On.info, "hide": On.hide,
}  # fmt: skip

_TYPED = frozenset({
    Doing.CONSENTING, Doing.DECLINED, Doing.TELLING_AGE, Doing.CHOOSING, Doing.TOPIC, Doing.HEAVY, Doing.WISH,
    Doing.NOTE, Doing.AFTER_HEAVY, Doing.AFTER_RATE, Doing.AFTER_AGAIN,
})  # fmt: skip


PLACE = "place"
"""`Student.asked` while the question where they are waits for its answer."""


def trigger(student: Student, event: Personal | Internal, facts: Facts) -> On:
    """Which row of the table an event asks for."""
    if isinstance(event, Pressed):
        if event.verb == "chat" and event.id != student.chat:
            return On.stale
        return _BUTTONS.get((event.verb, event.object)) or _VERBS.get(event.verb) or On.stale
    if isinstance(event, Command):
        return _COMMANDS.get(event.name, On.unknown)
    return _PLAIN.get(type(event), On.tick)


def understand(student: Student, event: Personal | Internal, facts: Facts) -> Personal | Internal:
    """A typed number or word that names a button is that button: of the newest list, else of the question that is
    open."""
    if isinstance(event, Said) and student.state in _TYPED and not event.assessment.crisis:
        minor = student.age == "under-18" and not facts.policy.minors_meet_peers
        newest = menus.LISTS[student.shown]() if student.shown in menus.LISTS else ()
        for rows in (newest, choices(student, student.state, minor)):
            data = menus.typed(event.text, rows, facts, student.language)
            if data is not None:
                verb, name, id = parse_data(data)
                return Pressed(verb, name, id, message=event.message)
    return event


def step(student: Student, event: Personal | Internal, now: int, facts: Facts) -> Step[Student]:
    """What an event makes of a student's dialog.

    Global rules first: a text, caption, edit or choice that shows a crisis is answered and opens a case before the
    table is asked (C1, C2); the suspended question is asked again afterwards by the table's own rows.
    """
    assessment: Assessment | None = getattr(event, "assessment", None)
    commanded = isinstance(event, Command)
    event = understand(student, event, facts)
    if isinstance(event, Pressed | Command):
        student = replace(student, shown="")  # answered, or left aside
    danger = _is_danger(event)
    effects: list[Effect] = []
    crisis = bool(danger or (assessment is not None and assessment.crisis))
    if crisis:
        case, found = first.respond(student, event, assessment, danger, now, facts)
        asked = PLACE if any(isinstance(one, Say) and one.key == "crisis.ask-place" for one in found) else student.asked
        student = replace(student, case=case, asked=asked)
        effects.extend(found)
        if isinstance(event, Command) and not danger and student.state != Doing.CHATTING:
            event = Said(event.message, "", event.at, assessment or event.assessment)
    placed = False
    if not crisis and student.asked == PLACE and _tells_place(event):
        student, told = _place(student, event, facts)
        placed = bool(told)
        effects.extend(told)
    work = StudentWork(student, event, now, facts)
    work.placed = placed
    work.in_crisis = crisis
    work.commanded = commanded
    work.effects.extend(effects)
    FLOW.fire(work, trigger(student, event, facts))
    return work.done()


def _tells_place(event: Personal | Internal) -> TypeGuard[Said | Shown]:
    """Words, or the point that a phone shares. A live location would go on telling, and a venue is a name that is
    carried to nobody: whoever sends one is told so, and may still type."""
    return isinstance(event, Said) or (isinstance(event, Shown) and event.kind == "location")


def _place(student: Student, event: Said | Shown, facts: Facts) -> tuple[Student, list[Effect]]:
    """The first line or point after the question is its answer, passed on to whoever is called; the flow does with it
    what it does with any."""
    case = facts.open_case(student.person)
    told: list[Effect] = []
    if case is not None:
        told = [Send("case", case.id, Placed(event.message)), Say("crisis.place.passed", cls=Class.CRISIS)]
    return replace(student, asked=None), told


def _is_danger(event: Personal | Internal) -> bool:
    """/darurat and menu:danger: a choice that is a crisis without any text to assess."""
    if isinstance(event, Command):
        return event.name == "danger"
    return isinstance(event, Pressed) and (event.verb, event.object) == ("menu", "danger")
