"""Progress on stderr for what takes longer than a second, and only where a person looks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

PATIENCE = 1.0
"""Seconds before anything is shown."""


@contextmanager
def waiting(label: str) -> Iterator[None]:
    """Turn a wheel beside `label` while something of unknown length goes on."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    status = console.status(label)
    timer = threading.Timer(PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        status.stop()


@contextmanager
def counting(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar, told by `tell(done, total)`; may be called from any thread."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console,
        transient=True,
    )  # fmt: skip
    task = bar.add_task(label, total=None)
    started, shown = monotonic(), False

    def tell(done: int, total: int) -> None:
        nonlocal shown
        if not shown and console.is_terminal and monotonic() - started > PATIENCE:
            shown = True
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield tell
    finally:
        if shown:
            bar.stop()
