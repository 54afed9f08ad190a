"""Settings that may be adjusted, and those that are only shown."""

from __future__ import annotations

import pytest

from bot import adjustable
from flows.facts import Policy
from tests.admin_api.desk import Desk, fields, open_desk, problem


async def policy(desk: Desk) -> Policy:
    return await desk.look(lambda tx: adjustable.policy(tx, desk.settings.policy()))


async def test_what_is_adjusted_counts(desk: Desk) -> None:
    shown = await desk.get("/settings/offer_seconds")
    assert (shown["value"], shown["source"], shown["version"]) == (45, "environment", 0)
    changed = (await desk.patch("/settings/offer_seconds", {"value": 90})).json()
    assert (changed["value"], changed["source"], changed["version"]) == (90, "api", 1)
    assert changed["updated_at"] == "2026-11-18T18:06:40+07:00"
    assert (await policy(desk)).offer == 90_000
    assert (await policy(desk)).ack == 60_000
    back = (await desk.patch("/settings/offer_seconds", {"value": None})).json()
    assert (back["value"], back["source"], back["version"]) == (45, "environment", 2)
    assert (await policy(desk)).offer == 45_000
    assert desk.wakes == 2


async def test_yes_or_no(desk: Desk) -> None:
    assert (await desk.patch("/settings/minors_meet_peers", {"value": True})).json()["value"] is True
    assert (await policy(desk)).minors_meet_peers is True


async def test_the_environment_is_the_base() -> None:
    async with open_desk(escalation_ack_seconds=30) as desk:
        assert (await desk.get("/settings/escalation_ack_seconds"))["value"] == 30


@pytest.mark.parametrize("key", sorted(adjustable.KNOBS))
async def test_every_bound_holds(desk: Desk, key: str) -> None:
    knob = adjustable.KNOBS[key]
    wrong = [1, "true", 0] if knob.boolean else [knob.least - 1, knob.most + 1, True, "60", 60.5]
    for value in wrong:
        assert set(fields(await desk.patch(f"/settings/{key}", {"value": value}))) == {"value"}
    assert (await desk.get(f"/settings/{key}"))["version"] == 0


async def test_the_reminder_comes_before_the_move(desk: Desk) -> None:
    assert set(fields(await desk.patch("/settings/silence_move_seconds", {"value": 180}))) == {"value"}
    assert (await desk.patch("/settings/silence_move_seconds", {"value": 181})).status_code == 200


async def test_a_stale_change_is_refused(desk: Desk) -> None:
    path = "/settings/offer_breadth"
    problem(await desk.ask("PATCH", path, json={"value": 4}), 428)
    assert (await desk.ask("PATCH", path, json={"value": 4}, headers={"If-Match": '"0"'})).status_code == 200
    problem(await desk.ask("PATCH", path, json={"value": 5}, headers={"If-Match": '"0"'}), 412)
    assert set(fields(await desk.patch(path, {"value": 5, "unit": "people"}))) == {"unit"}


async def test_what_the_environment_sets_is_shown_without_secrets() -> None:
    canaries = {
        "telegram_token": "123:canary-token",
        "telegram_webhook_secret": "canary-secret-of-a-webhook",
        "whatsapp_app_secret": "canary-app-secret",
        "escalation_webhook_url": "https://canary.example.org/hook",
        "escalation_webhook_secret": "canary-hook-secret",
    }
    async with open_desk(**canaries) as desk:
        answer = await desk.ask("GET", "/settings", role="read-only")
        assert "canary" not in answer.text
        assert desk.settings.secret_keys.get_secret_value() not in answer.text
        shown = {item["key"]: item for item in answer.json()["items"]}
        assert shown["timezone"]["value"] == "Asia/Jakarta"
        assert shown["telegram_token"]["value"] is True
        assert shown["whatsapp_token"]["value"] is False
        assert shown["database_url"]["value"] == "sqlite"
        assert all(shown[key]["adjustable"] == (key in adjustable.KNOBS) for key in shown)
        some = (await desk.get("/settings?adjustable=true"))["items"]
        assert {item["key"] for item in some} == set(adjustable.KNOBS)
        assert set(fields(await desk.patch("/settings/timezone", {"value": 1}), 409)) == {"key"}
