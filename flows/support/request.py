"""The life of a request: a student's place in the queue. It never ages out: only a person ends it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from flows.effects import (
    Audit,
    Button,
    ClearTimer,
    Create,
    Effect,
    HandOver,
    Match,
    Say,
    Send,
    SetTimer,
)  # fmt: skip
from flows.events import Accept, Internal, Leave, Matched, Raise, RequestOver, Tick, Widen, Withdraw
from flows.facts import MINUTE, Facts
from flows.machine import ANY, SAME, Flow, Row
from flows.snapshot import Chat, Request, RequestState
from flows.step import Step
from flows.work import Work

POSITION_EVERY = MINUTE
LOOK_BACK = 24 * 60 * MINUTE
"""What a student wrote up to a day before asking belongs to the story that is handed over."""


class On(StrEnum):
    accept = "accept"
    leave = "leave"
    lift = "raise"
    widen = "widen"
    tick = "tick"


_TRIGGERS: dict[type, On] = {
    Accept: On.accept,
    Leave: On.leave,
    Raise: On.lift,
    Widen: On.widen,
    Tick: On.tick,
}


def leave_button() -> Button:
    return Button("queue:leave", "button.leave")


class RequestWork(Work[Request]):
    def left(self) -> bool:
        return bool(self.event.reason == "student")

    def accept(self) -> None:
        """Somebody's accept won: there is a chat from here on, and everybody else is told."""
        request, helper = self.thing, self.event.helper
        staff = self.facts.staff(helper)
        offers = self.facts.open_offers(request.id)
        self.change(matched_at=self.now)
        if staff is None:
            return
        previous = self.facts.chat(request.previous) if request.previous else None
        since = previous.since if previous else request.opened_at - LOOK_BACK
        case = self.facts.open_case(request.student)
        named = staff.role == "counselor"
        chat = Chat(
            id=self.facts.new_id(), request=request.id, student=request.student, helper=helper, role=staff.role,
            alias=self.facts.alias(request.student), helper_alias=staff.name if named else staff.alias,
            case=case.id if case else None, opened_at=self.now, since=since, student_at=self.now, helper_at=self.now,
            unanswered_at=self.now, watched=True,
        )  # fmt: skip
        self.want(
            Create(chat),
            *[Send("offer", o.id, Withdraw(lost=True)) for o in offers if o.helper != helper],
            Send("student", request.student, Matched(chat.id)),
            Say(
                "offer.won",
                {"alias": chat.alias},
                to=helper,
                chat=chat.id,
                ref=f"chat:{chat.id}",
                buttons=((Button(f"chat:end:{chat.id}", "button.end"),),),
            ),
            HandOver(helper, chat.id, request.student, since, chat.alias, read_by_staff=named),
            ClearTimer("request", request.id, "position"),
            SetTimer("chat", chat.id, "silence", self.now + self.facts.policy.silence_warn, Tick("silence")),
            Audit(helper, "request.accept", f"request:{request.id}", {"chat": chat.id}),
        )

    def close(self) -> None:
        request = self.thing
        self.want(*[Send("offer", o.id, Withdraw()) for o in self.facts.open_offers(request.id)])
        self.want(ClearTimer("request", request.id, "position"))
        if self.event.reason != "taken":
            self.want(Send("student", request.student, RequestOver(request.id)))

    def lift(self) -> None:
        if self.event.level > self.thing.risk:
            self.change(risk=self.event.level)
            self.want(Match())

    def widen(self) -> None:
        if self.thing.kind != "peer":
            self.change(kind="peer")
            self.want(Match())

    def show_position(self) -> None:
        """Tell the place in the queue again when it has changed, by editing the line that told it."""
        place = self.facts.position(self.thing.id)
        if place != self.thing.shown_position:
            self.change(shown_position=place)
            key, args = place_words(self.facts, place)
            self.want(
                Say(
                    key,
                    args,
                    to=self.thing.student,
                    buttons=((leave_button(),),),
                    ref=f"request:{self.thing.id}",
                    replaces=True,
                )
            )
        self.want(tick(self.thing, self.now))


FLOW = Flow(
    "request",
    states=RequestState,
    triggers=On,
    initial=RequestState.WAITING,
    final=(RequestState.MATCHED, RequestState.LEFT, RequestState.CLOSED),
    work=RequestWork,
    rows=(
        Row(On.accept, RequestState.WAITING, RequestState.MATCHED, None, "accept"),
        Row(On.leave, RequestState.WAITING, RequestState.LEFT, "left", "close"),
        Row(On.leave, RequestState.WAITING, RequestState.CLOSED, None, "close"),
        Row(On.lift, ANY, SAME, None, "lift"),
        Row(On.widen, ANY, SAME, None, "widen"),
        Row(On.tick, ANY, SAME, None, "show_position"),
    ),
)


def place_words(facts: Facts, place: int) -> tuple[str, dict[str, str | int]]:
    """The honest waiting line: the place, and an estimate where there is real data for one."""
    wait = facts.estimate()
    if wait is None:
        return "waiting.place", {"place": place}
    return "waiting.place.estimate", {"place": place, "minutes": max(1, round(wait * place / MINUTE))}


def tick(request: Request, now: int) -> SetTimer:
    return SetTimer("request", request.id, "position", now + POSITION_EVERY, Tick("position"))


def open_request(request: Request, now: int) -> tuple[Effect, ...]:
    """Bring a request into the queue."""
    shown = replace(request, opened_at=request.opened_at or now)
    return (Create(shown), Match(), tick(shown, now))


def step(request: Request, event: Internal, now: int, facts: Facts) -> Step[Request]:
    """What an event makes of a request."""
    work = RequestWork(request, event, now, facts)
    FLOW.fire(work, _TRIGGERS[type(event)])
    return work.done()
