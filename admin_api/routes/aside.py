"""What could not be processed: coordinators see that it is there, and read it only with an audit entry (M6)."""

from __future__ import annotations

from fastapi import APIRouter

from admin_api.auth import COORDINATOR, PREFIX, GuardedRoute, may
from admin_api.dependencies import Serving, Signed, Zone, read, write
from admin_api.routes.answers import problems
from admin_api.routes.show import level_word, moment
from admin_api.schemas.aside import AsideContent, AsideEntry, AsideOutcome
from admin_api.schemas.base import Listed
from bot import aside_list

router = APIRouter(prefix=f"{PREFIX}/aside", tags=["aside"], route_class=GuardedRoute)


@router.get("", summary="List what was set aside", responses=problems(), **may(COORDINATOR))
async def list_aside(serving: Serving, zone: Zone) -> Listed[AsideEntry]:
    """What waits for a decision, without a word of it: what could not be assessed and the gravest first, at most 200.
    A crisis among them has paged already."""
    found = await read(serving, aside_list.listed)
    items = [
        AsideEntry(
            id=one.id, channel=one.channel, reason=one.reason,
            level=None if one.level is None else level_word(one.level), attempts=one.attempts,
            created_at=moment(one.created_at, zone),
        )
        for one in found
    ]  # fmt: skip
    return Listed(items=items, next_cursor=None)


@router.get("/{id}/content", summary="Read what was set aside", responses=problems(404), **may(COORDINATOR))
async def read_aside(serving: Serving, signed: Signed, id: int) -> AsideContent:
    """Written to the audit before it is shown."""
    found = await write(serving, lambda tx: aside_list.opened(tx, id, actor=signed.actor, now=signed.now))
    message = found.inbound
    if message is None:
        return AsideContent(kind=None, text=found.payload.decode(errors="replace"))
    return AsideContent(kind=message.kind.value, text=message.text)


@router.post("/{id}/retry", summary="Process it again", responses=problems(404, 409), **may(COORDINATOR))
async def retry_aside(serving: Serving, signed: Signed, id: int) -> AsideOutcome:
    """As if it came in now. What nobody could read is 409: dismiss it."""
    done = await aside_list.retry(serving.store, serving.engine.receive, id, actor=signed.actor, now=signed.now)
    return AsideOutcome(processed=done)


@router.post("/{id}/dismiss", summary="Put it away", status_code=204, responses=problems(404, 409), **may(COORDINATOR))
async def dismiss_aside(serving: Serving, signed: Signed, id: int) -> None:
    """Without doing anything else with it; it stays in the store until its retention ends."""
    await write(serving, lambda tx: aside_list.decide(tx, id, "dismissed", actor=signed.actor, now=signed.now))
