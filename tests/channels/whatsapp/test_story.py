"""The whole story and the crisis story: on WhatsApp alone, and mixed with Telegram; webhooks as Meta sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.base import Kind, Media
from tests.channels.whatsapp.town import Town, town
from tests.platforms.whatsapp import SHAPES, Person

PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x04\x00\x00\x00\xb5\x1c\x0c\x02\x00\x00\x00"
    b"\x0bIDATx\xdacd\xf8\xcfP\x0f\x00\x03\x86\x01\x80Z4}j\x00\x00\x00\x00IEND\xaeB`\x82"
)


async def supporter(t: Town, phone: str = "6281111111111", name: str = "Sari") -> Person:
    """Somebody on duty, on WhatsApp."""
    await t.staff("supporter", name, whatsapp=phone)
    there = t.cloud.person(phone, name)
    await there.say("/on")
    await there.wait_for("berjaga sekarang")
    await t.settle()
    return there


async def matched(t: Town, student: Person, helper: Person) -> str:
    """Bring them together; the student's alias."""
    before = sum(any("offer:accept" in data for data in bubble.data) for bubble in helper.inbox)
    await t.accompanied(student)
    await helper.wait_for(button="offer:accept", count=before + 1)
    await helper.press("offer:accept")
    card = await helper.wait_for("Kamu tersambung dengan", count=before + 1)
    await student.wait_for("konselor sebaya terlatih")
    await t.settle()
    return card.text.split("dengan ")[1].split(".")[0]


async def test_the_whole_story_on_whatsapp() -> None:
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana Wulandari", tells_phone=False)
        alias = await matched(t, ana, sari)
        await ana.say("makasih kak *ya*")
        line = await sari.wait_for(f"{alias}: makasih kak *ya*")
        await sari.say("ceritakan saja", reply_to=line.id)
        heard = await ana.wait_for("ceritakan saja")
        await ana.send_image(PICTURE, "lihat ini")
        await sari.wait_for(f"{alias}: lihat ini", type="image")
        await ana.send_voice(b"OggS" + bytes(30))
        await sari.wait_for(type="audio")
        await t.settle()
        assert sari.texts[-2:] == [f"{alias}:", ""]  # sound takes no words with it, so the alias stands before
        await ana.send_location(-7.5, 110.25)
        await sari.wait_for(type="location")
        await ana.send_contact("Ibu Ana", "+62 811")
        await ana.wait_for("bisa menunjukkan siapa")
        await ana.react(heard.id)
        original = await ana.say("salah ketik")
        await sari.wait_for("salah ketik")
        await ana.edit(original, "salah ketik tadi")
        await sari.wait_for("✏️")
        await ana.unsupported()
        await t.settle()
        await ana.say("/selesai")
        await ana.wait_for("Makasih sudah cerita")
        await ana.press("heavy:3")
        await ana.wait_for(button="rate:yes")
        await ana.press("rate:yes")
        await ana.wait_for(button="again:yes")
        await ana.press("again:yes")
        await ana.wait_for(button="menu:open")
        await sari.wait_for("mengakhiri chat")
        await ana.say("/dataku")
        await ana.wait_for(type="document")
        await ana.say("/hapus")
        await ana.wait_for(button="erase:yes")
        await ana.press("erase:yes")
        await t.settle()
        await t.until(lambda: any("dihapus" in text.lower() for text in ana.texts))
        scanned = b"\n".join(one.body for one in t.cloud.requests if one.to is sari)
        for secret in (ana.phone, ana.user_id, "Wulandari"):
            assert secret.encode() not in scanned
        scanned = b"\n".join(one.body + one.content for one in t.cloud.requests if one.to is ana)
        assert b"6281111111111" not in scanned and b"Sari" not in scanned


async def test_typed_numbers_and_words_do_what_buttons_do() -> None:
    async with town() as t:
        await supporter(t)
        ana = t.cloud.person(name="Ana")
        await ana.say("halo")
        for words, then in (
            ("1", "age:"), ("18-21 tahun", "menu:"), ("ngobrol sama kakak", "topic:"), ("lewati", "heavy:10"),
            ("0", "wish:"), ("lewati", "skip:note"), ("1", "queue:leave"),
        ):  # fmt: skip
            await ana.say(words)
            await ana.wait_for(button=then)
        assert await t.column("SELECT heavy FROM requests") == [0]


async def test_the_crisis_story_with_everybody_somewhere_else() -> None:
    """Student on WhatsApp, supporter on Telegram, counselor on both."""
    async with town() as t:
        await t.staff("supporter", "Sari", telegram="701")
        await t.staff("counselor", "Rini", telegram="801", whatsapp="6282222222222")
        sari = t.telegram.person(701, "Sari", started=True)
        rini, phone = t.telegram.person(801, "Rini", started=True), t.cloud.person("6282222222222", "Rini")
        ana = t.cloud.person(name="Ana")
        await sari.say("/on")
        await rini.say("/start")
        await phone.say("/on")
        await phone.wait_for("bertugas")
        await t.settle()
        await t.accompanied(ana)
        await sari.wait_for(button="offer:accept")
        await sari.press("offer:accept")
        await ana.wait_for("konselor sebaya terlatih")
        await t.settle()
        await ana.say("aku mau bunuh diri malam ini")
        answer = await ana.wait_for("119 ext 8")
        assert "dicek" in answer.text
        await sari.wait_for("Tanyakan langsung")
        page = await phone.wait_for("butuh konselor", button="case:ack")
        assert "aku mau bunuh diri malam ini" in page.text
        await rini.wait_for(button="case:ack")
        await phone.press("case:ack")
        await ana.wait_for("sudah membaca pesanmu")
        await phone.wait_for(button="case:take")
        await phone.press("case:take")
        await phone.wait_for("sekarang terhubung")
        await t.settle()
        with pytest.raises(AssertionError):
            rini.find_button("case:ack")
        await sari.say("aku masih di sini")
        await t.settle()
        await phone.say("Halo, saya Rini")
        await ana.wait_for("Halo, saya Rini")
        assert "aku masih di sini" not in ana.texts
        await ana.say("makasih bu")
        await phone.wait_for("makasih bu")
        await phone.press("case:resolve")
        await phone.wait_for("selesai")


async def test_a_crisis_in_the_very_first_message() -> None:
    async with town() as t:
        await t.staff("counselor", "Rini", telegram="801")
        rini = t.telegram.person(801, "Rini", started=True)
        ana = t.cloud.person(name="Ana", user_id=None)
        await ana.say("aku mau bunuh diri malam ini")
        await ana.wait_for("119 ext 8")
        await rini.wait_for(button="case:ack")


async def test_several_students_in_one_conversation_never_meet() -> None:
    """A quoted reply decides; a number chooses; without either the line is held and asked about."""
    async with town() as t:
        sari = await supporter(t)
        ana, ani = t.cloud.person(name="Ana"), t.cloud.person(name="Ani")
        await matched(t, ana, sari)
        t.pass_time(1)  # chats are numbered by age
        await matched(t, ani, sari)
        await ana.say("dari Ana")
        await ani.say("dari Ani")
        of_ana, of_ani = await sari.wait_for("dari Ana"), await sari.wait_for("dari Ani")
        await t.settle()
        await sari.say("untuk siapa ini")
        asked = await sari.wait_for(button="chat:switch:")
        assert len(asked.buttons) == 2 and {title for title, _ in asked.buttons} == {
            of_ana.text.partition(":")[0], of_ani.text.partition(":")[0],
        }  # fmt: skip
        await t.settle()
        assert "untuk siapa ini" not in ana.texts + ani.texts
        await sari.say("/2")
        await ani.wait_for("untuk siapa ini")
        await sari.say("lanjut, Ani")
        await ani.wait_for("lanjut, Ani")
        await sari.say("ini untuk Ana", reply_to=of_ana.id)
        await ana.wait_for("ini untuk Ana")
        await sari.say("/9")
        await sari.wait_for("belum kukenal")
        await t.settle()
        assert not {"untuk siapa ini", "lanjut, Ani"} & set(ana.texts) and "ini untuk Ana" not in ani.texts
        await ani.say("/selesai")
        await sari.wait_for("mengakhiri chat")
        await sari.say("masih di sana?", reply_to=of_ani.id)
        await sari.wait_for("sudah selesai")
        await t.settle()
        assert "masih di sana?" not in ani.texts + ana.texts


@pytest.mark.parametrize("shape", SHAPES)
async def test_three_messages_in_one_webhook_replayed_and_shuffled_arrive_once_each(shape: str) -> None:
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await matched(t, ana, sari)
        t.cloud.hold()
        for words in ("pertama", "kedua", "ketiga"):
            await ana.say(words)
        assert await t.cloud.release(times=3, shuffle=7, shape=shape) == [200] * (9 if shape == "single" else 3)
        await sari.wait_for("ketiga")
        await t.settle()
        for words in ("pertama", "kedua", "ketiga"):
            assert [words in text for text in sari.texts].count(True) == 1, words
        kept = "SELECT COUNT(*) FROM messages WHERE fate = 'relayed' AND person_id <> (SELECT person_id FROM staff)"
        assert await t.column(kept) == [3]


async def test_everything_that_ever_happened_delivered_again_changes_nothing() -> None:
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await matched(t, ana, sari)
        await ana.say("halo kak")
        await sari.wait_for("halo kak")
        await sari.say("hai")
        await ana.wait_for("hai")
        await ana.read()
        await t.settle()
        before = (len(ana.inbox), len(sari.inbox), await t.column("SELECT COUNT(*) FROM messages"))
        await t.cloud.replay(times=3)
        await t.settle()
        assert (len(ana.inbox), len(sari.inbox), await t.column("SELECT COUNT(*) FROM messages")) == before


async def test_what_is_read_is_marked_as_read() -> None:
    async with town() as t:
        ana = t.cloud.person(name="Ana")
        said = await ana.say("halo")
        await t.until(lambda: t.cloud.reads == [said])


async def test_a_stale_button_is_answered_in_a_message() -> None:
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await matched(t, ana, sari)
        await ana.press("topic:study")
        await ana.wait_for("sudah tidak berlaku")
        await sari.press("offer:accept")
        await sari.wait_for("sudah tidak berlaku")


async def test_a_deleted_line_that_nobody_has_read_is_shown_to_nobody() -> None:
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await t.accompanied(ana)
        unsaid = await ana.say("jangan dibaca")
        await ana.say("ini boleh")
        await t.settle()
        await ana.delete(unsaid)
        await t.settle()
        await sari.press("offer:accept")
        await sari.wait_for("ini boleh")
        await t.settle()
        assert not any("jangan dibaca" in text for text in sari.texts)


async def test_a_held_line_that_its_helper_deletes_goes_to_nobody() -> None:
    """Of two that are asked about, the other one is sent; and the writer is told."""
    async with town() as t:
        sari = await supporter(t)
        ana, ani = t.cloud.person(name="Ana"), t.cloud.person(name="Ani")
        await matched(t, ana, sari)
        t.pass_time(1)
        await matched(t, ani, sari)
        unsaid = await sari.say("jangan dikirim")
        await sari.wait_for(button="chat:switch:")
        await sari.say("ini boleh")
        await sari.wait_for("(2 menunggu)")
        await sari.delete(unsaid)
        await sari.wait_for("tidak diteruskan ke siapa pun")
        await t.settle()
        await sari.say("/1")
        await ana.wait_for("ini boleh")
        await t.settle()
        assert not any("jangan dikirim" in text for text in ana.texts + ani.texts)
        await sari.delete(unsaid)
        await t.settle()
        assert [text for text in sari.texts if "tidak diteruskan" in text] == ["Pesan yang dihapus itu tidak "
                                                                             "diteruskan ke siapa pun."]  # fmt: skip


async def test_a_line_that_has_not_left_yet_is_taken_back_and_one_that_has_is_not() -> None:
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await matched(t, ana, sari)
        said = await ana.say("sudah terbaca")
        await sari.wait_for("sudah terbaca")
        await t.settle()
        fault = t.cloud.faults.add(131056, to=sari, times=None)
        unsaid = await ana.say("jangan dibaca")
        await t.settle()
        await ana.edit(unsaid, "jangan dibaca juga")
        kept = await ana.say("ini boleh")
        await t.settle()
        await ana.delete(unsaid)
        await ana.wait_for("tidak diteruskan ke siapa pun")
        await ana.delete(said)
        await t.settle()
        t.cloud.faults.remove(fault)
        t.pass_time(30)
        await sari.wait_for("ini boleh")
        await t.settle()
        assert kept and not any("jangan dibaca" in text for text in sari.texts)
        assert sum("tidak diteruskan" in text for text in ana.texts) == 1


async def test_a_crisis_that_is_deleted_stays_one() -> None:
    async with town() as t:
        await t.staff("counselor", "Rini", telegram="801")
        rini = t.telegram.person(801, "Rini", started=True)
        ana = t.cloud.person(name="Ana")
        said = await ana.say("aku mau bunuh diri malam ini")
        await rini.wait_for(button="case:ack")
        await ana.delete(said)
        await t.settle()
        assert await t.column("SELECT fate FROM messages WHERE level >= 2") == ["held"]
        assert await t.column("SELECT state FROM cases") == ["paging"]


# --- statuses ---


async def test_a_message_becomes_delivered_and_a_late_or_doubled_status_changes_nothing() -> None:
    async with town() as t:
        t.cloud.settings.statuses = ()
        ana = t.cloud.person(name="Ana")
        await ana.say("halo")
        bubble = await ana.wait_for("Boleh kita lanjut")
        await t.settle()
        sql = "SELECT delivered_at IS NOT NULL FROM outbox WHERE external_id = :id"
        assert not (await t.column(sql, id=bubble.id))[0]
        t.cloud.hold()
        for state in ("sent", "delivered", "read"):
            t.cloud.world.status(ana, bubble, state)
        await t.cloud.release(times=3, shuffle=3, shape="messages")
        assert (await t.column(sql, id=bubble.id))[0]
        t.cloud.fail(bubble, 131000)
        await t.settle()
        assert await t.column("SELECT status FROM outbox WHERE external_id = :id", id=bubble.id) == [1]


async def test_a_status_that_overtakes_our_own_record_is_found_again() -> None:
    """The answer to the request is slow, the failure comes first: it is told all the same."""
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await matched(t, ana, sari)
        t.cloud.settings.statuses = ()
        t.cloud.faults.add("slow", to=ana, delay=0.6)
        await sari.say("hilang di jalan")
        bubble = await ana.wait_for("hilang di jalan")
        t.cloud.fail(bubble, 131000)
        await sari.wait_for("tidak sampai")
        assert await t.column("SELECT reason FROM outbox WHERE kind = 'relay' AND status = 2") == ["other"]


async def test_somebody_who_left_whatsapp_is_told_of_once() -> None:
    """131026, at once or later: the line is refused, its writer knows, nothing is tried for ever."""
    for late in (False, True):
        async with town() as t:
            sari = await supporter(t)
            ana = t.cloud.person(name="Ana")
            await matched(t, ana, sari)
            t.cloud.settings.late_refusals = late
            ana.leave()
            await sari.say("di mana?")
            await sari.wait_for("tidak bisa dihubungi")
            await t.settle()
            tried = len(t.cloud.calls("messages", ana))
            await t.settle()
            assert len(t.cloud.calls("messages", ana)) == tried
            assert await t.column("SELECT reachable FROM addresses WHERE id = (SELECT address_id FROM outbox "
                                  "WHERE reason = 'undeliverable' LIMIT 1)") == [0]  # fmt: skip
            ana.gone = False
            await ana.say("aku kembali")
            await sari.wait_for("aku kembali")


# --- limits ---


async def test_the_pair_limit_is_waited_out_in_growing_pauses_and_nothing_is_lost() -> None:
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await matched(t, ana, sari)
        t.cloud.faults.add(131056, to=ana, times=4)
        await sari.say("satu")
        await sari.say("dua")
        waits = []
        for _ in range(4):
            await t.settle()
            due = await t.column("SELECT MAX(next_at) FROM lanes")
            waits.append(due[0] - t.clock())
            t.pass_time(waits[-1] / 1000)
        await ana.wait_for("dua")
        assert waits == [1_000, 4_000, 10_000, 10_000]
        assert ana.texts[-2:] == ["satu", "dua"]


async def test_at_the_pair_limit_the_crisis_answer_goes_first() -> None:
    """An ordinary line has waited longer; the one message that may pass is the answer to the danger."""
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await matched(t, ana, sari)
        fault = t.cloud.faults.add(131056, to=ana, times=None)
        await sari.say("biasa")
        await t.settle()
        t.pass_time(0.6)  # its next try would be before the answer's
        await ana.say("aku mau bunuh diri malam ini")
        await t.settle()
        t.cloud.faults.remove(fault)
        before = len(ana.inbox)
        for _ in range(8):
            t.pass_time(0.5)
            await t.settle()
        texts = ana.texts[before:]
        assert "119 ext 8" in texts[0] and texts[-1] == "biasa"


async def test_a_crisis_overtakes_a_number_that_is_too_fast() -> None:
    """130429 rests the ordinary traffic of the whole number; pages and answers go on."""
    async with town() as t:
        sari = await supporter(t)
        ana, other = t.cloud.person(name="Ana"), t.cloud.person(name="Ani")
        await matched(t, ana, sari)
        await other.say("/start")
        await other.wait_for(button="consent:yes")
        await t.settle()
        t.cloud.faults.add(130429, to=ana)
        await sari.say("biasa")
        await t.until(lambda: t.app.dispatcher.counts["retried"] == 1)
        await other.say("aku mau bunuh diri malam ini")
        await other.wait_for("119 ext 8")
        assert "biasa" not in ana.texts
        t.pass_time(2)
        await ana.wait_for("biasa")


# --- the webhook ---


async def test_the_handshake_and_forged_posts() -> None:
    async with town() as t:
        right = await t.cloud.handshake(t.cloud.verify_token, "1158201444")
        wrong = await t.cloud.handshake("wrong", "1158201444")
        assert (right.status_code, right.text, wrong.status_code) == (200, "1158201444", 403)
        body: Any = {"object": "whatsapp_business_account", "entry": []}
        assert await t.cloud.post(body) == 200
        for forged in (None, "", "sha256=00", "sha1=x"):
            assert await t.cloud.post(body, signature=forged) == 401
        assert await t.cloud.post(b"no json at all") == 200
        assert await t.column("SELECT reason FROM aside") == ["unreadable"]


async def test_a_broken_message_is_set_aside_and_the_one_beside_it_is_answered() -> None:
    async with town() as t:
        ana = t.cloud.person(name="Ana")
        t.cloud.hold()
        await ana.say("halo")
        body = json.loads(t.cloud.delivery.body(t.cloud.world.outgoing))
        body["entry"][0]["changes"][0]["value"]["messages"].append({"type": "text"})
        t.cloud.world.outgoing.clear()
        assert await t.cloud.post(body) == 200
        await t.cloud.release()
        await ana.wait_for("Boleh kita lanjut")
        assert await t.column("SELECT COUNT(*) FROM aside") == [1]


async def test_an_outage_behind_the_webhook_is_delivered_again() -> None:
    """What cannot be stored is answered 503, and Meta comes back with it."""
    async with town() as t:
        ana = t.cloud.person(name="Ana")
        await t.app.store.close()
        await ana.say("halo")
        await t.until(lambda: len(t.cloud.delivery.attempts) >= 2)
        assert set(t.cloud.delivery.attempts) <= {503, 500}


async def test_an_uploaded_file_brings_no_name_along() -> None:
    async with town() as t:
        sari = await supporter(t)
        ana = t.cloud.person(name="Ana")
        await matched(t, ana, sari)
        await ana.send_document("Surat Ana Wulandari.txt", b"isi surat", "text/plain", "suratku")
        bubble = await sari.wait_for("suratku", type="document")
        assert bubble.file_name == "dokumen.txt" and b"Wulandari" not in t.cloud.outgoing_bytes()
        assert Media("whatsapp", "1", Kind.DOCUMENT).channel == "whatsapp"
