"""`python -m benchmarks.profile [postgresql]`: where the processor time of a line goes, from webhook body to answer.

Stages are the functions named below; what one of them spends inside another is counted for the inner one alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import process_time, thread_time
from typing import Any

from benchmarks.house import LINE, STUDENT, House, house
from benchmarks.loopback import SECRET, TOKEN, update
from benchmarks.postgres import database, served

CHATS, LINES, WARM, AT_ONCE = 32, 1_000, 200, 16


class Stages:
    """Wraps functions and counts the processor time that each spends by itself, thread by thread."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.calls: defaultdict[str, int] = defaultdict(int)
        self._here = threading.local()
        self._undo: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def watch(self, owner: Any, name: str, stage: str) -> None:
        """Count `owner.name` as `stage`, until `close`."""
        original = getattr(owner, name)

        def timed(*args: Any, **more: Any) -> Any:
            with self.counting(stage):
                return original(*args, **more)

        setattr(owner, name, timed)
        self._undo.append(lambda: setattr(owner, name, original))

    @contextmanager
    def counting(self, stage: str) -> Iterator[None]:
        inside: list[float] = getattr(self._here, "inside", None) or []
        self._here.inside = inside
        inside.append(0.0)
        began = thread_time()
        try:
            yield
        finally:
            took = thread_time() - began
            own = took - inside.pop()
            if inside:
                inside[-1] += took
            with self._lock:
                self.spent[stage] += own
                self.calls[stage] += 1

    def close(self) -> None:
        while self._undo:
            self._undo.pop()()


def _watch(stages: Stages, postgres: bool) -> None:
    """Every stage by the function that is its own."""
    from bot import effects, inbound, mail, outbox, people
    from bot.engine import Engine
    from bot.messages import Messages
    from bot.store import entities, sqlite
    from bot.store import postgres as on_postgres
    from bot.store.seal import Seal
    from bot.turn import Turn

    stages.watch(inbound, "assess", "screen")
    stages.watch(inbound, "first_time", "dedupe insert")
    for owner, name in (
        (Engine, "address"), (Engine, "_mail_first"), (people, "heard"), (entities, "person"), (entities, "lock"),
        (entities, "get"), (mail, "of"),
    ):  # fmt: skip
        stages.watch(owner, name, "load")
    stages.watch(Turn, "personal", "step")
    for name in ("save", "save_student", "save_desk"):
        stages.watch(entities, name, "apply: save")
    for name in ("add", "settle"):
        stages.watch(Messages, name, "apply: message")
    stages.watch(outbox, "enqueue", "apply: outbox")
    for kind, do in list(effects.DO.items()):
        effects.DO[kind] = _counted(stages, do)
        stages._undo.append(lambda kind=kind, do=do: effects.DO.__setitem__(kind, do))  # type: ignore[misc]  # a table's entry put back
    for name in ("seal", "unseal"):
        stages.watch(Seal, name, "seal")
    tx = on_postgres.PostgresTx if postgres else sqlite.SqliteTx
    stages.watch(tx, "_do", "statements")
    stages.watch(tx, "end", "apply: lanes")
    if postgres:
        stages.watch(on_postgres, "_end", "commit")
        stages.watch(on_postgres.PostgresStore, "_once", "transaction")
    else:
        stages.watch(sqlite.SqliteStore, "_run", "transaction")
        stages.watch(sqlite.SqliteStore, "_batch", "commit")


def _counted(stages: Stages, do: Callable[..., None]) -> Callable[..., None]:
    def counted(*args: Any) -> None:
        with stages.counting("apply: effects"):
            do(*args)

    return counted


async def _lines(found: House, channel: Any, chats: int, count: int, stages: Stages | None = None) -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    headers = {"x-telegram-bot-api-secret-token": SECRET}

    async def one(n: int) -> None:
        async with gate:
            body = update(next(found.ids), STUDENT + n % chats, f"{LINE} {n}")
            if stages is None:
                channel.verify(headers, body)
                parsed = channel.parse(body)
            else:
                with stages.counting("verify, parse"):
                    channel.verify(headers, body)
                    parsed = channel.parse(body)
            for incoming in parsed:
                await found.app.engine.receive(incoming)

    await asyncio.gather(*(one(n) for n in range(count)))


async def profile(
    url: str | None, lines: int = LINES, warm: int = WARM, chats: int = CHATS
) -> list[tuple[str, float, float]]:
    """Stage, microseconds of processor time and calls for one line; the last is what no stage names (the event loop,
    queues between threads, the answer)."""
    from bot.channels.telegram import Telegram

    channel = Telegram(TOKEN, api_url="http://127.0.0.1:9", webhook_secret=SECRET)
    stages = Stages()
    async with house(chats, url=url) as found:
        await _lines(found, channel, chats, warm)
        plain = process_time()
        await _lines(found, channel, chats, lines)
        plain = process_time() - plain
        try:
            _watch(stages, url is not None)
            spent = process_time()
            await _lines(found, channel, chats, lines, stages)
            spent = process_time() - spent
        finally:
            stages.close()
        await channel.close()
    rest = spent - sum(stages.spent.values())
    rows = [(name, took / lines * 1e6, stages.calls[name] / lines) for name, took in stages.spent.items()]
    rows.sort(key=lambda row: -row[1])
    return [
        *rows,
        ("between threads, event loop, answer", rest / lines * 1e6, 0.0),
        ("all, as measured here", spent / lines * 1e6, 0.0),
        ("all, without looking", plain / lines * 1e6, 0.0),
    ]


def main(asked: list[str]) -> int:
    from rich.console import Console
    from rich.table import Table

    if asked not in ([], ["postgresql"]):
        print("say nothing for SQLite, or postgresql", file=sys.stderr)
        return 2
    logging.disable(logging.WARNING)
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    if asked:
        with served() as server:
            rows = asyncio.run(profile(database(server, "profile")))
    else:
        rows = asyncio.run(profile(None))
    table = Table(title=f"One line on {asked[0] if asked else 'sqlite'}: processor time by stage")
    for name in ("stage", "us a line", "calls a line"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    for name, took, calls in rows:
        table.add_row(name, f"{took:,.0f}", f"{calls:.1f}" if calls else "")
    Console().print(table)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
