"""What routes ask for: the service, who calls, what a change is signed with, and the versions of If-Match."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Request, Response

from admin_api.auth import Caller, caller
from admin_api.problems import Problem
from admin_api.schemas.base import Output
from admin_api.service import Service, service
from bot.acting import Acting
from bot.store.db import Tx

T = TypeVar("T")
_TAG = re.compile(r'\s*"([^"]*)"\s*')


# All of these are coroutines: FastAPI would run a plain function in a thread, which costs more than the whole request.


async def serving(request: Request) -> Service:
    """The service that this request belongs to."""
    return service(request)


async def calling(request: Request) -> Caller:
    """Who sent the request."""
    return caller(request)


async def zone(request: Request) -> ZoneInfo:
    """The deployment's time zone, in which times are shown."""
    return service(request).settings.zone


async def acting(request: Request) -> Acting:
    """What a change by this caller is signed with."""
    found = service(request)
    return found.engine.acting(caller(request).actor, found.clock())


async def if_match(
    if_match: Annotated[
        str | None,
        Header(description="The ETag that you read, so that nobody's change is lost.", examples=['"3"']),
    ] = None,
) -> frozenset[int] | None:
    """The versions that the client has read; None for `*`. Without the header 428; a weak or foreign tag fits no
    version (RFC 9110, 13.1.1)."""
    if if_match is None or not if_match.strip():
        raise Problem(428)
    if if_match.strip() == "*":
        return None
    tags = [found[1] for part in if_match.split(",") if (found := _TAG.fullmatch(part))]
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 19)


Serving = Annotated[Service, Depends(serving)]
Calling = Annotated[Caller, Depends(calling)]
Zone = Annotated[ZoneInfo, Depends(zone)]
Signed = Annotated[Acting, Depends(acting)]
Versions = Annotated[frozenset[int] | None, Depends(if_match)]


def tag(response: Response, shown: Output) -> None:
    """Give a response its ETag: the version where the resource has one, else a digest of what is shown."""
    version = getattr(shown, "version", None)
    if version is None:
        version = hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:16]
    response.headers["ETag"] = f'"{version}"'


def made(response: Response, path: str, shown: Output) -> None:
    """Say where a new resource stands."""
    response.headers["Location"] = path
    tag(response, shown)


async def write(serving: Service, job: Callable[[Tx], T]) -> T:
    """Do it in one transaction."""
    return await serving.store.write(job)


async def read(serving: Service, job: Callable[[Tx], T]) -> T:
    """Look it up."""
    return await serving.store.read(job)
