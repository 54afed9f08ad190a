"""What commands open: settings and the store, migrated and sealed, whether or not `serve` runs on it meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cli.errors import UNUSABLE, Failed

if TYPE_CHECKING:
    from bot.acting import Acting
    from bot.settings import Settings
    from bot.store.db import Store

T = TypeVar("T")
ACTOR = "cli"
"""As the audit names whoever may start programs on this machine."""


@dataclass
class _Chosen:
    env: Path = Path(".env")


_chosen = _Chosen()


def use_env_file(path: Path | None) -> None:
    """Read this settings file instead of .env (the option `--env`)."""
    if path is not None and not path.is_file():
        raise Failed(f"There is no settings file {path}: name one that exists, or leave --env out", UNUSABLE)
    _chosen.env = path or Path(".env")


def env_file() -> Path:
    """The settings file that counts."""
    return _chosen.env


def settings(**given: Any) -> Settings:
    """The settings of this command, as `serve` would have them. Raises SettingsError."""
    from bot.settings import load_settings

    return load_settings(_chosen.env, **given)


def now() -> int:
    """In ms since 1970 UTC."""
    from bot.clock import system_clock

    return system_clock()


def prepare(found: Settings) -> None:
    """Bring a SQLite file to this version; refuse another database that is not, and one from a later version. Raises
    Failed, StoreError."""
    from bot.store.migrate import Schema, migrate, schema

    standing = schema(found.store_url)
    if standing is Schema.CURRENT:
        return
    if standing is not Schema.NEWER and not found.store_url.startswith("sqlite:"):
        what = "is empty" if standing is Schema.EMPTY else "was made by an earlier version"
        raise Failed(f"The PostgreSQL database {what}: run `sebaya migrate`")
    migrate(found.store_url, now())


@asynccontextmanager
async def opened(found: Settings) -> AsyncIterator[Store]:
    """The store, ready and sealed. Raises SettingsError, StoreError (WrongKeys among them), Failed."""
    from bot.store.db import open_store
    from bot.store.seal import open_seal

    found.check_store()
    prepare(found)
    store = open_store(found.store_url)
    try:
        await open_seal(store, found.keys)
        yield store
    finally:
        await store.close()


def acting(found: Settings) -> Acting:
    """What a change by this command is signed with. Whoever serves finds what is to be done by its sweep."""
    from bot.acting import Acting

    return Acting(ACTOR, now(), found.zone)


def run(job: Coroutine[Any, Any, T]) -> T:
    """Run an asynchronous command."""
    return asyncio.run(job)
