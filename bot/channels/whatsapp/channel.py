"""The WhatsApp channel: verify, parse, send, fetch, read receipts, and its health.

pywa is imported when the first request leaves, so that a deployment without a token never pays for it.
"""

from __future__ import annotations

import asyncio
import errno
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from bot.channels.base import (
    Abilities,
    Health,
    Inbound,
    Kind,
    Media,
    Outgoing,
    Refused,
    Result,
    Retry,
    Sent,
    Unreadable,
)
from bot.channels.whatsapp import messages, verify
from bot.channels.whatsapp.account import NAME
from bot.channels.whatsapp.parse import parse
from bot.channels.whatsapp.wire import Wire

API_URL = "https://graph.facebook.com"
FETCH_BYTES = 20 * 1024 * 1024
REMEMBERED = 10_000
"""Of how many people the newest message is remembered, to show them typing under it."""
RECEIPTS = 200
"""Read receipts under way at once; what comes above is left out: the blue ticks are a courtesy."""
NOT_HERE = frozenset({Kind.SEEN, Kind.IGNORED, Kind.MOVED})


class WhatsApp:
    """One business number. `api_url` is the root of its Graph API server, without a path; `template` the name of the
    approved invitation to write again (no parameters, one name for all languages)."""

    name = NAME
    abilities = Abilities(
        text=messages.TEXT,
        caption=messages.CAPTION,
        buttons=messages.ROWS,
        per_row=1,
        label=messages.TITLE,
        reply_buttons=messages.BUTTONS,
        rows=messages.ROWS,
        row_label=messages.ROW_TITLE,
        row_note=messages.ROW_NOTE,
        asked=messages.ASKED,
        edits=False,
        removes_buttons=False,
        captioned=frozenset({Kind.PHOTO, Kind.VIDEO, Kind.DOCUMENT}),
    )

    def __init__(
        self,
        token: str,
        phone_id: str,
        *,
        app_secret: str = "",
        api_url: str = API_URL,
        template: str = "sebaya_continue",
    ) -> None:
        self._token, self._phone = token, phone_id
        self._secret, self._template = app_secret, template
        self._wire = Wire(api_url.rstrip("/"), token)
        self._newest: OrderedDict[str, str] = OrderedDict()
        self._receipts: set[asyncio.Task[None]] = set()
        self.health = Health(ok=True)
        self._invitable = True  # until an invitation is refused

    def __repr__(self) -> str:
        return "<WhatsApp>"  # never the token or the number (P3)

    # --- in ---

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise Forged unless the raw body is signed with the app's secret; an unset secret refuses everything."""
        verify.verify(self._secret, headers, body)

    def parse(self, body: bytes) -> Sequence[Inbound]:
        """Everything in a webhook body. Raises Unreadable, with what could be read beside it."""
        try:
            found = parse(body, self._phone)
        except Unreadable as error:
            self._note(error.readable)
            raise
        self._note(found)
        return found

    def _note(self, found: Sequence[Inbound]) -> None:
        for one in found:
            if one.kind not in NOT_HERE and one.callback_id:
                self._newest[one.sender] = one.callback_id
                self._newest.move_to_end(one.sender)
        while len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)

    # --- out ---

    async def send(self, address: str, out: Outgoing) -> Result:
        """Send one thing; never raises for what WhatsApp says."""
        if out.kind == "typing":
            return await self._typing(address)
        await self._wire.api()
        from bot.channels.whatsapp.send import Sender

        result = await Sender(self._wire, self._phone, self._template).send(address, out)
        self._learn(result, out)
        return result

    async def _typing(self, address: str) -> Result:
        newest = next((self._newest[name] for name in address.split() if name in self._newest), None)
        if newest is not None:
            await self._read(newest, typing=True)
        return Sent("")

    async def fetch(self, media: Media) -> bytes:
        """The bytes of a file: its id becomes a short-lived URL, which takes the token too. Raises FileNotFoundError
        where it is gone for ever, OSError(EFBIG) where it is too large, another OSError where it cannot be had now."""
        api = await self._wire.api()
        import httpx
        from pywa.errors import WhatsAppError

        try:
            file = await api.get_media_url(media.file_id)
            if int(file.get("file_size") or 0) > FETCH_BYTES:
                raise OSError(errno.EFBIG, "larger than the service carries")
            data = await self._wire.download(str(file["url"]), FETCH_BYTES)
        except WhatsAppError as error:
            gone = error.status_code in (400, 404) and error.code in (100, 131052, 404)
        except httpx.HTTPStatusError as error:
            gone = error.response.status_code in (404, 410)
        except (httpx.HTTPError, KeyError, ValueError, TypeError):
            gone = False
        else:
            if data is None:
                raise OSError(errno.EFBIG, "larger than the service carries")
            return data
        if gone:
            raise FileNotFoundError(errno.ENOENT, "WhatsApp no longer has this file")
        raise OSError(errno.EAGAIN, "WhatsApp does not hand out files now")

    async def answer(self, callback_id: str, text: str) -> None:
        """Mark the message as read, beside everything else: a webhook is answered in time. WhatsApp shows no answer to
        a tap, so `text` has been said in a message."""
        if len(self._receipts) < RECEIPTS:
            task = asyncio.create_task(self._read(callback_id))
            self._receipts.add(task)
            task.add_done_callback(self._receipts.discard)

    async def _read(self, message: str, *, typing: bool = False) -> None:
        """Read receipt and typing are one call; typing ends by itself after 25 s, or with the next message."""
        body: dict[str, object] = {"messaging_product": "whatsapp", "status": "read", "message_id": message}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        await self._wire.api()
        import httpx
        from pywa.errors import WhatsAppError

        try:
            await self._wire.send_raw("POST", f"/{self._phone}/messages", json=body)
        except (WhatsAppError, httpx.HTTPError, ValueError):
            return

    # --- upkeep ---

    async def check(self) -> Health:
        """Ask WhatsApp about token, number, secret and template; the reason names the one that is wrong."""
        await self._wire.api()
        from bot.channels.whatsapp.health import Doctor

        doctor = Doctor(self._wire, self._phone, self._token, self._secret, self._template)
        self.health = await doctor.examine()
        return self.health

    def _learn(self, result: Result, out: Outgoing) -> None:
        from bot.channels.whatsapp import health, verdict

        if isinstance(result, Sent):
            if self._invitable or out.kind == "template":
                self.health, self._invitable = Health(ok=True), True
        elif isinstance(result, Retry) and result.reason in health.BY_REASON:
            self.health = Health(ok=False, reason=health.BY_REASON[result.reason])
        elif isinstance(result, Refused) and result.reason == verdict.TEMPLATE:
            self._invitable = False
            self.health = Health(ok=False, reason=health.missing(self._template, "any language"))
        elif isinstance(result, Retry) and result.reason in ("timeout", "network"):
            self.health = Health(ok=False, reason=f"WhatsApp cannot be reached ({result.reason})")

    async def close(self) -> None:
        """Let read receipts end, and close all connections."""
        if self._receipts:
            await asyncio.wait(self._receipts, timeout=2)
        for task in list(self._receipts):
            task.cancel()
        await self._wire.close()
