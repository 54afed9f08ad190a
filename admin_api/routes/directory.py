"""The help directory: entries, and confirming that one still holds."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, COUNSELOR, PREFIX, READER, GuardedRoute, may
from admin_api.dependencies import Serving, Signed, Versions, Zone, made, read, tag, write
from admin_api.routes.answers import problems
from admin_api.routes.show import moment
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.directory import Confirmation, NewResource, Resource, ResourceChange, ResourceQuery
from bot import resources

router = APIRouter(prefix=f"{PREFIX}/resources", tags=["resources"], route_class=GuardedRoute)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _show(resource: resources.Resource, zone: ZoneInfo) -> Resource:
    content = resource.content
    return Resource(
        id=resource.id,
        name=content.name,
        kind=content.kind,
        contact=content.contact,
        area=content.area,
        what_for=content.what_for,
        hours=content.hours,
        language=content.language,
        source=content.source,
        checked_on=_day(content.checked_on),
        valid_until=_day(content.valid_until),
        status=content.status,
        created_at=moment(resource.created_at, zone),
        updated_at=moment(resource.updated_at, zone),
        version=resource.version,
    )


@router.get("", summary="List the directory", responses=problems(), **may(COORDINATOR, COUNSELOR, READER))
async def list_resources(serving: Serving, zone: Zone, query: Annotated[ResourceQuery, Query()]) -> Listed[Resource]:
    """Places of help by name. `sort=valid_until` shows what must be checked next."""
    ask = query.ask(expiring_by=query.expiring_by.isoformat() if query.expiring_by else None)
    found = await read(serving, lambda tx: resources.listed(tx, ask))
    return listed(found, lambda resource: _show(resource, zone))


@router.post("", status_code=201, summary="Add a place of help", responses=problems(), **may(COORDINATOR))
async def add_resource(
    serving: Serving, signed: Signed, zone: Zone, wanted: NewResource, response: Response
) -> Resource:
    """An entry is shown to students once it is confirmed, or reported with the date of its last check."""
    content = resources.Content(**wanted.given())
    shown = _show(await write(serving, lambda tx: resources.add(tx, signed, content)), zone)
    made(response, f"{PREFIX}/resources/{shown.id}", shown)
    return shown


@router.get("/{id}", summary="Read an entry", responses=problems(404), **may(COORDINATOR, COUNSELOR, READER))
async def read_resource(serving: Serving, zone: Zone, id: str, response: Response) -> Resource:
    """One place of help."""
    shown = _show(await read(serving, lambda tx: resources.read(tx, id)), zone)
    tag(response, shown)
    return shown


@router.patch("/{id}", summary="Change an entry", responses=problems(404, 409, 412, 428), **may(COORDINATOR))
async def change_resource(
    serving: Serving, signed: Signed, zone: Zone, versions: Versions, id: str, change: ResourceChange,
    response: Response,
) -> Resource:  # fmt: skip
    """Change what is given. The last entry that can be shown cannot be hidden: a crisis answer never lacks a number."""
    values = change.given()
    shown = _show(await write(serving, lambda tx: resources.change(tx, signed, id, versions, values)), zone)
    tag(response, shown)
    return shown


@router.delete("/{id}", status_code=204, summary="Retire an entry", responses=problems(404, 409), **may(COORDINATOR))
async def retire_resource(serving: Serving, signed: Signed, id: str) -> None:
    """It is shown to nobody any more, and stays readable here."""
    await write(serving, lambda tx: resources.retire(tx, signed, id))


@router.post("/{id}/confirm", summary="Confirm an entry", responses=problems(404), **may(COORDINATOR, COUNSELOR))
async def confirm_resource(
    serving: Serving, signed: Signed, zone: Zone, id: str, response: Response, confirmation: Confirmation | None = None
) -> Resource:
    """Somebody called the number, or asked: it holds as of today, for 90 days, unless the body says otherwise."""
    given = confirmation or Confirmation(checked_on=None, valid_until=None)
    found = await write(
        serving,
        lambda tx: resources.confirm(tx, signed, id, checked_on=given.checked_on, valid_until=given.valid_until),
    )
    shown = _show(found, zone)
    tag(response, shown)
    return shown
