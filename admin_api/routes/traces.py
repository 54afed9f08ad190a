"""The path of one message, without a word of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import APIRouter

from admin_api.auth import COORDINATOR, PREFIX, GuardedRoute, may
from admin_api.dependencies import Serving, Zone, read
from admin_api.routes.answers import problems
from admin_api.routes.show import level_word, moment, moment_or_none
from admin_api.schemas.traces import Trace, TraceCase, TraceRow, TraceWaiting
from bot import traces

router = APIRouter(prefix=f"{PREFIX}/traces", tags=["traces"], route_class=GuardedRoute)


def _row(row: traces.Outgoing, zone: ZoneInfo) -> TraceRow:
    return TraceRow(
        row=row.row,
        queued_at=moment(row.queued_at, zone),
        kind=row.kind,
        delivery_class=row.cls,
        to=row.to,
        role=row.role,
        channel=row.channel,
        status=row.status,
        attempts=row.attempts,
        reason=row.reason,
        sent_at=moment_or_none(row.sent_at, zone),
        delivered_at=moment_or_none(row.delivered_at, zone),
        chat=row.chat,
        case=row.case,
    )


def _case(case: traces.Escalation, zone: ZoneInfo) -> TraceCase:
    return TraceCase(
        id=case.id,
        state=case.state,
        opened_at=moment(case.opened_at, zone),
        acknowledged_at=moment_or_none(case.acknowledged_at, zone),
        resolved_at=moment_or_none(case.resolved_at, zone),
        owner=case.owner,
    )


@router.get("/{id}", summary="Follow a message", responses=problems(404), **may(COORDINATOR))
async def read_trace(serving: Serving, zone: Zone, id: str) -> Trace:
    """What became of one message: `id` is the number behind `trace` in the log, or the id of the case that it opened.
    Aliases, states and times; no word of anybody."""
    found = await read(serving, lambda tx: traces.follow(tx, id))
    return Trace(
        id=found.id,
        channel=found.channel,
        received_at=moment(found.received_at, zone),
        state=found.state,
        alias=found.who,
        kind=found.kind,
        level=None if found.level is None else level_word(found.level),
        fate=found.fate,
        chat=found.chat,
        aside=found.aside,
        rows=[_row(row, zone) for row in found.outgoing],
        cases=[_case(case, zone) for case in found.cases],
        waiting=[TraceWaiting(what=each.what, kind=each.kind, at=moment(each.at, zone)) for each in found.waiting],
    )
