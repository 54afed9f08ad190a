"""Pictures: drawn anew; moving ones without the parts that carry words."""

from __future__ import annotations

import io

from bot.media.base import Unclean

LARGEST_PIXELS = 50_000_000
"""A picture that unpacks to more is no photo but an attempt on our memory."""
JPEG_QUALITY = 90
_PICTURE_TAGS = (b"Exif", b"EXIF", b"XMP ", b"ns.adobe.com", b"Photoshop", b"tEXt", b"iTXt", b"zTXt", b"eXIf")


def picture(kind: str, data: bytes) -> tuple[str, bytes]:
    """What it is afterwards, and its bytes. Raises Unclean."""
    try:
        return _redrawn(data)
    except _Moving:
        return kind, gif(data) if kind == "gif" else riff(data)
    except _Unreadable:
        if kind in ("heic", "avif"):
            raise Unclean("a picture of a kind that cannot be drawn anew") from None
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


def riff(data: bytes) -> bytes:
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


_COMMENT, _TEXT, _APPLICATION, _CONTROL = 0xFE, 0x01, 0xFF, 0xF9
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def gif(data: bytes) -> bytes:
    """A moving GIF without comments, captions, XMP and whatever follows its end (GIF89a, section 17 on)."""
    at = 13 + _table(data, 10)
    kept = [data[:at]]
    try:
        while data[at] != 0x3B:
            start = at
            if data[at] == 0x2C:
                at = _blocks(data, at + 11 + _table(data, at + 9))
                kept.append(data[start:at])
            elif data[at] == 0x21:
                label, at = data[at + 1], _blocks(data, at + 2)
                loops = label == _APPLICATION and data[start + 3 : start + 14] in _LOOPS
                if label == _CONTROL or loops:
                    kept.append(data[start:at])
            else:
                raise Unclean("a moving picture that cannot be read")
    except IndexError:
        raise Unclean("a moving picture that cannot be read") from None
    return b"".join(kept) + b";"


def _table(data: bytes, flags: int) -> int:
    """The length of a colour table, by its flags."""
    return 3 << ((data[flags] & 7) + 1) if data[flags] & 0x80 else 0


def _blocks(data: bytes, at: int) -> int:
    """Just behind a chain of sub-blocks."""
    while data[at]:
        at += 1 + data[at]
    return at + 1


def jpeg(data: bytes) -> bytes:
    """The same picture, point for point, without EXIF, XMP, comments and trailing bytes' markers: for a JPEG that lies
    inside of something. Raises Unclean."""
    kept, at = [b"\xff\xd8"], 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        mark, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if mark == 0xDA:
            return b"".join(kept) + data[at:]
        # APP0 is JFIF, APP14 says how the colours are to be read; the other fifteen and COM describe.
        if mark in (0xE0, 0xEE) or not (0xE0 <= mark <= 0xEF or mark == 0xFE):
            kept.append(data[at : at + 2 + size])
        at += 2 + size
    raise Unclean("a picture that cannot be read")
