"""Requests and chats, read only: who waits, and who holds whom. Bodies are never shown."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, COUNSELOR, PREFIX, READER, GuardedRoute, may
from admin_api.dependencies import Serving, Zone, read, tag
from admin_api.routes.answers import problems
from admin_api.routes.show import level_number, level_word, moment, moment_or_none
from admin_api.schemas.base import Listed, listed
from admin_api.schemas.queue import Chat, ChatQuery, Request, RequestQuery
from bot import queue_lists

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
async def list_requests(serving: Serving, zone: Zone, query: Annotated[RequestQuery, Query()]) -> Listed[Request]:
    """Requests, newest first. `state=waiting&sort=opened_at` is the queue."""
    now = serving.clock()
    found = await read(serving, lambda tx: queue_lists.requests(tx, query.ask(level=level_number(query.level))))
    return listed(found, lambda row: _request(row, now, zone))


@requests.get("/{id}", summary="Read a request", responses=problems(404), **may(COORDINATOR, COUNSELOR, READER))
async def read_request(serving: Serving, zone: Zone, id: str, response: Response) -> Request:
    """One request."""
    shown = _request(await read(serving, lambda tx: queue_lists.request(tx, id)), serving.clock(), zone)
    tag(response, shown)
    return shown


@chats.get("", summary="List chats", responses=problems(), **may(COORDINATOR, COUNSELOR, READER))
async def list_chats(serving: Serving, zone: Zone, query: Annotated[ChatQuery, Query()]) -> Listed[Chat]:
    """Chats, newest first, without a word of them."""
    ask = query.ask(unanswered=None if query.unanswered is None else int(query.unanswered))
    found = await read(serving, lambda tx: queue_lists.chats(tx, ask))
    return listed(found, lambda row: _chat(row, zone))


@chats.get("/{id}", summary="Read a chat", responses=problems(404), **may(COORDINATOR, COUNSELOR, READER))
async def read_chat(serving: Serving, zone: Zone, id: str, response: Response) -> Chat:
    """One chat, without a word of it."""
    shown = _chat(await read(serving, lambda tx: queue_lists.chat(tx, id)), zone)
    tag(response, shown)
    return shown
