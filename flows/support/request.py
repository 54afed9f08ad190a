"""The life of a request: a student's place in the queue. It never ages out: only a person ends it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from flows.crisis.numbers import numbers_text
from flows.dialogs.student import menus
from flows.effects import (
    Audit,
    Button,
    Class,
    ClearTimer,
    Create,
    Effect,
    HandOver,
    Match,
    Say,
    Send,
    SetTimer,
)  # fmt: skip
from flows.events import Accept, Acknowledge, Internal, Leave, Matched, Raise, RequestOver, Tick, Widen, Withdraw
from flows.facts import MINUTE, Facts, Ms
from flows.machine import ANY, SAME, Flow, Row
from flows.snapshot import Chat, Request, RequestState
from flows.step import Step
from flows.work import Work

POSITION_EVERY = MINUTE
CLOSING: Ms = 60 * MINUTE
"""How long before a platform's window closes the student of an open chat is invited to write."""
NOBODY = -1
CRISIS = -2
"""What `shown_position` holds when the student was last told that nobody is on duty, or that a counselor is called."""


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
        since = previous.since if previous else self.now
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
            *([Send("case", case.id, Acknowledge(helper, staff.name))] if named and case is not None else []),
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
        if case is not None and not named:
            card = {"alias": chat.alias}
            self.want(Say("safety.card", card, to=helper, cls=Class.CRISIS, chat=chat.id, case=case.id))
        until = self.facts.window(request.student)
        if until is not None:
            self.want(window_watch(chat.id, until, self.now))

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

    def asked_where(self) -> bool:
        """The student joins, or asks where they stand: told in any case."""
        return bool(self.event.name == "where")

    def tell_place(self) -> None:
        self._say(*self._words(), replaces=False)
        self.want(tick(self.thing, self.now))

    def show_position(self) -> None:
        """Tell again what has changed since: another place, by editing the line that told it; somebody has come on
        duty, or everybody has gone, in a line of its own."""
        before = self.thing.shown_position
        words = self._words()
        after = words[2]
        if after == CRISIS:  # has just been answered, and hears of their case from there
            self.change(shown_position=CRISIS)
        elif after != before:
            self._say(*words, replaces=(before or NOBODY) > 0 and after > 0)
        self.want(tick(self.thing, self.now))

    def _words(self) -> tuple[str, dict[str, str | int], int]:
        request = self.thing
        if self.facts.open_case(request.student) is not None:
            return "waiting.crisis", {}, CRISIS
        if not somebody_on_duty(request, self.now, self.facts):
            language = self.facts.language(request.student)
            return "waiting.nobody", {"numbers": numbers_text(self.facts, "none", request.site, language)}, NOBODY
        place = self.facts.position(request.id)
        wait = self.facts.estimate()
        if wait is None:
            return "waiting.place", {"place": place}, place
        return "waiting.place.estimate", {"place": place, "minutes": max(1, round(wait / MINUTE))}, place

    def _say(self, key: str, args: dict[str, str | int], shown: int, *, replaces: bool) -> None:
        request = self.thing
        self.change(shown_position=shown)
        buttons = menus.nobody() if shown == NOBODY else menus.waiting()
        self.want(Say(key, args, buttons, to=request.student, ref=f"request:{request.id}", replaces=replaces))


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
        Row(On.tick, ANY, SAME, "asked_where", "tell_place"),
        Row(On.tick, ANY, SAME, None, "show_position"),
    ),
)


def somebody_on_duty(request: Request, now: int, facts: Facts) -> bool:
    """Whether anybody who may accept this request is on duty now, busy or not."""
    role = "counselor" if request.kind == "counselor" else "supporter"
    barred = {request.student, *facts.never_again(request.student)}
    return any(
        d.staff.person not in barred and (role == "counselor" or (d.staff.certified_until or 0) >= now)
        for d in facts.on_duty(role)
    )


def window_watch(chat: str, until: Ms, now: Ms) -> SetTimer:
    """When to look whether the window of a chat's student is about to close."""
    return SetTimer("chat", chat, "window", max(until - CLOSING, now + CLOSING), Tick("window"))


def tick(request: Request, now: int) -> SetTimer:
    return SetTimer("request", request.id, "position", now + POSITION_EVERY, Tick("position"))


def open_request(request: Request, now: int) -> tuple[Effect, ...]:
    """Bring a request into the queue."""
    shown = replace(request, opened_at=request.opened_at or now)
    return (Create(shown), Send("request", shown.id, Tick("where")), Match())


def step(request: Request, event: Internal, now: int, facts: Facts) -> Step[Request]:
    """What an event makes of a request."""
    work = RequestWork(request, event, now, facts)
    FLOW.fire(work, _TRIGGERS[type(event)])
    return work.done()
