"""A channel that does as it is told, and a store with people in it: what the outbox is tested with."""

from __future__ import annotations

import asyncio
import io
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pypdf import PdfWriter

from bot.channels.base import Abilities, Inbound, Media, Outgoing, Refused, Result, Retry, Sent
from bot.outbox import Row
from bot.store.db import Store, Tx

NOW = 1_795_000_000_000


class FakeClock:
    """Stands still until told otherwise."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: int) -> None:
        self.now += ms


class FakeChannel:
    """Takes everything, unless `script` holds other answers for an address (an event: it waits for it first).
    `gate`: all sends wait until it is set.
    `most`: how many were in flight at once for one address."""

    def __init__(self, name: str = "telegram", abilities: Abilities | None = None) -> None:
        self.name = name
        self.abilities = abilities or Abilities()
        self.sent: list[tuple[str, Outgoing]] = []
        self.asked: list[tuple[str, Outgoing]] = []
        self.script: defaultdict[str, deque[Result | Exception | asyncio.Event]] = defaultdict(deque)
        self.files: dict[str, bytes | Exception] = {}
        self.gate: dict[str, asyncio.Event] = {}
        self.most: dict[str, int] = defaultdict(int)
        self._flying: dict[str, int] = defaultdict(int)
        self.answered: list[tuple[str, str]] = []

    def texts(self, address: str) -> list[str]:
        return [out.text for to, out in self.sent if to == address]

    def verify(self, headers: Mapping[str, str], body: bytes) -> None: ...

    def parse(self, body: bytes) -> Sequence[Inbound]:
        return ()

    async def send(self, address: str, out: Outgoing) -> Result:
        self.asked.append((address, out))
        self._flying[address] += 1
        self.most[address] = max(self.most[address], self._flying[address])
        try:
            if address in self.gate:
                await self.gate[address].wait()
            await asyncio.sleep(0)
            answer = self.script[address].popleft() if self.script[address] else None
            if isinstance(answer, asyncio.Event):
                await answer.wait()
                answer = None
            if isinstance(answer, Exception):
                raise answer
            if answer is not None and not isinstance(answer, Sent):
                return answer
            self.sent.append((address, out))
            return answer or Sent(out.external_id or str(1000 + len(self.sent)))
        finally:
            self._flying[address] -= 1

    async def fetch(self, media: Media) -> bytes:
        found = self.files.get(media.file_id, FileNotFoundError())
        if isinstance(found, Exception):
            raise found
        return found

    async def answer(self, callback_id: str, text: str) -> None:
        self.answered.append((callback_id, text))


@dataclass
class FakeTold:
    """Remembers what it was told, and writes it down in the same transaction (as a mail row)."""

    notices: list[tuple[int, int]] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    fails: Exception | None = None

    def _mail(self, tx: Tx, person: int) -> None:
        if self.fails is not None:
            raise self.fails
        tx.run(
            "INSERT INTO mail (kind, person_id, event, attempts, created_at) VALUES ('student', :p, '{}', 0, 0)",
            p=person,
        )

    def sent(self, tx: Tx, row: Row, at: int) -> None:
        self._mail(tx, row.person_id)
        self.notices.append((row.id, at))

    def refused(self, tx: Tx, row: Row, reason: str, at: int) -> None:
        self._mail(tx, row.person_id)
        self.refusals.append((row.id, reason))

    def unreachable(self, tx: Tx, person: int, address: int, at: int) -> None:
        self._mail(tx, person)
        self.lost.append((person, address))

    def held(self, tx: Tx, row: Row, at: int) -> None:
        self._mail(tx, row.person_id)
        self.waiting.append(row.id)


_PERSON = """INSERT INTO people (alias, language, pranks, created_at, seen_at, version, on_duty)
VALUES (:alias, :language, 0, 0, 0, 1, :off) RETURNING id"""
_KEY = "UPDATE people SET key = :key WHERE id = :id"
_ADDRESS = """INSERT INTO addresses (person_id, channel, lookup, sealed, reachable, last_in_at, created_at)
VALUES (:person, :channel, :lookup, :sealed, :on, :last_in, 0) RETURNING id"""


def add_person(tx: Tx, alias: str, language: str = "id") -> int:
    """A person with a data key of their own."""
    person = int(tx.value(_PERSON, alias=alias, language=language, off=False))
    tx.run(_KEY, id=person, key=tx.keeper.new_key(person))
    return person


def add_address(tx: Tx, person: int, external: str, channel: str = "telegram", last_in: int = 0) -> int:
    """An address that reaches them."""
    return int(
        tx.value(
            _ADDRESS,
            person=person,
            channel=channel,
            lookup=tx.keeper.lookup(channel, external),
            sealed=tx.seal(person, external, "addresses.sealed"),
            on=True,
            last_in=last_in,
        )
    )


async def one(store: Store, sql: str, **params: object) -> object:
    """One value of the store."""
    return await store.read(lambda tx: tx.value(sql, **params))


async def column(store: Store, sql: str, **params: object) -> list[object]:
    """The first column of all rows."""
    return await store.read(lambda tx: [row[0] for row in tx.all(sql, **params)])


async def until(look: Callable[[], object], tries: int = 2_000) -> None:
    """Let the loop turn until something holds; AssertionError if it never does."""
    for _ in range(tries):
        if look():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it never happened")


__all__ = [
    "NOW",
    "FakeChannel",
    "FakeClock",
    "FakeTold",
    "Refused",
    "Retry",
    "Sent",
    "add_address",
    "add_person",
    "column",
    "one",
    "until",
]


def authored(name: str) -> bytes:
    """A PDF of one empty page by somebody."""
    made, out = PdfWriter(), io.BytesIO()
    made.add_blank_page(72, 72)
    made.add_metadata({"/Author": name, "/Producer": f"Kamera {name}"})
    made.write(out)
    return out.getvalue()
