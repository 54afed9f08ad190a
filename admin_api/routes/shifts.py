"""The rota: shifts, and the gaps in it."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, COUNSELOR, PREFIX, READER, GuardedRoute, may
from admin_api.dependencies import Serving, Signed, Versions, Zone, made, read, tag, write
from admin_api.routes.answers import problems
from admin_api.routes.show import moment
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.rota import Gap, GapQuery, NewShift, Shift, ShiftChange, ShiftQuery
from bot import shifts
from bot.times import from_aware

router = APIRouter(prefix=f"{PREFIX}/shifts", tags=["shifts"], route_class=GuardedRoute)
HOUR = 3_600_000
WEEK = 7 * 24 * HOUR


def _show(shift: shifts.Shift, zone: ZoneInfo) -> Shift:
    return Shift(
        id=shift.id,
        staff=shift.staff,
        role=shift.role,
        rank=shift.rank,
        starts_at=moment(shift.starts_at, zone),
        ends_at=moment(shift.ends_at, zone),
        created_at=moment(shift.created_at, zone),
        updated_at=moment(shift.updated_at, zone),
        version=shift.version,
    )


@router.get("", summary="List shifts", responses=problems(), **may(COORDINATOR, COUNSELOR, READER))
async def list_shifts(serving: Serving, zone: Zone, query: Annotated[ShiftQuery, Query()]) -> Listed[Shift]:
    """Shifts in the order of their beginning."""
    ask = query.ask(
        since=None,
        until=None,
        **{
            "from": from_aware(query.since) if query.since else None,
            "to": from_aware(query.until) if query.until else None,
        },
    )
    found = await read(serving, lambda tx: shifts.listed(tx, ask))
    return listed(found, lambda shift: _show(shift, zone))


@router.get("/gaps", summary="Find gaps in the rota", responses=problems(), **may(COORDINATOR, COUNSELOR, READER))
async def list_gaps(serving: Serving, zone: Zone, query: Annotated[GapQuery, Query()]) -> Listed[Gap]:
    """The times in which nobody active of the role has a shift: by default the next seven days without a counselor."""
    since = from_aware(query.since) if query.since else serving.clock()
    until = from_aware(query.until) if query.until else since + WEEK
    found = await read(serving, lambda tx: shifts.gaps(tx, since, until, query.role))
    items = [
        Gap(starts_at=moment(start, zone), ends_at=moment(end, zone), hours=round((end - start) / HOUR, 2))
        for start, end in found
    ]
    return Listed(items=items, next_cursor=None)


@router.post("", status_code=201, summary="Plan a shift", responses=problems(409), **may(COORDINATOR))
async def plan_shift(serving: Serving, signed: Signed, zone: Zone, wanted: NewShift, response: Response) -> Shift:
    """The person goes on duty when it begins and off when it ends; one that runs already begins at once."""
    shift = await write(
        serving,
        lambda tx: shifts.add(
            tx,
            signed,
            staff=wanted.staff,
            rank=wanted.rank,
            starts_at=from_aware(wanted.starts_at),
            ends_at=from_aware(wanted.ends_at),
        ),
    )
    shown = _show(shift, zone)
    made(response, f"{PREFIX}/shifts/{shift.id}", shown)
    return shown


@router.get("/{id}", summary="Read a shift", responses=problems(404), **may(COORDINATOR, COUNSELOR, READER))
async def read_shift(serving: Serving, zone: Zone, id: str, response: Response) -> Shift:
    """One shift."""
    shown = _show(await read(serving, lambda tx: shifts.read(tx, id)), zone)
    tag(response, shown)
    return shown


@router.patch("/{id}", summary="Change a shift", responses=problems(404, 412, 428), **may(COORDINATOR))
async def change_shift(
    serving: Serving, signed: Signed, zone: Zone, versions: Versions, id: str, change: ShiftChange, response: Response
) -> Shift:
    """Move it, or change its rank."""
    values = change.given()
    for name in ("starts_at", "ends_at"):
        if name in values:
            values[name] = from_aware(values[name])
    shown = _show(await write(serving, lambda tx: shifts.change(tx, signed, id, versions, values)), zone)
    tag(response, shown)
    return shown


@router.delete("/{id}", status_code=204, summary="Take a shift off", responses=problems(404), **may(COORDINATOR))
async def delete_shift(serving: Serving, signed: Signed, id: str) -> None:
    """Whoever is on duty by this shift alone goes off at once."""
    await write(serving, lambda tx: shifts.remove(tx, signed, id))
