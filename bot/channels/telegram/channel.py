"""The Telegram channel: verify, parse, send, fetch, answer, and the two ways in (long polling, webhook).

python-telegram-bot is imported when the first call leaves, so that a deployment without a token never pays for it.
"""

from __future__ import annotations

import asyncio
import errno
import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.channels.base import (
    Abilities,
    Forged,
    Health,
    Inbound,
    Media,
    Outgoing,
    Refused,
    Result,
    Retry,
    Sent,
)
from bot.channels.telegram.parse import NAME, parse_update, read_update
from bot.channels.telegram.polling import WAIT_SECONDS, Aside, Hiccup, Poller, Receive

if TYPE_CHECKING:
    from telegram import Bot
    from telegram.error import TelegramError

    from bot.channels.telegram.wire import Wire

API_URL = "https://api.telegram.org"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header, not a secret
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update that mean something here; the others are not asked for, and survived if they come."""
FETCH_BYTES = 20 * 1024 * 1024
"""Largest file that a bot may download (Bot API: getFile)."""
TOAST_UNITS = 200
"""Longest answer to a tap (Bot API: answerCallbackQuery)."""
ANSWER_SECONDS = 15.0
"""How long after a tap Telegram still shows its answer, about; nobody looks at the button any longer."""
ANSWER_PAUSES = (0.2, 1.0, 3.0, 5.0)
"""Seconds before an answer to a tap that failed is tried again."""
UNAUTHORIZED = "TELEGRAM_TOKEN is refused by Telegram: copy it again from @BotFather into SEBAYA_TELEGRAM_TOKEN"
CONFLICT = "another process takes this bot's updates: stop it, or give this one a token of its own"


class Telegram:
    """One bot. `api_url` is the root of its Bot API server, without a path."""

    name = NAME
    abilities = Abilities(text=4096, caption=1024, buttons=100, per_row=8, label=60)

    def __init__(self, token: str, *, api_url: str = API_URL, webhook_secret: str = "") -> None:
        self._token = token
        self._root = api_url.rstrip("/")
        self._secret = webhook_secret
        self._wire: Wire | None = None
        self._bot: Bot | None = None
        self._poller: Poller | None = None
        self._ending = False
        self.health = Health(ok=True)

    def __repr__(self) -> str:
        return "<Telegram>"  # never the token (P3)

    # --- in ---

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise Forged unless the secret header is this deployment's; an unset secret refuses everything."""
        given = next((value for name, value in headers.items() if name.lower() == SECRET_HEADER), "")
        if not self._secret or not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise Forged("the secret of the webhook is missing or wrong")

    def parse(self, body: bytes) -> Sequence[Inbound]:
        """The one update of a webhook body. Raises Unreadable."""
        return (parse_update(read_update(body)),)

    async def poll(self, receive: Receive, on_unreadable: Aside, *, wait_seconds: int = WAIT_SECONDS) -> None:
        """Take updates by long polling until `stop_polling`. `receive` and `on_unreadable` return when what they
        were given is committed; as long as they raise, they are asked again and the update stays unconfirmed.
        `wait_seconds`: how long Telegram holds an empty poll."""
        if self._ending:  # told to stop before it had begun
            return
        self._poller = Poller(self, receive, on_unreadable, wait_seconds=wait_seconds)
        await self._poller.run()

    def stop_polling(self) -> None:
        """End the poll soon; `poll` returns once what it holds is finished, at most about 7 s later. There is no other
        after it."""
        self._ending = True
        self.pause_polling()

    def pause_polling(self) -> None:
        """The same, because another process polls now; `poll` may be called again."""
        if self._poller is not None:
            self._poller.stop()

    async def updates(self, offset: int, timeout: int) -> Sequence[Any]:
        """getUpdates, raw. Raises Hiccup when there are none to be had now."""
        from telegram.error import TelegramError
        from telegram.request import RequestData
        from telegram.request._requestparameter import RequestParameter  # not exported, and what RequestData is made of

        asked = {"timeout": timeout, "allowed_updates": WANTED} | ({"offset": offset} if offset else {})
        data = RequestData([RequestParameter.from_input(name, value) for name, value in asked.items()])
        _, wire = self._ready()
        try:
            found = await wire.post(f"{self._root}/bot{self._token}/getUpdates", data, read_timeout=timeout + 10)
        except TelegramError as error:
            raise await self._hiccup(error) from None
        except (ValueError, KeyError, TypeError):
            raise Hiccup("an answer that is none") from None
        self.health = Health(ok=True)
        return found if isinstance(found, list) else ()

    async def _hiccup(self, error: TelegramError) -> Hiccup:
        from bot.channels.telegram.verdict import verdict
        from bot.channels.telegram.wire import Said

        if isinstance(error, Said) and error.code == 409:
            self.health = Health(ok=False, reason=CONFLICT)
            if "webhook" in error.description:
                await self.delete_webhook()
            return Hiccup("conflict")
        result = verdict(error)
        if isinstance(result, Retry):
            self._note(result)
            return Hiccup(result.reason, result.after / 1000)
        self.health = Health(ok=False, reason="Telegram refuses getUpdates")
        return Hiccup("refused")

    # --- out ---

    async def send(self, address: str, out: Outgoing) -> Result:
        """Send one thing; never raises for what Telegram says."""
        from bot.channels.telegram.send import send

        bot, _ = self._ready()
        result = await send(bot, address, out)
        if isinstance(result, Retry):
            self._note(result)
        elif not isinstance(result, Refused):
            self.health = Health(ok=True)
        return result

    async def fetch(self, media: Media) -> bytes:
        """The bytes of a file. Raises FileNotFoundError where it is gone for ever, OSError(EFBIG) where it is larger
        than a bot may download, another OSError where it cannot be had now."""
        from telegram.error import TelegramError

        from bot.channels.telegram.wire import Said

        if media.size > FETCH_BYTES:
            raise OSError(errno.EFBIG, "larger than a bot may download")
        bot, wire = self._ready()
        try:
            file = await bot.get_file(media.file_id)
            if (file.file_size or 0) > FETCH_BYTES:
                raise OSError(errno.EFBIG, "larger than a bot may download")
            data = await wire.retrieve(file.file_path or "", read_timeout=30)
        except Said as said:
            if "too big" in said.description:
                raise OSError(errno.EFBIG, "larger than a bot may download") from None
            if said.code in (400, 404):
                raise FileNotFoundError(errno.ENOENT, "Telegram no longer has this file") from None
            raise OSError(errno.EAGAIN, "Telegram does not hand out files now") from None
        except TelegramError:
            raise OSError(errno.EAGAIN, "Telegram does not hand out files now") from None
        if len(data) > FETCH_BYTES:
            raise OSError(errno.EFBIG, "larger than a bot may download")
        return data

    async def answer(self, callback_id: str, text: str) -> None:
        """Answer a tap. Tried again for as long as Telegram still shows the answer; then a failure is nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                for pause in ANSWER_PAUSES:
                    result = await self._answered(callback_id, text)
                    if not isinstance(result, Retry):
                        return
                    await asyncio.sleep(max(pause, result.after / 1000))

    async def _answered(self, callback_id: str, text: str) -> Result:
        from telegram.error import TelegramError

        from bot.channels.telegram.verdict import verdict

        bot, _ = self._ready()
        try:
            await bot.answer_callback_query(callback_id, text=text[:TOAST_UNITS] or None)
        except TelegramError as error:
            return verdict(error)
        return Sent("")

    # --- upkeep ---

    async def set_webhook(self, url: str) -> None:
        """Have Telegram post updates to `url` with this deployment's secret; what waits there is kept.
        Raises ConnectionError with what to do."""
        from telegram.error import TelegramError

        bot, _ = self._ready()
        try:
            await bot.set_webhook(url, secret_token=self._secret, allowed_updates=WANTED, max_connections=40)
        except TelegramError as error:
            raise self._unset(error) from None
        self.health = Health(ok=True)

    async def delete_webhook(self) -> bool:
        """Let long polling begin; what waits at Telegram is kept. Whether Telegram took it."""
        from telegram.error import TelegramError

        bot, _ = self._ready()
        try:
            return await bot.delete_webhook()
        except TelegramError:
            return False

    async def check(self) -> Health:
        """Ask Telegram who this bot is."""
        from telegram.error import TelegramError

        from bot.channels.telegram.verdict import verdict

        bot, _ = self._ready()
        try:
            me = await bot.get_me()
            hook = await bot.get_webhook_info()
        except TelegramError as error:
            result = verdict(error)
            if isinstance(result, Retry):
                self._note(result)
            else:
                self.health = Health(ok=False, reason="Telegram refuses getMe")
            return self.health
        details = {
            "username": me.username or "",
            "webhook": hook.url,
            "waiting": str(hook.pending_update_count),
        }
        if hook.last_error_message:
            details["webhook_error"] = hook.last_error_message
        self.health = Health(ok=True, details=details)
        return self.health

    async def close(self) -> None:
        """End the poll and close all connections."""
        self.stop_polling()
        if self._wire is not None:
            await self._wire.shutdown()
        self._wire = self._bot = None

    def _ready(self) -> tuple[Bot, Wire]:
        if self._bot is None or self._wire is None:
            from telegram import Bot

            from bot.channels.telegram.wire import Wire

            self._wire = Wire(self._root, read_timeout=10.0, connections=128)
            self._bot = Bot(
                self._token,
                base_url=f"{self._root}/bot",
                base_file_url=f"{self._root}/file/bot",
                request=self._wire,
                get_updates_request=self._wire,
            )
        return self._bot, self._wire

    def _note(self, retry: Retry) -> None:
        if retry.reason == "token_refused":
            self.health = Health(ok=False, reason=UNAUTHORIZED)
        elif retry.reason != "slow_down":
            self.health = Health(ok=False, reason=f"Telegram cannot be reached ({retry.reason})")

    def _unset(self, error: Exception) -> ConnectionError:
        from bot.channels.telegram.wire import Said

        if isinstance(error, Said) and error.code in (401, 404):
            self.health = Health(ok=False, reason=UNAUTHORIZED)
        elif isinstance(error, Said) and error.code == 400:
            self.health = Health(
                ok=False, reason="Telegram refuses the webhook: SEBAYA_PUBLIC_URL must be https and reachable"
            )
        else:
            self.health = Health(ok=False, reason="Telegram cannot be reached to set the webhook")
        return ConnectionError(self.health.reason)
