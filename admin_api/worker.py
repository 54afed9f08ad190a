"""The HTTP side of a process that only works: health and metrics for whoever watches it, nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from admin_api import problems
from admin_api.routes import health
from admin_api.service import Service
from admin_api.shield import Shield


def create_app(service: Service) -> FastAPI:
    """The application of a worker; it starts and stops `service`."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.stop()

    app = FastAPI(
        title="Sebaya", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.service = service
    problems.install(app)
    app.include_router(health.router)
    app.add_middleware(Shield)
    return app
