"""What a process writes about itself: never a word of anybody, never a secret (P3)."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

from bot.journal import TRACE, fields
from cli.logs import WITHHELD, AsJson, AsText
from tests.cli.conftest import clean
from tests.house.files import ROOT


def record(name: str, message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, info)


def as_json(name: str, message: str, *args: object, error: BaseException | None = None) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(AsJson().format(record(name, message, *args, error=error)))
    return said


def failure() -> BaseException:
    try:
        try:
            int("aku sedih sekali")
        except ValueError as inner:
            raise KeyError("nomor 0812") from inner
    except KeyError as error:
        return error


def test_a_line_for_a_person_says_when_where_and_what() -> None:
    line = AsText().format(record("bot.engine", "inbound of %s failed", "telegram"))
    when, level, name, *rest = line.split(" ")
    assert when[10] == "T"
    assert when[-5] in "+-"
    assert (level, name, " ".join(rest)) == ("ERROR", "bot.engine:", "inbound of telegram failed")


def test_a_line_for_a_machine_says_the_same_in_json() -> None:
    made = record("bot.journal", "sent")
    made.__dict__.update(fields(trace=7, row=12, channel="telegram"))
    said = json.loads(AsJson().format(made))
    at = said.pop("at")
    assert at[10] == "T"
    assert at.endswith("Z")
    assert said == {
        "level": "error", "log": "bot.journal", "event": "sent", "trace": 7, "row": 12, "channel": "telegram",
    }  # fmt: skip
    assert AsText().format(made).endswith("bot.journal: sent trace=7 row=12 channel=telegram")


def test_a_line_written_while_an_inbound_is_handled_names_it() -> None:
    token = TRACE.set(41)
    assert as_json("bot.inbound", "screening failed: %s", "ValueError")["trace"] == 41
    TRACE.reset(token)
    assert "trace" not in as_json("bot.inbound", "screening failed: %s", "ValueError")


def test_secrets_are_cut_out_the_longer_one_first() -> None:
    line = AsText(["token", "token:long", "abc"]).format(record("bot.x", "POST /bottoken:long/send token abc"))
    assert line.endswith("POST /bot***/send *** abc")  # three letters are no secret
    assert "***" in AsJson(["token:long"]).format(record("bot.x", "token:long"))


def test_a_traceback_shows_kinds_and_places_and_no_message() -> None:
    said = as_json("bot.engine", "failed", error=failure())
    assert [each["type"] for each in said["error"]] == ["KeyError", "ValueError"]
    assert all(place.startswith(f"{__name__}:") for place in said["error"][0]["at"])
    text = AsText().format(record("bot.engine", "failed", error=failure()))
    assert f"  {__name__}:" in text
    for private in ("sedih", "0812"):
        assert private not in text + json.dumps(said)


def test_of_other_libraries_only_words_without_values_are_taken() -> None:
    assert as_json("httpx", "slow")["event"] == "slow"
    for message, args in (
        ("HTTP Request: %s", ("aku sedih",)),
        ("POST https://example.org/bot123:token/send", ()),
        ("could not parse 'aku sedih'", ()),
        ("nomor 6281234567890", ()),
        ("<Task exception=ValueError('aku sedih')>", ()),
        ("a" * 300, ()),
    ):
        said = as_json("httpx", message, *args)
        assert (said["event"], said["place"]) == (WITHHELD, "test_logs:1")
    # asyncio says what happened in the first line, and shows the exception's message in the next.
    said = as_json("asyncio", "Task exception was never retrieved\nfuture: <Task exception=ValueError('sedih')>")
    assert said["event"] == "Task exception was never retrieved"
    assert "sedih" not in json.dumps(said)


def ran(script: str) -> list[str]:
    begun = f"import logging, threading; from cli import logs; logs.begin(['geheim'], form='json')\n{script}"
    done = subprocess.run(
        [sys.executable, "-c", begun], cwd=ROOT, capture_output=True, text=True, check=False, env=clean({})
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_other_peoples_ordinary_lines_are_not_written() -> None:
    lines = ran(
        "logging.getLogger('httpx').info('POST https://example.org/bot123:token/send')\n"
        "logging.getLogger('transitions.core').info('Executed')\n"
        "logging.getLogger('bot.outbox').info('sent geheim'); logging.getLogger('httpx').warning('slow')\n"
        "logging.getLogger('bot.outbox').debug('not now')"
    )
    assert [json.loads(line)["event"] for line in lines] == ["sent ***", "slow"]


def test_what_nobody_catches_is_a_line_too() -> None:
    lines = ran(
        "def fail():\n    raise ValueError('aku sedih')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\nfail()"
    )
    said = [json.loads(line) for line in lines]
    assert [each["event"] for each in said] == ["a thread ended", "the process ends"]
    assert [each["error"][0]["type"] for each in said] == ["ValueError", "ValueError"]
    assert "sedih" not in "".join(lines)
