"""The log of a process: to stderr, a line an event, nothing about anybody (P3).

An exception that is logged with its traceback shows kinds and places only: messages of errors quote bodies, and the
values of variables never stood in Python's tracebacks. What the settings keep secret is cut out of every line.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterable
from types import TracebackType

OURS = ("sebaya", "flows", "bot", "admin_api", "cli")
"""Loggers whose ordinary lines are written. Other people's hold URLs, and so tokens: of those only warnings are."""
_Info = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Time with its offset, level, place, message; without the values in `secrets`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        # The longest first: one may hold another.
        self._secrets = sorted({secret for secret in secrets if len(secret) > 3}, key=len, reverse=True)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(record.created)) + time.strftime("%z")

    def formatException(self, ei: _Info) -> str:
        lines: list[str] = []
        error = ei[1]
        for _ in range(5):  # an error, what caused it, and so on
            if error is None:
                break
            lines.append(type(error).__name__)
            lines += [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-12:]]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def begin(secrets: Iterable[str] = ()) -> None:
    """Log from here on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet(secrets))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
