"""Who may do what. Fails closed: an address under /api/v1 without a known token is 401 before anything else is looked
at, and a route that does not declare its roles cannot even be registered.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from admin_api import problems
from admin_api.service import Service
from bot import tokens

COORDINATOR = "coordinator"
COUNSELOR = "counselor"
READER = "read-only"
GRANTED = frozenset({COORDINATOR, COUNSELOR, READER})
"""A supporter's token is known and has no right here."""
PREFIX = "/api/v1"
ROLES = "x-roles"
"""Where a route's roles stand in the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token this request carries."""

    token: str
    name: str
    role: str

    @property
    def actor(self) -> str:
        """As the audit names them."""
        return f"token:{self.token}"

    @property
    def sees_names(self) -> bool:
        """Names, e-mail addresses and channel ids of staff are for coordinators."""
        return self.role == COORDINATOR


def may(*roles: str) -> dict[str, Any]:
    """The rights of a route, as the keyword arguments of its decorator: ``@router.get("", **may(COORDINATOR))``."""
    unknown = set(roles) - GRANTED
    if unknown or not roles:
        raise ValueError(f"a route names some of {sorted(GRANTED)}, not {sorted(unknown)}")
    return {"openapi_extra": {ROLES: sorted(roles)}}


class GuardedRoute(APIRoute):
    """A route that refuses every role it does not name, before the body is read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        allowed = frozenset((self.openapi_extra or {}).get(ROLES, ()))
        if not allowed:
            raise ValueError(f"the route {self.path} declares no rights: give its decorator **may(...)")

        async def guarded(request: Request) -> Response:
            if caller(request).role not in allowed:
                return problems.document(403)
            return await handle(request)

        return guarded


def caller(request: Request) -> Caller:
    """Who sent the request; `Authentication` has put it there."""
    found: Caller = request.scope["state"]["caller"]
    return found


class Authentication:
    """Middleware that lets only known tokens into the admin API."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._guards(scope["path"]):
            await self._app(scope, receive, send)
            return
        token = await self._token(Headers(scope=scope).get("authorization", ""))
        if token is None:
            refused = problems.document(401, headers={"WWW-Authenticate": 'Bearer realm="sebaya"'})
            await refused(scope, receive, send)
        elif token.role not in GRANTED:
            await problems.document(403)(scope, receive, send)
        else:
            scope.setdefault("state", {})["caller"] = Caller(token.id, token.name, token.role)
            await self._app(scope, receive, send)

    @staticmethod
    def _guards(path: str) -> bool:
        return path == PREFIX or path.startswith(PREFIX + "/")

    async def _token(self, header: str) -> tokens.Token | None:
        """The token of an Authorization header. Read at every request, so that a revocation acts at once (P4)."""
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret or len(secret) > 200:
            return None
        token = await self._service.store.read(lambda tx: tokens.verify(tx, secret))
        if token is not None and self._service.clock() - (token.last_used_at or 0) >= tokens.TOUCH:
            now = self._service.clock()
            await self._service.store.write(lambda tx: tokens.touch(tx, token.id, now))
        return token
