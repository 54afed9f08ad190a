"""Taking over: the counselor owns the chat from now on, or writes first where there was none."""

from __future__ import annotations

from flows.crisis import pages
from flows.effects import Create, Effect, HandOver, Send
from flows.events import End, Leave, Matched
from flows.facts import Facts, Ms
from flows.snapshot import Case, Chat, Request


def open_chat(case: Case, by: int, now: Ms, facts: Facts) -> list[Effect]:
    """The chat of a counselor with the person in danger, with everything said since consent and the episode's lines
    before it. An open chat or request of that person ends in the same step."""
    if case.outcome == pages.ERASED:
        return [pages.notice("case.erased", case, by, now, "resolve")]
    chat, request = facts.open_chat_of(case.student), facts.open_request_of(case.student)
    if chat is not None and chat.helper == by:
        return [pages.notice("case.holding", case, by, now, "resolve", chat=chat.id)]
    effects: list[Effect] = []
    if chat is not None:
        effects.append(Send("chat", chat.id, End("taken", by)))
    if request is not None:
        effects.append(Send("request", request.id, Leave("taken")))
    base = chat.request if chat is not None else request.id if request is not None else None
    if base is None:
        made = _request(case, now, facts)
        effects.append(Create(made))
        base = made.id
    staff = facts.staff(by)
    new = Chat(
        id=facts.new_id(),
        request=base,
        student=case.student,
        helper=by,
        role="counselor",
        alias=case.alias,
        helper_alias="" if staff is None else staff.name if staff.role == "counselor" else staff.alias,
        case=case.id,
        opened_at=now,
    )
    return [
        *effects,
        Create(new),
        pages.notice("case.open", case, by, now, "resolve", chat=new.id),
        HandOver(by, new.id, case.student, since=0, alias=case.alias, read_by_staff=True),
        Send("student", case.student, Matched(new.id)),
    ]


def _request(case: Case, now: Ms, facts: Facts) -> Request:
    """A chat stands on a request: where nobody had asked for one (a helper in danger, a student who has left the
    queue), on one that is matched from the beginning."""
    return Request(
        id=facts.new_id(),
        student=case.student,
        state="matched",
        kind="counselor",
        language=facts.language(case.student),
        risk=case.level,
        opened_at=now,
    )
