"""For machines that watch, and the life of the app."""

from __future__ import annotations

from admin_api.main import create_app
from tests.admin_api.desk import Desk


async def test_healthz_needs_no_token(desk: Desk) -> None:
    answer = await desk.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_readyz_says_what_is_wrong(desk: Desk) -> None:
    desk.reasons = ["telegram: does not answer"]
    answer = await desk.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "reasons": ["telegram: does not answer"]})
    desk.fit, desk.reasons = False, ["the workers are not running"]
    answer = await desk.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "reasons": ["the workers are not running"]}


async def test_metrics(desk: Desk) -> None:
    answer = await desk.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "sebaya_tests_total 1.0" in answer.text


async def test_the_service_starts_and_stops_with_the_app(desk: Desk) -> None:
    app = create_app(desk, with_pages=False)
    async with app.router.lifespan_context(app):
        assert desk.life == ["start"]
    assert desk.life == ["start", "stop"]
