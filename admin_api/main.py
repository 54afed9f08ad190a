"""The HTTP side: admin API, channel webhooks, health, documentation, and the pages at /chat and /playground.

From the outside in: the shield (headers, body limits, unexpected errors), authentication of /api/v1, the routes. What
runs beside it (workers, timers, polling) starts and stops with the app.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from admin_api import pages, problems
from admin_api.auth import Authentication
from admin_api.routes import (
    aside,
    audit,
    cases,
    directory,
    docs,
    duty,
    health,
    invitations,
    lexicon,
    queue,
    reviews,
    roster,
    settings,
    shifts,
    staff,
    tokens,
    traces,
    webhooks,
)
from admin_api.service import Service
from admin_api.shield import Shield

RESOURCES = (
    staff.supporters,
    staff.counselors,
    staff.coordinators,
    roster.router,
    invitations.router,
    shifts.router,
    duty.router,
    queue.requests,
    queue.chats,
    cases.router,
    reviews.router,
    aside.router,
    directory.router,
    lexicon.router,
    settings.router,
    tokens.router,
    audit.router,
    traces.router,
)
"""Every resource of the admin API; each of their routes declares its roles, or could not have been registered."""


def create_app(service: Service, *, with_pages: bool = True) -> FastAPI:
    """The application that serves `service`, and starts and stops it; `with_pages`: /chat and /playground too."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    app = FastAPI(
        title="Sebaya", version=_version(), lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None,
        redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    problems.install(app)
    # The routes themselves, not include_router: that would build each of them a second time, at its first request.
    # Webhooks stand first, where every message passes.
    for router in (webhooks.router, health.router, docs.router, *RESOURCES):
        app.router.routes.extend(router.routes)
    if with_pages:
        pages.install(app)
    app.add_middleware(Authentication, service=service)
    app.add_middleware(Shield, secure=service.settings.public_url.startswith("https://"))
    return app


def _version() -> str:
    try:
        return version("sebaya")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
