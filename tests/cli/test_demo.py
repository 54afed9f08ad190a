"""`sebaya demo`: a playground for a visitor who has set nothing."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.settings import load_settings
from tests.cli.conftest import House, clean
from tests.cli.served import PATIENCE, Served
from tests.house.files import ROOT

pytestmark = pytest.mark.timeout(300)


def start(folder: Path, *args: str, **more: str) -> Served:
    return Served(
        subprocess.Popen(
            [sys.executable, "-m", "cli.main", "demo", "--folder", str(folder / "play"), *args],
            cwd=folder,
            env=clean({"PYTHONPATH": str(ROOT), **more}),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    )


def ended(served: Served) -> None:
    assert served.stop() == 0
    for stream in (served.process.stdout, served.process.stderr):
        if stream is not None:
            stream.close()


def test_a_visitor_plays_at_once_and_what_was_played_stays(tmp_path: Path) -> None:
    # A real channel's token and another database in the environment change nothing.
    served = start(
        tmp_path, "--port", "0", SEBAYA_TELEGRAM_TOKEN="1:a", SEBAYA_DATABASE_URL=f"sqlite:///{tmp_path}/real.db"
    )
    try:
        assert served.get("/").headers["location"] == "/playground"
        assert served.get("/playground").status_code == 200
        tokens = {}
        for role in ("supporter", "counselor", "student"):
            begun = httpx.post(f"{served.url}/playground/session/{role}", json={}, timeout=PATIENCE)
            assert begun.status_code == 201
            tokens[role] = begun.json()["token"]
        assert len(set(tokens.values())) == 3
        assert "/api/docs" in served.said
    finally:
        ended(served)
    play = tmp_path / "play"
    assert stat.S_IMODE(play.stat().st_mode) == 0o700
    for name in ("demo.env", "demo.db"):
        assert stat.S_IMODE((play / name).stat().st_mode) == 0o600
    assert not (tmp_path / "real.db").exists()
    keys = (play / "demo.env").read_text()

    again = start(tmp_path, PORT="0")
    try:
        assert again.get("/readyz").status_code == 200
    finally:
        ended(again)
    assert (play / "demo.env").read_text() == keys


def test_its_settings_file_serves_other_commands(tmp_path: Path, house: House) -> None:
    served = start(tmp_path, "--port", "0")
    try:
        assert served.get("/readyz").status_code == 200
        env = str(tmp_path / "play" / "demo.env")
        done = house.bare("--env", env, "token", "create", "--role", "coordinator", "--name", "visitor")
        secret = done.out.split()[-1]
        assert served.get("/api/v1/supporters", Authorization=f"Bearer {secret}").status_code == 200
        roles = served.get("/api/v1/counselors", Authorization=f"Bearer {secret}").json()["items"]
        assert [one["status"] for one in roles] == ["active"]
    finally:
        ended(served)
    assert load_settings(tmp_path / "play" / "demo.env").store_url.endswith("play/demo.db")


def test_fresh_begins_an_empty_story(tmp_path: Path) -> None:
    first = start(tmp_path, "--port", "0")
    try:
        assert first.get("/readyz").status_code == 200
    finally:
        ended(first)
    database = tmp_path / "play" / "demo.db"
    before = database.stat().st_ino
    kept = database.with_name("kept.db")
    os.link(database, kept)  # so that its number is not given out again
    second = start(tmp_path, "--port", "0", "--fresh")
    try:
        assert second.get("/readyz").status_code == 200
    finally:
        ended(second)
    assert database.stat().st_ino != before


def test_a_port_in_use_says_what_to_do(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = house.bare("demo", "--port", str(port), "--folder", str(house.folder / "play"))
    assert done.status == 1
    assert f"Port {port} is in use already" in done.err
    assert "make run PORT=" in done.err
