"""The outside hook: a signed POST that says that nobody has answered a case. Its id, level, category; never text."""

from __future__ import annotations

import hmac
import logging
from typing import Any

import orjson

from bot import timers
from bot.store.db import Store, Tx
from flows.effects import Hook
from flows.events import Tick

log = logging.getLogger(__name__)

KIND = "hook"
LONGEST = 60_000
SECONDS = 10.0


def sign(secret: str, body: bytes) -> str:
    """The value of X-Sebaya-Signature: `sha256=` and the HMAC-SHA256 of the body in hex."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def body(case: str, level: str, category: str, lap: int, at: int) -> bytes:
    """What is sent: no word, name or number of anybody."""
    return orjson.dumps({"event": "case.unacknowledged", "case": case, "level": level, "category": category,
                         "lap": lap, "at": at})  # fmt: skip


class Hooks:
    """Hooks wait as timers of their own kind, so that they outlive a crash and are tried until they arrive."""

    def put(self, tx: Tx, hook: Hook, now: int) -> None:
        timers.put(tx, KIND, hook.case, f"{hook.level}.{hook.category}.{hook.lap}", now, Tick("hook", 0), crisis=True)

    async def send(self, store: Store, timer: timers.Due, url: str, secret: str, client: Any, now: int) -> bool:
        """Post one hook; on failure set it again with a growing pause."""
        level, category, lap = timer.name.split(".")
        data = body(timer.target, level, category, int(lap), now)
        ok = False
        try:
            answer = await client.post(
                url,
                content=data,
                headers={"Content-Type": "application/json", "X-Sebaya-Signature": sign(secret, data)},
                timeout=SECONDS,
            )
            ok = 200 <= answer.status_code < 300
        except Exception as error:
            log.warning("the escalation webhook did not answer (%s)", type(error).__name__)
        tries = timer.event.n if isinstance(timer.event, Tick) else 0

        def job(tx: Tx) -> None:
            if timers.claim(tx, timer) and not ok:
                pause = min(LONGEST, 1_000 * 2 ** min(tries, 6))
                timers.put(tx, KIND, timer.target, timer.name, now + pause, Tick("hook", tries + 1), crisis=True)

        await store.write(job, crisis=True)
        return ok
