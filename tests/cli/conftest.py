"""A folder with a settings file, keys and a database of its own, and `sebaya` in it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from bot.settings import PREFIX
from bot.store.db import Store, Tx, open_store
from bot.store.keys import key_text, new_key, parse_keys
from bot.store.migrate import migrate
from bot.store.seal import open_seal
from cli.main import run
from tests.house.files import ROOT

T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


@dataclass
class House:
    """Where the commands of a test work. `do` runs one in this process, `start` in one of its own."""

    folder: Path
    keys: str
    capsys: pytest.CaptureFixture[str]

    @property
    def env(self) -> Path:
        return self.folder / "settings.env"

    @property
    def database(self) -> Path:
        return self.folder / "sebaya.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    def write_env(self, **more: str) -> None:
        """The settings file, with further settings."""
        lines = {"SECRET_KEYS": self.keys, "DATABASE_URL": self.url, **more}
        self.env.write_text("".join(f"{PREFIX}{name}={value}\n" for name, value in lines.items()))
        self.env.chmod(0o600)

    def do(self, *args: str) -> Done:
        """Run a command with this house's settings."""
        return self.bare("--env", str(self.env), *args)

    def bare(self, *args: str) -> Done:
        self.capsys.readouterr()
        status = run(args)
        said = self.capsys.readouterr()
        return Done(status, said.out, said.err)

    def start(self, *args: str, stdin: int | None = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Start a command as its own process."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", "--env", str(self.env), *args],
            cwd=self.folder, env=clean({"PYTHONPATH": str(ROOT)}), text=True, stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    def read(self, job: Callable[[Tx], T]) -> T:
        """Look into the store."""

        async def work(store: Store) -> T:
            return await store.read(job)

        return self._with_store(work)

    def write(self, job: Callable[[Tx], T]) -> T:
        async def work(store: Store) -> T:
            return await store.write(job)

        return self._with_store(work)

    def _with_store(self, work: Callable[[Store], object]) -> T:
        async def opened() -> T:
            store = open_store(self.url)
            try:
                await open_seal(store, parse_keys(self.keys))
                return await work(store)  # type: ignore[misc,no-any-return]  # the two callers above give coroutines of T
            finally:
                await store.close()

        return asyncio.run(opened())


def clean(more: dict[str, str]) -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | more


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A new SQLite file of this version."""
    path = tmp_path_factory.mktemp("cli") / "template.db"
    migrate(f"sqlite:///{path}", 1_795_000_000_000)
    return path.read_bytes()


@pytest.fixture
def bare_house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    """A house without a database."""
    house = House(tmp_path, key_text([new_key()]), capsys)
    house.write_env()
    return house


@pytest.fixture
def house(bare_house: House, migrated: bytes) -> House:
    """A house with a new database."""
    bare_house.database.touch(0o600)
    bare_house.database.write_bytes(migrated)
    return bare_house
