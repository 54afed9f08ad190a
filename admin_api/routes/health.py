"""For machines that watch the service. None of it needs a token, and none of it says anything about anybody."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from admin_api.dependencies import Serving
from admin_api.schemas.health import Health, Readiness

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether the process lives")
async def healthz() -> Health:
    """Answers as long as the process can answer at all."""
    return Health(status="ok")


@router.get(
    "/readyz", summary="Whether the service can work",
    responses={503: {"model": Readiness, "description": "Rules, database or workers do not run."}},
)  # fmt: skip
async def readyz(serving: Serving, response: Response) -> Readiness:
    """200 only when rules, database and workers run. A platform's outage stands in `reasons` and changes no status."""
    ok, reasons = await serving.ready()
    response.status_code = 200 if ok else 503
    return Readiness(status="ok" if ok else "unavailable", reasons=list(reasons))


@router.get("/metrics", summary="Metrics for Prometheus", response_class=PlainTextResponse)
async def metrics(serving: Serving) -> Response:
    """In Prometheus' text format."""
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    return Response(generate_latest(await serving.metrics()), headers={"Content-Type": CONTENT_TYPE_LATEST})
