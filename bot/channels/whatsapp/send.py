"""Sending one Outgoing from one number. Media are uploaded anew, so that nothing of the sender's file travels (P1)."""

from __future__ import annotations

from typing import Any

import httpx
from pywa import errors

from bot.channels.base import Kind, Outgoing, Refused, Result, Retry, Sent
from bot.channels.whatsapp import messages
from bot.channels.whatsapp.account import by_phone, recipient
from bot.channels.whatsapp.verdict import of_network, verdict
from bot.channels.whatsapp.wire import UPLOAD_SECONDS, Wire

LANGUAGES = ("id", "en", "en_US")
"""Template languages to try when the person's own has none; en_US is what English templates are mostly filed under."""


class Sender:
    """One number. `template` is the name of the approved invitation."""

    def __init__(self, wire: Wire, phone_id: str, template: str) -> None:
        self._wire, self._phone, self._template = wire, phone_id, template

    async def send(self, address: str, out: Outgoing) -> Result:
        """Send one thing; never raises for what the platform or the network says."""
        to, id = recipient(address)
        if to is None and id is None:
            return Refused("no_account", person=True)
        try:
            if out.kind == "template":
                return await self._invite(to, id, out.language)
            if out.kind in ("media", "document"):
                return await self._media(to, id, out)
            if out.kind not in ("text", "place"):
                return Refused("not_here")
            made = messages.text(out) if out.kind == "text" else messages.place(out)
            return await self._post(to, id, made, out.quote_id)
        except messages.TooLong:
            return Refused("too_long")
        except errors.BSUIDRecipientNotSupported:
            return await self._by_phone(address, out)
        except errors.WhatsAppError as error:
            return verdict(error)
        except httpx.HTTPError as error:
            return of_network(error)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            # WhatsApp said yes in a form that cannot be read: sent perhaps, and at least once is the law (M4).
            return Retry(reason=f"unreadable_answer_{type(error).__name__}")

    async def _by_phone(self, address: str, out: Outgoing) -> Result:
        number = by_phone(address)
        return Refused("id_not_supported") if number is None else await self.send(number, out)

    async def _media(self, to: str | None, id: str | None, out: Outgoing) -> Result:
        kind = out.media.kind if out.media is not None and out.kind == "media" else Kind.DOCUMENT
        type = messages.media_type(kind, out.mime, out.data)
        messages.media(out, kind, type, "")  # too long a caption is known before anything is uploaded
        try:
            return await self._post(to, id, await self._uploaded(out, kind, type), out.quote_id)
        except (errors.MediaUploadError, errors.UnsupportedMessageType):
            if type == "document":
                raise
        # A picture of an odd kind, a sound that is none to WhatsApp: it still arrives, as a file.
        return await self._post(to, id, await self._uploaded(out, Kind.DOCUMENT, "document"), out.quote_id)

    async def _uploaded(self, out: Outgoing, kind: Kind, type: str) -> messages.Made:
        api = await self._wire.api()
        mime = out.mime or "application/octet-stream"
        answer = await api._request(
            "POST",
            f"/{self._phone}/media",
            files={
                "file": (out.file_name, out.data, mime),
                "messaging_product": (None, "whatsapp"),
                "type": (None, mime),
            },
            timeout=UPLOAD_SECONDS,
        )
        return messages.media(out, kind, type, str(answer["id"]))

    async def _post(self, to: str | None, id: str | None, made: messages.Made, quote: str = "") -> Result:
        type, content = made
        api = await self._wire.api()
        answer: dict[str, Any] = await api.send_message(
            sender=self._phone,
            to=to,
            recipient=id,
            recipient_type="individual",
            typ=type,
            msg=content,
            reply_to_message_id=quote if quote.startswith("wamid.") else None,
        )
        return Sent(str(answer["messages"][0]["id"]))

    async def _invite(self, to: str | None, id: str | None, language: str) -> Result:
        tried = [language, *(other for other in LANGUAGES if other != language)]
        for code in tried:
            try:
                return await self._post(to, id, messages.template(self._template, code))
            except errors.TemplateNotExists:
                continue
        return Refused("template_missing")
