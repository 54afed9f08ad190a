"""Requests and chats, read only: who waits, and who holds whom. Bodies are never shown."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, COUNSELOR, PREFIX, READER, Caller, GuardedRoute, may
from admin_api.dependencies import Calling, Serving, Signed, Zone, read, tag, write
from admin_api.problems import Problem
from admin_api.routes.answers import problems
from admin_api.routes.show import level_number, level_word, moment, moment_or_none
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.queue import Chat, ChatQuery, Request, RequestQuery
from admin_api.service import Service
from bot import queue_lists, roster, withheld
from bot.acting import Acting

requests = APIRouter(prefix=f"{PREFIX}/requests", tags=["requests"], route_class=GuardedRoute)
chats = APIRouter(prefix=f"{PREFIX}/chats", tags=["chats"], route_class=GuardedRoute)


def _request(row: queue_lists.RequestRow, now: int, zone: ZoneInfo) -> Request:
    return Request(
        id=row.id,
        alias=row.alias,
        state=row.state,
        kind=row.kind,
        topic=row.topic,
        heavy=row.heavy,
        wishes=list(row.wishes),
        language=row.language,
        site=row.site,
        level=level_word(row.risk),
        opened_at=moment(row.opened_at, zone),
        matched_at=moment_or_none(row.matched_at, zone),
        waited_seconds=max(0, (row.matched_at or now) - row.opened_at) // 1000,
        previous_chat=row.previous,
        round=row.round,
        left_message=row.left_message,
        open_offers=row.open_offers,
        version=row.version,
    )


def _chat(row: queue_lists.ChatRow, zone: ZoneInfo) -> Chat:
    return Chat(
        id=row.id,
        request=row.request,
        alias=row.alias,
        helper=row.helper,
        helper_alias=row.helper_alias,
        role=row.role,
        case=row.case,
        state=row.state,
        reason=row.reason,
        opened_at=moment(row.opened_at, zone),
        ended_at=moment_or_none(row.ended_at, zone),
        student_at=moment_or_none(row.student_at, zone),
        helper_at=moment_or_none(row.helper_at, zone),
        unanswered_since=moment_or_none(row.unanswered_at, zone),
        version=row.version,
    )


@requests.get("", summary="List requests", responses=problems(), **may(COORDINATOR, COUNSELOR, READER))
async def list_requests(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, query: Annotated[RequestQuery, Query()]
) -> Listed[Request]:
    """Requests, newest first. `state=waiting&sort=opened_at` is the queue. Requests of a student who keeps whoever the
    token is named after away are not among them."""
    now = serving.clock()
    ask = query.ask(shown_to=await _caller(serving, signed, calling), level=level_number(query.level))
    found = await read(serving, lambda tx: queue_lists.requests(tx, ask))
    return listed(found, lambda row: _request(row, now, zone))


@requests.get("/{id}", summary="Read a request", responses=problems(404), **may(COORDINATOR, COUNSELOR, READER))
async def read_request(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, response: Response
) -> Request:
    """One request."""
    await _may_see(serving, signed, calling, "request", id)
    shown = _request(await read(serving, lambda tx: queue_lists.request(tx, id)), serving.clock(), zone)
    tag(response, shown)
    return shown


@chats.get("", summary="List chats", responses=problems(), **may(COORDINATOR, COUNSELOR, READER))
async def list_chats(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, query: Annotated[ChatQuery, Query()]
) -> Listed[Chat]:
    """Chats, newest first, without a word of them. Chats of a student who keeps whoever the token is named after away
    are not among them."""
    shown_to = await _caller(serving, signed, calling)
    ask = query.ask(shown_to=shown_to, unanswered=None if query.unanswered is None else int(query.unanswered))
    found = await read(serving, lambda tx: queue_lists.chats(tx, ask))
    return listed(found, lambda row: _chat(row, zone))


@chats.get("/{id}", summary="Read a chat", responses=problems(404), **may(COORDINATOR, COUNSELOR, READER))
async def read_chat(
    serving: Serving, signed: Signed, calling: Calling, zone: Zone, id: str, response: Response
) -> Chat:
    """One chat, without a word of it."""
    await _may_see(serving, signed, calling, "chat", id)
    shown = _chat(await read(serving, lambda tx: queue_lists.chat(tx, id)), zone)
    tag(response, shown)
    return shown


async def _caller(serving: Service, acting: Acting, calling: Caller) -> str | None:
    """The id of the roster of whoever the token is named after, if anybody; looked for only where any student keeps
    anybody away."""
    if not await read(serving, withheld.anybody):
        return None
    member = await read(serving, lambda tx: roster.named(tx, acting, calling.name, ("counselor", "coordinator")))
    return member.id if member else None


async def _may_see(serving: Service, acting: Acting, calling: Caller, kind: str, id: str) -> None:
    """Raises Problem 403 where its student keeps the caller away."""
    staff = await _caller(serving, acting, calling)
    if staff is not None and await write(serving, lambda tx: queue_lists.refuse_kept_from(tx, acting, kind, id, staff)):
        raise Problem(403, f"This {kind} is not yours to see.")
