"""Supporters, counselors and coordinators: one shape, three resources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, PREFIX, READER, Caller, GuardedRoute, may
from admin_api.dependencies import Calling, Serving, Signed, Versions, made, read, tag, write
from admin_api.routes.answers import problems
from admin_api.routes.show import MASK, masked, moment
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.staff import NewStaff, Staff, StaffChange, StaffQuery
from bot import roster
from bot.acting import Acting
from bot.refusals import Invalid
from bot.roster_fields import entry
from bot.store.db import Tx
from bot.times import end_of_day


def show(member: roster.Member, acting: Acting, caller: Caller) -> Staff:
    """The entry as this caller may see it."""
    what, clear = member.entry, caller.sees_names
    return Staff(
        id=member.id,
        role=what.role,
        name=what.name if clear else MASK,
        alias=member.alias,
        language="|".join(what.language),
        gender=what.gender,
        site=what.site,
        topics=list(what.topics),
        capacity=what.capacity,
        telegram=masked(what.telegram, clear),
        whatsapp=masked(what.whatsapp, clear),
        email=masked(what.email, clear),
        certified_until=what.certified_until,
        status=member.status,
        on_duty=member.on_duty,
        created_at=moment(member.created_at, acting.zone),
        updated_at=moment(member.updated_at, acting.zone),
        version=member.version,
    )


def resource(role: str, path: str) -> APIRouter:
    """The resource of one role, such as `counselor` at /counselors."""
    router = APIRouter(prefix=f"{PREFIX}/{path}", tags=[path], route_class=GuardedRoute)

    @router.get("", summary=f"List {path}", responses=problems(), **may(COORDINATOR, READER))
    async def list_staff(
        serving: Serving, signed: Signed, calling: Calling, query: Annotated[StaffQuery, Query()]
    ) -> Listed[Staff]:
        """In the order in which they joined. Names and accounts are masked for all but coordinators."""
        day = query.certified_before
        ask = query.ask(
            role=role,
            topic=query.topic.lower() if query.topic else None,
            certified_before=end_of_day(day, signed.zone) if day else None,
        )
        found = await read(serving, lambda tx: roster.listed(tx, signed, ask))
        return listed(found, lambda member: show(member, signed, calling))

    @router.post("", status_code=201, summary=f"Add a {role}", responses=problems(409), **may(COORDINATOR))
    async def add_staff(
        serving: Serving, signed: Signed, calling: Calling, wanted: NewStaff, response: Response
    ) -> Staff:
        """With a Telegram or WhatsApp id they are recognized and reached at once; without one, send them an invitation.
        An id that is somebody else's is a conflict."""
        given = wanted.given()
        if given.get("role") not in (None, role):
            raise Invalid.one("role", f"must be {role} here, or left out")
        new = entry({**given, "role": role})
        shown = show(await write(serving, lambda tx: roster.add(tx, signed, new)), signed, calling)
        made(response, f"{PREFIX}/{path}/{shown.id}", shown)
        return shown

    @router.get("/{id}", summary=f"Read a {role}", responses=problems(404), **may(COORDINATOR, READER))
    async def read_staff(serving: Serving, signed: Signed, calling: Calling, id: str, response: Response) -> Staff:
        """One entry."""
        member = await read(serving, lambda tx: roster.read(tx, signed, id, role))
        shown = show(member, signed, calling)
        tag(response, shown)
        return shown

    @router.patch("/{id}", summary=f"Change a {role}", responses=problems(404, 409, 412, 428), **may(COORDINATOR))
    async def change_staff(
        serving: Serving, signed: Signed, calling: Calling, versions: Versions, id: str, change: StaffChange,
        response: Response,
    ) -> Staff:  # fmt: skip
        """Change what is given. `{"status": "suspended"}` acts within a second: no message, offer, button or token of
        theirs works any more, their chats are offered anew and the students are told."""

        def job(tx: Tx) -> roster.Member:
            roster.read(tx, signed, id, role)
            return roster.change(tx, signed, id, versions, change.given())

        shown = show(await write(serving, job), signed, calling)
        tag(response, shown)
        return shown

    @router.delete("/{id}", status_code=204, summary=f"Remove a {role}", responses=problems(404), **may(COORDINATOR))
    async def remove_staff(serving: Serving, signed: Signed, id: str) -> None:
        """As a suspension, for good; their coming shifts go too. The entry stays readable with status `removed`."""

        def job(tx: Tx) -> None:
            roster.read(tx, signed, id, role)
            roster.remove(tx, signed, id)

        await write(serving, job)

    for route in router.routes:
        if isinstance(route, GuardedRoute):
            route.operation_id = f"{route.name}_{path}"
    return router


supporters = resource("supporter", "supporters")
counselors = resource("counselor", "counselors")
coordinators = resource("coordinator", "coordinators")
