"""Duty: who is on now, and putting somebody on or off."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, COUNSELOR, PREFIX, READER, GuardedRoute, may
from admin_api.dependencies import Serving, Signed, Zone, read, tag, write
from admin_api.routes.answers import problems
from admin_api.routes.show import moment_or_none
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.rota import Duty, DutyChange, DutyQuery
from bot import duty

router = APIRouter(prefix=f"{PREFIX}/duty", tags=["duty"], route_class=GuardedRoute)


def _show(found: duty.Duty, now: int, zone: ZoneInfo) -> Duty:
    paused = found.paused_until if found.paused_until and found.paused_until > now else None
    return Duty(
        staff=found.staff,
        role=found.role,
        alias=found.alias,
        site=found.site,
        on=found.on,
        since=moment_or_none(found.since if found.on else None, zone),
        paused_until=moment_or_none(paused, zone),
        rank=found.rank,
        load=found.load,
        capacity=found.capacity,
        reachable=found.reachable,
    )


@router.get("", summary="Who is on duty", responses=problems(), **may(COORDINATOR, COUNSELOR, READER))
async def list_duty(serving: Serving, zone: Zone, query: Annotated[DutyQuery, Query()]) -> Listed[Duty]:
    """Supporters, counselors and coordinators on duty now, with how much they carry, longest on duty first."""
    now = serving.clock()
    found = await read(serving, lambda tx: duty.listed(tx, query.ask(now=now)))
    return listed(found, lambda one: _show(one, now, zone))


@router.get("/{staff}", summary="Somebody's duty", responses=problems(404), **may(COORDINATOR, COUNSELOR, READER))
async def read_duty(serving: Serving, zone: Zone, staff: str, response: Response) -> Duty:
    """One person's duty, on or off."""
    now = serving.clock()
    shown = _show(await read(serving, lambda tx: duty.read(tx, staff, now)), now, zone)
    tag(response, shown)
    return shown


@router.put(
    "/{staff}", status_code=202, summary="Put somebody on or off duty", responses=problems(404, 409),
    **may(COORDINATOR),
)  # fmt: skip
async def put_duty(serving: Serving, signed: Signed, zone: Zone, staff: str, wanted: DutyChange) -> Duty:
    """Their desk is told in the same commit and acts on it at once, as if they had written /on or /off; the answer
    shows how it stood before."""
    found = await write(serving, lambda tx: duty.put(tx, signed, staff, wanted.on))
    return _show(found, signed.now, zone)
