"""What every cleaner shares: what bytes are, and how it is said that they cannot be freed of their maker."""

from __future__ import annotations

LARGEST_BYTES = 20 * 1024 * 1024
"""What a bot may download from Telegram; larger media are refused with a word to their sender."""
UNPACKED_BYTES = 5 * LARGEST_BYTES
"""A document that unpacks to more is refused likewise."""


class Unclean(Exception):
    """These bytes cannot be freed of what they may tell about their maker. Names no content."""


# The beginning of the bytes says what they are; the name a sender gave, never.
_MAGIC: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "jpg"),
    (b"\x89PNG\r\n\x1a\n", 0, "png"),
    (b"GIF8", 0, "gif"),
    (b"WEBP", 8, "webp"),
    (b"ftypavif", 4, "avif"),
    (b"ftypavis", 4, "avif"),
    *((b"ftyp" + brand, 4, "heic") for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")),
    (b"%PDF-", 0, "pdf"),
    (b"OggS", 0, "ogg"),
    (b"ID3", 0, "mp3"),
    (b"\xff\xfb", 0, "mp3"),
    (b"\xff\xf3", 0, "mp3"),
    (b"ftyp", 4, "mp4"),
    (b"\x1aE\xdf\xa3", 0, "webm"),
    (b"\x1f\x8b", 0, "tgs"),
    (b"WAVE", 8, "wav"),
    (b"fLaC", 0, "flac"),
    (b"{\\rtf", 0, "rtf"),
    (b"II*\x00", 0, "tiff"),
    (b"MM\x00*", 0, "tiff"),
    (b"BM", 0, "bmp"),
    (b"PK\x03\x04", 0, "zip"),
    (b"\xd0\xcf\x11\xe0", 0, "ole"),
)


def sniffed(data: bytes) -> str:
    """What the bytes are, as a file ending; "bin" for what nobody here knows."""
    for magic, at, ending in _MAGIC:
        if data[at : at + len(magic)] == magic:
            return ending
    try:
        text = data[:4096].decode("utf-8", "strict" if len(data) <= 4096 else "ignore")
    except UnicodeDecodeError:
        return "bin"
    return "bin" if any(char < " " and char not in "\t\r\n\f" for char in text) else "txt"
