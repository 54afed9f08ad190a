"""What leaves with a picture, a voice note, a document: its content, and nothing about who made it (P1).

Pictures are drawn anew (no EXIF, place, camera, comment or trailing bytes). Sound and film lose their tags. Office
documents and PDFs lose author, company and history. File names are ours. What is written inside a document stays: it is
what its sender wanted to show.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.channels.base import Kind, Media

LARGEST_BYTES = 20 * 1024 * 1024
"""What a bot may download from Telegram; larger media are refused with a word to their sender."""
LARGEST_PIXELS = 50_000_000
"""A picture that unpacks to more is no photo but an attempt on our memory."""
JPEG_QUALITY = 90
UNPACKED_BYTES = 5 * LARGEST_BYTES
"""An office document that unpacks to more is refused likewise."""


class Unclean(Exception):
    """These bytes cannot be freed of what they may tell about their maker. Names no content."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Bytes that may leave, under a neutral name."""

    data: bytes
    name: str
    mime: str


# The beginning of the bytes says what they are; the name a sender gave, never.
_MAGIC: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "jpg"),
    (b"\x89PNG\r\n\x1a\n", 0, "png"),
    (b"GIF8", 0, "gif"),
    (b"WEBP", 8, "webp"),
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
    (b"II*\x00", 0, "tiff"),
    (b"MM\x00*", 0, "tiff"),
    (b"BM", 0, "bmp"),
    (b"PK\x03\x04", 0, "zip"),
    (b"\xd0\xcf\x11\xe0", 0, "ole"),
)
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
    "zip": "application/zip",
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
    if kind in ("jpg", "png", "webp", "gif", "tiff", "bmp"):
        kind, data = _picture(kind, data)
    elif kind == "zip":
        kind, data = _office(data)
    elif kind == "ole":
        raise Unclean("a document of the old Office, whose properties lie all over it")
    else:
        data = _CLEANERS.get(kind, _as_is)(data)
    if kind in ("bin", "txt"):
        kind = _BY_MIME.get(media.mime, _BY_KIND.get(media.kind, kind))
    elif kind == "mp4" and media.kind in (Kind.AUDIO, Kind.VOICE):
        kind = "m4a"
    return Clean(data, f"{_NAMES.get(media.kind, 'dokumen')}.{kind}", _MIMES[kind])


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


def _as_is(data: bytes) -> bytes:
    return data


# --- pictures ---


_PICTURE_TAGS = (b"Exif", b"EXIF", b"XMP ", b"ns.adobe.com", b"Photoshop", b"tEXt", b"iTXt", b"zTXt", b"eXIf")


def _picture(kind: str, data: bytes) -> tuple[str, bytes]:
    try:
        return _redrawn(data)
    except _Moving:
        return kind, _riff(data) if kind == "webp" else data
    except _Unreadable:
        # Half a picture shows nothing, and tells nothing where no tag is in it.
        if any(tag in data for tag in _PICTURE_TAGS):
            raise Unclean("a picture that cannot be read") from None
        return kind, data


class _Moving(Exception):
    """An animated picture, which drawing anew would stop."""


class _Unreadable(Exception):
    """No picture after all."""


def _redrawn(data: bytes) -> tuple[str, bytes]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > LARGEST_PIXELS:
                raise Unclean("a picture of too many points")
            if picture.format in ("WEBP", "GIF") and getattr(picture, "is_animated", False):
                raise _Moving
            upright = ImageOps.exif_transpose(picture)
            clear = "A" in upright.getbands() or "transparency" in upright.info
            form = "PNG" if clear or picture.format in ("PNG", "GIF", "BMP") else "JPEG"
            if picture.format == "WEBP":
                form = "WEBP"
            drawn = upright.convert("RGBA" if clear else "RGB")
            bare = Image.new(drawn.mode, drawn.size)
            bare.paste(drawn)
            out = io.BytesIO()
            bare.save(out, form, **({"quality": JPEG_QUALITY} if form != "PNG" else {}))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise _Unreadable from None
    return {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}[form], out.getvalue()


def _riff(data: bytes) -> bytes:
    """An animated WebP (or a WAV) without the chunks that carry tags."""
    kept, at = [data[8:12]], 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + (size & 1)
        name, chunk = data[at : at + 4], data[at:end]
        if name == b"VP8X" and len(chunk) > 8:
            chunk = chunk[:8] + bytes([chunk[8] & ~0b0000_1100]) + chunk[9:]  # no EXIF, no XMP from here on
        if name not in (b"EXIF", b"XMP ", b"LIST", b"id3 ", b"ID3 ", b"bext", b"iXML", b"_PMX"):
            kept.append(chunk)
        at = end
    body = b"".join(kept)
    return data[:4] + len(body).to_bytes(4, "little") + body


# --- sound and film ---


def _mp3(data: bytes) -> bytes:
    while data[:3] == b"ID3" and len(data) > 10:
        size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :]
    while data[-128:-125] == b"TAG":
        data = data[:-128]
    tail = data.rfind(b"APETAGEX")
    return data[:tail] if tail >= 0 and tail > len(data) - 1_048_576 else data


_HOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_TAGGED = frozenset({b"udta", b"meta", b"uuid", b"XMP_", b"ilst"})


def _mp4(data: bytes) -> bytes:
    """Tags become free space of the same length: every offset in the file stays right."""
    made = bytearray(data)
    _free_tags(made, 0, len(made), 0)
    return bytes(made)


def _free_tags(data: bytearray, at: int, end: int, depth: int) -> None:
    while at + 8 <= end and depth < 8:
        size, name, head = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        stop = end if size == 0 else at + size
        if stop > end or stop < at + head:
            raise Unclean("a film that cannot be read")
        if name in _TAGGED:
            data[at + 4 : at + 8] = b"free"
            data[at + head : stop] = bytes(stop - at - head)
        elif name in _HOLDERS:
            _free_tags(data, at + head, stop, depth + 1)
        at = stop


def _ogg(data: bytes) -> bytes:
    """Comments of Opus and Vorbis are emptied on their page, whose checksum is made anew. Only comments that lie on
    one page: longer ones carry a picture, and are refused."""
    made = bytearray(data)
    at = 0
    for _ in range(4):
        if bytes(made[at : at + 4]) != b"OggS":
            break
        count = made[at + 26]
        start = at + 27 + count
        size = sum(made[at + 27 : start])
        for mark in (b"OpusTags", b"\x03vorbis"):
            if bytes(made[start : start + len(mark)]) == mark:
                if count == 255 and made[start - 1] == 255:
                    raise Unclean("a sound whose tags fill more than a page")
                _empty_comments(made, start + len(mark), start + size)
                made[at + 22 : at + 26] = bytes(4)
                made[at + 22 : at + 26] = _ogg_sum(bytes(made[at : start + size])).to_bytes(4, "little")
                return bytes(made)
        at = start + size
    return bytes(made)


def _empty_comments(data: bytearray, at: int, end: int) -> None:
    """Every letter of the vendor and of the comments becomes a space; lengths stay."""
    at = _blank(data, at, end)
    count = int.from_bytes(data[at : at + 4], "little")
    at += 4
    for _ in range(min(count, 10_000)):
        if at + 4 > end:
            return
        at = _blank(data, at, end)


def _blank(data: bytearray, at: int, end: int) -> int:
    size = int.from_bytes(data[at : at + 4], "little")
    stop = min(at + 4 + size, end)
    for place in range(at + 4, stop):
        if data[place] != ord("="):
            data[place] = ord(" ")
    return stop


def _ogg_table() -> Iterator[int]:
    for number in range(256):
        value = number << 24
        for _ in range(8):
            value = (value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1
        yield value & 0xFFFFFFFF


_OGG = tuple(_ogg_table())


def _ogg_sum(page: bytes) -> int:
    """CRC-32 of an Ogg page (RFC 3533: polynomial 0x04c11db7, no reflection, start 0)."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _OGG[(value >> 24) ^ byte]
    return value


# --- documents ---

_PDF_INFO = re.compile(
    rb"/(?:Author|Creator|Producer|Title|Subject|Keywords|Company|Manager|SourceModified|CreationDate|ModDate)\s*"
    rb"(\((?:[^()\\]|\\.|\([^()]*\))*\)|<[0-9A-Fa-f\s]*>)",
    re.DOTALL,
)
_PDF_XMP = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>", re.DOTALL)


def _pdf(data: bytes) -> bytes:
    """Author and history are overwritten in place, so that the table of offsets stays right."""

    def blank(match: re.Match[bytes]) -> bytes:
        value = match[1]
        filler = b" " if value[:1] == b"(" else b"0"
        return match[0][: -len(value)] + value[:1] + filler * (len(value) - 2) + value[-1:]

    data = _PDF_INFO.sub(blank, data)
    return _PDF_XMP.sub(lambda match: b" " * len(match[0]), data)


_OFFICE = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_EMPTY_PROPERTIES = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
    "meta.xml": b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office='
    b'"urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"/>',
}
_WRITERS = re.compile(rb'\b(w:author|w:initials|w15:author|w15:userId|lastEdited|userId)="[^"]*"')


def _office(data: bytes) -> tuple[str, bytes]:
    """Word, Excel, PowerPoint and OpenDocument without properties and names of writers. Another archive may hold
    anything: Unclean."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as given:
            names = set(given.namelist())
            kind = next((ending for part, ending in _OFFICE.items() if part in names), "")
            if not kind and "mimetype" in names:
                told = given.read("mimetype").decode("ascii", "replace").strip()
                kind = next((ending for ending, mime in _MIMES.items() if mime == told), "")
            if not kind or sum(part.file_size for part in given.infolist()) > UNPACKED_BYTES:
                raise Unclean("an archive")
            return kind, _without_properties(given)
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise Unclean("an archive that cannot be read") from None


def _without_properties(given: zipfile.ZipFile) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.infolist():
            content = given.read(part)
            if part.filename in _EMPTY_PROPERTIES:
                content = _EMPTY_PROPERTIES[part.filename]
            elif part.filename.endswith(".xml"):
                content = _WRITERS.sub(rb'\1=""', content)
            elif sniffed(content) in ("jpg", "png"):
                form, drawn = _picture(sniffed(content), content)
                content = drawn if form == sniffed(content) else content
            # A new entry: no date, no comment, no extra field of the old one.
            fresh = zipfile.ZipInfo(part.filename)
            fresh.compress_type = part.compress_type if part.filename == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(fresh, content)
    return out.getvalue()


_CLEANERS: dict[str, Callable[[bytes], bytes]] = {
    "mp3": _mp3,
    "mp4": _mp4,
    "ogg": _ogg,
    "pdf": _pdf,
    "wav": _riff,
}
