"""Sound without its tags."""

from __future__ import annotations

from collections.abc import Iterator

from bot.media.base import Unclean


def mp3(data: bytes) -> bytes:
    while data[:3] == b"ID3" and len(data) > 10:
        size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        data = data[10 + size + (10 if data[5] & 0x10 else 0) :]
    while data[-128:-125] == b"TAG":
        data = data[:-128]
    tail = data.rfind(b"APETAGEX")
    return data[:tail] if tail >= 0 and tail > len(data) - 1_048_576 else data


_STREAMINFO, _SEEKTABLE = 0, 3


def flac(data: bytes) -> bytes:
    """Only what is needed to play: how the sound is coded, and where to jump (RFC 9639, section 8)."""
    kept: list[bytes] = []
    at, last = 4, False
    while not last:
        head = data[at : at + 4]
        end = at + 4 + int.from_bytes(head[1:], "big")
        if len(head) < 4 or end > len(data):
            raise Unclean("a sound that cannot be read")
        last = bool(head[0] & 0x80)
        if head[0] & 0x7F in (_STREAMINFO, _SEEKTABLE):
            kept.append(bytes([head[0] & 0x7F]) + data[at + 1 : end])
        at = end
    if not kept:
        raise Unclean("a sound that cannot be read")
    kept[-1] = bytes([kept[-1][0] | 0x80]) + kept[-1][1:]
    return data[:4] + b"".join(kept) + mp3(data[at:])


_OTHER_OGG = (b"\x7fFLAC", b"Speex   ", b"\x80theora", b"fishead", b"\x80kate", b"PCM     ")


def ogg(data: bytes) -> bytes:
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
        if any(made.startswith(mark, start) for mark in _OTHER_OGG):
            raise Unclean("a sound of a kind whose tags lie elsewhere")
        for mark in (b"OpusTags", b"\x03vorbis"):
            if bytes(made[start : start + len(mark)]) == mark:
                if count == 255 and made[start - 1] == 255:
                    raise Unclean("a sound whose tags fill more than a page")
                _empty_comments(made, start + len(mark), start + size)
                made[at + 22 : at + 26] = bytes(4)
                made[at + 22 : at + 26] = ogg_sum(bytes(made[at : start + size])).to_bytes(4, "little")
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


def ogg_sum(page: bytes) -> int:
    """CRC-32 of an Ogg page (RFC 3533: polynomial 0x04c11db7, no reflection, start 0)."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _OGG[(value >> 24) ^ byte]
    return value
