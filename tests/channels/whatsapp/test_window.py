"""The 24-hour window: never told as sent, invited back once, delivered in order when the person writes (failure 7)."""

from __future__ import annotations

from typing import Any

from bot.window import closed, until
from tests.channels.whatsapp.town import Town, town
from tests.platforms.whatsapp import Person

DAY = 24 * 3600
HOUR = 3_600_000


async def chatting(t: Town, **ana_is: Any) -> tuple[Person, Any]:
    """Ana on WhatsApp in a chat with Sari on Telegram."""
    await t.staff("supporter", "Sari", telegram="701")
    sari = t.telegram.person(701, "Sari", started=True)
    ana = t.cloud.person(name="Ana", **ana_is)
    await sari.say("/on")
    await t.settle()
    await t.accompanied(ana)
    await sari.wait_for(button="offer:accept")
    await sari.press("offer:accept")
    await ana.wait_for("konselor sebaya terlatih")
    await t.settle()
    await ana.say("halo kak")
    await t.settle()
    await sari.say("hai")
    await ana.wait_for("hai")
    await t.settle()
    return ana, sari


async def relayed(t: Town, newest: int) -> list[tuple[int, str | None]]:
    """Status and reason of the newest relayed rows, oldest first."""
    sql = "SELECT status, reason FROM outbox WHERE kind = 'relay' ORDER BY id DESC LIMIT :n"
    rows = await t.app.store.read(lambda tx: [(row[0], row[1]) for row in tx.all(sql, n=newest)])
    return rows[::-1]


def test_the_window_counts_from_the_platforms_date() -> None:
    now = 100 * HOUR
    assert until("whatsapp", now - HOUR, now) == now + 23 * HOUR
    assert until("whatsapp", 0, now) == until("whatsapp", now + HOUR, now) == now + 24 * HOUR
    assert until("telegram", now, now) is None
    assert not closed("whatsapp", now + 1, now) and closed("whatsapp", now, now) and closed("whatsapp", None, now)
    assert not closed("telegram", None, now) and not closed("web", now - 1, now)


async def test_ten_seconds_before_midnight_a_line_arrives_ten_after_it_waits() -> None:
    async with town() as t:
        ana, sari = await chatting(t)
        t.pass_time(DAY - 10)
        await t.settle()
        await sari.say("masih bangun?")
        await ana.wait_for("masih bangun?")
        t.pass_time(20)
        await sari.say("satu")
        await sari.wait_for("belum terkirim")
        await sari.say("dua")
        await t.until(lambda: len([text for text in sari.texts if "belum terkirim" in text]) == 2)
        await t.settle()
        assert [(b.template, b.language) for b in ana.templates] == [("sebaya_continue", "id")]
        assert "satu" not in ana.texts and "dua" not in ana.texts
        assert await relayed(t, 2) == [(0, "window"), (0, "window")]
        await ana.say("maaf baru lihat")
        await ana.wait_for("dua")
        await t.settle()
        assert ana.texts[-2:] == ["satu", "dua"]
        assert await relayed(t, 3) == [(1, None)] * 3
        await sari.wait_for("maaf baru lihat")
        # and it can close and be opened again, with a new invitation
        await sari.say("nggak apa-apa")
        await t.settle()
        t.pass_time(DAY + 60)
        await sari.say("tiga")
        await t.settle()
        assert len(ana.templates) == 2
        await ana.press_template()
        await ana.wait_for("tiga")


async def test_what_waits_for_days_is_not_too_old_when_it_is_answered() -> None:
    async with town(silence_move_seconds=86_400, silence_warn_seconds=86_400) as t:
        ana, sari = await chatting(t)
        t.pass_time(DAY + 1)
        await sari.say("nanti dibaca")
        await t.settle()
        t.pass_time(5 * DAY)
        await t.settle()
        await ana.say("aku kembali")
        await ana.wait_for("nanti dibaca")
        assert len(ana.templates) == 1


async def test_the_platform_may_close_it_earlier_than_we_think() -> None:
    """131047 at once: the row waits in its place, its sender knows, a template goes out."""
    async with town() as t:
        ana, sari = await chatting(t)
        ana.wrote_at = float("-inf")
        await sari.say("satu")
        await sari.wait_for("belum terkirim")
        await sari.say("dua")
        await t.settle()
        assert len(ana.templates) == 1 and await relayed(t, 2) == [(0, "window"), (0, "window")]
        await ana.say("ya")
        await ana.wait_for("dua")
        assert ana.texts[-2:] == ["satu", "dua"]


async def test_the_platform_may_say_so_later() -> None:
    """131047 as a failed status: what was told as sent is taken back, and leaves again in its place."""
    async with town() as t:
        ana, sari = await chatting(t)
        t.cloud.settings.late_refusals = True
        ana.wrote_at = float("-inf")
        await sari.say("satu")
        await sari.wait_for("belum terkirim")
        await sari.say("dua")
        await t.settle()
        assert len(ana.templates) == 1 and await relayed(t, 2) == [(0, "window"), (0, "window")]
        await ana.say("ya")
        await ana.wait_for("dua")
        assert ana.texts[-2:] == ["satu", "dua"]


async def test_a_student_is_asked_to_write_before_it_closes() -> None:
    async with town() as t:
        ana, sari = await chatting(t)
        t.pass_time(DAY - 3600 + 1)
        await t.settle()
        card = await ana.wait_for("tetap tersambung", button="window:open")
        assert [title for title, _ in card.buttons] == ["Tetap tersambung"]
        await sari.wait_for("perlu menulis sebelum")
        await ana.press("window:open")
        await ana.wait_for("tersambung lagi")
        t.pass_time(7200)
        await sari.say("masih di sini")
        await ana.wait_for("masih di sini")
        assert ana.templates == []
        assert not any("window:" in text for text in sari.texts)


async def test_a_late_copy_of_an_old_message_takes_nothing_away() -> None:
    async with town(silence_move_seconds=86_400, silence_warn_seconds=86_400) as t:
        ana, sari = await chatting(t)
        t.pass_time(3600)
        await ana.say("baru")
        await t.settle()
        await ana.say("lama sekali", date=t.cloud.clock.now() - 23 * 3600)
        await t.settle()
        t.pass_time(DAY - 60)
        await sari.say("masih bisa")
        await ana.wait_for("masih bisa")


async def test_a_message_that_comes_a_day_late_opens_nothing() -> None:
    async with town(silence_move_seconds=86_400, silence_warn_seconds=86_400) as t:
        ana, sari = await chatting(t)
        t.pass_time(2 * DAY)
        await sari.say("menunggu")
        await t.settle()
        await ana.say("kukirim kemarin", date=t.cloud.clock.now() - DAY - 60)
        await sari.wait_for("kukirim kemarin")
        await t.settle()
        assert "menunggu" not in ana.texts


async def test_without_a_template_the_line_waits_and_its_sender_knows() -> None:
    async with town() as t:
        ana, sari = await chatting(t)
        t.cloud.settings.templates = set()
        t.pass_time(DAY + 1)
        await sari.say("halo?")
        await sari.wait_for("belum terkirim")
        await t.settle()
        assert ana.templates == [] and "WHATSAPP_TEMPLATE" in t.app.channels["whatsapp"].health.reason  # type: ignore[attr-defined]  # every channel with a platform has a health
        await ana.say("aku di sini")
        await ana.wait_for("halo?")


async def test_a_helper_sees_how_long_each_student_can_be_written_to() -> None:
    async with town() as t:
        _, sari = await chatting(t)
        await sari.say("/antrean")
        shown = await sari.wait_for("Ketik nomornya")
        assert "/1 " in shown.text and "WhatsApp sampai" in shown.text
        t.pass_time(DAY + 1)
        await sari.say("/antrean")
        await sari.wait_for("WhatsApp tertutup")


async def test_a_counselor_is_paged_at_night_by_template() -> None:
    """Somebody who never wrote to the number gets a template at once, the page itself with their answer, and a new
    template with the next page."""
    async with town() as t:
        await t.staff("counselor", "Rini", whatsapp="6282222222222")
        rini = t.cloud.person("6282222222222", "Rini")
        ana = t.cloud.person(name="Ana")
        await ana.say("aku mau bunuh diri malam ini")
        await t.until(lambda: rini.templates)
        await t.settle()
        assert [b.type for b in rini.inbox] == ["template"]
        for _ in range(5):
            t.pass_time(70)
            await t.settle()
        assert 2 <= len(rini.templates) <= 5
        await rini.press_template()
        page = await rini.wait_for("butuh konselor", button="case:ack")
        assert "aku mau bunuh diri malam ini" in page.text
        await rini.press("case:ack")
        await ana.wait_for("sudah membaca pesanmu")


async def test_a_page_that_nobody_can_be_invited_to_climbs_at_once() -> None:
    async with town() as t:
        t.cloud.settings.templates = set()
        await t.staff("counselor", "Rini", whatsapp="6282222222222")
        await t.staff("coordinator", "Joko", telegram="901")
        t.cloud.person("6282222222222", "Rini")
        joko = t.telegram.person(901, "Joko", started=True)
        ana = t.cloud.person(name="Ana")
        await ana.say("aku mau bunuh diri malam ini")
        await joko.wait_for(button="case:ack")


async def test_a_page_answered_elsewhere_is_not_delivered_late() -> None:
    async with town() as t:
        await t.staff("counselor", "Rini", telegram="801", whatsapp="6282222222222")
        rini, there = t.cloud.person("6282222222222", "Rini"), t.telegram.person(801, "Rini", started=True)
        ana = t.cloud.person(name="Ana")
        await ana.say("aku mau bunuh diri malam ini")
        await there.wait_for(button="case:ack")
        await t.until(lambda: rini.templates)
        await there.press("case:ack")
        await t.settle()
        await rini.say("/antrean")
        await t.settle()
        assert not any("butuh konselor" in text for text in rini.texts)


async def test_an_open_address_is_preferred_to_a_closed_window() -> None:
    """A supporter with both, last heard on WhatsApp two days ago, gets the offer on Telegram."""
    async with town() as t:
        await t.staff("supporter", "Sari", telegram="701", whatsapp="6281111111111")
        sari, there = t.telegram.person(701, "Sari", started=True), t.cloud.person("6281111111111", "Sari")
        await sari.say("/start")
        await t.settle()
        t.pass_time(60)
        await there.say("/on")
        await there.wait_for("berjaga sekarang")
        t.pass_time(2 * DAY)
        await t.settle()
        ana = t.cloud.person(name="Ana")
        await t.accompanied(ana)
        await sari.wait_for(button="offer:accept")
        assert there.templates == []
