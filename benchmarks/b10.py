"""B10: four worker processes empty the outbox of one PostgreSQL: rows claimed, rendered, given to a channel that takes
everything, and marked as sent."""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

import psycopg

from benchmarks.postgres import cpu, database, served
from benchmarks.table import Figure, middle
from bot import people
from bot.channels.base import Abilities, Inbound, Media, Outgoing, Result, Sent
from bot.clock import system_clock
from bot.ids import RandomIds
from bot.outbox import Dispatcher, Relayed, enqueue
from bot.outbox.record import Nobody
from bot.store.db import Store, Tx, open_store
from bot.store.keys import parse_keys
from bot.store.migrate import migrate
from bot.store.seal import open_seal
from bot.words import LOCALES, Words
from flows.effects import Class

ROWS, RECIPIENTS, WORKERS, ROUNDS = 6_000, 1_500, 4, 3
CHUNK = 500
GO_SECONDS, WORK_SECONDS = 60.0, 120.0
IDLE = 0.2
_PENDING = "SELECT COUNT(*) FROM outbox WHERE status = 0"


class Sink:
    """A platform that takes everything. `texts` is what it was given, `first` and `last` when."""

    name = "telegram"
    abilities = Abilities()

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.first = self.last = 0.0

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        return None

    def parse(self, body: bytes) -> Sequence[Inbound]:
        return ()

    async def send(self, address: str, out: Outgoing) -> Result:
        self.last = perf_counter()
        self.first = self.first or self.last
        self.texts.append(out.text)
        return Sent(f"{os.getpid()}-{len(self.texts)}")

    async def fetch(self, media: Media) -> bytes:
        return b""

    async def answer(self, callback_id: str, text: str) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Done:
    """What one worker did; moments by the machine's monotonic clock, `cpu` in seconds."""

    texts: list[str]
    first: float
    last: float
    cpu: float


async def _opened(url: str, keys: str) -> Store:
    store = open_store(url, readers=1, writers=4)
    await open_seal(store, parse_keys(keys))
    return store


def _worker(url: str, keys: str, ready: Any, go: Any, results: Any) -> None:
    """A process of its own: sends until nothing is pending."""
    try:
        results.put(asyncio.run(_work(url, keys, ready, go)))
    except BaseException as error:
        results.put(type(error).__name__)
        raise


async def _work(url: str, keys: str, ready: Any, go: Any) -> Done:
    store, sink = await _opened(url, keys), Sink()
    dispatcher = Dispatcher(store, Words(LOCALES), {"telegram": sink}, Nobody(), clock=system_clock)
    ready.release()
    if not await asyncio.to_thread(go.wait, GO_SECONDS):
        raise TimeoutError
    spent, until = process_time(), perf_counter() + WORK_SECONDS
    running = asyncio.create_task(dispatcher.run())
    while perf_counter() < until and await store.read(lambda tx: tx.value(_PENDING)):  # noqa: ASYNC110 - other processes empty it too
        await asyncio.sleep(IDLE)
    spent = process_time() - spent
    await dispatcher.stop()
    await running
    await store.close()
    return Done(sink.texts, sink.first, sink.last, spent)


async def measure(
    rows: int = ROWS, recipients: int = RECIPIENTS, workers: int = WORKERS, rounds: int = ROUNDS, on: str = ""
) -> list[Figure]:
    speeds, prices, servers, twice, missing = [], [], [], 0, 0
    with served(on) as server:
        url = database(server, "bench")
        migrate(url, 0)
        keys = base64.urlsafe_b64encode(os.urandom(32)).decode()
        store = await _opened(url, keys)
        addresses = await _people(store, recipients)
        for _ in range(rounds):
            await _fill(store, addresses, rows)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
            before = cpu(server)
            found = await asyncio.to_thread(_all_at_work, url, keys, workers)
            servers.append((cpu(server) - before) / rows * 1e6)
            texts = [text for one in found for text in one.texts]
            twice += len(texts) - len(set(texts))
            missing += rows - len(set(texts))
            took = max(one.last for one in found) - min(one.first for one in found if one.first)
            speeds.append(rows / took)
            prices.append(sum(one.cpu for one in found) / rows * 1e6)
        pending = await store.read(lambda tx: tx.value(_PENDING))
        await store.close()
    cores = os.cpu_count() or 1
    price = middle(prices) + middle(servers)
    room = cores * 1e6 / price
    return [
        Figure(
            "B10",
            f"outbox, PostgreSQL, {workers} workers: {rows:,} rows to {recipients:,} recipients sent and marked",
            f"{middle(speeds):,.0f}/s, {twice} twice, {missing + int(pending)} missing",
            "none twice or missing",
            not (twice or missing or pending),
        ),
        Figure(
            "B10",
            f"the same by processor time, were all {cores} cores free",
            f"{room:,.0f}/s ({middle(prices):.0f} us of a row in the workers, {middle(servers):.0f} us in PostgreSQL)",
            ">= 5,000/s",
            room >= 5_000,
        ),
    ]


async def _people(store: Store, count: int) -> list[tuple[int, int]]:
    """Person and address of each recipient."""
    ids = RandomIds()

    def some(tx: Tx, low: int, high: int) -> list[tuple[int, int]]:
        made = [
            people.find_or_create(tx, "telegram", str(10_000 + n), language="id", now=system_clock(), ids=ids)
            for n in range(low, high)
        ]
        return [(one.person, one.id) for one in made]

    found = []
    for low in range(0, count, CHUNK):
        found += await store.write(lambda tx, low=low: some(tx, low, min(count, low + CHUNK)))
    return found


async def _fill(store: Store, addresses: Sequence[tuple[int, int]], rows: int) -> None:
    def some(tx: Tx, low: int, high: int) -> None:
        for n in range(low, high):
            person, address = addresses[n % len(addresses)]
            payload = Relayed(text=f"aku lagi capek banget sama tugas kuliah yang numpuk, baris {n}")
            enqueue(tx, person=person, cls=Class.ORDINARY, payload=payload, now=system_clock(), address_id=address,
                    owner=person, chat_id="bench", message_id=n)  # fmt: skip

    for low in range(0, rows, CHUNK):
        await store.write(lambda tx, low=low: some(tx, low, min(rows, low + CHUNK)))


def _all_at_work(url: str, keys: str, workers: int) -> list[Done]:
    context = multiprocessing.get_context("spawn")
    ready, go, results = context.Semaphore(0), context.Event(), context.Queue()
    started = [context.Process(target=_worker, args=(url, keys, ready, go, results)) for _ in range(workers)]
    for one in started:
        one.start()
    try:
        for _ in started:
            if not ready.acquire(timeout=GO_SECONDS):
                raise TimeoutError("a worker did not start")
        go.set()
        found = [results.get(timeout=WORK_SECONDS + GO_SECONDS) for _ in started]
    finally:
        for one in started:
            one.join(10)
            if one.is_alive():
                one.kill()
    failed = [one for one in found if not isinstance(one, Done)]
    if failed:
        raise RuntimeError(f"a worker failed: {failed[0]}")
    return found
