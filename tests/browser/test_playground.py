"""The whole story on one page, from three sides."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Visit

DESKTOP = {"viewport": {"width": 1360, "height": 800}, "is_mobile": False, "has_touch": False}
INTAKE = ("Ya, lanjut", "18–21 tahun", "Ngobrol sama kakak", "Lewati", "7", "Lewati", "Lewati")


async def press(page: Page, side: str, *labels: str) -> None:
    for label in labels:
        button = page.locator(f"#{side} .choice:not([aria-disabled=true])").get_by_text(label, exact=True)
        await button.last.click()
        # Spent or pressed: either way it is no button to press any more.
        await expect(page.locator(f"#{side} .choice.pressed")).to_have_count(0)


async def hint(page: Page, number: int) -> str:
    """Take one of the two visible hints, and send it; its words."""
    element = page.locator("[data-say]").nth(number)
    await element.click()
    text = await page.locator("#student textarea").input_value()
    assert text == await element.get_attribute("data-say")
    await page.locator("#student .send").click()
    return text


async def test_the_story_from_three_sides(visit: Visit) -> None:
    page = await visit("/playground", **DESKTOP)
    student, supporter, counselor = (page.locator(f"#{side}") for side in ("student", "supporter", "counselor"))
    await student.get_by_role("button", name="Mulai", exact=True).click()
    await press(page, "student", *INTAKE)
    await press(page, "supporter", "Terima")
    worry = await hint(page, 0)
    await expect(supporter.get_by_text(worry)).to_be_visible()
    await supporter.locator("textarea").fill("Makasih sudah cerita.")
    await supporter.locator(".send").click()
    await expect(student.locator(".peer").get_by_text("Makasih sudah cerita.")).to_be_visible()
    crisis = await hint(page, 1)
    await expect(student.locator("a[href='tel:119,8']").last).to_be_visible()
    await expect(counselor.get_by_text(crisis)).to_be_visible()
    await press(page, "counselor", "Saya tangani")
    await expect(student.get_by_text("Bu Rini").first).to_be_visible()
    before = {side: await page.locator(f"#{side} .lines .text").all_inner_texts() for side in ("student", "counselor")}
    await page.reload()
    for side, told in before.items():
        await expect(page.locator(f"#{side} .lines .text")).to_have_text(told, use_inner_text=True)
    await page.get_by_role("button", name="Mulai dari awal").click()
    await expect(student.get_by_role("button", name="Mulai", exact=True)).to_be_visible()
    await expect(student.locator(".line")).to_have_count(0)
    await student.get_by_role("button", name="Mulai", exact=True).click()
    await press(page, "student", *INTAKE)
    await press(page, "supporter", "Terima")
    await expect(student.get_by_text("sudah di sini").first).to_be_visible()


async def test_on_a_phone_one_side_at_a_time_with_what_waits_on_the_others(visit: Visit) -> None:
    page = await visit("/playground")
    await expect(page.locator("#student")).to_be_visible()
    await expect(page.locator("#supporter")).to_be_hidden()
    await page.locator("#student").get_by_role("button", name="Mulai", exact=True).click()
    await press(page, "student", *INTAKE)
    tab = page.get_by_role("tab", name="Konselor sebaya")
    await expect(tab.locator(".badge")).to_be_visible()
    await tab.click()
    await expect(page.locator("#student")).to_be_hidden()
    await expect(tab).to_have_attribute("aria-selected", "true")
    await press(page, "supporter", "Terima")
    await expect(tab.locator(".badge")).to_be_hidden()
    await page.keyboard.press("Tab")
    await tab.focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#counselor")).to_be_visible()
    await page.locator("[data-say]").first.click()
    await expect(page.locator("#student")).to_be_visible()


async def test_what_a_visitor_reads_first(visit: Visit) -> None:
    page = await visit("/playground", **DESKTOP)
    await expect(page.locator("[data-say]")).to_have_count(2)
    for name in ("Pelajar", "Konselor sebaya", "Konselor"):
        await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    await expect(page.get_by_role("link", name="API admin")).to_have_attribute("href", "/api/docs")
