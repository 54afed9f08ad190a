"""Which side of a person an event belongs to: the one who seeks support, or the one who gives it. A person may be both,
and is never met as the wrong one: a helper's own story is only told after they have opened it themselves."""

from __future__ import annotations

from flows.dialogs.student.states import Doing
from flows.events import Command, Personal, Pressed
from flows.facts import Staff
from flows.snapshot import Desk, Student

STUDENT = "student"
DESK = "desk"

_STUDENT_VERBS = frozenset({
    "consent", "age", "topic", "heavy", "wish", "skip", "queue", "rate", "again", "exercise", "info", "erase", "data",
})  # fmt: skip
_DESK_VERBS = frozenset({"offer", "case", "own", "hand"})
_DESK_COMMANDS = frozenset({"on", "off", "pause", "queue", "escalate", "note", "nth"})
_IDLE = frozenset({Doing.NEW, Doing.CHOOSING, Doing.DECLINED})


def side(event: Personal, staff: Staff | None, desk: Desk | None, student: Student | None, chats: int) -> str:
    """STUDENT or DESK. `chats` counts the open chats that the person holds as a helper."""
    if staff is None or desk is None:
        return STUDENT
    if not staff.active:
        return STUDENT if desk.asked == "refused" and not _is_desk_tap(event) else DESK
    if isinstance(event, Pressed):
        if event.verb == "menu":
            return DESK if event.object == "danger" and _idle(student) else STUDENT
        if event.verb in _STUDENT_VERBS:
            return STUDENT
        if event.verb == "chat" and student is not None and event.id is not None and event.id == student.chat:
            return STUDENT
        return DESK
    if isinstance(event, Command) and event.name in _DESK_COMMANDS:
        return DESK
    return STUDENT if not _idle(student) and chats == 0 else DESK


def _idle(student: Student | None) -> bool:
    return student is None or student.state in _IDLE


def _is_desk_tap(event: Personal) -> bool:
    return isinstance(event, Pressed) and event.verb in _DESK_VERBS
