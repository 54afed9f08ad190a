"""Tags of films, sound, moving pictures and PDFs: gone, while what is shown and heard stays."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from bot.channels.base import Kind, Media
from bot.media import Unclean, clean
from bot.media.pictures import jpeg

NAME = b"Budi Santoso"


def media(kind: Kind = Kind.DOCUMENT) -> Media:
    return Media("telegram", "1", kind)


# --- moving pictures ---


def block(label: int, *parts: bytes) -> bytes:
    return bytes([0x21, label]) + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def test_a_moving_gif_loses_its_words_and_goes_on_moving() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], loop=0, comment=NAME, duration=80)
    whole = out.getvalue()
    head = 13 + (3 << ((whole[10] & 7) + 1) if whole[10] & 0x80 else 0)
    xmp = block(0xFF, b"XMP DataXMP", b"<x:xmpmeta>" + NAME)
    data = whole[:head] + xmp + block(0x01, bytes(12), NAME) + whole[head:] + NAME
    assert data.count(NAME) == 4
    for kind in (Kind.VIDEO, Kind.DOCUMENT):
        made = clean(media(kind), data)
        assert NAME not in made.data and b"XMP" not in made.data
        with Image.open(io.BytesIO(made.data)) as shown:
            assert (getattr(shown, "n_frames", 1), shown.info["loop"], shown.info["duration"]) == (3, 0, 80)
            shown.seek(2)
            assert shown.convert("RGB").getpixel((3, 3)) == (0, 128, 0)


# --- films ---


def element(id: int, body: bytes, wide: int = 8) -> bytes:
    size = (len(body) | 1 << 7 * wide).to_bytes(wide, "big")
    return id.to_bytes((id.bit_length() + 7) // 8, "big") + size + body


def endless(id: int, body: bytes) -> bytes:
    return id.to_bytes(4, "big") + b"\x01" + b"\xff" * 7 + body


@pytest.mark.parametrize("live", [False, True])
def test_a_webm_loses_its_tags_and_keeps_its_offsets(live: bool) -> None:
    info = element(0x1549A966, b"".join((
        element(0xBF, b"sums", 1), element(0x2AD7B1, b"\x0f\x42\x40", 1), element(0x7BA9, NAME, 1),
        element(0x4D80, b"Kamera " + NAME), element(0x5741, NAME), element(0x4461, bytes(8), 1),
    )))  # fmt: skip
    tracks = element(0x1654AE6B, element(0xAE, element(0xD7, b"\x01", 1) + element(0x536E, NAME, 1)))
    frames = element(0xE7, b"\0", 1) + element(0xA3, b"moving picture")
    cluster = endless(0x1F43B675, frames) if live else element(0x1F43B675, frames)
    tags = element(0x1254C367, element(0x7373, element(0x67C8, NAME)))
    files = element(0x1941A469, element(0x61A7, NAME))
    body = info + tracks + cluster + files + tags + element(0xEC, b"")
    film = element(0x1A45DFA3, element(0x4282, b"webm", 1)) + (
        endless(0x18538067, body) if live else element(0x18538067, body)
    )
    made = clean(media(Kind.VIDEO), film)
    assert NAME not in made.data and b"sums" not in made.data and made.name == "video.webm"
    assert len(made.data) == len(film) and made.data.index(b"moving picture") == film.index(b"moving picture")
    assert [id for id, _ in elements(made.data)] == [
        0x1549A966, 0x1654AE6B, 0x1F43B675, *([] if live else [0xEC, 0xEC, 0xEC])
    ]  # fmt: skip


def elements(data: bytes) -> Iterator[tuple[int, int]]:
    """What lies in the segment, read by the rules of the format; the rest of a live one lies in its cluster."""
    at = data.index(b"\x18\x53\x80\x67") + 12
    while at < len(data):
        wide = 9 - data[at].bit_length()
        id = int.from_bytes(data[at : at + wide], "big")
        at += wide
        wide = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + wide], "big") & ((1 << 7 * wide) - 1)
        unknown = size == (1 << 7 * wide) - 1
        yield id, at
        at = len(data) if unknown else at + wide + size


@pytest.mark.parametrize("data", [b"\x1aE\xdf\xa3\x84webm\x18\x53\x80\x67\x7f", b"\x1aE\xdf\xa3\x00", b"\x1aE\xdf\xa3"])
def test_a_broken_webm_is_refused(data: bytes) -> None:
    with pytest.raises(Unclean):
        clean(media(Kind.VIDEO), data)


# --- sound ---


def flac_block(kind: int, body: bytes, last: bool = False) -> bytes:
    return bytes([kind | 0x80 * last]) + len(body).to_bytes(3, "big") + body


def test_a_flac_keeps_what_is_needed_to_play_it() -> None:
    info, seek, sound = flac_block(0, bytes(34)), flac_block(3, bytes(18)), b"\xff\xf8 sound"
    told = flac_block(4, b"ARTIST=" + NAME) + flac_block(6, b"\xff\xd8 cover " + NAME)
    told += flac_block(2, b"GEOB" + NAME) + flac_block(5, NAME, last=True)
    data = b"fLaC" + info + told[: len(told) // 1] + sound + b"TAG" + NAME.ljust(125, b"\0")
    expected = b"fLaC" + flac_block(0, bytes(34), last=True) + sound
    assert clean(media(Kind.AUDIO), data).data == expected
    front = b"ID3\x04\x00\x00" + bytes([0, 0, 0, len(NAME)]) + NAME
    made = clean(
        media(Kind.AUDIO), front + b"fLaC" + info + flac_block(4, NAME) + flac_block(3, bytes(18), True) + sound
    )
    assert made.data == b"fLaC" + info + bytes([0x83]) + seek[1:] + sound and made.name == "audio.flac"
    with pytest.raises(Unclean):
        clean(media(Kind.AUDIO), b"fLaC" + flac_block(4, NAME)[:-3])


@pytest.mark.parametrize("codec", [b"\x7fFLAC", b"Speex   ", b"\x80theora"])
def test_an_ogg_whose_tags_lie_elsewhere_is_refused(codec: bytes) -> None:
    body = codec + bytes(20)
    page = b"OggS\0\0" + bytes(8) + struct.pack("<III", 7, 0, 0) + bytes([1, len(body)]) + body
    with pytest.raises(Unclean):
        clean(media(Kind.VOICE), page + NAME)


# --- PDFs ---


def photographed() -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x013B] = NAME.decode()
    Image.new("RGB", (6, 4), "red").save(out, "JPEG", exif=exif, comment=NAME)
    return out.getvalue()


def document() -> bytes:
    """A page with a photograph, a note, a signature and an attached file, by somebody with a history."""
    made = PdfWriter()
    page = made.add_blank_page(72, 72)
    made.add_metadata({"/Author": NAME.decode(), "/Producer": "Kamera " + NAME.decode()})
    picture = StreamObject()
    picture._data = photographed()
    picture.update({
        NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Image"),
        NameObject("/Width"): FloatObject(6), NameObject("/Height"): FloatObject(4),
        NameObject("/ColorSpace"): NameObject("/DeviceRGB"), NameObject("/BitsPerComponent"): FloatObject(8),
        NameObject("/Filter"): NameObject("/DCTDecode"), NameObject("/Metadata"): made._add_object(xmp()),
    })  # fmt: skip
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/Im0"): made._add_object(picture)})}
    )
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/App"): TextStringObject(NAME.decode())})
    note = DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Text"),
        NameObject("/Rect"): ArrayObject([FloatObject(0)] * 4), NameObject("/T"): TextStringObject(NAME.decode()),
        NameObject("/Contents"): TextStringObject("catatan"),
    })  # fmt: skip
    signed = DictionaryObject({
        NameObject("/Type"): NameObject("/Sig"), NameObject("/Name"): TextStringObject(NAME.decode()),
        NameObject("/Contents"): ByteStringObject(NAME), NameObject("/ByteRange"): ArrayObject(),
    })  # fmt: skip
    page[NameObject("/Annots")] = ArrayObject([made._add_object(note)])
    made._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/V"): made._add_object(signed)})
    made._root_object[NameObject("/Metadata")] = made._add_object(xmp())
    made.add_attachment("surat-" + NAME.decode(), NAME)
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def xmp() -> StreamObject:
    made = StreamObject()
    made._data = b"<x:xmpmeta>" + NAME + b"</x:xmpmeta>"
    made[NameObject("/Type")] = NameObject("/Metadata")
    return made


def packed() -> bytes:
    """A document of today: its author lies compressed in an object stream, and the table is a stream too."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>", 4: b"<</Author(" + NAME + b")/CreationDate(D:2026)>>",
    }  # fmt: skip
    table, bodies = b"", b""
    for number, body in objects.items():
        table += b"%d %d " % (number, len(bodies))
        bodies += body + b" "
    stream = zlib.compress(table + bodies)
    data = b"%PDF-1.5\n"
    at = len(data)
    data += b"5 0 obj<</Type/ObjStm/N 4/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(table), len(stream))
    data += stream + b"\nendstream endobj\n"
    rows = b"".join([
        bytes(4), *(struct.pack(">BHB", 2, 5, index) for index in range(4)), struct.pack(">BHB", 1, at, 0),
        struct.pack(">BHB", 1, len(data), 0),
    ])  # fmt: skip
    start = len(data)
    data += b"6 0 obj<</Type/XRef/Size 7/W[1 2 1]/Root 1 0 R/Info 4 0 R/ID[<42756469><42756469>]/Length %d>>" % len(
        rows
    )
    return data + b"stream\n" + rows + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % start


def everything(data: bytes) -> bytes:
    """All that a reader finds, unpacked."""
    reader = PdfReader(io.BytesIO(data))
    found = [data, repr(dict(reader.trailer)).encode(), repr(reader.metadata).encode()]
    for number in range(1, reader.trailer["/Size"]):
        one = reader.get_object(number)
        found += [repr(one).encode(), getattr(one, "_data", b"") or b""]
        if isinstance(one, StreamObject) and "/FlateDecode" in repr(one.get("/Filter")):
            found.append(one.get_data())
    return b"\n".join(found)


@pytest.mark.parametrize("data", [document(), packed()], ids=["document", "packed"])
def test_a_pdf_keeps_its_pages_and_nothing_of_its_maker(data: bytes) -> None:
    assert NAME in everything(data)
    made = clean(media(), data)
    left = everything(made.data)
    assert NAME not in left and b"Producer" not in left and b"D:2026" not in left and b"42756469" not in left
    assert (made.name, made.mime) == ("dokumen.pdf", "application/pdf")
    assert [tuple(page.mediabox) for page in PdfReader(io.BytesIO(made.data)).pages] == [(0, 0, 72, 72)]


def test_what_stands_on_the_pages_of_a_pdf_stays() -> None:
    page = PdfReader(io.BytesIO(clean(media(), document()).data)).pages[0]
    assert page["/Annots"][0].get_object()["/Contents"] == "catatan"  # type: ignore[index]  # an array
    (shown,) = page.images
    assert shown.image is not None and shown.image.size == (6, 4)


def test_a_pdf_behind_a_password_is_refused() -> None:
    made = PdfWriter(clone_from=io.BytesIO(document()))
    made.encrypt("rahasia", algorithm="RC4-128")
    out = io.BytesIO()
    made.write(out)
    with pytest.raises(Unclean):
        clean(media(), out.getvalue())


def test_a_photograph_inside_is_the_same_point_for_point() -> None:
    bare = jpeg(photographed())
    assert NAME not in bare and len(bare) < len(photographed())
    with Image.open(io.BytesIO(bare)) as shown, Image.open(io.BytesIO(photographed())) as given:
        assert shown.tobytes() == given.tobytes()
    with pytest.raises(Unclean):
        jpeg(b"\xff\xd8\xff\xe1")


def test_rich_text_loses_its_writer() -> None:
    data = (
        rb"{\rtf1\ansi{\info{\author Budi Santoso}{\operator \} Budi Santoso}}isi \{surat\}{\*\revtbl{Budi Santoso;}}}"
    )
    made = clean(media(), data)
    assert made.data == rb"{\rtf1\ansiisi \{surat\}}" and made.name == "dokumen.rtf"
