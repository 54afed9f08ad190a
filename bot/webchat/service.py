"""The web channel behind HTTP: what the routes of admin_api call. Everything that must last is in the store; the open
pages are in memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from bot import directory, outbox
from bot.channels.base import Answer, Channel, Inbound, Media
from bot.channels.web import Left, Post, Press, Text, Upload, WebChannel, read
from bot.clock import Clock
from bot.engine import Wakes
from bot.ids import Ids
from bot.journal import Journal
from bot.media import Unclean, clean
from bot.outbox.payload import Document, Relayed
from bot.outbox.rows import Told
from bot.store.db import Store, Tx
from bot.webchat import away, blobs, own, sessions
from bot.webchat.lines import Batch, Cursor, Event
from bot.webchat.pages import Pages
from bot.webchat.rows import Rows
from bot.webchat.sessions import Session
from bot.webchat.story import Story
from bot.words import Words
from flows.facts import Number

log = logging.getLogger(__name__)

HEARTBEAT = 15.0
"""Seconds of silence after which a page is told that the line is alive."""
WATCH = 1.0
"""Seconds between two looks for what other processes have committed or revoked (P4)."""
SWEEP = 5
"""Looks between two sweeps for students who are away."""
CATEGORIES = ("none", "abuse")
"""What the page's numbers are for: despair, and violence."""

_OTHER = (
    """SELECT student, helper FROM chats WHERE state = 'open' AND (student = :person OR helper = :person) LIMIT 2"""
)
_PENDING = "SELECT DISTINCT address_id FROM outbox WHERE status = 0 AND address_id IN :open"

Following = AsyncIterator[tuple[Event | None, Cursor]]


class Receiver(Protocol):
    """The part of the engine that pages need."""

    @property
    def wakes(self) -> Wakes: ...

    async def receive(self, incoming: Inbound, /) -> Answer: ...

    async def lost(self, person: int, address: int) -> None: ...

    def typing(self, person: int) -> None: ...


class Webchat:
    """Sessions, lines in, lines out, and who is looking."""

    def __init__(
        self,
        *,
        store: Store,
        engine: Receiver,
        words: Words,
        clock: Clock,
        ids: Ids,
        channels: Mapping[str, Channel],
        told: Told,
        zone: ZoneInfo,
        area: str = "",
        journal: Journal | None = None,
    ) -> None:
        self._journal = journal if journal is not None else Journal(clock)
        self.pages = Pages()
        self.channel = WebChannel(self.pages.typing_at, self._upload)
        self._store = store
        self._engine = engine
        self._words = words
        self._clock = clock
        self._ids = ids
        self._channels = channels
        self._told = told
        self._zone = zone
        self._area = area

    # --- sessions ---

    async def open(self, language: str) -> str:
        """A session of somebody new; its token."""
        token = sessions.new_token()
        now = self._clock()
        await self._store.write(lambda tx: sessions.begin(tx, token, language=language, now=now, ids=self._ids))
        return token

    async def session(self, token: str) -> Session | None:
        """Whose token this is; None where it is unknown, expired or revoked. Its end is put off while it is used."""
        if not 20 <= len(token) <= 100:
            return None
        now = self._clock()
        found = await self._store.read(lambda tx: sessions.find(tx, token, now))
        if found is not None and found.due(now):
            await self.remember(found, found.remembered)
        return found

    async def remember(self, session: Session, yes: bool) -> None:
        """Keep the session for weeks, or for as long as a tab usually lives."""
        now = self._clock()
        await self._store.write(lambda tx: sessions.extend(tx, session, remembered=yes, now=now))

    async def leave(self, session: Session) -> None:
        """The person has left for good: the token opens nothing any more, and whoever waits for them is told."""
        try:
            await self._engine.receive(read(session.address, Left(), self._clock()))
        finally:
            await self.end(session.address_id, "left")

    async def end(self, address: int, reason: str) -> None:
        """End a session now; what it has not seen is refused."""

        def job(tx: Tx) -> None:
            now = self._clock()
            if sessions.revoke(tx, address, now):
                away.give_up(tx, address, reason, now, self._told)
            tx.after(lambda: self._engine.wakes.outbox(tx))
            tx.after(lambda: self.pages.notify(address))

        await self._store.write(job, crisis=True)

    # --- in ---

    async def receive(self, session: Session, post: Post) -> Answer:
        """Hand on what a page sent; returns after its commit (M1). Raises blobs.Unshowable for an upload that is
        neither a picture nor a recording."""
        media: Media | None = None
        if isinstance(post, Upload):
            media = await self._keep(session, post)
        elif isinstance(post, Press) or (isinstance(post, Text) and post.quote):
            # What somebody presses or quotes has arrived, though its acknowledgement may still be on its way.
            await self.acknowledge(session, [post.message if isinstance(post, Press) else post.quote])
        try:
            return await self._engine.receive(read(session.address, _whole(post), self._clock(), media))
        finally:
            self.pages.notify(session.address_id)

    async def _keep(self, session: Session, post: Upload) -> Media:
        media, data = await asyncio.to_thread(blobs.prepared, session.address, post.client_id, post.data)
        now = self._clock()
        await self._store.write(lambda tx: blobs.keep(tx, session.person_id, media, data, now))
        return media

    async def acknowledge(self, session: Session, ids: Iterable[str]) -> None:
        """The page has these lines: only now are they delivered."""
        rows = sorted({number for id in ids if (number := _number(id)) is not None})
        if not rows:
            return

        def job(tx: Tx) -> None:
            now = self._clock()
            chats = away.returning(tx, session.address_id, rows)
            outbox.acknowledge(tx, session.address_id, rows, now=now, told=self._told, seen=self._journal.pulled)
            away.welcome(tx, session.address_id, chats, now)
            tx.after(lambda: self._engine.wakes.outbox(tx))
            tx.after(lambda: self.pages.notify(session.address_id))

        await self._store.write(job, key=("web", session.address_id))

    async def typing(self, session: Session) -> None:
        """Somebody writes: shown to the other side of their chat, where it is clear who that is."""
        person = session.person_id
        found = await self._store.read(lambda tx: tx.all(_OTHER, person=person))
        if len(found) == 1:
            self._engine.typing(int(found[0][1] if found[0][0] == person else found[0][0]))

    # --- out ---

    async def follow(self, session: Session, cursor: Cursor | None) -> Following:
        """What a page is told, as long as it listens: events with the cursor after each, None as a heartbeat. Without a
        cursor the conversation from its newest part on. Ends with `gone` when the session is over (P4)."""
        with self.pages.subscribe(session.address_id, session.person_id, session.address) as page:
            shown: dict[int, bool] = {}
            before: str | None = None
            unread: Sequence[str] = ()
            if cursor is None:
                first, shown = await self._store.read(lambda tx: self._story(tx, session).past())
                cursor, before, unread = first.cursor, first.before, first.unread
                for event in first.events:
                    yield event, Cursor()
            ready = False
            while not self.pages.closing:
                batch = await self._news(session, cursor, shown)
                if batch is None:
                    yield Event("gone"), cursor
                    return
                for event in batch.events:
                    # The cursor moves with the last of them: a line cut within a batch is asked for again.
                    yield event, cursor
                cursor = batch.cursor
                if not ready:
                    held = await self._store.read(lambda tx: self._story(tx, session).held())
                    yield Event("ready", {"before": before, "unread": list(unread), "held": held}), cursor
                    ready = True
                elif batch.events:
                    yield Event("so_far"), cursor
                if page.take_typing():
                    yield Event("typing"), cursor
                if not batch.more and not await page.wait(HEARTBEAT):
                    yield None, cursor

    async def _news(self, session: Session, cursor: Cursor, shown: dict[int, bool]) -> Batch | None:
        def job(tx: Tx) -> Batch | None:
            if not sessions.alive(tx, [session.address_id], self._clock()):
                return None
            return self._story(tx, session).news(cursor, shown)

        return await self._store.read(job)

    def _story(self, tx: Tx, session: Session) -> Story:
        return Story(tx, self._words, self.channel.abilities, session, self._clock())

    async def before(self, session: Session, before: str) -> Batch:
        """An older part of the conversation. `before` as the page was given it; anything else finds nothing."""
        cursor = Cursor.read(before) or Cursor()
        batch, _ = await self._store.read(lambda tx: self._story(tx, session).past(cursor))
        return batch

    async def picture(self, session: Session, id: str) -> tuple[bytes, str] | None:
        """The bytes and media type behind a line of this conversation; None where there are none, or not now."""
        found = await self._store.read(lambda tx: self._behind(tx, session, id))
        if isinstance(found, Document):
            return found.data, found.mime
        channel = self._channels.get(found.channel) if found is not None else None
        if found is None or channel is None:
            return None
        try:
            done = await asyncio.to_thread(clean, found, await channel.fetch(found))
        except (OSError, Unclean):
            return None
        return done.data, done.mime

    def _behind(self, tx: Tx, session: Session, id: str) -> Media | Document | None:
        number = _number(id)
        if number is None:
            return own.picture(tx, session.person_id, session.address_id, id)
        rows = Rows(tx, self._words, self.channel.abilities, session.person_id, session.address_id)
        row = rows.one(number)
        payload = rows.payload(row) if row is not None else None
        if isinstance(payload, Relayed):
            return payload.media
        return payload if isinstance(payload, Document) else None

    async def _upload(self, id: str) -> bytes:
        data = await self._store.read(lambda tx: blobs.load(tx, id))
        if data is None:
            raise FileNotFoundError("the upload is gone")
        return data

    # --- around it ---

    async def numbers(self) -> Sequence[Number]:
        """What the page shows to somebody in danger, before and beside any conversation: phones and
        WhatsApp first."""

        def job(tx: Tx) -> list[Number]:
            today: date = directory.day(self._clock(), self._zone)
            found: dict[str, Number] = {}
            for category in CATEGORIES:
                for number in directory.for_crisis(tx, today, category, None, self._area or None):
                    found.setdefault(number.contact, number)
            return sorted(found.values(), key=lambda number: number.kind not in ("phone", "whatsapp"))

        return await self._store.read(job)

    def typing_to(self, person: int) -> None:
        """Show "is writing" on the open pages of a person."""
        self.pages.typing_of(person)

    async def run(self) -> None:
        """Watch, until cancelled: for what other processes committed for open pages, for sessions that ended, for
        students who are away."""
        turn = 0
        while True:
            await asyncio.sleep(WATCH)
            try:
                await self.look()
                turn += 1
                if turn % SWEEP == 0:
                    await self.sweep()
            except Exception as error:
                log.error("the watch over web pages failed (%s); it goes on", type(error).__name__)

    async def look(self) -> None:
        """Wake the open pages for which something waits, or whose session is over."""
        open = self.pages.addresses()
        if not open:
            return

        def job(tx: Tx) -> set[int]:
            waiting = {int(row[0]) for row in tx.all(_PENDING, open=open)}
            return waiting | set(open) - sessions.alive(tx, open, self._clock())

        self.pages.notify_all(await self._store.read(job))

    async def sweep(self) -> None:
        """Tell helpers of students who are away, and end sessions whose time is over while something waits."""
        now = self._clock()
        if await self._store.read(lambda tx: away.waiting(tx, now)):
            await self._store.write(lambda tx: self._tell_away(tx, now))
        for address, person in await self._store.read(lambda tx: away.expired(tx, now)):
            await self.end(address, "expired")
            await self._engine.lost(person, address)

    def _tell_away(self, tx: Tx, now: int) -> None:
        away.tell(tx, now)
        tx.after(lambda: self._engine.wakes.outbox(tx))

    def close(self) -> None:
        """End every stream: the service stops, and the browsers come back by themselves."""
        self.pages.close()


def _whole(post: Post) -> Post:
    """An edit or press names rows; a part of a line ("12-1") counts as the line."""
    if isinstance(post, Press):
        return Press(post.client_id, _line(post.message), post.data)
    if isinstance(post, Text):
        return Text(post.client_id, post.text, _line(post.quote))
    return post


def _line(id: str) -> str:
    return str(number) if (number := _number(id)) is not None else id


def _number(id: str) -> int | None:
    """The row of a line that we sent ("12", "12-1"); None for a person's own line, whose id is a name."""
    number = id.partition("-")[0]
    return int(number) if id.isascii() and number.isdigit() and len(number) <= 18 and id.count("-") <= 1 else None
