"""A stage whose people have real apps: what they do becomes the platform's payload and goes through webhook, signature
and parser; what the service says leaves by the real channel and is read off their screens on the loopback server."""

from __future__ import annotations

import ssl
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import httpx

from admin_api.main import create_app
from bot.app import App
from bot.channels.base import Channel, Inbound, Kind, Media, Outgoing, Refused, Result, Retry
from bot.channels.script import Bubble, News, Rows, Script
from bot.replay.stage import ROUNDS, SECOND, Stage
from bot.replay.story import StoryError
from tests.channels.stories.rules import shortened

Verdict = Refused | Retry
TYPED = "typed: "
"""Stands before a number or word that somebody types instead of pressing; no button's data has a space."""


class Verdicts(dict[str, Verdict]):
    """What the platform says of every message to an address, made true on its server."""

    def __init__(self, phones: Phones) -> None:
        super().__init__()
        self._phones = phones

    def __setitem__(self, address: str, verdict: Verdict) -> None:
        self.pop(address, None)
        super().__setitem__(address, verdict)
        self._phones.trouble(address, verdict)

    def pop(self, address: str, default: Any = None) -> Any:
        if address in self:
            self._phones.relief(address)
        return super().pop(address, default)


class Phones(Script):
    """The apps of everybody on one platform."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.name, channel.abilities)
        self.channel = channel
        self.verdicts = Verdicts(self)
        self._drafts: dict[str, Bubble] = {}
        self._draft = count(1)

    # --- for the stage ---

    def wrote(self, address: str, text: str, kind: str = "text", quote_id: str = "") -> Bubble:
        """What they are about to send: it has the platform's id once it is sent."""
        bubble = super().wrote(address, text, kind, quote_id)
        bubble.id = f"draft-{next(self._draft)}"
        self._drafts[bubble.id] = bubble
        return bubble

    def sent(self, draft: str, id: str) -> None:
        """It has it now."""
        if draft in self._drafts:
            self._drafts.pop(draft).id = id

    async def connect(self, app: App) -> None:
        """From now on the platform delivers to this service."""

    @abstractmethod
    def join(self, address: str, name: str, language: str) -> None:
        """Somebody has this app, and has opened the bot."""

    @abstractmethod
    async def does(self, address: str, kind: Kind, at: int, language: str, more: Mapping[str, Any]) -> str:
        """What somebody does, at `at` ms, until the service has it. The answer to a tap."""

    async def again(self) -> None:
        """The platform delivers the newest thing once more."""
        raise StoryError(f"{self.name} repeats nothing")

    async def rest(self) -> bool:
        """Whatever else the platform does by itself; whether it did anything."""
        return False

    def trouble(self, address: str, verdict: Verdict) -> None:
        raise StoryError(f"{self.name} cannot be made to say this")

    def relief(self, address: str) -> None:
        """The end of it."""

    def typed(self, bubble: Bubble, label: str) -> str:
        """What to type for a choice that this message names and has no button for; empty where it does not."""
        return ""

    # --- the protocol of a channel ---

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        self.channel.verify(headers, body)

    def parse(self, body: bytes) -> Any:
        return self.channel.parse(body)

    async def fetch(self, media: Media) -> bytes:
        return await self.channel.fetch(media)

    async def answer(self, callback_id: str, text: str) -> None:
        await self.channel.answer(callback_id, text)

    async def send(self, address: str, out: Outgoing) -> Result:
        result = await self.channel.send(address, out)
        self.look(address)
        return result

    @abstractmethod
    def look(self, address: str) -> None:
        """Take what came since the last look into screens and news."""

    # --- on the screens ---

    def shown(self, address: str, bubble: Bubble) -> None:
        """A new message stands on a screen."""
        self.screen(address).bubbles.append(bubble)
        self.news.append(News(self.name, address, "new", replace(bubble)))

    def altered(self, address: str, id: str, text: str, buttons: Rows) -> None:
        """A message there has other words."""
        bubble = self.screen(address).by_id(id)
        if bubble is not None:
            bubble.text, bubble.buttons = text, buttons
            self.news.append(News(self.name, address, "changed", replace(bubble)))

    def bared(self, address: str, id: str) -> None:
        """A message there has lost its buttons."""
        bubble = self.screen(address).by_id(id)
        if bubble is not None and bubble.buttons:
            gone, bubble.buttons = bubble.buttons, ()
            self.news.append(News(self.name, address, "gone", replace(bubble), gone))

    async def close(self) -> None:
        await self.channel.close()  # type: ignore[attr-defined]  # every channel with a platform has one


class CarriedStage(Stage):
    """A stage on which nobody is handed anything but by their platform."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._pressed: set[tuple[str, str, str]] = set()

    def phones(self, name: str) -> Phones:
        found = self.channel(name)
        if not isinstance(found, Phones):
            raise StoryError(f"{name} has no app")
        return found

    async def cast(self) -> None:
        for phones in self.channels.values():
            if isinstance(phones, Phones):
                await phones.connect(self.app)
        for actor in self.story.actors.values():
            if isinstance(phones := self.channel(actor.name), Phones):
                phones.join(self.addresses[actor.name], actor.name, actor.language)
        await super().cast()

    async def receive(self, name: str, kind: Kind, *, sent_at: int | None = None, **more: Any) -> None:
        if not isinstance(phones := self.channel(name), Phones):
            await super().receive(name, kind, sent_at=sent_at, **more)
            return
        address = self.addresses[name]
        data = str(more.get("data", ""))
        if data.startswith(TYPED):
            kind, more = Kind.TEXT, {"text": data.removeprefix(TYPED)}
        at = (self.clock() if sent_at is None else sent_at) // SECOND * SECOND
        self.last = Inbound(phones.name, "", address, kind, at)
        toast = await phones.does(address, kind, at, self.actor(name).language, more)
        if toast:
            self.toasts.append((name, toast))

    async def hand_in(self, name: str, incoming: Inbound) -> None:
        if isinstance(phones := self.channel(name), Phones):
            await phones.again()
        else:
            await super().hand_in(name, incoming)

    def pressing(
        self, name: str, label: str, *, of: str = "", under: str = "", old: bool = False
    ) -> tuple[Bubble, str]:
        """As there; a label may be shortened to what the platform shows, or be something to type."""
        phones = self.channel(of or name)
        if isinstance(phones, Phones):
            if not phones.abilities.removes_buttons:
                old = False  # they stand there still
            shown = [b for b in self.screen(of or name).bubbles if b.buttons or phones.typed(b, label)]
            known = {choice.label for b in shown for row in b.buttons for choice in row}
            newest = {choice.label for b in shown[-1:] for row in b.buttons for choice in row}
            short = next((one for one in shortened(label, phones.abilities) if one in known), None)
            if shown and not under and short not in newest and (typed := phones.typed(shown[-1], label)):
                return shown[-1], TYPED + typed
            label = short or label
            if not under and (fresh := self._unpressed(of or name, label, phones)):
                return fresh
        return super().pressing(name, label, of=of, under=under, old=old)

    def _unpressed(self, name: str, label: str, phones: Phones) -> tuple[Bubble, str] | None:
        """Where buttons stay, people press the newest one that they have not pressed before."""
        if phones.abilities.removes_buttons:
            return None
        for bubble in reversed(self.screen(name).bubbles):
            for choice in (choice for row in bubble.buttons for choice in row):
                if choice.label == label and (name, bubble.id, choice.data) not in self._pressed:
                    self._pressed.add((name, bubble.id, choice.data))
                    return bubble, choice.data
        return None

    async def settle(self) -> None:
        for _ in range(ROUNDS):
            await super().settle()
            moved = [await phones.rest() for phones in self.channels.values() if isinstance(phones, Phones)]
            if not any(moved):
                return
        raise StoryError("the platforms do not come to rest")


class Courier:
    """Posts to the service's webhooks as a platform does; a refusal ends the story."""

    def __init__(self, app: App) -> None:
        asgi = create_app(app, with_pages=False)
        # Reading all certificates takes longer than most stories, and nothing leaves the process.
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=asgi),
            base_url="http://service",
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        answer = await self._client.post(path, content=body, headers={"content-type": "application/json", **headers})
        if answer.status_code != 200:
            raise StoryError(f"the webhook was answered {answer.status_code}")

    async def close(self) -> None:
        await self._client.aclose()
