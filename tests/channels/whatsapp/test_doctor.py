"""`sebaya doctor` on WhatsApp: whichever of token, number, secret and template is wrong is named, with what to do."""

from __future__ import annotations

from typing import Any

import pytest

from bot.doctor import State, examine
from bot.settings import load_settings
from tests.channels.whatsapp.town import KEY
from tests.platforms.whatsapp import CloudApi


async def said(cloud: CloudApi, tmp_path: Any, **changed: str) -> list[tuple[State, str, str]]:
    given: dict[str, Any] = {
        "secret_keys": KEY, "database_url": f"sqlite:///{tmp_path}/x.db", "whatsapp_token": cloud.token,
        "whatsapp_phone_id": cloud.phone_id, "whatsapp_app_secret": cloud.app_secret,
        "whatsapp_verify_token": cloud.verify_token, "whatsapp_api_url": cloud.url, **changed,
    }  # fmt: skip
    found = await examine(load_settings(env_file=None, **given), tmp_path / "none.env", 1)
    return [(one.state, one.said, one.mend) for one in found if one.about == "WhatsApp"]


async def test_a_sound_number(cloud: CloudApi, tmp_path: Any) -> None:
    assert await said(cloud, tmp_path) == [(State.good, "token, number, secret and template are accepted (Sebaya)", "")]


@pytest.mark.parametrize(
    ("changed", "what", "mend"),
    [
        ({"whatsapp_token": "EAAG-x"}, "WHATSAPP_TOKEN is refused", "SEBAYA_WHATSAPP_TOKEN"),
        ({"whatsapp_phone_id": "9"}, "WHATSAPP_PHONE_ID is no number of this token", "SEBAYA_WHATSAPP_PHONE_ID"),
        ({"whatsapp_app_secret": "x"}, "WHATSAPP_APP_SECRET is not the secret of this app", "App settings"),
        ({"whatsapp_template": "lain"}, "WHATSAPP_TEMPLATE lain is not approved in id, en", "submit it"),
    ],
)
async def test_what_is_wrong(cloud: CloudApi, tmp_path: Any, changed: dict[str, str], what: str, mend: str) -> None:
    ((state, found, advice),) = await said(cloud, tmp_path, **changed)
    assert (state, found) == (State.broken, what) and mend in advice


async def test_off(tmp_path: Any) -> None:
    settings = load_settings(env_file=None, secret_keys=KEY, database_url=f"sqlite:///{tmp_path}/x.db")
    found = await examine(settings, tmp_path / "none.env", 1)
    assert [one.said for one in found if one.about == "WhatsApp"] == ["off: SEBAYA_WHATSAPP_TOKEN is unset"]
