"""A simulated day: students come, are matched, talk and leave, on a clock of its own. Every line carries the secret of
its chat, and whoever is shown one is checked."""

from __future__ import annotations

import asyncio
import datetime
import heapq
import random
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.house import INTAKE
from bot import ledger, people, roster
from bot.app import App
from bot.channels.base import Abilities, Inbound, Kind, Media, Outgoing, Result, Sent
from bot.roster_fields import Entry
from bot.store.db import Tx

DAY_CHATS, DAY = 10_000, 24 * 60 * 60 * 1000
"""What a whole day holds; a smaller one is as dense, and shorter."""
STEP = 1_000
THINKING = (20_000, 40_000)
"""ms between two looks at the world, and between two lines of a chat."""
BEGAN = 1_770_000_000_000
STUDENTS, HELPERS = 1_000_000, 1_000
STUCK = 4 * 60 * 60 * 1000
"""ms after the last arrival at which a day that does not end is broken off."""
ACCEPT = "offer:accept:"
_SECRET = re.compile(r"rahasia (\d+) nomor (\d+)")
_OPENED = "SELECT student, helper FROM chats WHERE opened_at >= :since ORDER BY opened_at, id"


class DayClock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> int:
        return self.now


@dataclass
class Tally:
    """What was found. `delivered` counts each line; `crossed` names lines shown to somebody else."""

    chats: int
    lines: int
    delivered: array[int] = field(init=False)
    crossed: int = 0
    said: int = 0
    findings: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.delivered = array("B", bytes(self.chats * self.lines))

    @property
    def lost(self) -> int:
        return self.delivered.count(0)

    @property
    def twice(self) -> int:
        return sum(1 for one in self.delivered if one > 1)


class Crowd:
    """The platform, and everybody on it."""

    name = "telegram"
    abilities = Abilities()

    def __init__(self, tally: Tally, heard: Callable[[int, str, Outgoing], None]) -> None:
        self.count = 0
        self.tally = tally
        self.heard = heard
        self.helper_of: dict[int, int] = {}

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        return None

    def parse(self, body: bytes) -> Sequence[Inbound]:
        return ()

    async def send(self, address: str, out: Outgoing) -> Result:
        self.count += 1
        id, to = str(self.count), int(address)
        for chat, number in _SECRET.findall(out.text):
            self._check(to, int(chat), int(number))
        self.heard(to, id, out)
        return Sent(id)

    def _check(self, to: int, chat: int, number: int) -> None:
        """Even lines are the student's, for the helper; odd ones the helper's, for the student."""
        owner = STUDENTS + chat if number % 2 else self.helper_of.setdefault(chat, to)
        if to != owner or (number % 2 == 0 and to >= STUDENTS):
            self.tally.crossed += 1
        place = chat * self.tally.lines + number
        self.tally.delivered[place] = min(2, self.tally.delivered[place] + 1)

    async def fetch(self, media: Media) -> bytes:
        return b""

    async def answer(self, callback_id: str, text: str) -> None:
        return None


class Day:
    """Runs one. `app` is built with this day's `clock` and `crowd`."""

    def __init__(self, chats: int, lines: int, seed: int = 1) -> None:
        self.clock = DayClock()
        self.tally = Tally(chats, lines)
        self.crowd = Crowd(self.tally, self._heard)
        self.span = DAY * chats // DAY_CHATS
        self.helpers = max(2, min(chats, 120))
        self._random = random.Random(seed)
        self._agenda: list[tuple[int, int, Inbound]] = []
        self._ids = 0
        self._mail = False
        self._accepted = False
        self._quote: dict[int, str] = {}
        self._next: dict[int, int] = {}

    # --- what people do ---

    def _plan(self, after: int, sender: int, text: str = "", data: str = "", quote: str = "") -> None:
        self._ids += 1
        kind = Kind.PRESS if data else Kind.TEXT
        at = self.clock.now + after
        message = "" if data else f"in{self._ids}"
        incoming = Inbound("telegram", str(self._ids), str(sender), kind, at, text, message, quote, data)
        heapq.heappush(self._agenda, (at, self._ids, incoming))

    def _say(self, chat: int, number: int) -> None:
        """One line of a chat, from whose turn it is; the helper quotes what they answer."""
        words = f"soal kuliah tadi kak, rahasia {chat} nomor {number} jangan bilang siapa-siapa"
        after = self._random.randint(*THINKING)
        if number % 2:
            self._plan(after, self.crowd.helper_of[chat], words, quote=self._quote[chat])
        else:
            self._plan(after, STUDENTS + chat, words)
        self.tally.said += 1

    def _heard(self, to: int, id: str, out: Outgoing) -> None:
        for row in out.buttons:
            for choice in row:
                if choice.data.startswith(ACCEPT):
                    self._plan(2_000, to, data=choice.data)
        found = _SECRET.search(out.text)
        if found is None:
            return
        chat, number = int(found[1]), int(found[2])
        if number % 2 == 0:
            self._quote[chat] = id
        if self._next.get(chat) != number:
            return
        if number + 1 < self.tally.lines:
            self._next[chat] = number + 1
            self._say(chat, number + 1)
        else:
            self._plan(5_000, STUDENTS + chat, "/selesai")
            del self._next[chat], self._quote[chat]

    # --- the day ---

    async def run(self, app: App) -> Tally:
        """Everything, until everybody has gone home; then what the ledger says."""
        app.engine.wakes.mail = self._wake
        await app.store.write(lambda tx: self._staff(tx, app))
        for n in range(self.helpers):
            self._plan(0, HELPERS + n, "/on")
        for chat in range(self.tally.chats):
            at = 60_000 + self._random.randrange(self.span)
            for n, data in enumerate(("", *INTAKE)):
                self._plan(at + n * 3_000, STUDENTS + chat, "" if data else "/start", data)
        last, marks = self.clock.now + 60_000 + self.span + STUCK, self.tally.chats * self.tally.lines // 5
        due: int | None = None
        while self._agenda and self.clock.now < last:
            upcoming = self._agenda[0][0]
            self.clock.now = max(self.clock.now, min(upcoming, due if due is not None else upcoming)) + STEP
            await self._look(app)
            due = await self._timers(app)
            await self._new_chats(app)
            if self.tally.said > marks * len(self.tally.memory):
                self.tally.memory.append(resident())
        self.clock.now += 60 * 60 * 1000
        for _ in range(20):
            await self._timers(app)
        self.tally.memory.append(resident())
        policy = app.policy
        found = await app.store.read(lambda tx: list(ledger.check(tx, self.clock.now, policy)))
        self.tally.findings = [f"{one.law}: {one.says} ({len(one.ids)})" for one in found]
        self.tally.crossed += await app.store.read(self._mispaired)
        return self.tally

    def _wake(self) -> None:
        self._mail = True

    async def _look(self, app: App) -> None:
        now: list[Inbound] = []
        while self._agenda and self._agenda[0][0] <= self.clock.now:
            now.append(heapq.heappop(self._agenda)[2])
        self._accepted = any(incoming.data.startswith(ACCEPT) for incoming in now)
        await asyncio.gather(*(app.engine.receive(incoming) for incoming in now))

    async def _timers(self, app: App) -> int | None:
        async def no_hook(timer: object) -> None:
            return None

        due = await app.engine.run_timers(no_hook)
        while self._mail:
            self._mail = False
            await app.engine.run_mail()
        await app.dispatcher.drain()
        return due

    async def _new_chats(self, app: App) -> None:
        """A chat that has begun: its student says the first line."""
        if self._accepted:
            self._accepted = False
            for chat, _ in await app.store.read(lambda tx: _pairs(tx, self.clock.now)):
                self._next[chat] = 0
                self._say(chat, 0)

    def _mispaired(self, tx: Tx) -> int:
        """Chats whose lines went to another helper than theirs."""
        return sum(self.crowd.helper_of.get(chat) != helper for chat, helper in _pairs(tx, 0))

    def _staff(self, tx: Tx, app: App) -> None:
        acting = app.engine.acting("cli", self.clock.now)
        until = datetime.datetime.fromtimestamp(BEGAN / 1000, datetime.UTC).date() + datetime.timedelta(days=365)
        for n in range(self.helpers):
            name, where = f"S{n}", str(HELPERS + n)
            roster.add(
                tx, acting, Entry(role="supporter", name=name, telegram=where, capacity=3, certified_until=until)
            )


def _pairs(tx: Tx, since: int) -> list[tuple[int, int]]:
    """The chats opened since then: which student's, and the helper's address."""
    found = tx.all(_OPENED, since=since)
    return [(_external(tx, row[0]) - STUDENTS, _external(tx, row[1])) for row in found]


def _external(tx: Tx, person: int) -> int:
    known = people.external(tx, int(tx.value("SELECT id FROM addresses WHERE person_id = :person", person=person)))
    return int(known[1]) if known is not None else 0


def resident() -> float:
    """Megabytes of this process; 0 where the machine does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    return int(next(x for x in status.read_text().splitlines() if x.startswith("VmRSS")).split()[1]) / 1024
