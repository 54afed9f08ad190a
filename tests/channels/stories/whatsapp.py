"""People with WhatsApp: a loopback Cloud API, signed webhooks in, pywa out. Everybody has an id and tells a phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bot.app import App
from bot.channels.base import Choice, Kind, Place
from bot.channels.script import SAMPLES, Bubble
from bot.channels.whatsapp import WhatsApp
from bot.replay.stage import Stage, stage
from bot.replay.story import Actor, Story, StoryError
from bot.store.db import Tx
from tests.channels.stories.carried import CarriedStage, Courier, Phones, Verdict
from tests.platforms.whatsapp import HEADER, CloudApi, Fault, Person, signature
from tests.platforms.whatsapp import Bubble as Arrived

FAR = 2**50
"""Whoever is in a story wrote to the number shortly before: windows have tests of their own (test_window)."""
NUMBERED = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)


class WhatsAppPhones(Phones):
    """Everybody's WhatsApp."""

    def __init__(self, api: CloudApi) -> None:
        super().__init__(WhatsApp(api.token, api.phone_id, app_secret=api.app_secret, api_url=api.url))
        self._api = api
        self._courier: Courier | None = None
        self._people: dict[str, Person] = {}
        self._taken: dict[str, int] = {}
        self._faults: dict[str, Fault] = {}
        self._newest = b""

    async def connect(self, app: App) -> None:
        self._courier = Courier(app)
        self._api.world.held = True  # everything is delivered by hand, in its moment

    def join(self, address: str, name: str, language: str) -> None:
        person = self._api.person(address.partition(".")[2], name, user_id=address)
        person.wrote_at = float(FAR)
        self._people[address] = person

    def _person(self, address: str) -> Person:
        return self._people[address.split(maxsplit=1)[0]]

    # --- what they do ---

    async def does(self, address: str, kind: Kind, at: int, language: str, more: Mapping[str, Any]) -> str:
        id = await self._act(self._person(address), kind, at, more)
        if kind is not Kind.EDIT:
            self.sent(str(more.get("message_id", "")), id)
        await self._deliver(single=True)
        return ""

    async def _act(self, person: Person, kind: Kind, at: int, more: Mapping[str, Any]) -> str:
        text, quote = str(more.get("text", "")), str(more.get("quote_id") or "")
        place: dict[str, Any] = {"reply_to": quote, "date": at / 1000}
        sample = SAMPLES.get(kind, b"")
        match kind:
            case Kind.TEXT:
                return await person.say(text, forwarded=bool(more.get("forwarded")), **place)
            case Kind.PRESS:
                on = self._api.world.sent.get(str(more["message_id"]))
                return await person.press(str(more["data"]), on=on[1] if on else None, stale=True)
            case Kind.EDIT:
                return await person.edit(str(more["message_id"]), text)
            case Kind.PHOTO:
                return await person.send_image(sample, text, "image/png", **place)
            case Kind.VOICE:
                return await person.send_voice(sample, **place)
            case Kind.AUDIO:
                return await person.send_audio(sample, "audio/ogg", **place)
            case Kind.VIDEO:
                return await person.send_video(sample, text, **place)
            case Kind.STICKER:
                return await person.send_sticker(sample, **place)
            case Kind.DOCUMENT:
                return await person.send_document("surat-ana.pdf", sample, caption=text)
            case Kind.LOCATION:
                spot = more["place"]
                return await person.send_location(spot.latitude, spot.longitude)
            case Kind.VENUE:
                return await person.send_location(-7.77, 110.38, "Kampus")
            case Kind.CONTACT:
                return await person.send_contact("Teman", "+6281200000000")
            case Kind.POLL | Kind.LIVE_LOCATION:
                return await person.unsupported(kind.value)
        raise StoryError(f"nobody does {kind} on WhatsApp")

    async def _deliver(self, *, single: bool) -> bool:
        world = self._api.world
        with world.lock:
            waiting, world.outgoing = world.outgoing, []
        for group in [[one] for one in waiting] if single else [waiting] if waiting else []:
            body = self._api.delivery.body(group)
            if single:
                self._newest = body
            await self._post(body)
        return bool(waiting)

    async def _post(self, body: bytes) -> None:
        assert self._courier is not None
        await self._courier.post("/webhooks/whatsapp", body, {HEADER: signature(self._api.app_secret, body)})

    async def again(self) -> None:
        await self._post(self._newest)

    async def rest(self) -> bool:
        """Statuses of what was sent."""
        return await self._deliver(single=False)

    def typed(self, bubble: Bubble, label: str) -> str:
        if bubble.own:
            return ""
        numbered = next((number for number, words in NUMBERED.findall(bubble.text) if words == label), "")
        named = f'"{label}"' in bubble.text or (label == "0" and re.search(r"(Ketik|Type) 0 ", bubble.text))
        return numbered or (label if named else "")

    # --- what the platform says ---

    def trouble(self, address: str, verdict: Verdict) -> None:
        person = self._person(address)
        if verdict.reason == "blocked":
            person.gone = True
        else:
            self._faults[address] = self._api.faults.add(
                "131056" if verdict.reason == "held" else "131009", to=person, times=None
            )

    def relief(self, address: str) -> None:
        self._person(address).gone = False
        if address in self._faults:
            self._api.faults.remove(self._faults.pop(address))

    # --- what they see ---

    def look(self, address: str) -> None:
        person = self._person(address)
        name = person.user_id
        with self._api.world.lock:
            fresh = person.inbox[self._taken.get(name, 0) :]
        self._taken[name] = self._taken.get(name, 0) + len(fresh)
        for one in fresh:
            self.shown(name, self._bubble(one))

    def _bubble(self, one: Arrived) -> Bubble:
        kind = {"image": "photo", "interactive": "text"}.get(one.type, "voice" if one.voice else one.type)
        file = "" if kind == "sticker" else one.file_name
        made = Bubble(one.id, one.text, kind=kind, file=file, quote_id=one.reply_to)
        if one.place is not None:
            made = replace(made, place=Place(*one.place))
        made.buttons = tuple((Choice(title, id),) for title, id in one.buttons)
        return made

    async def close(self) -> None:
        await super().close()
        if self._courier is not None:
            await self._courier.close()


class WhatsAppStage(CarriedStage):
    """People there are called by an id since 2026."""

    def address_of(self, name: str, number: int) -> str:
        return f"ID.{6_281_000_000_001 + number}"

    def _hire(self, actor: Actor, tx: Tx) -> None:
        super()._hire(actor, tx)
        tx.run("UPDATE addresses SET window_until = :far", far=FAR)


@asynccontextmanager
async def whatsapp(story: Story, database: str = "sqlite://") -> AsyncIterator[Stage]:
    """Everybody on WhatsApp, which tells no language: the house speaks the one of the story."""
    for name, actor in story.actors.items():
        story.actors[name] = replace(actor, channel="whatsapp")
    if {actor.language for actor in story.actors.values() if actor.role == "student"} == {"en"}:
        story.written["settings"] = {**story.settings, "locale": "en"}
    moment = [lambda: 0]
    async with CloudApi(clock=lambda: moment[0]() / 1000) as api:

        def platforms(clock: Any) -> Mapping[str, Phones]:
            moment[0] = clock
            return {"whatsapp": WhatsAppPhones(api)}

        async with stage(story, database, platforms, WhatsAppStage) as made:
            yield made
