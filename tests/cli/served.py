"""A served process, to talk to."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from tests.cli.conftest import House

PATIENCE = 120.0
"""Seconds that a start or an end may take on a busy machine; what is tested is that they happen."""
_URL = re.compile(r"http://127\.0\.0\.1:\d+")


class Served:
    """A process that serves, the address it gave, and everything it wrote."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(stream, into), daemon=True)
            for stream, into in ((process.stdout, self.out), (process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Iterator[str] | None, into: list[str]) -> None:
        for line in stream or ():
            into.append(line)

    @property
    def said(self) -> str:
        return "".join([*self.out, *self.err])

    def until(self, what: Callable[[], object]) -> None:
        """Wait for something to become true while the process lives."""
        end = time.monotonic() + PATIENCE
        while not what():
            assert self.process.poll() is None, f"the process ended: {self.said}"
            assert time.monotonic() < end, f"it took too long: {self.said}"
            time.sleep(0.02)

    @property
    def url(self) -> str:
        self.until(lambda: _URL.search(self.said))
        found = _URL.search(self.said)
        assert found is not None
        return found[0]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=headers, timeout=PATIENCE)

    def stop(self, sig: int = signal.SIGTERM) -> int:
        """Tell it to stop; its exit status."""
        self.process.send_signal(sig)
        status = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return status


@contextmanager
def serving(house: House, *args: str) -> Iterator[Served]:
    """`sebaya` with these arguments, until the block ends."""
    process = house.start(*args)
    served = Served(process)
    try:
        yield served
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
