"""Who works on a SQLite file: one process at a time."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from cli.errors import Failed


class Taken(Failed):
    """Another process holds it."""


@contextlib.contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold a SQLite file for one process that works on it: a second one would send everything twice. Raises Failed."""
    from bot.store.db import sqlite_path

    path = sqlite_path(url) if url.startswith("sqlite:") else None
    if path is None or sys.platform == "win32":
        yield
        return
    import fcntl

    try:
        handle = os.open(f"{path}-lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Failed(f"{path}-lock cannot be made ({error.strerror}): check SEBAYA_DATABASE_URL") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Taken(
                "Another process serves this database already: stop it, or point SEBAYA_DATABASE_URL to another file"
            ) from None
        yield
    finally:
        os.close(handle)
