"""What pages uploaded: freed of what it tells about its maker, sealed under its owner's key."""

from __future__ import annotations

import hashlib

from bot.channels.base import Kind, Media
from bot.channels.web import NAME
from bot.media import Unclean, clean, sniffed
from bot.store.db import Tx

DATA = "blobs.data"
_ADD = """INSERT INTO blobs (id, owner_id, data, mime, size, created_at)
VALUES (:id, :owner, :data, :mime, :size, :now) ON CONFLICT DO NOTHING"""
_GET = "SELECT owner_id, data FROM blobs WHERE id = :id"


class Unshowable(Exception):
    """A file that is neither a picture nor a recording, or one that cannot be freed of its maker's traces."""


def prepared(address: str, client_id: str, data: bytes) -> tuple[Media, bytes]:
    """The upload as it may be kept, under a name of its own: the same for a repetition. Raises Unshowable. Takes a
    moment: call it in a thread."""
    kind = _KINDS.get(sniffed(data))
    if kind is None:
        raise Unshowable("neither a picture nor a recording")
    name = hashlib.sha256(f"{address} {client_id}".encode()).hexdigest()[:32]
    media = Media(NAME, name, kind)
    try:
        done = clean(media, data)
    except Unclean as error:
        raise Unshowable(str(error)) from error
    return Media(NAME, name, kind, mime=done.mime, size=len(done.data)), done.data


_KINDS = {
    "jpg": Kind.PHOTO, "png": Kind.PHOTO, "webp": Kind.PHOTO, "gif": Kind.PHOTO,
    "ogg": Kind.VOICE, "mp3": Kind.VOICE, "mp4": Kind.VOICE, "webm": Kind.VOICE, "wav": Kind.VOICE,
}  # fmt: skip


def keep(tx: Tx, owner: int, media: Media, data: bytes, now: int) -> None:
    """Seal an upload and keep it."""
    tx.run(
        _ADD, id=media.file_id, owner=owner, data=tx.seal(owner, data, DATA), mime=media.mime, size=media.size, now=now
    )


def load(tx: Tx, id: str) -> bytes | None:
    """The bytes of an upload; None where they are gone."""
    row = tx.one(_GET, id=id)
    return None if row is None else tx.unseal(int(row[0]), row[1], DATA)
