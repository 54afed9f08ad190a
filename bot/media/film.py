"""Films without their tags, every offset in the file as it was."""

from __future__ import annotations

from bot.media.base import Unclean

_HOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_TAGGED = frozenset({b"udta", b"meta", b"uuid", b"XMP_", b"ilst"})


def mp4(data: bytes) -> bytes:
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


# Matroska and WebM (RFC 9559): the ids of what tells about the maker, of what holds it, and of what is blanked because
# a file without it is none.
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_MASTERS = frozenset({_SEGMENT, 0x1549A966, 0x1654AE6B, 0xAE})  # segment, its info, tracks, one track
_TELLING = frozenset({
    0x1254C367, 0x1941A469, 0x1043A770,  # tags, attachments, chapters
    0x7BA9, 0x4461, 0x7384, 0x73A4,  # title, date, file name, id
    0x3CB923, 0x3C83AB, 0x3EB923, 0x3E83BB, 0x4444, 0x6924,  # its neighbours and its family
    0x536E, 0xBF,  # a track's name; the checksum of what was changed
})  # fmt: skip
_MAKERS = frozenset({0x4D80, 0x5741})  # the programs that wrote it
_IN_CLUSTER = frozenset({0xE7, 0xA3, 0xA0, 0xA7, 0xAB, 0x5854, 0xAF, 0xEC, 0xBF})
_VOID = 0xEC
_UNKNOWN = -1


def webm(data: bytes) -> bytes:
    """Tags become void space of the same length."""
    made = bytearray(data)
    _void_tags(made, 0, len(made), 0)
    return bytes(made)


def _void_tags(data: bytearray, at: int, end: int, depth: int) -> None:
    while at < end and depth < 6:
        id, start = _number(data, at, keep_mark=True)
        size, body = _number(data, start, keep_mark=False)
        if size == _UNKNOWN and id not in (_SEGMENT, _CLUSTER):
            raise Unclean("a film that cannot be read")
        stop = _cluster_end(data, body, end) if size == _UNKNOWN and id == _CLUSTER else body + size
        if size == _UNKNOWN and id == _SEGMENT:
            stop = end
        if stop > end:
            raise Unclean("a film that cannot be read")
        if id in _TELLING:
            _void(data, at, stop)
        elif id in _MAKERS:
            data[body:stop] = b" " * (stop - body)
        elif id in _MASTERS:
            _void_tags(data, body, stop, depth + 1)
        at = stop


def _cluster_end(data: bytearray, at: int, end: int) -> int:
    """Where a cluster of unknown length ends: before the first thing that lies in none."""
    while at < end:
        id, start = _number(data, at, keep_mark=True)
        if id not in _IN_CLUSTER:
            return at
        size, body = _number(data, start, keep_mark=False)
        if size == _UNKNOWN:
            raise Unclean("a film that cannot be read")
        at = body + size
    return end


def _void(data: bytearray, at: int, stop: int) -> None:
    length = stop - at
    wide = 8 if length >= 9 else 1  # an element is at least an id and a length, so there are two bytes
    size = length - 1 - wide
    mark = (1 << 56) if wide == 8 else 0x80
    data[at:stop] = bytes([_VOID]) + (size | mark).to_bytes(wide, "big") + bytes(size)


def _number(data: bytearray, at: int, *, keep_mark: bool) -> tuple[int, int]:
    """A number of variable length, and where it ends. All ones as a size: unknown."""
    if at >= len(data) or not data[at]:
        raise Unclean("a film that cannot be read")
    wide = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + wide], "big")
    if at + wide > len(data):
        raise Unclean("a film that cannot be read")
    if keep_mark:
        return value, at + wide
    value &= (1 << 7 * wide) - 1
    return (_UNKNOWN if value == (1 << 7 * wide) - 1 else value), at + wide
