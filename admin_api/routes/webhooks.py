"""Where the platforms deliver. A body is answered "received" only after everything in it is committed (M1); what cannot
be stored now is answered 503, so that the platform sends it again; what cannot be read is set aside (M6).
"""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.background import BackgroundTasks

from admin_api import problems
from admin_api.dependencies import Serving
from admin_api.service import Service, service
from bot.channels.base import Forged, Unreadable

router = APIRouter(tags=["webhooks"])
RECEIVED = b"{}"


@router.post("/webhooks/telegram", summary="Telegram delivers an update")
async def telegram(request: Request) -> Response:
    """Needs the header X-Telegram-Bot-Api-Secret-Token; an unset secret refuses everything."""
    return await _deliver(service(request), "telegram", request)


@router.post("/webhooks/whatsapp", summary="WhatsApp delivers")
async def whatsapp(request: Request) -> Response:
    """Needs the header X-Hub-Signature-256 over the raw body; an unset secret refuses everything."""
    return await _deliver(service(request), "whatsapp", request)


@router.get("/webhooks/whatsapp", summary="WhatsApp asks whether we are we", response_class=PlainTextResponse)
async def whatsapp_handshake(
    serving: Serving,
    mode: Annotated[str, Query(alias="hub.mode", description="subscribe")] = "",
    token: Annotated[str, Query(alias="hub.verify_token", description="WHATSAPP_VERIFY_TOKEN")] = "",
    challenge: Annotated[str, Query(alias="hub.challenge", max_length=500, description="Sent back.")] = "",
) -> Response:
    """Sends the challenge back to whoever knows the verify token."""
    wanted = serving.settings.whatsapp_verify_token.get_secret_value()
    known = bool(wanted) and hmac.compare_digest(wanted.encode(), token.encode())
    if mode != "subscribe" or not known:
        return problems.document(403, "The verify token is wrong or not set.")
    return PlainTextResponse(challenge)


async def _deliver(serving: Service, name: str, request: Request) -> Response:
    body = await request.body()
    channel = serving.channels.get(name)
    if channel is None:
        return problems.document(401, "This channel is off.")
    try:
        channel.verify(request.headers, body)
    except Forged:
        return problems.document(401, "The secret or signature is missing or wrong.")
    # A store that cannot take it raises: the answer is 503, and the platform delivers again.
    try:
        parsed = channel.parse(body)
    except Unreadable as error:
        await serving.engine.set_aside_unreadable(name, body)
        parsed = error.readable
    taps = BackgroundTasks()  # answered after the response, which a slow platform must not hold up
    for inbound in parsed:
        answer = await serving.engine.receive(inbound)
        if inbound.callback_id:
            # Answered also when it says nothing, or when it is a repetition: the person's button must stop turning.
            taps.add_task(channel.answer, inbound.callback_id, answer.toast)
    return Response(RECEIVED, media_type="application/json", background=taps)
