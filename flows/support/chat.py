"""The life of a chat: the pairing of one student with one helper, from accept to end."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from flows.effects import Audit, Button, ClearTimer, Create, Match, Retract, Rows, Say, Send, SetTimer, Spend
from flows.events import Back, ChatOver, End, Gone, Internal, Line, OwnerLost, Tick
from flows.facts import Facts
from flows.machine import ANY, SAME, Flow, Row
from flows.snapshot import Chat, ChatState, Request
from flows.step import Step
from flows.support.request import CLOSING, window_watch
from flows.support.request import tick as position_tick
from flows.work import Work

REOFFERED = frozenset({"silence", "revoked", "unreachable", "rest", "withheld"})
"""Ends for which the student is not left alone: the request goes on, with everything said since accept."""


class On(StrEnum):
    line = "line"
    end = "end"
    tick = "tick"
    window = "window"
    gone = "gone"
    back = "back"


_TRIGGERS: dict[type, On] = {Line: On.line, End: On.end, Tick: On.tick, Gone: On.gone, Back: On.back}


class ChatWork(Work[Chat]):
    def from_student(self) -> bool:
        return bool(self.event.side == "student")

    def student_spoke(self) -> None:
        chat = self.thing
        self.change(student_at=self.now, unanswered_at=chat.unanswered_at or self.now, watched=True)
        if not chat.watched:
            self.want(self._watch(self.now + self.facts.policy.silence_warn))

    def helper_spoke(self) -> None:
        self.change(helper_at=self.now, unanswered_at=None, warned_at=None)

    def _watch(self, due: int) -> SetTimer:
        return SetTimer("chat", self.thing.id, "silence", due, Tick("silence"))

    def answered(self) -> bool:
        return self.thing.unanswered_at is None

    def too_silent(self) -> bool:
        asked = self.thing.unanswered_at
        return asked is not None and self.now >= asked + self.facts.policy.silence_move

    def rest_watch(self) -> None:
        """One timer a chat, set again only by the next line of the student: a reply costs no timer."""
        self.change(watched=False)

    def warn(self) -> None:
        chat, policy = self.thing, self.facts.policy
        asked = chat.unanswered_at or self.now
        if self.now < asked + policy.silence_warn:
            self.want(self._watch(asked + policy.silence_warn))
            return
        if chat.warned_at is None:
            minutes = max(1, policy.silence_warn // 60_000)
            self.want(
                Say(
                    "chat.silent.helper",
                    {"alias": chat.alias, "minutes": minutes},
                    to=chat.helper,
                    chat=chat.id,
                )
            )
            self.change(warned_at=self.now)
        self.want(self._watch(asked + policy.silence_move))

    def move_on(self) -> None:
        self._end("silence", None)

    def end(self) -> None:
        self._end(self.event.reason, self.event.by)

    def _end(self, reason: str, by: int | None) -> None:
        chat = self.thing
        self.change(ended_at=self.now, reason=reason)
        self.want(ClearTimer("chat", chat.id, "silence"), Spend(f"chat:{chat.id}"))
        if self.facts.window(chat.student) is not None:
            self.want(ClearTimer("chat", chat.id, "window"))
        if reason in REOFFERED or reason in ("taken", "erased"):
            self.want(Retract(chat.helper, chat.id))
        following = self._continue(reason) if reason in REOFFERED else None
        if reason not in ("erased", "taken"):
            self.want(Send("student", chat.student, ChatOver(chat.id, reason, following)))
        self.want(
            Say(
                f"chat.over.helper.{reason}",
                {"alias": chat.alias},
                to=chat.helper,
                chat=chat.id,
                notice="chat_end",
            ),
            Send("desk", chat.helper, ChatOver(chat.id, reason, following)),
            Audit(by, "chat.end", f"chat:{chat.id}", {"reason": reason}),
            Match(),
        )
        if following and chat.role == "counselor" and chat.case:
            self.want(Send("case", chat.case, OwnerLost(chat.helper)))

    def _continue(self, reason: str) -> str:
        chat = self.thing
        old = self.facts.request(chat.request)
        case = self.facts.open_case(chat.student)
        base = old or Request(id="", student=chat.student, opened_at=chat.opened_at)
        request = replace(
            base,
            id=self.facts.new_id(),
            state="waiting",
            kind="counselor" if chat.role == "counselor" else base.kind,
            previous=chat.id,
            avoid=(*base.avoid, chat.helper),
            matched_at=None,
            risk=max(base.risk, case.level if case else 0),
            round=0,
            shown_position=None,
        )
        self.want(Create(request), Match(), position_tick(request, self.now))
        return request.id

    # --- the platform's window ---

    def tell_window(self) -> None:
        """Before the window in which the platform lets us write closes, the student is invited to say something, and
        the helper is told. Looked at again an hour later at the earliest, and for as long as the chat lasts."""
        chat = self.thing
        until = self.facts.window(chat.student)
        if until is None:
            return
        if self.now < until <= self.now + CLOSING:
            stay: Rows = ((Button("window:open", "button.stay-connected"),),)
            self.want(
                Say("window.closing.student", {"at": until}, stay, to=chat.student, chat=chat.id),
                Say("window.closing.helper", {"alias": chat.alias, "at": until}, to=chat.helper, chat=chat.id),
            )
        self.want(window_watch(chat.id, until, self.now))

    def student_gone(self) -> None:
        chat = self.thing
        self.want(Say("chat.student.gone", {"alias": chat.alias}, to=chat.helper, chat=chat.id))

    def student_back(self) -> None:
        chat = self.thing
        self.want(Say("chat.student.back", {"alias": chat.alias}, to=chat.helper, chat=chat.id))


FLOW = Flow(
    "chat",
    states=ChatState,
    triggers=On,
    initial=ChatState.OPEN,
    final=(ChatState.ENDED,),
    work=ChatWork,
    rows=(
        Row(On.line, ANY, SAME, "from_student", "student_spoke"),
        Row(On.line, ANY, SAME, None, "helper_spoke"),
        Row(On.end, ANY, ChatState.ENDED, None, "end"),
        Row(On.tick, ANY, SAME, "answered", "rest_watch"),
        Row(On.tick, ANY, ChatState.ENDED, "too_silent", "move_on"),
        Row(On.tick, ANY, SAME, None, "warn"),
        Row(On.window, ANY, SAME, None, "tell_window"),
        Row(On.gone, ANY, SAME, None, "student_gone"),
        Row(On.back, ANY, SAME, None, "student_back"),
    ),
)


def step(chat: Chat, event: Internal, now: int, facts: Facts) -> Step[Chat]:
    """What an event makes of a chat."""
    work = ChatWork(chat, event, now, facts)
    which = _TRIGGERS[type(event)]
    if isinstance(event, Tick) and event.name == "window":
        which = On.window
    FLOW.fire(work, which)
    return work.done()
