"""What the semantic net wants a counselor to look at: listed without words, read with an audit entry, decided."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from admin_api.auth import COUNSELOR, PREFIX, Caller, GuardedRoute, may
from admin_api.dependencies import Calling, Serving, Signed, Zone, read, write
from admin_api.problems import Problem
from admin_api.routes.answers import problems
from admin_api.routes.show import moment, moment_or_none
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.reviews import Line, Review, ReviewInContext, ReviewQuery
from admin_api.service import Service
from bot import roster, withheld
from bot.acting import Acting
from bot.semantic import reviews

router = APIRouter(prefix=f"{PREFIX}/reviews", tags=["reviews"], route_class=GuardedRoute)


def _show(row: reviews.Review, zone: ZoneInfo) -> Review:
    return Review(
        id=row.id, alias=row.alias, score=row.score / 1000, state=row.state, created_at=moment(row.created_at, zone),
        decided_at=moment_or_none(row.decided_at, zone), decided_by=row.decided_by, case=row.case,
    )  # fmt: skip


@router.get("", summary="List reviews", responses=problems(), **may(COUNSELOR))
async def list_reviews(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, query: Annotated[ReviewQuery, Query()]
) -> Listed[Review]:
    """Newest first; `state=open&sort=-score` is what waits. Whom a student keeps away does not see theirs."""
    staff = await _staff(serving, signed, calling)
    ask = query.ask(shown_to=staff)
    found = await read(serving, lambda tx: reviews.listed(tx, ask))
    return listed(found, lambda row: _show(row, zone))


@router.get("/{id}", summary="Read a review", responses=problems(404), **may(COUNSELOR))
async def read_review(serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str) -> ReviewInContext:
    """The text with the lines around it. Written to the audit before it is shown."""
    await _may_see(serving, signed, calling, id)
    lines = await write(serving, lambda tx: reviews.context(tx, signed, id))
    shown = _show(await read(serving, lambda tx: reviews.read(tx, id)), zone)
    said = [Line(by=line.by, text=line.text, at=moment(line.at, zone), asked=line.asked) for line in lines]
    return ReviewInContext(**shown.model_dump(), lines=said)


@router.post("/{id}/dismiss", summary="Dismiss a review", responses=problems(404, 409), **may(COUNSELOR))
async def dismiss_review(serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str) -> Review:
    """Nothing is to be done. No body is needed."""
    await _may_see(serving, signed, calling, id)
    await write(serving, lambda tx: reviews.dismiss(tx, signed, id))
    return _show(await read(serving, lambda tx: reviews.read(tx, id)), zone)


@router.post("/{id}/open-as-case", summary="Open a case", responses=problems(404, 409), **may(COUNSELOR))
async def open_review_as_case(serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str) -> Review:
    """You hear danger in it: the student is answered and the ladder is paged, as by a text of level high. `case` is
    what it became; acknowledge that one next, if you have it. No body is needed."""
    await _may_see(serving, signed, calling, id)
    await serving.engine.open_review(id, actor=signed.actor)
    return _show(await read(serving, lambda tx: reviews.read(tx, id)), zone)


async def _staff(serving: Service, acting: Acting, calling: Caller) -> str | None:
    """Whom of the roster the token means; looked up only where any student keeps anybody away."""
    if not await read(serving, withheld.anybody):
        return None
    member = await read(serving, lambda tx: roster.named(tx, acting, calling.name, ("counselor", "coordinator")))
    return member.id if member is not None else None


async def _may_see(serving: Service, acting: Acting, calling: Caller, id: str) -> None:
    """Raises Problem 403 where its student keeps the caller away; that they asked is written to the audit."""
    staff = await _staff(serving, acting, calling)
    if staff is not None and await write(serving, lambda tx: reviews.refuse_kept_from(tx, acting, id, staff)):
        raise Problem(403, "This review is not yours to see.")
