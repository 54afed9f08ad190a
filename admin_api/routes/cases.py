"""Cases and what staff do with them. The words of a case are for counselors, and reading them is an audit entry."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, COUNSELOR, PREFIX, READER, Caller, GuardedRoute, may
from admin_api.dependencies import Calling, Serving, Signed, Zone, read, tag, write
from admin_api.problems import Problem
from admin_api.routes.answers import problems
from admin_api.routes.show import level_number, level_word, moment, moment_or_none
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.cases import Case, CaseQuery, NewNote, Note, NoteTaken, Resolution, TakeIt, Words
from admin_api.schemas.lexicon import Mark, NewMark, Suggestion
from admin_api.service import Service
from bot import cases_admin, roster, withheld
from bot.acting import Acting
from bot.lexicon import marks
from bot.refusals import Conflict, Invalid, Missing
from bot.times import from_aware
from flows.crisis.assessment import Level
from flows.events import Acknowledge, Acted, Internal, Reopen, Resolve, Take

router = APIRouter(prefix=f"{PREFIX}/cases", tags=["cases"], route_class=GuardedRoute)


def _show(row: cases_admin.CaseRow, zone: ZoneInfo) -> Case:
    return Case(
        id=row.id,
        alias=row.alias,
        about=row.about,
        state=row.state,
        level=level_word(row.level),
        category=row.category,
        source=row.source,
        opened_at=moment(row.opened_at, zone),
        raised_at=moment(row.raised_at or row.opened_at, zone),
        episode=row.episode,
        rung=row.rung,
        lap=row.lap,
        paged=list(row.paged),
        asking=list(row.asking),
        told_at=moment_or_none(row.told_at, zone),
        owner=row.owner,
        acknowledged_at=moment_or_none(row.acknowledged_at, zone),
        acted_at=moment_or_none(row.acted_at, zone),
        reminded_at=moment_or_none(row.reminded_at, zone),
        resolved_at=moment_or_none(row.resolved_at, zone),
        outcome=row.outcome,
        chat=row.chat,
        version=row.version,
    )


@router.get("", summary="List cases", responses=problems(), **may(COORDINATOR, COUNSELOR, READER))
async def list_cases(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, query: Annotated[CaseQuery, Query()]
) -> Listed[Case]:
    """Cases, newest first. `open=true&sort=-level` is the desk. A case that its student keeps from whoever the token is
    named after is not among them."""
    member = await _member(serving, signed, calling) if await read(serving, withheld.anybody) else None
    ask = query.ask(
        shown_to=member.id if member else None,
        open=None if query.open is None else int(query.open),
        level=level_number(query.level),
        opened_after=from_aware(query.opened_after) if query.opened_after else None,
        opened_before=from_aware(query.opened_before) if query.opened_before else None,
    )
    found = await read(serving, lambda tx: cases_admin.listed(tx, ask))
    return listed(found, lambda row: _show(row, zone))


@router.get("/{id}", summary="Read a case", responses=problems(404), **may(COORDINATOR, COUNSELOR, READER))
async def read_case(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, response: Response
) -> Case:
    """One case, without its words."""
    await _may_see(serving, signed, calling, id)
    shown = _show(await read(serving, lambda tx: cases_admin.read(tx, id)), zone)
    tag(response, shown)
    return shown


@router.get("/{id}/words", summary="Read the words of a case", responses=problems(404), **may(COUNSELOR))
async def read_words(serving: Serving, signed: Signed, calling: Calling, id: str) -> Words:
    """The words that opened it. Written to the audit before they are shown."""
    await _may_see(serving, signed, calling, id)
    words, lexicon = await write(serving, lambda tx: cases_admin.words(tx, signed, id))
    return Words(words=words, lexicon=lexicon)


@router.get("/{id}/notes", summary="Read the notes of a case", responses=problems(404), **may(COUNSELOR))
async def read_notes(serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str) -> Listed[Note]:
    """What was noted, oldest first. Written to the audit before it is shown."""
    await _may_see(serving, signed, calling, id)
    found = await write(serving, lambda tx: cases_admin.notes(tx, signed, id))
    items = [Note(id=n.id, by=n.by, text=n.text, created_at=moment(n.created_at, zone)) for n in found]
    return Listed(items=items, next_cursor=None)


@router.post(
    "/{id}/acknowledge", summary="Acknowledge a case", responses=problems(404, 409), **may(COORDINATOR, COUNSELOR)
)
async def acknowledge(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, response: Response
) -> Case:
    """A named person has it: nobody else is paged for it, and the student is told. The name is the token's; where it
    is one of the roster, the case belongs to that person. No body is needed."""
    member = await _not_kept_away(serving, signed, calling, id)
    name = member.entry.name if member else calling.name
    event = Acknowledge(by=member.person if member else None, name=name)
    return await _act(serving, signed, zone, id, event, response)


@router.post("/{id}/take", summary="Take a case", responses=problems(404, 409), **may(COORDINATOR, COUNSELOR))
async def take(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, response: Response,
    wanted: TakeIt | None = None,
) -> Case:  # fmt: skip
    """The counselor owns the chat from now on; the supporter is told and their next line is refused."""
    mine = await _not_kept_away(serving, signed, calling, id)
    chosen = wanted.counselor if wanted else None
    if chosen is not None and not calling.sees_names:
        raise Problem(403, "Only a coordinator may give a case to somebody else.")
    member = await _chosen(serving, signed, chosen) if chosen else mine
    if member is None:
        raise Conflict(
            "The token's name is nobody's in the roster: a coordinator can name the `counselor`.", "counselor"
        )
    return await _act(serving, signed, zone, id, Take(by=member.person), response)


@router.post(
    "/{id}/note", status_code=201, summary="Note something", responses=problems(404, 409),
    **may(COORDINATOR, COUNSELOR),
)  # fmt: skip
async def note(serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, wanted: NewNote) -> NoteTaken:
    """Kept sealed under the student's key, and counts as having acted."""
    member = await _not_kept_away(serving, signed, calling, id)
    by = member.person if member else None
    kept = await write(serving, lambda tx: cases_admin.note(tx, signed, id, by, wanted.text))
    await _step(serving, signed, id, Acted(by=by))
    return NoteTaken(id=kept.id, created_at=moment(kept.created_at, zone))


@router.post("/{id}/resolve", summary="Resolve a case", responses=problems(404, 409), **may(COORDINATOR, COUNSELOR))
async def resolve(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, response: Response,
    resolution: Resolution | None = None,
) -> Case:  # fmt: skip
    """The episode has ended. A later hit reopens it and pages anew."""
    member = await _not_kept_away(serving, signed, calling, id)
    event = Resolve(by=member.person if member else None, outcome=resolution.outcome if resolution else "")
    return await _act(serving, signed, zone, id, event, response)


@router.post("/{id}/reopen", summary="Reopen a case", responses=problems(404, 409), **may(COORDINATOR, COUNSELOR))
async def reopen(serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, response: Response) -> Case:
    """A resolved case goes on, and the ladder is paged again. No body is needed."""
    member = await _not_kept_away(serving, signed, calling, id)
    return await _act(serving, signed, zone, id, Reopen(by=member.person if member else None), response)


@router.post("/{id}/mark", summary="Say whether a page was right", responses=problems(404, 409), **may(COUNSELOR))
async def mark(serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, wanted: NewMark) -> Mark:
    """Counted by rule and category at `/lexicon/marks`. Said again of the same episode, it replaces what you said."""
    member = await _not_kept_away(serving, signed, calling, id)
    by = member.person if member else None
    found = await write(serving, lambda tx: marks.mark(tx, signed, id, wanted.right, wanted.note, by))
    return Mark(
        case=found.case, episode=found.episode, right=found.right, level=level_word(Level.of(found.level)),
        category=found.category, rules=list(found.rules), fingerprint=found.lexicon,
        created_at=moment(found.created_at, zone),
    )  # fmt: skip


@router.get("/{id}/example", summary="Suggest an example", responses=problems(404, 409), **may(COUNSELOR))
async def suggest_example(serving: Serving, signed: Signed, calling: Calling, id: str) -> Suggestion:
    """The words of a case without identities, to be read before `POST /lexicon/examples` keeps them. Nothing is kept
    here; that they were read is written to the audit."""
    await _may_see(serving, signed, calling, id)
    return Suggestion(text=await write(serving, lambda tx: marks.suggestion(tx, signed, id)))


async def _may_see(serving: Service, acting: Acting, calling: Caller, case: str) -> None:
    """Raises Problem 403 as below; the roster is only looked through where any student keeps anybody away."""
    if await read(serving, withheld.anybody):
        await _not_kept_away(serving, acting, calling, case)


async def _not_kept_away(serving: Service, acting: Acting, calling: Caller, case: str) -> roster.Member | None:
    """Whom the token means, if anybody. Raises Problem 403 where the student keeps the case from them; that they asked
    is written to the audit."""
    member = await _member(serving, acting, calling)
    if member is not None and await write(
        serving, lambda tx: cases_admin.refuse_kept_from(tx, acting, case, member.id)
    ):
        raise Problem(403, "This case is not yours to see.")
    return member


async def _member(serving: Service, acting: Acting, calling: Caller) -> roster.Member | None:
    """Whom of those who work cases the token means, if anybody."""
    return await read(serving, lambda tx: roster.named(tx, acting, calling.name, ("counselor", "coordinator")))


async def _chosen(serving: Service, acting: Acting, staff: str) -> roster.Member:
    try:
        member = await read(serving, lambda tx: roster.read(tx, acting, staff, "counselor"))
    except Missing:
        raise Invalid.one("counselor", "is not the id of a counselor") from None
    if member.status != "active":
        raise Conflict("This counselor is not active.", "counselor")
    return member


async def _step(serving: Service, acting: Acting, case: str, event: Internal) -> str | None:
    """Why the case did not change; None where it did. Raises Missing."""
    try:
        outcome = await serving.engine.case(case, event, actor=acting.actor)
    except KeyError:
        raise Missing("There is no such case.") from None
    return outcome if isinstance(outcome, str) else None


async def _act(
    serving: Service, acting: Acting, zone: ZoneInfo, case: str, event: Internal, response: Response
) -> Case:
    refused = await _step(serving, acting, case, event)
    if refused is not None:
        raise Conflict(f"Not possible now: {refused}.")
    shown = _show(await read(serving, lambda tx: cases_admin.read(tx, case)), zone)
    tag(response, shown)
    return shown
