"""Settings: what may be adjusted while the service runs, and what the environment has set, without its secrets."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from admin_api.auth import COORDINATOR, PREFIX, READER, GuardedRoute, may
from admin_api.dependencies import Serving, Signed, Versions, Zone, read, tag, write
from admin_api.routes.answers import problems
from admin_api.routes.show import moment_or_none
from admin_api.schemas.base import Listed
from admin_api.schemas.upkeep import Setting, SettingChange, SettingQuery
from admin_api.service import Service
from bot import adjustable
from bot.refusals import Conflict, Missing
from bot.settings import Settings

router = APIRouter(prefix=f"{PREFIX}/settings", tags=["settings"], route_class=GuardedRoute)

FIXED = {
    "public_url": "The address at which the service is reached.",
    "timezone": "Where days begin and end.",
    "locale": "The language of first messages where the channel names none.",
    "area": "Where the students are (ISO 3166-2): which regional numbers are shown.",
    "retention_days": "How long conversations are kept.",
    "telegram_mode": "polling or webhook.",
    "telegram_api_url": "The Bot API server.",
    "whatsapp_api_url": "The Cloud API server.",
    "whatsapp_template": "The template that invites back after 24 hours.",
}
HELD = {
    "database_url": "Where the store is (shown is only its kind).",
    "telegram_token": "Whether Telegram is on.",
    "whatsapp_token": "Whether WhatsApp is on.",
    "escalation_webhook_url": "Whether the outside hook of the ladder is set.",
}
"""Of these only is shown whether they are set."""


def _adjustable(setting: adjustable.Setting, zone: ZoneInfo) -> Setting:
    knob = setting.knob
    return Setting(
        key=knob.key,
        value=setting.value,
        source="api" if setting.changed else "environment",
        adjustable=True,
        unit=knob.unit,
        minimum=None if knob.boolean else knob.least,
        maximum=None if knob.boolean else knob.most,
        description=knob.description,
        updated_at=moment_or_none(setting.updated_at, zone),
        version=setting.version,
    )


def _fixed(settings: Settings) -> list[Setting]:
    values: dict[str, Any] = {key: getattr(settings, key) for key in FIXED}
    values["database_url"] = settings.store_url.partition(":")[0]
    for key in ("telegram_token", "whatsapp_token", "escalation_webhook_url"):
        held: Any = getattr(settings, key)
        values[key] = bool(held if isinstance(held, str) else held.get_secret_value())
    said = {**FIXED, **HELD}
    return [
        Setting(
            key=key, value=value, source="environment", adjustable=False, unit=None, minimum=None, maximum=None,
            description=said[key], updated_at=None, version=0,
        )
        for key, value in values.items()
    ]  # fmt: skip


async def _everything(serving: Service, zone: ZoneInfo) -> list[Setting]:
    base = serving.settings.policy()
    found = await read(serving, lambda tx: adjustable.everything(tx, base))
    return [*(_adjustable(one, zone) for one in found.values()), *_fixed(serving.settings)]


@router.get("", summary="List settings", responses=problems(), **may(COORDINATOR, READER))
async def list_settings(serving: Serving, zone: Zone, query: Annotated[SettingQuery, Query()]) -> Listed[Setting]:
    """Everything that counts now. Tokens, secrets and passwords are never shown."""
    items = await _everything(serving, zone)
    kept = [item for item in items if query.adjustable is None or item.adjustable is query.adjustable]
    return Listed(items=kept, next_cursor=None)


@router.get("/{key}", summary="Read a setting", responses=problems(404), **may(COORDINATOR, READER))
async def read_setting(serving: Serving, zone: Zone, key: str, response: Response) -> Setting:
    """One setting."""
    for item in await _everything(serving, zone):
        if item.key == key:
            tag(response, item)
            return item
    raise Missing("There is no such setting.")


@router.patch("/{key}", summary="Adjust a setting", responses=problems(404, 409, 412, 428), **may(COORDINATOR))
async def change_setting(
    serving: Serving, signed: Signed, zone: Zone, versions: Versions, key: str, change: SettingChange,
    response: Response,
) -> Setting:  # fmt: skip
    """It counts from the next message on. Those of the environment can only be changed there."""
    if key in FIXED or key in HELD:
        raise Conflict("This setting comes from the environment: change it there and start the service again.", "key")
    base = serving.settings.policy()
    found = await write(serving, lambda tx: adjustable.change(tx, signed, base, key, versions, change.value))
    shown = _adjustable(found, zone)
    tag(response, shown)
    return shown
