"""What a process writes about itself: never a word of anybody, never a secret (P3)."""

from __future__ import annotations

import logging
import subprocess
import sys

from cli.logs import Discreet
from tests.cli.conftest import clean
from tests.house.files import ROOT


def written(formatter: Discreet, message: str, *args: object, error: BaseException | None = None) -> str:
    info = None if error is None else (type(error), error, error.__traceback__)
    return formatter.format(logging.LogRecord("bot.engine", logging.ERROR, __file__, 1, message, args, info))


def test_a_line_says_when_where_and_what() -> None:
    line = written(Discreet(), "inbound of %s failed", "telegram")
    when, level, name, *rest = line.split(" ")
    assert when[10] == "T"
    assert when[-5] in "+-"
    assert (level, name, " ".join(rest)) == ("ERROR", "bot.engine:", "inbound of telegram failed")


def test_secrets_are_cut_out_the_longer_one_first() -> None:
    line = written(Discreet(["token", "token:long", "abc"]), "POST /bottoken:long/send token abc")
    assert line.endswith("POST /bot***/send *** abc")  # three letters are no secret


def test_a_traceback_shows_kinds_and_places_and_no_message() -> None:
    try:
        try:
            int("aku sedih sekali")
        except ValueError as inner:
            raise KeyError("nomor 0812") from inner
    except KeyError as error:
        line = written(Discreet(), "failed", error=error)
    assert "KeyError" in line
    assert "ValueError" in line
    assert "test_logs.py" in line
    for private in ("sedih", "0812"):
        assert private not in line


def test_other_peoples_ordinary_lines_are_not_written() -> None:
    script = (
        "import logging; from cli import logs; logs.begin(['geheim']); "
        "logging.getLogger('httpx').info('POST https://example.org/bot123:token/send'); "
        "logging.getLogger('transitions.core').info('Executed'); "
        "logging.getLogger('bot.outbox').info('sent geheim'); logging.getLogger('httpx').warning('slow')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, env=clean({})
    )
    assert done.stdout == ""
    assert [line.split(" ", 2)[2] for line in done.stderr.splitlines()] == ["bot.outbox: sent ***", "httpx: slow"]
