"""Files that hold what others must not read."""

from __future__ import annotations

import os
from pathlib import Path

from cli.errors import Failed


def write_private(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file readable by its owner only, whole or not at all. Raises Failed where it exists (unless `force`) or
    cannot be written."""
    if path.exists() and not force:
        raise Failed(f"{path} exists already: name another file, or write over it by --force")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Failed(f"{path} cannot be written ({error.strerror}): name a place that can be") from None
