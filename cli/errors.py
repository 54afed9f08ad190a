"""How a command fails: a sentence on stderr that says what to do, and an exit status. Never a traceback with values."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

import typer

FAILED, UNUSABLE = 1, 2


class Failed(Exception):
    """The command cannot do what was asked. The message is for a person."""

    def __init__(self, sentence: str, status: int = FAILED) -> None:
        super().__init__(sentence)
        self.status = status


def report(error: BaseException) -> int:
    """Say what went wrong; the exit status."""
    if isinstance(error, Failed):
        return _say(str(error), error.status)
    usage = _usage(error)
    if usage is not None:
        return usage
    if isinstance(error, typer.Abort):
        return _say("Stopped; nothing was changed.")
    if isinstance(error, BrokenPipeError):
        return FAILED
    if type(error).__module__.startswith("bot.") and str(error):  # their messages name what to do, and no value
        return _say(str(error))
    if isinstance(error, OSError) and error.strerror:
        return _say(f"{error.filename or 'The system'}: {error.strerror}")
    return _say(_unforeseen(error))


def guard() -> None:
    """Until a log is set up: what nobody catches, in any thread or task, names its kind and place only (P3)."""

    def main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _say(_unforeseen(error))

    def elsewhere(args: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            _say(_unforeseen(args.exc_value))

    sys.excepthook, threading.excepthook, sys.unraisablehook = main, elsewhere, elsewhere
    logging.lastResort = _Quiet(logging.WARNING)


class _Quiet(logging.Handler):
    """Our own lines as they are, without a traceback; of others only who spoke: theirs may quote what failed."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if record.name.partition(".")[0] in ("bot", "cli", "admin_api", "flows"):
            _say(record.getMessage())
        elif error is not None:
            _say(_unforeseen(error))
        else:
            _say(f"A {record.levelname.lower()} of {record.name} ({record.module}:{record.lineno})")


def _unforeseen(error: BaseException) -> str:
    return f"This should not have happened ({type(error).__name__}{_place(error)}): please report it"


def _usage(error: BaseException) -> int | None:
    """What the command line parser says, with where to read on. None for other errors."""
    status, format_message = getattr(error, "exit_code", None), getattr(error, "format_message", None)
    if not isinstance(status, int) or format_message is None:
        return None
    if type(error).__name__ == "NoArgsIsHelpError":  # the parser has printed the help
        return status
    ctx = getattr(error, "ctx", None)
    said = " ".join(str(format_message()).split()).rstrip(".")
    return _say(f"{said}; see `{ctx.command_path if ctx is not None else 'sebaya'} --help`", status)


def _say(sentence: str, status: int = FAILED) -> int:
    for line in sentence.splitlines() or [sentence]:
        ended = line if line.endswith((".", "?", "`")) else f"{line}."
        typer.echo(ended, err=True)
    return status


def _place(error: BaseException) -> str:
    """Where it was raised, without a value."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f" in {last.name}, {last.filename.rpartition('/')[2]}:{last.lineno}"
