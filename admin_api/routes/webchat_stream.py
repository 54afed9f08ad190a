"""What happens in a conversation, live: server-sent events, read by the page with fetch() because EventSource cannot
carry a token in a header. Resumed with Last-Event-ID."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from admin_api.routes.webchat import Here, web
from bot.webchat.lines import Cursor, Event

router = APIRouter()
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/chat/events")
async def events(request: Request, session: Here, last_event_id: Annotated[str, Header()] = "") -> StreamingResponse:
    """Without Last-Event-ID the whole conversation (its newest part), with it what came since."""
    following = web(request).webchat.follow(session, Cursor.read(last_event_id))
    return StreamingResponse(written(following), headers=HEADERS, media_type="text/event-stream")


async def written(following: AsyncIterator[tuple[Event | None, Cursor]]) -> AsyncIterator[bytes]:
    """Events in the form of text/event-stream; None is a heartbeat. Each id is how far the page has been told."""
    yield b": \n\n"
    async for event, cursor in following:
        if event is None:
            yield b": \n\n"
            continue
        data = orjson.dumps(event.data)
        yield b"id: %s\nevent: %s\ndata: %s\n\n" % (str(cursor).encode(), event.name.encode(), data)
