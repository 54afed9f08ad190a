"""Invitations: single-use codes to join the roster with."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, PREFIX, GuardedRoute, may
from admin_api.dependencies import Serving, Signed, Zone, made, read, tag, write
from admin_api.routes.answers import problems
from admin_api.routes.show import moment, moment_or_none
from admin_api.schemas.access import Invitation, InvitationQuery, MadeInvitation, NewInvitation
from admin_api.schemas.base import Listed, listed
from bot import invitations

router = APIRouter(prefix=f"{PREFIX}/invitations", tags=["invitations"], route_class=GuardedRoute)


def _show(invitation: invitations.Invitation, now: int, zone: ZoneInfo) -> Invitation:
    return Invitation(
        id=invitation.id,
        role=invitation.role,
        name=invitation.name,
        site=invitation.site,
        topics=list(invitation.topics),
        state=invitation.state(now),
        created_at=moment(invitation.created_at, zone),
        expires_at=moment(invitation.expires_at, zone),
        used_at=moment_or_none(invitation.used_at, zone),
        revoked_at=moment_or_none(invitation.revoked_at, zone),
    )


@router.get("", summary="List invitations", responses=problems(), **may(COORDINATOR))
async def list_invitations(
    serving: Serving, zone: Zone, query: Annotated[InvitationQuery, Query()]
) -> Listed[Invitation]:
    """Invitations without their codes, newest first."""
    now = serving.clock()
    ask = query.ask(state=None, **({query.state: now} if query.state else {}))
    found = await read(serving, lambda tx: invitations.listed(tx, ask))
    return listed(found, lambda invitation: _show(invitation, now, zone))


@router.post("", status_code=201, summary="Invite somebody", responses=problems(), **may(COORDINATOR))
async def invite(
    serving: Serving, signed: Signed, zone: Zone, wanted: NewInvitation, response: Response
) -> MadeInvitation:
    """The code stands in this answer and nowhere else. Whoever sends it to the bot first joins the roster; a supporter
    is offered chats once a coordinator has set `certified_until`."""
    invitation, code = await write(
        serving,
        lambda tx: invitations.create(
            tx, signed, role=wanted.role, name=wanted.name, site=wanted.site, topics=wanted.topics, days=wanted.days
        ),
    )
    shown = _show(invitation, signed.now, zone)
    made(response, f"{PREFIX}/invitations/{invitation.id}", shown)
    return MadeInvitation(**shown.model_dump(), code=code)


@router.get("/{id}", summary="Read an invitation", responses=problems(404), **may(COORDINATOR))
async def read_invitation(serving: Serving, zone: Zone, id: str, response: Response) -> Invitation:
    """One invitation without its code."""
    shown = _show(await read(serving, lambda tx: invitations.read(tx, id)), serving.clock(), zone)
    tag(response, shown)
    return shown


@router.delete(
    "/{id}", status_code=204, summary="Take an invitation back", responses=problems(404, 409), **may(COORDINATOR)
)
async def revoke_invitation(serving: Serving, signed: Signed, id: str) -> None:
    """Its code is worth nothing from now on. A used one is a conflict: suspend the person instead."""
    await write(serving, lambda tx: invitations.revoke(tx, signed, id))
