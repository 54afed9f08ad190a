"""What the log says of a message, a letter or a timer that failed."""

from __future__ import annotations

import logging

from bot.journal import fields


def note(log: logging.Logger, what: str, error: BaseException, trace: int | None) -> None:
    """Write that something which an inbound (`trace`) has caused failed; `what` holds words of the contract only."""
    of = None if trace is None else fields(trace=trace)
    log.error("%s (%s)", what, type(error).__name__, exc_info=whole(error), extra=of)


def whole(error: BaseException) -> bool:
    """Tracebacks hold values of variables nowhere in Python's own format, but an exception's message may quote a body:
    only errors of our own making, whose messages name no value, are logged whole."""
    return type(error).__module__.startswith(("flows.", "bot."))
