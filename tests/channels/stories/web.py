"""Students on the web page, everybody else as ever: what a page posts, and what it is told when it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import Any

from bot.app import App
from bot.channels.base import Choice, Kind
from bot.channels.script import SAMPLES, Bubble, Rows
from bot.channels.web import Edit, Post, Press, Text, Upload, WebChannel
from bot.replay.stage import Stage, scripts, stage
from bot.replay.story import Story, StoryError
from bot.webchat.lines import Cursor, Event
from bot.webchat.service import Webchat
from bot.webchat.sessions import Session
from tests.channels.stories.carried import CarriedStage, Phones


class WebPages(Phones):
    """Everybody's open page. It loses its line after every look, and asks again from where it was."""

    def __init__(self) -> None:
        super().__init__(WebChannel(lambda address: True, _nothing))
        self._webchat: Webchat | None = None
        self._languages: dict[str, str] = {}
        self.sessions: dict[str, Session] = {}
        self._cursors: dict[str, Cursor | None] = {}
        self._posts = count(1)
        self._newest: tuple[Session, Post] | None = None

    async def connect(self, app: App) -> None:
        self._webchat, self.channel = app.webchat, app.webchat.channel

    def join(self, address: str, name: str, language: str) -> None:
        self._languages[address] = language

    # --- what they do ---

    async def does(self, address: str, kind: Kind, at: int, language: str, more: Mapping[str, Any]) -> str:
        session = await self._session(address)
        client = f"page-{next(self._posts)}"
        self.sent(str(more.get("message_id", "")), client)
        self._newest = session, self._post(client, kind, more)
        return await self._receive(*self._newest)

    def _post(self, client: str, kind: Kind, more: Mapping[str, Any]) -> Post:
        text, message = str(more.get("text", "")), str(more.get("message_id", ""))
        match kind:
            case Kind.TEXT:  # what would be forwarded elsewhere is pasted here
                return Text(client, text, str(more.get("quote_id") or ""))
            case Kind.PRESS:
                return Press(client, message, str(more["data"]))
            case Kind.EDIT:
                return Edit(client, message, text)
            case Kind.PHOTO | Kind.VOICE | Kind.AUDIO if not text:
                return Upload(client, SAMPLES[kind])
        raise StoryError(f"nobody does this ({kind}) on a page")

    async def again(self) -> None:
        assert self._newest is not None
        await self._receive(*self._newest)

    async def _receive(self, session: Session, post: Post) -> str:
        assert self._webchat is not None
        return (await self._webchat.receive(session, post)).toast

    async def _session(self, address: str) -> Session:
        """Opened with the first thing that somebody does."""
        assert self._webchat is not None
        if address not in self.sessions:
            found = await self._webchat.session(await self._webchat.open(self._languages[address]))
            assert found is not None
            self.sessions[address], self._cursors[address] = found, None
        return self.sessions[address]

    # --- what they see ---

    def look(self, address: str) -> None:
        raise AssertionError("a page is not pushed to")

    async def rest(self) -> bool:
        return any([await self._ask(address) for address in list(self.sessions)])

    async def _ask(self, address: str) -> bool:
        assert self._webchat is not None
        session, read = self.sessions[address], []
        events = self._webchat.follow(session, self._cursors[address])
        async for event, cursor in events:
            self._cursors[address] = cursor if event is None or cursor.out or cursor.mine else self._cursors[address]
            if event is None or event.name in ("ready", "gone"):
                break
            if not event.data.get("mine") and "id" in event.data:
                self._take(address, event)
                read.append(str(event.data["id"]))
        await events.aclose()  # type: ignore[attr-defined]  # an async generator, whatever its type says
        if event is not None and event.name == "ready":
            for bubble in self.screen(address).bubbles:
                if bubble.buttons and bubble.id not in event.data["held"]:
                    self.bared(address, bubble.id)
        if event is not None and event.name == "gone":
            del self.sessions[address], self.screens[address]  # the next thing they do is somebody new's
            return True
        await self._webchat.acknowledge(session, read)
        return bool(read)

    def _take(self, address: str, event: Event) -> None:
        data = event.data
        buttons: Rows = tuple(
            tuple(Choice(one["label"], one["data"]) for one in row) for row in data.get("buttons", ())
        )
        if event.name == "change" and data["kind"] == "unbutton":
            self.bared(address, str(data["target"]))
        elif event.name == "change":
            self.altered(address, str(data["target"]), str(data["text"]), buttons)
        elif event.name == "line" and self.screen(address).by_id(str(data["id"])) is None:
            kind = str(data["media"]["kind"]) if "media" in data else str(data["kind"])
            kind, file = "location" if kind == "place" else kind, str(data.get("file", ""))
            self.shown(
                address, Bubble(str(data["id"]), str(data["text"]), False, kind, file, buttons, str(data["quote"]))
            )

    async def close(self) -> None:
        """The service closes its own."""


async def _nothing(id: str) -> bytes:
    raise FileNotFoundError(id)


class WebStage(CarriedStage):
    """The store knows a page by what its token hashes to."""

    def called(self, name: str) -> str:
        pages = self.channel(name)
        return pages.sessions[self.addresses[name]].address if isinstance(pages, WebPages) else super().called(name)


@asynccontextmanager
async def web(story: Story, database: str = "sqlite://") -> AsyncIterator[Stage]:
    """Students on a page. Staff have no pages outside the demonstration: they stay where they are."""
    for name, actor in story.actors.items():
        if actor.role == "student":
            story.actors[name] = replace(actor, channel="web")

    def platforms(clock: Any) -> Mapping[str, Any]:
        return {**scripts(clock), "web": WebPages()}

    async with stage(story, database, platforms, WebStage) as made:
        yield made
