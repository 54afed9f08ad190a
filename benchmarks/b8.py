"""B8: cold start of `sebaya serve` to ready, and its memory when idle."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from time import perf_counter

from benchmarks.table import Figure, middle

STARTS = 3
ASKED = 0.02


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _start(folder: str, keys: str) -> tuple[float, float]:
    """Seconds to ready, and resident megabytes after a moment of rest."""
    port = _free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SEBAYA_")}
    environment |= {"SEBAYA_DATABASE_URL": f"sqlite:///{folder}/serve.db", "SEBAYA_SECRET_KEYS": keys}
    began = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", "from cli.main import main; main()", "serve", "--port", str(port)],
        env=environment, cwd=Path(__file__).parent.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not _ready(port):
            if perf_counter() - began > 60 or process.poll() is not None:
                return 60.0, 0.0
            asyncio.run(asyncio.sleep(ASKED))
        took = perf_counter() - began
        asyncio.run(asyncio.sleep(1.0))
        status = Path(f"/proc/{process.pid}/status")
        kilobytes = 0
        if status.exists():
            kilobytes = int(next(x for x in status.read_text().splitlines() if x.startswith("VmRSS")).split()[1])
        return took, kilobytes / 1024
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


async def measure() -> list[Figure]:
    keys = base64.urlsafe_b64encode(os.urandom(32)).decode()
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(_start, folder, keys)
        runs = [await asyncio.to_thread(_start, folder, keys) for _ in range(STARTS)]
    start, memory = middle(run[0] for run in runs), middle(run[1] for run in runs)
    return [
        Figure("B8", "cold start of serve to ready", f"{start:.2f} s", "<= 2 s", start <= 2),
        Figure("B8", "resident memory, idle", f"{memory:.0f} MB", "<= 140 MB", memory <= 140),
    ]
