"""What leaves with a picture, a voice note, a document: its content, and nothing about who made it (P1).

Pictures are drawn anew (no EXIF, place, camera, comment or trailing bytes). Sound and film lose their tags. Office
documents, rich text and PDFs lose author, company and history. File names are ours. What is written inside a document
stays: it is what its sender wanted to show. A document of a kind that nobody here knows is refused: nobody can say what
it tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.base import Kind, Media
from bot.media.base import LARGEST_BYTES, Unclean, sniffed
from bot.media.film import mp4, webm
from bot.media.office import office, rtf
from bot.media.pdf import pdf
from bot.media.pictures import picture, riff
from bot.media.sound import flac, mp3, ogg

__all__ = ["LARGEST_BYTES", "Clean", "Unclean", "clean", "sniffed"]


@dataclass(frozen=True, slots=True)
class Clean:
    """Bytes that may leave, under a neutral name."""

    data: bytes
    name: str
    mime: str


_MIMES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "webm": "video/webm",
    "tgs": "application/x-tgsticker",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "txt": "text/plain",
    "rtf": "application/rtf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "bin": "application/octet-stream",
}
_BY_MIME = {mime: ending for ending, mime in _MIMES.items()} | {"audio/ogg": "ogg", "text/csv": "csv"}
_MIMES["csv"] = "text/csv"
_BY_KIND = {Kind.PHOTO: "jpg", Kind.VOICE: "ogg", Kind.AUDIO: "mp3", Kind.VIDEO: "mp4", Kind.STICKER: "webp"}
_NAMES = {
    Kind.PHOTO: "foto",
    Kind.VOICE: "suara",
    Kind.AUDIO: "audio",
    Kind.VIDEO: "video",
    Kind.STICKER: "stiker",
}


def clean(media: Media, data: bytes) -> Clean:
    """The same thing without its maker. Raises Unclean where that cannot be done, or where it is too large."""
    if len(data) > LARGEST_BYTES:
        raise Unclean("too large")
    kind = sniffed(data)
    if kind in ("jpg", "png", "webp", "gif", "tiff", "bmp", "heic", "avif"):
        kind, data = picture(kind, data)
    elif kind == "zip":
        kind, data = office(data)
    elif kind == "ole":
        raise Unclean("a document of the old Office, whose properties lie all over it")
    elif kind == "bin" and media.kind is Kind.DOCUMENT:
        raise Unclean("a document of an unknown kind")
    else:
        data = _CLEANERS.get(kind, _as_is)(data)
    if kind == "mp3" and sniffed(data) == "flac":  # a tag of the other stood before it
        kind, data = "flac", flac(data)
    if kind in ("bin", "txt"):
        kind = _BY_MIME.get(media.mime, _BY_KIND.get(media.kind, kind))
    elif kind == "mp4" and media.kind in (Kind.AUDIO, Kind.VOICE):
        kind = "m4a"
    return Clean(data, f"{_NAMES.get(media.kind, 'dokumen')}.{kind}", _MIMES[kind])


def _as_is(data: bytes) -> bytes:
    return data


_CLEANERS: dict[str, Callable[[bytes], bytes]] = {
    "mp3": mp3,
    "mp4": mp4,
    "webm": webm,
    "ogg": ogg,
    "flac": flac,
    "pdf": pdf,
    "rtf": rtf,
    "wav": riff,
}
