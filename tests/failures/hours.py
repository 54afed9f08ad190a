"""What a night is made of: a platform with bad hours, and a store that needs no threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.channels.base import Outgoing, Refused, Result, Retry, Sent
from bot.channels.script import Script
from bot.clock import SetClock
from bot.replay.stage import PLATFORMS
from bot.store.db import Tx, _resolve
from bot.store.queue import Job
from bot.store.sqlite import SqliteStore, SqliteTx

T = TypeVar("T")
BACKOFF = 10_500
"""ms: the longest pause of the outbox after a failure, and a little."""


class AtOnce(SqliteStore):
    """A store in memory that runs each transaction on its caller's thread, so that a seed is the same night for ever,
    and ten thousand of them pass within the hour."""

    def __init__(self) -> None:
        super().__init__(None)

    def _put(self, job: Job) -> None:
        self._connection.execute("BEGIN")
        outcome = self._attempt(job)
        self._connection.execute("COMMIT")
        _resolve([outcome])

    async def read(self, job: Callable[[Tx], T]) -> T:
        return job(SqliteTx(self._connection, self.seal))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a platform does to an address ("" is everybody) from `start` to `end`. `slack`: how long afterwards a
    message may still be on its way (ms)."""

    start: int
    end: int
    address: str
    what: str
    slack: int = BACKOFF

    def strikes(self, address: str, now: int) -> bool:
        return self.address in ("", address) and self.start <= now < self.end


class Platform(Script):
    """A platform with bad hours; remembers when it showed what to whom."""

    def __init__(self, name: str, clock: SetClock) -> None:
        super().__init__(name, PLATFORMS[name])
        self._clock = clock
        self.troubles: list[Trouble] = []
        self.blocked: set[str] = set()
        self.shown: list[tuple[int, str, str]] = []
        self.met: Counter[str] = Counter()

    async def send(self, address: str, out: Outgoing) -> Result:
        now = self._clock()
        if address in self.blocked:
            self.met["blocked"] += 1
            return Refused("blocked", person=True)
        found = next((one for one in self.troubles if one.strikes(address, now)), None)
        if found is None:
            return await self._shown(address, out, now)
        self.met[found.what] += 1
        if found.what == "refuses":
            return Refused("bad_request")
        if found.what == "raises":
            raise OSError("the platform broke off")
        if found.what == "429":
            return Retry(found.slack - BACKOFF, "slow_down", named=True)
        if found.what == "cut":
            await self._shown(address, out, now)
            return Retry(reason="timeout")
        return Retry(reason=found.what)

    async def _shown(self, address: str, out: Outgoing, now: int) -> Result:
        result = await super().send(address, out)
        if isinstance(result, Sent) and out.text:
            self.shown.append((now, address, out.text))
        return result
