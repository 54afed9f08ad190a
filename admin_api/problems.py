"""Every answer that is not a success, as a problem document (RFC 9457), and never with a traceback or a value.

`type` points into the documentation page, where each kind is explained. `errors` names the fields at fault.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from bot.refusals import Conflict, FieldError, Invalid, Missing, Refusal, Stale
from bot.store.errors import Again, Busy, Closed, QueueFull, Unavailable

log = logging.getLogger("sebaya.http")
MEDIA_TYPE = "application/problem+json"

KINDS: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", "The request cannot be understood."),
    401: ("unauthorized", "A token is missing, unknown or revoked."),
    403: ("forbidden", "The token is known, and its role has no right to this."),
    404: ("not-found", "There is no such thing."),
    405: ("method-not-allowed", "This address does not know the method."),
    409: ("conflict", "The request is right in itself, and not possible now."),
    412: ("stale", "It was changed since you read it: read it again, then decide."),
    413: ("too-large", "The body is larger than what is accepted here."),
    415: ("unsupported-media-type", "The body must be application/json, or text/csv where that is offered."),
    422: ("invalid", "A field or parameter is unknown, missing or out of range."),
    428: ("precondition-required", "Send the ETag that you read as If-Match, so that nobody's change is lost."),
    429: ("too-many", "Too many requests from one place. Wait as long as Retry-After says."),
    500: ("unexpected", "The service failed. Nothing was changed; the log names the incident."),
    503: ("unavailable", "The service cannot do this now. Try again in a moment."),
}
"""Status -> the kind's slug and its explanation."""


def title_of(status: int) -> str:
    """The status in words."""
    return HTTPStatus(status).phrase


def document(
    status: int,
    detail: str | None = None,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A response that carries a problem document."""
    import orjson

    slug, explanation = KINDS.get(status, ("", title_of(status)))
    body: dict[str, Any] = {
        "type": f"/api/docs#{slug}" if slug else "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail or explanation,
        **more,
    }
    if errors:
        body["errors"] = [{"field": error.field, "message": error.message} for error in errors]
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps(body), status, sent, MEDIA_TYPE)


class Problem(Exception):
    """Raised by a route to end in a problem document."""

    def __init__(self, status: int, detail: str | None = None, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(title_of(status))
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)


def from_refusal(refusal: Refusal) -> Response:
    """What a function of `bot/` refused, as HTTP says it."""
    match refusal:
        case Missing():
            return document(404, str(refusal) or None)
        case Stale():
            return document(412)
        case Invalid():
            return document(422, errors=refusal.errors)
        case Conflict(field=str() as name):
            return document(409, str(refusal), [FieldError(name, str(refusal))])
        case _:
            return document(409, str(refusal))


_SAID: Mapping[str, str] = {
    "extra_forbidden": "is not a field of this resource",
    "missing": "is required",
    "json_invalid": "is not valid JSON",
    "timezone_aware": "must carry an offset, such as 2026-11-21T18:00:00+07:00",
    "timezone_naive": "must carry an offset, such as 2026-11-21T18:00:00+07:00",
    "bool_type": "must be true or false",
    "model_attributes_type": "must be a JSON object sent as application/json",
    "dict_type": "must be a JSON object sent as application/json",
}


_BRANCHES = frozenset({"bool", "int", "float", "str", "list[str]"})
"""Where a field takes several kinds of value, pydantic names the kind behind the field."""


def field_errors(found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """pydantic's errors by field. What was sent is never repeated: it may be a name or a number."""
    errors: dict[FieldError, None] = {}
    for error in found:
        location = [str(part) for part in error["loc"]]
        if error["type"] == "json_invalid" or len(location) == 1:
            name = location[0]
        else:
            name = ".".join(part for part in location[1:] if part not in _BRANCHES)
        message = str(error["msg"]).removeprefix("Value error, ")
        errors[FieldError(name, _SAID.get(error["type"], message))] = None
    return list(errors)


def install(app: FastAPI) -> None:
    """Turn every known exception into its problem document. What is left over meets `admin_api.shield`."""

    async def problem(_request: Request, error: Exception) -> Response:
        raised = cast(Problem, error)
        return document(raised.status, raised.detail, raised.errors)

    async def refusal(_request: Request, error: Exception) -> Response:
        return from_refusal(cast(Refusal, error))

    async def invalid(_request: Request, error: Exception) -> Response:
        return document(422, errors=field_errors(cast(RequestValidationError, error).errors()))

    async def http(_request: Request, error: Exception) -> Response:
        raised = cast(HTTPException, error)
        return document(raised.status_code, headers=raised.headers)

    async def unavailable(request: Request, error: Exception) -> Response:
        log.error("the store could not: method=%s error=%s", request.method, type(error).__name__)
        return document(503, headers={"Retry-After": "1"})

    for passing in (Again, Busy, Closed, QueueFull, Unavailable):
        app.add_exception_handler(passing, unavailable)
    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(Refusal, refusal)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
