"""Pictures and recordings: seen by the other side, freed of their maker's traces, sealed in the store (P1, P2)."""

import io
import uuid
import wave

from PIL import Image

from admin_api.routes.webchat import LARGEST_FILE
from tests.webchat.house import Guest, House, matched

PLACE = b"SECRET-PLACE-OF-A-PHONE"


def photo() -> bytes:
    """A JPEG with a place, a camera and a comment."""
    exif = Image.Exif()
    exif[0x010F] = PLACE.decode()
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 120, 60)).save(out, "JPEG", exif=exif, comment=PLACE)
    return out.getvalue()


def recording() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8_000)
        made.writeframes(b"\0\1" * 4_000)
    return out.getvalue()


async def upload(guest: Guest, data: bytes, client_id: str | None = None) -> tuple[int, str]:
    client_id = client_id or str(uuid.uuid4())
    headers = {**guest.headers, "X-Client-Id": client_id, "Content-Type": "application/octet-stream"}
    response = await guest.house.http.post("/chat/media", content=data, headers=headers)
    return response.status_code, client_id


async def fetch(guest: Guest, line: str) -> tuple[int, bytes, str]:
    url = guest.lines[line]["media"]["url"]
    response = await guest.house.http.get(url, headers=guest.headers)
    return response.status_code, response.content, response.headers["content-type"]


def shows_media(guest: Guest) -> list[str]:
    return [id for id, line in guest.lines.items() if line["kind"] == "media"]


async def test_a_photo_reaches_the_other_side_without_its_traces(house: House) -> None:
    student, supporter = await matched(house)
    sent = photo()
    assert PLACE in sent
    code, mine = await upload(student, sent)
    assert code == 200
    await supporter.read(lambda guest: bool(shows_media(guest)))
    await student.read(lambda guest: bool(shows_media(guest)))
    [line] = shows_media(supporter)
    assert supporter.lines[line]["media"]["kind"] == "photo"
    for guest, id in ((supporter, line), (student, mine)):
        status, data, mime = await fetch(guest, id)
        assert (status, mime) == (200, "image/jpeg")
        assert PLACE not in data
        assert Image.open(io.BytesIO(data)).size == (40, 30)


async def test_it_lies_sealed_in_the_store(house: House) -> None:
    student, _ = await matched(house)
    await upload(student, recording())
    [row] = await house.rows("SELECT data, mime, size FROM blobs")
    assert b"WAVE" not in bytes(row[0])
    assert row[1] == "audio/wav"
    assert row[2] > 8_000


async def test_a_recording_is_a_voice_note(house: House) -> None:
    student, supporter = await matched(house)
    assert (await upload(student, recording()))[0] == 200
    await supporter.read(lambda guest: bool(shows_media(guest)))
    [line] = shows_media(supporter)
    assert supporter.lines[line]["media"]["kind"] == "voice"
    status, data, mime = await fetch(supporter, line)
    assert (status, mime, data[8:12]) == (200, "audio/wav", b"WAVE")


async def test_a_repetition_changes_nothing(house: House) -> None:
    student, supporter = await matched(house)
    _, id = await upload(student, photo())
    assert (await upload(student, photo(), id))[0] == 200
    await student.say("selesai")
    await supporter.read(lambda guest: guest.has("selesai"))
    assert len(shows_media(supporter)) == 1
    assert len(await house.rows("SELECT id FROM blobs")) == 1


async def test_nobody_else_fetches_it(house: House) -> None:
    student, supporter = await matched(house)
    _, mine = await upload(student, photo())
    await supporter.read(lambda guest: bool(shows_media(guest)))
    [line] = shows_media(supporter)
    stranger = await house.guest()
    for id in (mine, line, "0", "999999", str(uuid.uuid4())):
        response = await house.http.get(f"/chat/media/{id}", headers=stranger.headers)
        assert response.status_code == 404


async def test_other_files_are_refused_with_a_reason(house: House) -> None:
    student, _ = await matched(house)
    for data in (b"", b"MZ\x90\0 a program", b"<svg onload='x'/>", b"%PDF-1.7 a document", photo()[:200]):
        assert (await upload(student, data))[0] == 415
    assert await house.rows("SELECT id FROM blobs") == []


async def test_a_file_that_is_too_large_is_refused(house: House) -> None:
    student, _ = await matched(house)
    assert (await upload(student, b"\xff\xd8\xff" + bytes(LARGEST_FILE)))[0] == 413


async def test_several_megabytes_are_taken(house: House) -> None:
    student, _ = await matched(house)
    out = io.BytesIO()
    Image.effect_noise((1_600, 1_600), 90).save(out, "PNG")
    assert len(out.getvalue()) > 1_500_000
    assert (await upload(student, out.getvalue()))[0] == 200
