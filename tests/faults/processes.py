"""`sebaya serve` as processes of their own, on the store and the loopback Telegram of a house."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
READY = 60.0
"""Seconds after which a process is taken not to start at all."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def environment(given: dict[str, str]) -> dict[str, str]:
    """The environment of a command on these settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SEBAYA_")}
    return {**env, **{f"SEBAYA_{name.upper()}": value for name, value in given.items()}, "PYTHONPATH": str(ROOT)}


@dataclass
class Process:
    """One of them, which can be killed and started anew."""

    role: str
    given: dict[str, str]
    log: Path
    port: int = 0
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.port = free_port()
        code = "from cli.main import main; main()"
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-c", code, "serve", "--role", self.role, "--port", str(self.port)],
                env=environment(self.given), cwd=self.log.parent, stdout=log, stderr=log,
            )  # fmt: skip

    async def ready(self) -> None:
        """Until it serves. AssertionError with its log where it does not."""
        async with httpx.AsyncClient() as client:
            for _ in range(int(READY / 0.1)):
                assert self.running is not None and self.running.poll() is None, self.log.read_text()
                try:
                    if (await client.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def send(self, what: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(what)

    def kill(self) -> None:
        """As a power cut would end it."""
        assert self.running is not None
        self.running.kill()
        self.running.wait()

    def stop(self) -> int:
        """Told to stop; its exit status."""
        assert self.running is not None
        self.running.terminate()
        return self.running.wait(timeout=30)


@contextmanager
def processes(roles: Sequence[str], given: dict[str, str], folder: Path) -> Iterator[list[Process]]:
    """Started, and gone afterwards whatever happens."""
    made = [Process(role, given, folder / f"{n}-{role}.log") for n, role in enumerate(roles)]
    try:
        for process in made:
            process.start()
        yield made
    finally:
        for process in made:
            if process.running is not None and process.running.poll() is None:
                process.running.kill()
                process.running.wait()
