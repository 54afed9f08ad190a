"""The table of commands, and how they fail."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cli.errors import Failed, report
from cli.main import COMMANDS, run
from tests.cli.conftest import House, clean
from tests.house.files import ROOT

CONTRACT = (
    "serve", "migrate", "demo", "chat", "doctor", "roster", "token", "triage", "replay", "erase", "export", "keys",
    "backup", "restore", "diagrams", "translations",
)  # fmt: skip


def test_the_help_names_every_command(house: House) -> None:
    shown = house.bare("--help").out
    assert set(CONTRACT) <= set(COMMANDS)
    for name in COMMANDS:
        assert f" {name} " in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(house: House, name: str) -> None:
    done = house.bare(name, "--help")
    assert done.status == 0
    assert f"sebaya {name}" in done.out
    assert "--help" in done.out


def test_the_help_imports_no_command() -> None:
    script = (
        "import sys; from cli.main import run; run(['--help']); "
        "print('LOADED', [m for m in sys.modules if m in ('cli.serve', 'fastapi', 'bot.app', 'pydantic', 'bot.rules')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, env=clean({})
    )
    assert done.stdout.rstrip().endswith("LOADED []")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["tokn"], "Did you mean 'token'?"),
        (["token", "create", "--role", "coordinator"], "Missing option '--name'"),
        (["serve", "--port", "99999"], "'--port'"),
        (["serve", "--role", "king"], "'--role'"),
        (["backup"], "Missing argument 'file'"),
        (["--env", "no-such-file", "migrate"], "There is no settings file no-such-file"),
    ],
)
def test_unusable_arguments_are_2_and_one_sentence(house: House, args: list[str], said: str) -> None:
    done = house.bare(*args)
    assert done.status == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert done.out == ""


def test_without_arguments_the_help_is_shown(house: House) -> None:
    done = house.bare()
    assert done.status == 2
    assert "serve" in done.out


def test_a_failure_is_1_and_keeps_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(Failed("The roof leaks: mend it")) == 1
    assert capsys.readouterr().err == "The roof leaks: mend it.\n"


def test_an_unexpected_error_names_its_place_and_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        {}["Ana menangis"]
    except KeyError as error:
        assert report(error) == 1
    said = capsys.readouterr().err
    assert "KeyError" in said
    assert "test_main.py" in said
    assert "Ana" not in said


STRAYS = """
import asyncio, gc, logging, threading
from cli.errors import guard

def fail():
    raise ValueError("Ana menangis")

async def main():
    async def stray():
        fail()
    task = asyncio.create_task(stray())
    await asyncio.sleep(0)
    del task
    gc.collect()

class Broken:
    def __del__(self):
        fail()

guard()
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Broken()
asyncio.run(main())
logging.getLogger("httpx").warning("Ana menangis")
logging.getLogger("bot.engine").error("mail of a dialog failed (%s)", "KeyError")
fail()
"""


def test_what_nobody_catches_names_its_place_and_no_value() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRAYS], cwd=ROOT, capture_output=True, text=True, check=False, env=clean({})
    )
    assert done.returncode == 1 and not done.stdout
    said = done.stderr.splitlines()
    assert [line.partition(" (")[0] for line in said] == [
        *["This should not have happened"] * 3, "A warning of httpx", "mail of a dialog failed",
        "This should not have happened",
    ]  # fmt: skip
    assert "Ana" not in done.stderr and "Traceback" not in done.stderr
    assert all("ValueError in fail" in line for line in said if line.startswith("This"))


def test_the_version_is_said(house: House) -> None:
    done = house.bare("--version")
    assert done.status == 0
    assert done.out.startswith("sebaya ")


def test_a_reader_who_has_gone_is_met_without_a_traceback(house: House) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "keys", "new"],
        cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, env=clean({}),
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_crisis_rules_are_tried_from_here(house: House) -> None:
    done = house.bare("triage", "check", "aku mau bunuh diri malam ini")
    assert done.status == 0
    assert "imminent" in done.out


def test_keys_are_asked_for_by_name(house: House) -> None:
    house.env.write_text(f"SEBAYA_DATABASE_URL={house.url}\n")
    done = house.do("token", "list")
    assert done.status == 1
    assert done.err.startswith("SEBAYA_SECRET_KEYS is not set")
    assert run([]) == 2
