"""B11: a simulated day on SQLite: every line arrives once and with nobody else, memory stays, the ledger is clean."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.day import Day
from benchmarks.table import Figure
from bot.app import build
from bot.settings import load_settings
from bot.store.migrate import migrate

CHATS, LINES = 300, 50
WHOLE = {"chats": 10_000}
FLAT, CACHES = 1.1, 24
"""How much memory may grow; and the megabytes of caches (SQLite's pages, data keys) that a short day still fills."""


async def measure(chats: int = CHATS, lines: int = LINES) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        where = f"sqlite:///{Path(folder) / 'day.db'}"
        migrate(where, 0)
        keys = base64.urlsafe_b64encode(os.urandom(32)).decode()
        day = Day(chats, lines)
        settings = load_settings(env_file=None, database_url=where, secret_keys=keys)
        app = await build(settings, clock=day.clock, channels={"telegram": day.crowd})
        began = perf_counter()
        try:
            tally = await day.run(app)
        finally:
            await app.stop()
        took = perf_counter() - began
    early, end = tally.memory[min(1, len(tally.memory) - 1)], tally.memory[-1]
    grown = end / max(early, 1)
    return [
        Figure(
            "B11",
            f"a day of {chats:,} chats of {lines} lines, {day.helpers} supporters, {day.span / 3_600_000:.1f} h",
            f"{tally.said:,} lines in {took:.0f} s: {tally.lost} lost, {tally.twice} twice, {tally.crossed} crossed",
            "none lost or crossed",
            not (tally.lost or tally.twice or tally.crossed),
        ),
        Figure(
            "B11",
            "the same, memory at its end beside a fifth of the way",
            f"{grown:.2f} x ({end:.0f} MB of {early:.0f} MB)",
            f"<= {FLAT} x or {CACHES} MB",
            grown <= FLAT or end - early <= CACHES,
        ),
        Figure(
            "B11",
            "the same, what the ledger finds",
            "; ".join(tally.findings) or "nothing",
            "nothing",
            not tally.findings,
        ),
    ]
