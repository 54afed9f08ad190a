"""Bearer tokens: made, listed, revoked."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, PREFIX, GuardedRoute, may
from admin_api.dependencies import Serving, Signed, Zone, made, read, tag, write
from admin_api.routes.answers import problems
from admin_api.routes.show import moment, moment_or_none
from admin_api.schemas.access import MadeToken, NewToken, Token, TokenQuery
from admin_api.schemas.base import Listed, listed
from bot import tokens

router = APIRouter(prefix=f"{PREFIX}/tokens", tags=["tokens"], route_class=GuardedRoute)


def _show(token: tokens.Token, zone: ZoneInfo) -> Token:
    return Token(
        id=token.id,
        name=token.name,
        role=token.role,
        created_at=moment(token.created_at, zone),
        last_used_at=moment_or_none(token.last_used_at, zone),
        revoked_at=moment_or_none(token.revoked_at, zone),
    )


@router.get("", summary="List tokens", responses=problems(), **may(COORDINATOR))
async def list_tokens(serving: Serving, zone: Zone, query: Annotated[TokenQuery, Query()]) -> Listed[Token]:
    """Tokens without their secrets, newest first."""
    ask = query.ask(revoked=None if query.revoked is None else int(query.revoked))
    found = await read(serving, lambda tx: tokens.listed(tx, ask))
    return listed(found, lambda token: _show(token, zone))


@router.post("", status_code=201, summary="Make a token", responses=problems(), **may(COORDINATOR))
async def make_token(serving: Serving, signed: Signed, zone: Zone, wanted: NewToken, response: Response) -> MadeToken:
    """The secret stands in this answer and nowhere else: only its hash is kept."""
    token, secret = await write(
        serving,
        lambda tx: tokens.create(tx, role=wanted.role, name=wanted.name, now=signed.now, actor=signed.actor),
    )
    shown = _show(token, zone)
    made(response, f"{PREFIX}/tokens/{token.id}", shown)
    return MadeToken(**shown.model_dump(), token=secret)


@router.get("/{id}", summary="Read a token", responses=problems(404), **may(COORDINATOR))
async def read_token(serving: Serving, zone: Zone, id: str, response: Response) -> Token:
    """One token without its secret."""
    shown = _show(await read(serving, lambda tx: tokens.read(tx, id)), zone)
    tag(response, shown)
    return shown


@router.delete("/{id}", status_code=204, summary="Revoke a token", responses=problems(404), **may(COORDINATOR))
async def revoke_token(serving: Serving, signed: Signed, id: str) -> None:
    """It is refused from the next request on, everywhere. Revoking twice changes nothing."""
    await write(serving, lambda tx: tokens.revoke(tx, id, now=signed.now, actor=signed.actor))
