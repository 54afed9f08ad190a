"""`python -m tests.faults.dying N before|after`: a worker on the settings of the environment that kills itself, as a
power cut would, right before or right after its N-th commit (0: never)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from bot.app import build
from bot.settings import load_settings
from bot.store.db import Tx, open_store
from tests.faults.breaking import Breaking


class Dying(Breaking):
    """Ends the whole process, within the transaction or after it."""

    def _broken_off(self, job: Callable[[Tx], Any]) -> Callable[[Tx], Any]:
        def dies(tx: Tx) -> Any:
            job(tx)
            tx.end()
            _end()

        return dies

    async def _die(self) -> None:
        _end()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _main(commit: int, after: bool) -> None:
    settings = load_settings(env_file=None)
    store = Dying(open_store(settings.store_url))
    app = await build(settings, store=store)
    if commit:
        store.die(commit, after=after)
    await app.start()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await app.stop()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2] == "after"))
