"""The log of a process: to stderr, a line an event, nothing about anybody (P3). JSON for machines, plain lines for a
person at a terminal.

Every record of every library passes here, through structlog's processors. Ours are written by the house's rules (ids,
kinds, words of the contract); what the settings keep secret is cut out of them all the same. Other people's may quote
a URL, a token or a body, so only warnings are taken, and their words only where nothing was put into them. An
exception shows kinds and places (module:line), never its message, and no value ever stood in Python's tracebacks.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import IO, Any, Literal

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.journal import FIELDS, TRACE

OURS = ("sebaya", "flows", "bot", "admin_api", "cli")
"""Loggers that keep the house's rules."""
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
FRAMES, CAUSES = 12, 5
WITHHELD = "(withheld: it may hold somebody's words)"
_HARMLESS = re.compile(r"[\w ,.;()-]{1,200}")
_NUMBER = re.compile(r"\d{5,}")
_Info = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(structlog.stdlib.ProcessorFormatter):
    """What both forms share: what may be said of a record, a processor a step, without the values in `secrets`."""

    def __init__(self, shown: Processor, render: Processor, secrets: Iterable[str]) -> None:
        # A message and what was put into it come apart, so that only a message without values is ever taken.
        super().__init__(
            processors=[shown, render, self._without_secrets], use_get_message=False, pass_foreign_args=True
        )
        # The longest first: one may hold another.
        self._secrets = sorted({secret for secret in secrets if len(secret) > 3}, key=len, reverse=True)

    def _without_secrets(self, logger: WrappedLogger, name: str, line: Any) -> str:
        text: str = line
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, "***")
        return text


class AsJson(Discreet):
    """One JSON object a line: `at` (UTC), `level`, `log`, `event`, and what the line says besides."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        render = structlog.processors.JSONRenderer(
            serializer=lambda said, **_: orjson.dumps(said, default=str).decode()
        )
        super().__init__(self._shown, render, secrets)
        self._second, self._stamp = -1, ""

    def _shown(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        record: logging.LogRecord = event["_record"]
        second = int(record.created)
        if second != self._second:
            self._second, self._stamp = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        said: dict[str, Any] = {
            "at": f"{self._stamp}.{int(record.msecs):03d}Z",
            "level": name,
            "log": record.name,
            "event": words(record, event["positional_args"]),
        }
        said.update(besides(record))
        error = raised(event)
        if error is not None:
            said["error"] = [{"type": kind, "at": places} for kind, places in chain(error)]
        return said


class AsText(Discreet):
    """Time with its offset, level, place, words, and the rest as name=value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__(self._shown, lambda logger, name, event: event["line"], secrets)

    def _shown(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        record: logging.LogRecord = event["_record"]
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(record.created))
        said = "".join(f" {name}={value}" for name, value in besides(record).items() if value is not None)
        text = f"{when} {record.levelname} {record.name}: {words(record, event['positional_args'])}{said}"
        error = raised(event)
        for kind, places in chain(error) if error is not None else ():
            text += "\n" + "\n".join([kind, *(f"  {place}" for place in places)])
        return {"line": text}


def raised(event: EventDict) -> BaseException | None:
    """The error that a line is about."""
    info: _Info | None = event.get("exc_info")
    return info[1] if info else None


def words(record: logging.LogRecord, args: Any) -> str:
    """What the line says. Of other people's lines only what no value was put into."""
    if ours(record.name):
        return str(record.msg) % args if args else str(record.msg)
    first = str(record.msg).partition("\n")[0].strip()
    if args or not _HARMLESS.fullmatch(first) or _NUMBER.search(first):
        return WITHHELD
    return first


def besides(record: logging.LogRecord) -> dict[str, Any]:
    """What the line says besides its words; where it says nothing itself, the inbound that is being handled."""
    said: dict[str, Any] | None = getattr(record, FIELDS, None)
    if said is not None:
        return said
    found: dict[str, Any] = {} if ours(record.name) else {"place": f"{record.module}:{record.lineno}"}
    trace = TRACE.get()
    if trace is not None:
        found["trace"] = trace
    return found


def ours(name: str) -> bool:
    """Whether a logger is one of this house."""
    return name.partition(".")[0] in OURS


def chain(error: BaseException | None) -> list[tuple[str, list[str]]]:
    """An error, what caused it, and so on: the kind of each, and the places that it passed, without a value."""
    found: list[tuple[str, list[str]]] = []
    while error is not None and len(found) < CAUSES:
        frames = list(traceback.walk_tb(error.__traceback__))[-FRAMES:]
        places = [f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}" for frame, line in frames]
        found.append((type(error).__name__, places))
        error = error.__cause__ or error.__context__
    return found


class Lines(logging.Handler):
    """Writes each record at once; a stderr that is gone stops nobody."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        try:
            stream = self._stream or sys.stderr
            stream.write(self.format(record) + "\n")
            stream.flush()
        except (OSError, ValueError):  # nobody reads any more
            pass
        except Exception as error:  # a line that cannot be shown says only that
            self._instead(record, error)

    def _instead(self, record: logging.LogRecord, error: Exception) -> None:
        said = {"level": "error", "log": record.name, "event": "a line could not be written",
                "place": f"{record.module}:{record.lineno}", "error": type(error).__name__}  # fmt: skip
        (self._stream or sys.stderr).write(orjson.dumps(said).decode() + "\n")


def begin(secrets: Iterable[str] = (), *, level: str = "info", form: Literal["auto", "json", "text"] = "auto") -> None:
    """Log from here on. `form` auto: plain lines where stderr is a terminal."""
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler = Lines()
    handler.setFormatter((AsText if text else AsJson)(secrets))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in OURS:
        logging.getLogger(name).setLevel(LEVELS[level])
    # Nobody here asks a record for its process or thread.
    logging.logProcesses = logging.logThreads = logging.logMultiprocessing = False
    catch()


def catch() -> None:
    """What nobody has caught goes to the log too, and not to stderr with its message."""
    log = logging.getLogger("sebaya")

    def thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            log.critical("a thread ended", exc_info=args.exc_value)

    def main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("the process ends", exc_info=error.with_traceback(trace))

    def unraisable(args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            log.error("an error had nowhere to go", exc_info=args.exc_value)

    threading.excepthook = thread
    sys.excepthook = main
    sys.unraisablehook = unraisable
