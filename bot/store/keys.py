"""The secret keys of a deployment: url-safe base64 of 32 random bytes each, newest first, separated by commas."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from pathlib import Path

KEY_BYTES = 32


class KeyTextError(ValueError):
    """SECRET_KEYS cannot be read; the message says which of them and what is wanted, never the key."""


def parse_keys(text: str) -> tuple[bytes, ...]:
    """The keys of a SECRET_KEYS text, newest first; none for an empty text. Raises KeyTextError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(_parse(part, place) for place, part in enumerate(parts, start=1))


def _parse(part: str, place: int) -> bytes:
    wanted = f"key {place} is not url-safe base64 of {KEY_BYTES} random bytes"
    try:
        key = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise KeyTextError(wanted) from None
    if len(key) != KEY_BYTES:
        raise KeyTextError(f"{wanted} (it has {len(key)})")
    if len(set(key)) < 8:  # a placeholder, not chance: 32 random bytes repeat so much once in 10^30
        raise KeyTextError(f"key {place} is not random")
    return key


def key_text(keys: Sequence[bytes]) -> str:
    """Keys as SECRET_KEYS wants them."""
    return ",".join(base64.urlsafe_b64encode(key).decode() for key in keys)


def new_key() -> bytes:
    """A fresh key."""
    return os.urandom(KEY_BYTES)


def keep_new_key(path: Path) -> None:
    """Write a settings file with one fresh key, readable by its owner only. Leaves an existing file as it is.

    Raises OSError where it cannot be written.
    """
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"SEBAYA_SECRET_KEYS={key_text([new_key()])}\n")
        file.flush()
        os.fsync(file.fileno())
