"""Asking the platform whether token, number, secret and template are right; each that is wrong is named."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import httpx
from pywa import errors

from bot.channels.base import Health
from bot.channels.whatsapp import verdict
from bot.channels.whatsapp.wire import Wire

BY_REASON = {
    verdict.TOKEN: "WHATSAPP_TOKEN is refused: make a new one for the system user, and put it into "
    "SEBAYA_WHATSAPP_TOKEN",
    verdict.NUMBER: "WHATSAPP_PHONE_ID is no number of this token: copy the phone number ID (not the number) from the "
    "app's WhatsApp page into SEBAYA_WHATSAPP_PHONE_ID",
    verdict.ACCOUNT: "the WhatsApp Business account is locked or restricted: look into the Business Manager",
    verdict.PAYMENT: "WhatsApp sends nothing more until the payment method in the Business Manager is mended",
}
SECRET = "WHATSAPP_APP_SECRET is not the secret of this app: copy it from App settings, Basic"  # noqa: S105 - a sentence
NO_SECRET = "WHATSAPP_APP_SECRET is not set: every webhook is refused"  # noqa: S105 - a sentence
_NUMBER_FIELDS = "display_phone_number,verified_name,quality_rating,status,health_status"


def missing(template: str, languages: str) -> str:
    """The sentence about a template that is not there."""
    return (
        f"WHATSAPP_TEMPLATE {template} is not approved in {languages}: submit it (docs/whatsapp.md), or name the one "
        "that is approved in SEBAYA_WHATSAPP_TEMPLATE"
    )


class Doctor:
    """Looks after one number."""

    def __init__(self, wire: Wire, phone_id: str, token: str, secret: str, template: str) -> None:
        self._wire, self._phone, self._template = wire, phone_id, template
        self._token, self._secret = token, secret

    async def examine(self) -> Health:
        """What the platform says of token, number, secret and template, in this order; the first that is wrong."""
        try:
            number = await self._get(f"/{self._phone}", fields=_NUMBER_FIELDS)
        except errors.WhatsAppError as error:
            return self._refused(error)
        except (httpx.HTTPError, ValueError):
            return Health(ok=False, reason="WhatsApp cannot be reached")
        wrong = await self._secret_is_wrong()
        if wrong:
            return Health(ok=False, reason=wrong)
        status = number.get("health_status") or {}
        details = {
            "number": "…" + str(number.get("display_phone_number") or "")[-3:],
            "name": str(number.get("verified_name") or ""),
            "quality": str(number.get("quality_rating") or ""),
            "sending": str(status.get("can_send_message") or ""),
        }
        account = next(
            (str(one.get("id")) for one in status.get("entities") or [] if one.get("entity_type") == "WABA"), ""
        )
        wrong = await self._template_is_wrong(account) if account else ""
        if not wrong and status.get("can_send_message") == "BLOCKED":
            wrong = BY_REASON[verdict.ACCOUNT]
        return Health(ok=not wrong, reason=wrong, details=details)

    def _refused(self, error: errors.WhatsAppError) -> Health:
        result = verdict.verdict(error)
        reason = BY_REASON.get(result.reason)
        if reason is None and error.status_code in (400, 403, 404):
            reason = BY_REASON[verdict.NUMBER]
        return Health(ok=False, reason=reason or f"WhatsApp cannot be reached ({result.reason})")

    async def _secret_is_wrong(self) -> str:
        """Meta compares a proof made with the secret with its own, whether the app demands one or not."""
        if not self._secret:
            return NO_SECRET
        proof = hmac.new(self._secret.encode(), self._token.encode(), hashlib.sha256).hexdigest()
        try:
            await self._get(f"/{self._phone}", fields="id", appsecret_proof=proof)
        except errors.WhatsAppError as error:
            return SECRET if 400 <= (error.status_code or 0) < 500 else ""
        except (httpx.HTTPError, ValueError):
            return ""
        return ""

    async def _template_is_wrong(self, account: str) -> str:
        try:
            found = await self._get(
                f"/{account}/message_templates", name=self._template, fields="name,language,status", limit="50"
            )
        except (errors.WhatsAppError, httpx.HTTPError, ValueError):
            return ""  # a token that may send need not be one that may read templates
        approved = {
            str(one.get("language"))
            for one in found.get("data") or []
            if one.get("name") == self._template and one.get("status") == "APPROVED"
        }
        lacking = [tag for tag in ("id", "en") if not any(code.split("_")[0] == tag for code in approved)]
        return missing(self._template, ", ".join(lacking)) if lacking else ""

    async def _get(self, path: str, **params: str) -> dict[str, Any]:
        answer = await self._wire.send_raw("GET", path, params=params)
        if not isinstance(answer, dict):
            raise ValueError("no answer of the Graph API")
        return answer
