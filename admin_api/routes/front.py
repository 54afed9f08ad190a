"""The front door: whoever opens the bare address is shown where to go."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from admin_api.routes.webchat import web

router = APIRouter()


@router.get("/")
async def front(request: Request) -> Response:
    """The playground where there is one, else the chat."""
    there = "/chat" if web(request).demo is None else "/playground"
    return RedirectResponse(there, 307, headers={"Cache-Control": "no-store"})
