"""One step of a helper's dialog: their own danger first, then the table of their role."""

from __future__ import annotations

from flows.crisis import first
from flows.crisis.screen import Heard, heard_from_helper
from flows.dialogs.helper import counselor, supporter
from flows.dialogs.helper.states import Being, On
from flows.dialogs.helper.work import DeskWork
from flows.effects import Effect
from flows.events import (
    Back,
    ChatOver,
    Command,
    DutySet,
    Edited,
    EndNoticeLanded,
    Gone,
    Internal,
    Personal,
    Pressed,
    Revoked,
    Said,
    Shown,
    TakenBack,
    Tick,
    Unrelayable,
)  # fmt: skip
from flows.facts import Facts
from flows.snapshot import Desk
from flows.step import Step

_PLAIN: dict[type, On] = {
    Said: On.text, Shown: On.media, Unrelayable: On.unrelayable, Edited: On.edited,
    TakenBack: On.taken_back, Gone: On.gone, Back: On.back,
    ChatOver: On.chat_over, Revoked: On.revoked, EndNoticeLanded: On.landed, Tick: On.tick,
}  # fmt: skip

_COMMANDS = {
    "on": On.on, "off": On.off, "pause": On.pause, "queue": On.queue, "escalate": On.escalate, "note": On.note,
    "end": On.end, "report": On.report, "start": On.start, "menu": On.start, "help": On.help,
    "language": On.language, "danger": On.danger, "mydata": On.mydata, "forget": On.forget,
    "link": On.link, "nth": On.nth,
}  # fmt: skip

_BUTTONS: dict[tuple[str, str], On] = {
    ("offer", "accept"): On.accept, ("offer", "pass"): On.forgo, ("chat", "switch"): On.switch,
    ("chat", "end"): On.end_this, ("chat", "note"): On.note_this, ("chat", "escalate"): On.escalate_this,
    ("case", "ack"): On.ack, ("case", "decline"): On.decline, ("case", "take"): On.take,
    ("case", "resolve"): On.resolve, ("case", "right"): On.mark, ("case", "wrong"): On.mark,
    ("own", "send"): On.send_own, ("own", "rest"): On.rest_own,
    ("data", "export"): On.export, ("menu", "danger"): On.danger,
    ("window", "open"): On.here,
}  # fmt: skip


def trigger(event: Personal | Internal) -> On:
    """Which row of the table an event asks for."""
    if isinstance(event, Pressed):
        if event.verb == "lang":
            return On.lang
        if event.verb == "hand":
            return On.hand
        return _BUTTONS.get((event.verb, event.object), On.stale)
    if isinstance(event, Command):
        return _COMMANDS.get(event.name, On.unknown)
    if isinstance(event, DutySet):
        return On.duty_on if event.on else On.duty_off
    return _PLAIN.get(type(event), On.tick)


def step(desk: Desk, event: Personal | Internal, now: int, facts: Facts) -> Step[Desk]:
    """What an event makes of a helper's dialog.

    Their texts are assessed like everybody's (C1). Only the first person opens a case about the helper; a question or
    an echo of the student's words is noted with the message and pages nobody.
    """
    staff = facts.staff(desk.person)
    flow = supporter.FLOW if staff is None or staff.role == "supporter" else counselor.FLOW
    work = DeskWork(desk, event, now, facts)
    if work.state == Being.GONE and staff is not None and staff.active:
        work.state = Being.OFF.value  # reinstated by the coordinator
        work.change(asked=None)
    which = trigger(event)
    if which is On.danger or _own(event):
        work.want(*_answer(desk, event, which is On.danger, now, facts))
        if which is not On.danger and isinstance(event, Said | Shown | Edited) and work.chats():
            work.hold_own()
            return work.done()
        if which is not On.danger and isinstance(event, Said | Shown | Edited) and not work.chats():
            work.own_danger()
            return work.done()
    flow.fire(work, which)
    return work.done()


def _own(event: Personal | Internal) -> bool:
    assessment = getattr(event, "assessment", None)
    if assessment is None or not assessment.crisis:
        return False
    text = getattr(event, "text", "") or getattr(event, "caption", "") or getattr(event, "argument", "")
    return heard_from_helper(text, assessment) is Heard.own


def _answer(desk: Desk, event: Personal | Internal, danger: bool, now: int, facts: Facts) -> list[Effect]:
    return first.about_helper(desk.person, event, danger, now, facts)
