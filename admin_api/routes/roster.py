"""The whole roster as a CSV file (contract: Roster CSV)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from admin_api import problems as answers
from admin_api.auth import COORDINATOR, PREFIX, GuardedRoute, may
from admin_api.dependencies import Serving, Signed, write
from admin_api.problems import Problem
from admin_api.routes.answers import problems
from admin_api.schemas.upkeep import RosterProblem, RosterQuery, RosterResult
from bot import roster_csv
from bot.refusals import FieldError

router = APIRouter(prefix=f"{PREFIX}/roster", tags=["roster"], route_class=GuardedRoute)
CSV = {"text/csv": {"schema": {"type": "string"}, "example": "role,name\r\nsupporter,Bayu\r\n"}}
IMPORT = may(COORDINATOR)
IMPORT["openapi_extra"]["requestBody"] = {"required": True, "content": CSV}


@router.get(
    "", summary="Export the roster", response_class=Response, **may(COORDINATOR),
    responses={**problems(), 200: {"description": "The file.", "content": CSV}},
)  # fmt: skip
async def export_roster(serving: Serving, signed: Signed) -> Response:
    """Everybody who is active or suspended, with names and accounts; written to the audit."""
    text = await write(serving, lambda tx: roster_csv.dump(tx, signed))
    headers = {"Content-Disposition": 'attachment; filename="roster.csv"'}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


@router.post("", summary="Import a roster", response_model=RosterResult, responses=problems(413, 415), **IMPORT)
async def import_roster(
    serving: Serving, signed: Signed, request: Request, query: Annotated[RosterQuery, Query()]
) -> RosterResult | Response:
    """Send the file as text/csv in UTF-8. All of it is imported or nothing, unless `partial`. Refused rows are named by
    line (the header is line 1) and reason."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise Problem(415, "Send the file as text/csv.")
    body = await request.body()
    try:
        text = roster_csv.text_of(body)
        done = await write(serving, lambda tx: roster_csv.load(tx, signed, text, partial=query.partial))
    except roster_csv.RosterRefused as refused:
        errors = [FieldError(f"line {row.line}: {e.field}", e.message) for row in refused.rows for e in row.errors]
        return answers.document(422, "Nothing was imported.", errors)
    return RosterResult(
        added=done.added, changed=done.changed, unchanged=done.unchanged,
        refused=[
            RosterProblem(line=row.line, errors=[{"field": e.field, "message": e.message} for e in row.errors])
            for row in done.refused
        ],
    )  # fmt: skip
