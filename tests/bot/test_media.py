"""What leaves with media: content, and nothing about who made it (P1)."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from PIL import Image, PngImagePlugin

from bot.channels.base import Kind, Media
from bot.media import LARGEST_BYTES, Unclean, clean, sniffed
from bot.media.sound import ogg_sum

NAME = b"Budi Santoso"


def media(kind: Kind = Kind.DOCUMENT, mime: str = "") -> Media:
    return Media("telegram", "x", kind, mime=mime)


def picture(form: str, size: tuple[int, int] = (6, 4), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form, **more)
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x013B] = NAME.decode()
    made[0x0112] = orientation
    made.get_ifd(0x8825)[1] = "N"  # a place
    return made


def png_text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", NAME.decode())
    return info


# --- pictures ---


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (picture("JPEG", exif=exif(), comment=NAME) + NAME, "jpg"),
        (picture("PNG", pnginfo=png_text()) + NAME, "png"),
        (picture("WEBP", exif=exif().tobytes(), xmp=NAME), "webp"),
        (picture("TIFF", tiffinfo={0x013B: NAME.decode()}), "jpg"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.PHOTO, Kind.DOCUMENT])
def test_a_picture_is_drawn_anew(data: bytes, ending: str, kind: Kind) -> None:
    assert NAME in data
    made = clean(media(kind), data)
    assert NAME not in made.data and b"Exif" not in made.data and b"EXIF" not in made.data
    assert made.name == ("foto." if kind is Kind.PHOTO else "dokumen.") + ending
    with Image.open(io.BytesIO(made.data)) as shown:
        assert shown.size == (6, 4)
        assert shown.convert("RGB").getpixel((3, 2))[0] > 200  # type: ignore[index]  # a colour


def test_a_picture_lying_on_its_side_is_put_upright() -> None:
    made = clean(media(Kind.PHOTO), picture("JPEG", exif=exif(orientation=6)))
    with Image.open(io.BytesIO(made.data)) as shown:
        assert shown.size == (4, 6)


def test_a_transparent_picture_stays_so() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(clean(media(), out.getvalue()).data)) as shown:
        assert shown.mode == "RGBA" and shown.getpixel((1, 1)) == (255, 0, 0, 0)


def test_a_moving_sticker_goes_on_moving_without_its_tags() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], exif=exif().tobytes(), xmp=NAME)
    assert NAME in out.getvalue()
    made = clean(media(Kind.STICKER), out.getvalue())
    assert NAME not in made.data
    with Image.open(io.BytesIO(made.data)) as shown:
        assert getattr(shown, "n_frames", 1) == 2


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(Unclean, match="too many points"):
        clean(media(), picture("PNG", (8_000, 7_000)))


def test_half_a_picture_passes_only_without_tags() -> None:
    assert clean(media(Kind.PHOTO), b"\xff\xd8\xff half").data == b"\xff\xd8\xff half"
    with pytest.raises(Unclean):
        clean(media(Kind.PHOTO), b"\xff\xd8\xff Exif half")


# --- sound and film ---


def test_a_song_loses_its_tags() -> None:
    sound = b"\xff\xfb\x90\x00" + b"\x11" * 400
    front = b"ID3\x04\x00\x00" + bytes([0, 0, 0, len(NAME)]) + NAME
    data = front + sound + b"TAG" + NAME.ljust(125, b"\0")
    made = clean(media(Kind.AUDIO), data)
    assert (made.data, made.name) == (sound, "audio.mp3")


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def test_a_film_loses_its_tags_and_keeps_its_offsets() -> None:
    tags = box(b"udta", box(b"\xa9xyz", b"-7.77+110.38/" + NAME))
    film = box(b"ftyp", b"isom") + box(b"moov", box(b"trak", tags) + tags) + box(b"mdat", b"moving")
    made = clean(media(Kind.VIDEO), film)
    assert len(made.data) == len(film)
    assert NAME not in made.data and b"110.38" not in made.data
    assert made.data.index(b"moving") == film.index(b"moving")
    assert made.name == "video.mp4"
    assert clean(media(Kind.AUDIO), film).name == "audio.m4a"


def test_a_broken_film_is_refused() -> None:
    with pytest.raises(Unclean):
        clean(media(Kind.VIDEO), box(b"ftyp", b"isom") + b"\x7f\xff\xff\xffmoov")


def page(body: bytes, number: int) -> bytes:
    head = b"OggS\0\0" + bytes(8) + struct.pack("<II", 7, number) + bytes(4)
    whole = head + bytes([len(body) // 255 + 1]) + b"\xff" * (len(body) // 255) + bytes([len(body) % 255]) + body
    return whole[:22] + struct.pack("<I", ogg_sum(whole)) + whole[26:]


def test_a_voice_note_loses_its_comments_and_keeps_its_checksum() -> None:
    comment = b"ARTIST=" + NAME
    tags = b"OpusTags" + struct.pack("<I", 4) + b"libo" + struct.pack("<II", 1, len(comment)) + comment
    data = page(b"OpusHead" + bytes(11), 0) + page(tags, 1) + page(b"sound", 2)
    made = clean(media(Kind.VOICE), data)
    assert NAME not in made.data and b"sound" in made.data
    assert len(made.data) == len(data)
    second = len(page(b"OpusHead" + bytes(11), 0))
    kept = made.data[second : second + len(page(tags, 1))]
    assert struct.unpack("<I", kept[22:26])[0] == ogg_sum(kept[:22] + bytes(4) + kept[26:])
    assert made.name == "suara.ogg"


def test_the_checksum_is_that_of_the_standard() -> None:
    assert ogg_sum(b"123456789") == 0x89A1897F  # CRC-32/MPEG-2's polynomial with start 0, as in libogg


# --- documents ---


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.comment = NAME
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_jpg", ".jpg"), content)
    return out.getvalue()


def test_an_office_document_loses_its_writers() -> None:
    data = archive(
        word__document_xml=b'<w:ins w:author="Budi Santoso" w:id="1"><w:t>isi</w:t></w:ins>',
        docProps__core_xml=b"<creator>" + NAME + b"</creator>",
        docProps__app_xml=b"<Company>" + NAME + b"</Company>",
        word__media__image1_jpg=picture("JPEG", exif=exif()),
    )
    made = clean(media(), data)
    assert made.name == "dokumen.docx"
    with zipfile.ZipFile(io.BytesIO(made.data)) as opened:
        assert opened.comment == b""
        everything = b"".join(opened.read(name) for name in opened.namelist())
        assert all(part.date_time == (1980, 1, 1, 0, 0, 0) for part in opened.infolist())
    assert NAME not in everything and b"isi" in everything


@pytest.mark.parametrize(
    "data",
    [
        archive(anything_xml=b"x"),
        b"PK\x03\x04 broken",
        b"\xd0\xcf\x11\xe0 an old document by Budi Santoso",
        b"\x00\x01 of an unknown kind, by Budi Santoso",
        b"%PDF-1.4 /Author (Budi Santoso) broken",
        b"{\\rtf1 {\\info {\\author Budi Santoso",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00 a photo by Budi Santoso",
    ],
)
def test_what_cannot_be_freed_of_its_maker_is_refused(data: bytes) -> None:
    with pytest.raises(Unclean):
        clean(media(), data)


def test_too_much_is_refused() -> None:
    with pytest.raises(Unclean, match="too large"):
        clean(media(), b"x" * (LARGEST_BYTES + 1))


@pytest.mark.parametrize(
    ("kind", "mime", "data", "name"),
    [
        (Kind.DOCUMENT, "application/pdf", b"no pdf at all", "dokumen.pdf"),
        (Kind.DOCUMENT, "", "catatan harian é".encode(), "dokumen.txt"),
        (Kind.DOCUMENT, "text/csv", b"a,b", "dokumen.csv"),
        (Kind.VOICE, "audio/ogg; codecs=opus", b"voice", "suara.ogg"),
        (Kind.STICKER, "", b"sticker", "stiker.webp"),
    ],
)
def test_names_are_neutral(kind: Kind, mime: str, data: bytes, name: str) -> None:
    assert clean(media(kind, mime), data).name == name


def test_bytes_say_what_they_are() -> None:
    assert sniffed(b"\x00") == "bin"
    assert sniffed(b"halo\n") == "txt"
    assert sniffed("é".encode() * 3000) == "txt"
    assert sniffed(picture("GIF")) == "gif"
