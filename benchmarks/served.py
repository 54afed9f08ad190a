"""`sebaya serve` as a process of its own: started, fed, looked at, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from benchmarks.loopback import SECRET, TOKEN, BotApi

START_SECONDS, ASKED = 60.0, 0.02
_TICKS = os.sysconf("SC_CLK_TCK")


class NotReady(Exception):
    """The process did not become ready in time."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Process:
    """A served process. `seconds` is how long its start took."""

    def __init__(self, url: str, keys: str, api: BotApi | None = None) -> None:
        self.port = free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SEBAYA_")}
        environment |= {"SEBAYA_DATABASE_URL": url, "SEBAYA_SECRET_KEYS": keys}
        if api is not None:
            environment |= {
                "SEBAYA_TELEGRAM_TOKEN": TOKEN,
                "SEBAYA_TELEGRAM_API_URL": api.url,
                "SEBAYA_TELEGRAM_MODE": "webhook",
                "SEBAYA_TELEGRAM_WEBHOOK_SECRET": SECRET,
                "SEBAYA_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            }
        self._began = perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from cli.main import main; main()", "serve", "--port", str(self.port)],
            env=environment, cwd=Path(__file__).parent.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.seconds = START_SECONDS

    async def ready(self) -> None:
        """Wait until it is ready. Raises NotReady when it has ended, or after START_SECONDS."""
        while not await asyncio.to_thread(_ready, self.port):
            if perf_counter() - self._began > START_SECONDS or self._process.poll() is not None:
                raise NotReady("sebaya serve did not become ready")
            await asyncio.sleep(ASKED)
        self.seconds = perf_counter() - self._began

    def megabytes(self) -> float:
        """Resident memory; 0 where the machine does not tell."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return 0.0
        return int(next(x for x in status.read_text().splitlines() if x.startswith("VmRSS")).split()[1]) / 1024

    def cpu(self) -> float:
        """Seconds of processor time so far; 0 where the machine does not tell."""
        stat = Path(f"/proc/{self._process.pid}/stat")
        if not stat.exists():
            return 0.0
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)


@asynccontextmanager
async def serving(url: str, keys: str, api: BotApi | None = None, *, count: int = 1) -> AsyncIterator[list[Process]]:
    """`count` processes on one store, ready."""
    processes: list[Process] = []
    try:
        for _ in range(count):
            processes.append(Process(url, keys, api))
            await processes[-1].ready()
        yield processes
    finally:
        for process in processes:
            await asyncio.to_thread(process.stop)
