"""WhatsApp as an operator runs it: the command, its settings, a roster file, and Meta at the other end of the wire."""

from __future__ import annotations

import asyncio

import pytest

from tests.cli.conftest import House
from tests.cli.served import PATIENCE, serving
from tests.platforms.whatsapp import CloudApi, Person

ROSTER = """role,name,language,gender,site,topics,capacity,telegram,whatsapp,email,certified_until
supporter,Sari,id,,,,3,,6281111111111,,2030-01-01
counselor,Bu Rini,id,,,,3,,6282222222222,,
"""


async def test_a_whole_story_and_a_crisis_as_an_operator_would_see_them(
    house: House, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("with --long: it starts processes of its own; the same stories run inside in tests/channels")
    async with CloudApi() as cloud:
        house.write_env(
            WHATSAPP_TOKEN=cloud.token, WHATSAPP_PHONE_ID=cloud.phone_id, WHATSAPP_APP_SECRET=cloud.app_secret,
            WHATSAPP_VERIFY_TOKEN=cloud.verify_token, WHATSAPP_API_URL=cloud.url,
        )  # fmt: skip
        file = house.folder / "roster.csv"
        file.write_text(ROSTER, encoding="utf-8")
        assert (await asyncio.to_thread(house.do, "roster", "import", str(file))).status == 0
        with serving(house, "serve", "--port", "0") as served:
            url = await asyncio.to_thread(lambda: served.url)
            await cloud.subscribe(f"{url}/webhooks/whatsapp")
            await _stories(cloud)
            doctor = await asyncio.to_thread(house.do, "doctor")
            assert "token, number, secret and template are accepted" in doctor.out
        assert not [word for word in ("Wulandari", "bunuh", "6281111", cloud.token) if word in served.said]


async def _stories(cloud: CloudApi) -> None:
    sari, rini = cloud.person("6281111111111", "Sari"), cloud.person("6282222222222", "Rini")
    ana = cloud.person(name="Ana Wulandari", tells_phone=False)
    await sari.say("/on")
    await sari.wait_for("berjaga sekarang", timeout=PATIENCE)
    await rini.say("/on")
    await rini.wait_for("bertugas", timeout=PATIENCE)
    await ana.say("halo")
    for data in ("consent:yes", "age:18-21", "menu:peer", "topic:study", "heavy:6", "skip:wish", "skip:note"):
        await _press(ana, data)
    await _press(sari, "offer:accept")
    await ana.wait_for("konselor sebaya terlatih", timeout=PATIENCE)
    cloud.hold()
    for words in ("pertama", "kedua", "ketiga"):
        await ana.say(words)
    assert await cloud.release(times=3, shuffle=7, shape="entries") == [200] * 3
    await sari.wait_for("ketiga", timeout=PATIENCE)
    await sari.say("aku di sini")
    await ana.wait_for("aku di sini", timeout=PATIENCE)
    assert [sum(words in text for text in sari.texts) for words in ("pertama", "kedua", "ketiga")] == [1, 1, 1]
    await ana.say("aku mau bunuh diri malam ini")
    await ana.wait_for("119 ext 8", count=2, timeout=PATIENCE)
    await _press(rini, "case:ack")
    await _press(rini, "case:take")
    await rini.wait_for("sekarang terhubung", timeout=PATIENCE)
    await rini.say("Halo, saya Rini")
    await ana.wait_for("Halo, saya Rini", timeout=PATIENCE)
    await ana.say("/selesai")
    await ana.wait_for("Makasih sudah cerita", timeout=PATIENCE)


async def _press(person: Person, data: str) -> None:
    await person.wait_for(button=data, timeout=PATIENCE)
    await person.press(data)
