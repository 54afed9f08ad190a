"""A store under whose transactions the process dies: right before or right after the commit of the n-th of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

from bot.store.db import Store, Tx
from bot.store.queue import Job
from bot.store.seal import Seal

T = TypeVar("T")


class Died(BaseException):
    """Ends a transaction as the end of its process would: nothing of it is stored."""


class Breaking(Store):
    """A process's view of `inner`. Once it has died, nothing is stored, read or answered through it any more; what
    waits for an answer waits for ever."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.commits = 0
        self.dead = asyncio.Event()
        self._at = 0
        self._after = False
        self._poison = 0

    @property
    def dialect(self) -> str:
        return self.inner.dialect

    @property
    def seal(self) -> Seal | None:
        return self.inner.seal

    def use(self, seal: Seal) -> None:
        self.inner.use(seal)

    def die(self, commit: int, *, after: bool) -> None:
        """Die at the `commit`-th transaction from now on (from 1), before or after it is committed."""
        self._at, self._after = self.commits + commit, after

    def poison(self, times: int) -> None:
        """Let the next `times` messages fail as a fault of the program would: rolled back, with an error."""
        self._poison = times

    async def write(self, job: Callable[[Tx], T], *, crisis: bool = False, key: Hashable | None = None) -> T:
        if self.dead.is_set():
            await self._never()
        self.commits += 1
        last = self.commits == self._at
        if self._poison and isinstance(key, tuple) and key[0] in ("telegram", "whatsapp"):
            self._poison -= 1
            job = _failing(job)
        if last and not self._after:
            with contextlib.suppress(Died):
                await self.inner.write(self._broken_off(job), crisis=crisis, key=key)
            await self._die()
        result = await self.inner.write(job, crisis=crisis, key=key)
        if last:
            await self._die()
        if self.dead.is_set():
            await self._never()
        return result

    async def read(self, job: Callable[[Tx], T]) -> T:
        if self.dead.is_set():
            await self._never()
        return await self.inner.read(job)

    def _broken_off(self, job: Callable[[Tx], Any]) -> Callable[[Tx], Any]:
        def dies(tx: Tx) -> Any:
            job(tx)
            tx.end()
            raise Died

        return dies

    async def _die(self) -> None:
        self.dead.set()
        await self._never()

    async def _never(self) -> None:
        await asyncio.Event().wait()

    def _put(self, job: Job) -> None:
        self.inner._put(job)

    def waiting(self) -> int:
        return self.inner.waiting()

    async def checkpoint(self) -> None:
        await self.inner.checkpoint()

    async def close(self) -> None:
        await self.inner.close()


def _failing(job: Callable[[Tx], Any]) -> Callable[[Tx], Any]:
    def fails(tx: Tx) -> Any:
        job(tx)
        raise ArithmeticError("a fault of the program")

    return fails


async def alive(store: Breaking, act: Coroutine[Any, Any, Any]) -> bool:
    """Carry something out; False where the process died over it, and everything it had begun is dropped."""
    before = asyncio.all_tasks()
    doing = asyncio.ensure_future(act)
    dying = asyncio.ensure_future(store.dead.wait())
    await asyncio.wait((doing, dying), return_when=asyncio.FIRST_COMPLETED)
    if not store.dead.is_set():
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await doing
        return True
    dropped = asyncio.all_tasks() - before
    for task in dropped:
        task.cancel()
    await asyncio.gather(*dropped, return_exceptions=True)
    return False
