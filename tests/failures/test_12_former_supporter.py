"""A former supporter keeps access; an identity inside somebody else's message."""

from tests.failures.house import LONG, House, said
from tests.platforms.telegram import Person

PHONE = "6281298765432"


async def test_revoked_within_a_second(home: House) -> None:
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    bayu = home.api.person(7_000_000_002, "Bayu")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await home.welcome(bayu)
    await home.ask(bayu)
    offer = await sari.wait_for(button="offer:accept")
    card = next(m for m in sari.inbox if any(d.startswith("chat:end") for d in m.data))
    accept, end = offer.data[0], card.data[0]
    await ana.say("rahasiaku")
    await sari.wait_for("rahasiaku")
    await home.quiet()

    await home.suspend(sari)
    await sari.wait_until(lambda _: not card.data and not offer.data, timeout=LONG)
    await ana.wait_for("Pendampingmu tidak bisa melanjutkan")
    await home.quiet()
    heard = len(said(sari))

    assert "dihentikan" in (await sari.press(offer, accept, stale=True, timeout=LONG) or "")
    assert "dihentikan" in (await sari.press(card, end, stale=True, timeout=LONG) or "")
    await sari.say("masih di sini?", reply_to=card)
    await sari.wait_for("sedang dihentikan")
    await ana.say("kak?")
    await bayu.say("halo?")
    await home.quiet()
    assert said(sari)[heard:] == [text for text in said(sari)[heard:] if "sedang dihentikan" in text]
    assert len(said(sari)) == heard + 1, "one refusal, and nothing else ever"
    assert not [text for text in said(ana) if "masih di sini?" in text]
    assert await home.value("SELECT count(*) FROM chats WHERE state = 'open'") == 0

    await sari.say("/on")
    await home.quiet()
    assert await home.value("SELECT count(*) FROM people WHERE on_duty") == 0


async def test_no_byte_tells_who_the_other_side_is(home: House) -> None:
    await home.hire("counselor", 800_000_801, "Ratna Wijayanti")
    sari = await home.hire("supporter", 700_000_701, "Sarita Kusuma")
    sari.user.username = "sarita_kusuma"
    ana = home.api.person(7_000_000_001, "Anastasia", last_name="Hartono", username="anastasia_hartono")
    await home.welcome(ana)
    await home.chat(ana, sari)

    for one, other in ((ana, sari), (sari, ana)):
        line = await one.say("halo, ini aku")
        await other.wait_for("halo, ini aku")
        await one.edit(line, "halo, ini aku lagi")
        await one.send_photo(caption="foto")
        await one.send_document(f"surat {one.user.first_name}.txt", b"isi surat")
        await one.send_voice()
        await one.send_sticker()
        await one.send_location()
        await one.send_contact(PHONE, one.user.first_name)
        await one.send_venue("Kos " + one.user.first_name)
        await one.forward("teruskan ini", hidden=f"{one.user.first_name} Asli")
        await home.quiet()
        await one.say("aku membalas", reply_to=line)
        await home.quiet()
    await ana.say("pengen mati aja rasanya")
    await ana.say("/selesai")
    await home.quiet()

    assert_nothing_of(ana, in_what=home.api.outgoing_bytes(sari.id))
    assert_nothing_of(sari, in_what=home.api.outgoing_bytes(ana.id))
    everything = home.api.outgoing_bytes()
    assert PHONE.encode() not in everything
    assert_nothing_of(ana, in_what=home.api.outgoing_bytes(800_000_801))


def assert_nothing_of(person: Person, *, in_what: bytes) -> None:
    user = person.user
    for secret in (str(user.id), user.first_name, user.last_name, user.username):
        if secret:
            assert secret.encode() not in in_what, f"{secret} was sent"
            assert secret.lower().encode() not in in_what.lower()
