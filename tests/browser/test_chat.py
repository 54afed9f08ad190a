"""The web chat on a phone: what a student sees and does, with a bad line too."""

import pytest
from playwright.async_api import Page, Route, expect

from bot.webchat import sessions
from tests.browser.conftest import Visit, lines, say, start
from tests.webchat.house import Guest, House, has, offers, walk

NO_NET = "net::ERR_"


async def token_of(page: Page) -> str:
    token: str = await page.evaluate("sessionStorage['catatan.token'] ?? localStorage['catatan.token']")
    return token


async def act(page: Page, label: str) -> None:
    """Tap the own line, and what it then offers. An answer that comes in just then moves the line from under the
    finger; so would a person tap again."""
    line = page.locator(".mine")
    for _ in range(10):
        if "open" in (await line.get_attribute("class") or "").split():
            break
        await line.locator(".text").tap()
    await line.get_by_role("button", name=label).click()


async def test_from_the_first_look_to_a_choice(visit: Visit) -> None:
    page = await visit()
    assert await page.title() == "Catatan"
    await expect(page.get_by_role("heading", name="Hai, mau cerita?")).to_be_visible()
    await start(page)
    await expect(page.get_by_role("heading", name="Hai, mau cerita?")).to_be_hidden()
    await page.get_by_role("button", name="Ya, lanjut").click()
    await expect(page.get_by_role("button", name="18–21 tahun")).to_be_visible()
    await expect(page.get_by_role("button", name="Ya, lanjut")).to_have_count(0)
    assert not any(line == "/start" for line in await lines(page))


async def test_enter_makes_a_line_on_a_phone_and_sends_on_a_desktop(visit: Visit) -> None:
    phone = await visit()
    await phone.locator("textarea").press_sequentially("satu")
    await phone.locator("textarea").press("Enter")
    await phone.locator("textarea").press_sequentially("dua")
    assert await phone.locator("textarea").input_value() == "satu\ndua"
    desktop = await visit(is_mobile=False, has_touch=False, viewport={"width": 1200, "height": 800})
    await desktop.locator("textarea").press_sequentially("satu")
    await desktop.locator("textarea").press("Shift+Enter")
    await desktop.locator("textarea").press_sequentially("dua")
    await desktop.locator("textarea").press("Enter")
    await expect(desktop.locator(".mine .text")).to_have_text("satu\ndua")
    assert await desktop.locator("textarea").input_value() == ""


async def test_a_reload_shows_the_same_once(visit: Visit) -> None:
    page = await visit()
    await start(page)
    await say(page, "aku bingung harus mulai dari mana")
    await expect(page.locator(".mine .tick")).to_have_count(1)
    await expect(page.locator(".line").last).not_to_have_class("mine")
    before = await lines(page)
    for _ in range(2):
        await page.reload()
        await expect(page.locator(".mine")).to_have_count(1)
        await expect(page.locator(".line")).to_have_count(len(before))
        assert await lines(page) == before


async def test_what_is_written_without_a_line_waits_visibly_and_leaves_once(visit: Visit, house: House) -> None:
    page = await visit()
    await start(page)
    await page.context.set_offline(True)
    await say(page, "ditulis luring satu")
    await say(page, "ditulis luring dua")
    await expect(page.get_by_text("belum terkirim")).to_have_count(2)
    await expect(page.locator(".quiet")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("belum terkirim")).to_have_count(0)
    await expect(page.locator(".quiet")).to_be_hidden()
    guest = Guest(house, await token_of(page))
    await guest.read(has("luring dua"))
    assert [text for text in guest.texts() if "luring" in text] == ["ditulis luring satu", "ditulis luring dua"]
    assert [text for text in await lines(page) if "luring" in text] == ["ditulis luring satu", "ditulis luring dua"]
    visit.forgive(NO_NET)


async def test_unsent_lines_outlive_a_reload(visit: Visit, house: House) -> None:
    page = await visit()
    await start(page)
    broken = True

    async def cut(route: Route) -> None:
        await (route.abort() if broken else route.continue_())

    await page.route("**/chat/messages", cut)
    await say(page, "jangan hilang ya")
    await expect(page.get_by_text("belum terkirim")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("jangan hilang ya")).to_be_visible()
    broken = False
    await expect(page.locator(".mine .tick")).to_have_count(1)
    guest = Guest(house, await token_of(page))
    await guest.read(has("jangan hilang"))
    assert sum("jangan hilang" in text for text in guest.texts()) == 1
    visit.forgive(NO_NET)


async def test_an_answer_that_was_lost_makes_no_second_line(visit: Visit, house: House) -> None:
    page = await visit()
    await start(page)
    tries = 0

    async def lose(route: Route) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await route.fetch()  # the service has it; the browser never hears so
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/chat/messages", lose)
    await say(page, "sekali saja")
    await expect(page.locator(".mine .tick")).to_have_count(1)
    await expect(page.get_by_text("belum terkirim")).to_have_count(0)
    await say(page, "lalu ini")
    await expect(page.locator(".mine .tick")).to_have_count(2)
    assert tries >= 3
    assert [text for text in await lines(page) if text in ("sekali saja", "lalu ini")] == ["sekali saja", "lalu ini"]
    guest = Guest(house, await token_of(page))
    await guest.read(has("lalu ini"))
    assert sum(text == "sekali saja" for text in guest.texts()) == 1
    visit.forgive(NO_NET)


async def test_what_came_while_the_stream_was_cut_appears_once(visit: Visit, house: House) -> None:
    page = await visit()
    await start(page)
    await page.context.set_offline(True)
    await expect(page.locator(".quiet")).to_be_visible()
    other = Guest(house, await token_of(page))
    await other.say("dari jendela lain")
    async with page.expect_request("**/chat/events") as resumed:
        await page.context.set_offline(False)
    request = await resumed.value
    assert "." in (await request.header_value("last-event-id") or "")  # not all of it again
    await expect(page.get_by_text("dari jendela lain")).to_have_count(1)
    ids = await page.locator(".line").evaluate_all("all => all.map(one => one.dataset.id)")
    assert len(ids) == len(set(ids))
    visit.forgive(NO_NET)


async def test_a_text_that_is_too_long_stays_in_the_box(visit: Visit) -> None:
    page = await visit()
    await start(page)
    await page.locator("textarea").fill("a" * 7_600)
    await expect(page.locator(".count")).to_have_text("Sisa 400 huruf")
    await page.locator("textarea").fill("a" * 8_004)
    await expect(page.locator(".count")).to_contain_text("Kelebihan 4 huruf")
    await expect(page.locator(".send")).to_be_disabled()
    assert len(await page.locator("textarea").input_value()) == 8_004
    await page.locator("textarea").fill("a" * 8_000)
    await page.locator(".send").click()
    await expect(page.locator(".mine .tick")).to_have_count(1)


async def test_a_line_that_the_service_refuses_returns_to_the_box(visit: Visit) -> None:
    page = await visit()
    await start(page)

    async def refuse(route: Route) -> None:
        await route.fulfill(status=422, json={"code": "too_long"})

    await page.route("**/chat/messages", refuse)
    await say(page, "terlalu panjang katanya")
    await expect(page.locator(".toast")).to_contain_text("terlalu panjang")
    await expect(page.locator(".mine")).to_have_count(0)
    assert await page.locator("textarea").input_value() == "terlalu panjang katanya"
    visit.forgive("422")


async def test_the_quick_way_out(visit: Visit, house: House) -> None:
    page = await visit()
    await start(page)
    token = await token_of(page)
    await page.get_by_role("button", name="Keluar cepat").click()
    await expect(page.locator("table")).to_be_visible()
    assert page.url == f"{house.url}/kalender"
    assert await page.title() == "Kalender"
    assert await page.evaluate("Object.keys(sessionStorage).length + Object.keys(localStorage).length") == 0
    await page.go_back()
    await expect(page.get_by_text("Hai, aku Sebaya")).to_have_count(0)
    await page.goto("/chat")
    await expect(page.get_by_role("heading", name="Hai, mau cerita?")).to_be_visible()
    guest = Guest(house, token)
    await page.wait_for_function(
        "token => fetch('/chat/typing', {method: 'POST', headers: {Authorization: `Bearer ${token}`, "
        "'Content-Type': 'application/json'}, body: '{}'}).then(answer => answer.status === 401)",
        arg=token,
    )
    assert (await guest.post("/chat/typing", {})).status_code == 401
    visit.forgive("401")


async def test_escape_twice_leaves_too_also_from_the_box_and_the_numbers(visit: Visit) -> None:
    page = await visit()
    await page.locator("textarea").click()
    await page.keyboard.press("Escape")
    await expect(page.locator("textarea")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("table")).to_be_visible()
    await page.goto("/chat")
    await page.get_by_role("button", name="Darurat", exact=True).click()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(page.locator("table")).to_be_visible()


async def test_a_revoked_session_ends_on_the_page(visit: Visit, house: House) -> None:
    page = await visit()
    await start(page)
    await page.locator("textarea").fill("belum sempat kukirim")
    session = await house.app.webchat.session(await token_of(page))
    assert session is not None
    await house.app.store.write(lambda tx: sessions.revoke(tx, session.address_id, house.app.clock()))
    await expect(page.get_by_text("sudah berakhir")).to_be_visible()
    await expect(page.locator(".composer")).to_be_hidden()
    await page.get_by_role("button", name="Mulai lagi").click()
    await expect(page.get_by_role("heading", name="Hai, mau cerita?")).to_be_visible()
    assert await page.locator("textarea").input_value() == "belum sempat kukirim"
    assert await lines(page) == []


async def test_remember_me_outlives_the_tab_and_is_off_unless_pressed(visit: Visit) -> None:
    page = await visit()
    await start(page)
    again = await page.context.new_page()
    await again.goto("/chat")
    await expect(again.get_by_role("heading", name="Hai, mau cerita?")).to_be_visible()
    await again.close()
    await page.get_by_label("Menu", exact=True).click()
    await page.get_by_label("Ingat aku").check()
    await expect(page.locator(".toast")).to_contain_text("diingat")
    again = await page.context.new_page()
    await again.goto("/chat")
    await expect(again.get_by_text("Hai, aku Sebaya")).to_be_visible()
    await say(page, "terlihat di dua tab")
    await expect(again.get_by_text("terlihat di dua tab")).to_have_count(1)


async def test_the_numbers_are_there_before_any_conversation(visit: Visit, house: House) -> None:
    page = await visit()
    await page.get_by_role("button", name="Darurat", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("link", name="119 ext 8")).to_have_attribute("href", "tel:119,8")
    await expect(dialog).to_contain_text("dicek")
    assert await page.evaluate("sessionStorage['catatan.token'] ?? null") is None
    await dialog.get_by_role("button", name="Panggil konselor").click()
    await expect(page.locator(".mine .text")).to_have_text("/darurat")
    await expect(page.locator(".mine .tick")).to_have_count(1)
    guest = Guest(house, await token_of(page))
    await guest.read(has("119"))
    assert len(await house.rows("SELECT id FROM cases WHERE source = 'danger'")) >= 1


async def test_numbers_that_the_service_names_can_be_tapped(visit: Visit) -> None:
    page = await visit()
    await start(page)
    await say(page, "aku mau mati aja")
    await expect(page.locator(".bot a[href='tel:119,8']").last).to_be_visible()


async def test_what_somebody_wrote_is_never_taken_for_a_page(visit: Visit) -> None:
    page = await visit()
    await start(page)
    text = "<img src=x onerror=\"document.title='ups'\"><b>tebal</b> & 'kutip' https://contoh.id"
    await say(page, text)
    await expect(page.locator(".mine .text")).to_have_text(text)
    assert await page.title() == "Catatan"
    assert await page.locator(".mine .bubble :is(img, b, a)").count() == 0


async def test_an_own_line_can_be_changed_and_answered(visit: Visit, house: House) -> None:
    page = await visit()
    await start(page)
    await say(page, "salh ketik")
    await expect(page.locator(".mine .tick")).to_have_count(1)
    await act(page, "Ubah")
    assert await page.locator("textarea").input_value() == "salh ketik"
    await say(page, "salah ketik")
    await expect(page.locator(".mine .text")).to_have_text("salah ketik")
    await expect(page.locator(".mine")).to_contain_text("diubah")
    guest = Guest(house, await token_of(page))
    await guest.read(has("salah ketik"))
    await act(page, "Balas")
    await say(page, "maksudku itu")
    await expect(page.locator(".mine .quote")).to_contain_text("salah ketik")


async def test_the_page_speaks_english(visit: Visit) -> None:
    page = await visit(locale="en-GB")
    assert await page.title() == "Notes"
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.get_by_text("Hi, I'm Sebaya")).to_be_visible()
    await page.get_by_label("Menu", exact=True).click()
    await page.get_by_role("link", name="Bahasa Indonesia").click()
    await expect(page.locator("textarea")).to_have_attribute("placeholder", "Tulis di sini…")


async def test_without_scripts_the_numbers_stand_there(visit: Visit) -> None:
    page = await visit(java_script_enabled=False)
    await expect(page.get_by_role("link", name="119 ext 8").first).to_be_visible()
    await expect(page.locator(".plain small").first).to_contain_text("dicek")


async def test_older_lines_come_on_request(visit: Visit, house: House) -> None:
    guest = await house.guest()
    await guest.say("/start")
    await walk(guest, "consent:no")
    for n in range(160):
        await guest.say(f"nomor {n:03d}")
    page = await visit()
    await page.evaluate("token => sessionStorage.setItem('catatan.token', token)", guest.token)
    await page.reload()
    await expect(page.get_by_text("nomor 159", exact=True)).to_be_visible()
    await expect(page.locator(".older")).to_be_visible()
    while await page.locator(".older").is_visible():
        count = await page.locator(".line").count()
        await page.locator(".older").click()
        await expect(page.locator(".line")).not_to_have_count(count)
    shown = [text for text in await lines(page) if text.startswith("nomor")]
    assert shown == [f"nomor {n:03d}" for n in range(160)]


async def test_a_photo_goes_up_and_is_shown(visit: Visit, house: House) -> None:
    from tests.webchat.test_media import photo

    guest = await house.guest()
    await guest.say("/start")
    await guest.read(offers("consent:yes"))
    page = await visit()
    await page.evaluate("token => sessionStorage.setItem('catatan.token', token)", guest.token)
    await page.reload()
    await expect(page.get_by_role("button", name="Ya, lanjut")).to_be_visible()
    await page.locator("input[type=file]").set_input_files(
        {"name": "liburan.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    await expect(page.locator(".mine .tick")).to_have_count(1)
    await page.reload()
    image = page.locator(".mine img")
    await expect(image).to_be_visible()
    await page.wait_for_function("() => document.querySelector('.mine img').naturalWidth === 40")
    await page.locator("input[type=file]").set_input_files(
        {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    await expect(page.locator(".toast")).to_contain_text("Jenis berkas ini")
    await expect(page.locator(".mine")).to_have_count(1)
    visit.forgive("415")


@pytest.mark.parametrize("chunk", [1, 3, 7, 1000])
async def test_the_stream_is_read_however_it_is_cut(visit: Visit, chunk: int) -> None:
    text = ': beat\n\nid: 1.2\nevent: line\ndata: {"a":1}\ndata: two\n\r\nevent: x\r\ndata:y\r\n\r\ndata: 😀\n\n'
    page = await visit()
    read = await page.evaluate(
        """async ([text, size]) => {
            const { Parser } = await import("/static/chat/sse.js");
            const parser = new Parser();
            const found = [];
            for (let at = 0; at < text.length; at += size) found.push(...parser.feed(text.slice(at, at + size)));
            return found;
        }""",
        [text, chunk],
    )
    assert read == [
        None,
        {"id": "1.2", "event": "line", "data": '{"a":1}\ntwo'},
        {"id": "1.2", "event": "x", "data": "y"},
        {"id": "1.2", "event": "message", "data": "😀"},
    ]
