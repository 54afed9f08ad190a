"""The audit, read only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from admin_api.auth import COORDINATOR, PREFIX, GuardedRoute, may
from admin_api.dependencies import Serving, Zone, read
from admin_api.routes.answers import problems
from admin_api.routes.show import moment
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.upkeep import AuditCheck, AuditEntry, AuditQuery
from bot import audit, audit_list
from bot.times import from_aware

router = APIRouter(prefix=f"{PREFIX}/audit", tags=["audit"], route_class=GuardedRoute)


@router.get("", summary="List the audit", responses=problems(), **may(COORDINATOR))
async def list_audit(serving: Serving, zone: Zone, query: Annotated[AuditQuery, Query()]) -> Listed[AuditEntry]:
    """Who did what, newest first. Every reading of a conversation by staff stands here."""
    times = {
        "from": from_aware(query.since) if query.since else None,
        "to": from_aware(query.until) if query.until else None,
    }
    found = await read(serving, lambda tx: audit_list.listed(tx, query.ask(since=None, until=None, **times)))
    return listed(
        found,
        lambda row: AuditEntry(
            id=row.id, at=moment(row.at, zone), actor=row.actor, action=row.action, object=row.object,
            detail=dict(row.detail),
        ),
    )  # fmt: skip


@router.get("/verify", summary="Check the audit", responses=problems(), **may(COORDINATOR))
async def verify_audit(serving: Serving) -> AuditCheck:
    """Walk the whole chain of hashes: an entry that was changed, removed or put in between shows."""
    found = await read(serving, audit.verify)
    return AuditCheck(intact=found.broken is None, entries=found.entries, broken_at=found.broken)
