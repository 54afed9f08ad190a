"""People with Telegram: a loopback Bot API, python-telegram-bot between it and the service."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.app import App
from bot.channels.base import Choice, Kind, Place
from bot.channels.script import SAMPLES, Bubble, Rows
from bot.channels.telegram import Telegram
from bot.replay.stage import Stage, stage
from bot.replay.story import Story
from tests.channels.stories.carried import CarriedStage, Courier, Phones, Verdict
from tests.platforms.telegram import SECRET_HEADER, BotApi, Clock, Fault, Message, Person, Request

SECRET = "loopback-secret_0123456789"
EDITS = ("editMessageText", "editMessageCaption")


class TelegramPhones(Phones):
    """Everybody's Telegram."""

    def __init__(self, api: BotApi) -> None:
        super().__init__(Telegram(api.token, api_url=api.url, webhook_secret=SECRET))
        self._api = api
        self._courier: Courier | None = None
        self._faults: dict[str, Fault] = {}
        self._seen = 0
        self._newest = b""

    async def connect(self, app: App) -> None:
        self._courier = Courier(app)

    def join(self, address: str, name: str, language: str) -> None:
        self._api.person(int(address), name, language_code=language, started=True)

    def _person(self, address: str) -> Person:
        return self._api.people[int(address)]

    def _message(self, id: str) -> Message | None:
        """A message by its id on a screen, whoever's it is: `<chat> <number>`."""
        chat, _, number = id.partition(" ")
        return self._api.world.chats[int(chat)].messages[int(number)] if number else None

    def _id(self, message: Message) -> str:
        return f"{message.chat_id} {message.id}"

    # --- what they do ---

    async def does(self, address: str, kind: Kind, at: int, language: str, more: Mapping[str, Any]) -> str:
        person = self._person(address)
        if kind is Kind.PRESS:
            message = self._message(str(more["message_id"]))
            assert message is not None
            tap = person._press(message, str(more["data"]), True)  # also what is no longer there
            await self._deliver()
            return tap.text or ""
        made = await self._act(person, kind, at, more)
        if made is not None:
            self.sent(str(more.get("message_id", "")), self._id(made))
        await self._deliver()
        return ""

    async def _act(self, person: Person, kind: Kind, at: int, more: Mapping[str, Any]) -> Message | None:
        quoted = self._message(str(more.get("quote_id") or ""))
        place: dict[str, Any] = {"date": at // 1000, "reply_to": quoted}
        text, caption = str(more.get("text", "")), str(more.get("text", "")) or None
        if kind is Kind.TEXT:
            return await (person.forward(text, **place) if more.get("forwarded") else person.say(text, **place))
        if kind is Kind.EDIT:
            message = self._message(str(more["message_id"]))
            assert message is not None
            await person.edit(message, text)
            return None
        if kind is Kind.BLOCKED:
            await person.block()
            return None
        if kind is Kind.UNBLOCKED:
            await person.unblock()
            return None
        sample = SAMPLES.get(kind, b"")
        match kind:
            case Kind.PHOTO:
                return await person.send_photo(sample, caption, **place)
            case Kind.VOICE:
                return await person.send_voice(sample, **place)
            case Kind.AUDIO:
                return await person.send_audio("lagu-ana.ogg", sample, title="Lagu", performer="Ana", **place)
            case Kind.VIDEO:
                return await person.send_video(sample, caption, **place)
            case Kind.STICKER:
                return await person.send_sticker(sample, **place)
            case Kind.DOCUMENT:
                return await person.send_document("surat-ana.pdf", sample, caption, **place)
            case Kind.LOCATION:
                spot = more["place"]
                return await person.send_location(spot.latitude, spot.longitude, **place)
            case Kind.LIVE_LOCATION:
                return await person.send_location(live_period=900, **place)
            case Kind.CONTACT:
                return await person.send_contact(**place)
            case Kind.VENUE:
                return await person.send_venue(**place)
            case Kind.POLL:
                return await person.send_poll(**place)
        raise AssertionError(f"nobody does {kind} on Telegram")

    async def _deliver(self) -> None:
        updates = self._api.world.updates
        with self._api.world.lock:
            waiting, updates.waiting = [pending.wire for pending in updates.waiting], []
        for wire in waiting:
            self._newest = json.dumps(wire, ensure_ascii=False).encode()
            await self.again()

    async def again(self) -> None:
        assert self._courier is not None
        await self._courier.post("/webhooks/telegram", self._newest, {SECRET_HEADER: SECRET})

    # --- what the platform says ---

    def trouble(self, address: str, verdict: Verdict) -> None:
        add, chat = self._api.faults.add, int(address)
        if verdict.reason == "held":
            self._faults[address] = add("429", chat_id=chat, times=None, retry_after=1)
        elif verdict.reason == "blocked":
            self._faults[address] = add("403", chat_id=chat, times=None)
        else:
            self._faults[address] = add("400", chat_id=chat, times=None, description="Bad Request: rejected")

    def relief(self, address: str) -> None:
        self._api.faults.remove(self._faults.pop(address))

    # --- what they see ---

    def look(self, address: str) -> None:
        requests = self._api.requests
        for request in requests[self._seen :]:
            if request.done and request.chat_id is not None:
                self._read(request)
        self._seen = len(requests)

    def _read(self, request: Request) -> None:
        address, found = str(request.chat_id), request.result
        if not isinstance(found, dict) or "message_id" not in found:
            return
        id = f"{address} {found['message_id']}"
        buttons = _rows(found)
        if request.method in EDITS:
            self.altered(address, id, str(found.get("text", found.get("caption", ""))), buttons)
        elif request.method == "editMessageReplyMarkup":
            self.bared(address, id)
        else:
            message = self._message(id)
            assert message is not None
            quote = f"{address} {message.reply_to}" if message.reply_to is not None else ""
            spot, file = found.get("location"), "" if message.kind == "sticker" else message.file_name or ""
            self.shown(
                address,
                Bubble(
                    id, message.text, kind=message.kind, file=file, buttons=buttons, quote_id=quote,
                    place=Place(spot["latitude"], spot["longitude"]) if spot else None,
                ),
            )  # fmt: skip

    async def close(self) -> None:
        await super().close()
        if self._courier is not None:
            await self._courier.close()


def _rows(message: Mapping[str, Any]) -> Rows:
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return tuple(tuple(Choice(one["text"], one["callback_data"]) for one in row) for row in rows)


@asynccontextmanager
async def telegram(story: Story, database: str = "sqlite://") -> AsyncIterator[Stage]:
    """Everybody on Telegram."""
    moment = [lambda: 0]
    async with BotApi(clock=Clock(lambda: moment[0]() / 1000)) as api:

        def platforms(clock: Any) -> Mapping[str, Phones]:
            moment[0] = clock
            return {"telegram": TelegramPhones(api)}

        async with stage(story, database, platforms, CarriedStage) as made:
            yield made
