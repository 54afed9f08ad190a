"""For everybody: small screens, dark rooms, screen readers, keyboards, and people whom movement makes ill."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

import admin_api
from tests.browser.conftest import Visit, say, start

THEME = Path(admin_api.__file__).parent / "static" / "theme.css"
PAIRS = (  # text on ground
    ("ink", "ground"), ("ink", "surface"), ("ink", "bot"), ("ink", "peer"), ("ink", "line"), ("ink", "accent-wash"),
    ("soft", "ground"), ("soft", "surface"), ("soft", "bot"), ("soft", "peer"),
    ("accent", "ground"), ("accent", "surface"), ("accent", "bot"), ("accent", "accent-wash"), ("on-accent", "accent"),
    ("on-mine", "mine"), ("mine-soft", "mine"), ("alarm", "alarm-wash"), ("alarm", "surface"), ("ground", "ink"),
)  # fmt: skip
TAP = 44  # px; WCAG 2.2, 2.5.5

UNNAMED = """() => [...document.querySelectorAll("button, a, input:not([type=file]), textarea, summary")]
    .filter(one => one.checkVisibility())
    .filter(one => !(one.ariaLabel || one.textContent.trim() || one.labels?.length))
    .map(one => one.outerHTML)"""
SMALL = """tap => [...document.querySelectorAll("button, summary, textarea, .pill")]
    .filter(one => one.checkVisibility() && !one.closest(".acts"))
    .map(one => [one.outerHTML, one.getBoundingClientRect()])
    .filter(([_, box]) => box.height < tap || box.width < tap)
    .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def colours(dark: bool) -> dict[str, str]:
    light, _, night = THEME.read_text("utf-8").partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    return {**found, **dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", night))} if dark else found


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_texts_stand_out(text: str, ground: str, dark: bool) -> None:
    known = colours(dark)
    low, high = sorted((luminance(known[text]), luminance(known[ground])))
    assert (high + 0.05) / (low + 0.05) >= 4.5


async def check(page: Page) -> None:
    assert await page.evaluate(UNNAMED) == []
    assert await page.evaluate(SMALL, TAP) == []
    assert not await page.evaluate(WIDE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_has_a_name_is_large_enough_and_fits(visit: Visit, scheme: str) -> None:
    page = await visit(color_scheme=scheme)
    await check(page)
    await start(page)
    await say(page, "aku" + "u" * 300)
    await expect(page.locator(".mine .tick")).to_have_count(1)
    await check(page)
    await page.get_by_role("button", name="Darurat", exact=True).click()
    await check(page)
    ground = await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    wanted = colours(scheme == "dark")["ground"]
    assert ground == f"rgb({', '.join(str(int(wanted[at : at + 2], 16)) for at in (1, 3, 5))})"


@pytest.mark.parametrize("path", ["/playground", "/kalender"])
async def test_the_other_pages_too(visit: Visit, path: str) -> None:
    page = await visit(path)
    await check(page)


async def test_a_screen_reader_hears_what_is_new_and_only_that(visit: Visit) -> None:
    page = await visit()
    await start(page)
    log = page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await page.evaluate(
        """() => {
            window.heard = [];
            const live = document.querySelector("[role=log]");
            new MutationObserver(all => {
                if (live.getAttribute("aria-live") === "off") return;
                for (const one of all) for (const node of one.addedNodes) heard.push(node.textContent);
            }).observe(live, {childList: true});
        }"""
    )
    await say(page, "hanya ini yang baru")
    await expect(page.locator(".mine .tick")).to_have_count(1)
    await expect(page.locator(".bot").last).to_be_visible()
    heard = await page.evaluate("() => heard")
    assert sum("hanya ini yang baru" in one for one in heard) == 1
    assert not any("Hai, aku Sebaya" in one for one in heard)
    assert all(speaker in "".join(heard) for speaker in ("Kamu:",))


async def test_the_past_is_filled_in_silently(visit: Visit) -> None:
    page = await visit()
    await start(page)
    await page.add_init_script(
        """window.spoken = 0;
        addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
            const live = document.querySelector("[role=log]");
            if (live?.getAttribute("aria-live") === "polite" && live.children.length === 0) return;
            if (live?.getAttribute("aria-live") === "polite" && !live.dataset.settled && live.ariaBusy !== "false")
                spoken += 1;
        }).observe(document.body, {childList: true, subtree: true}));"""
    )
    await page.reload()
    await expect(page.get_by_role("button", name="Ya, lanjut")).to_be_visible()
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert await page.evaluate("() => spoken") == 0


async def test_the_keyboard_goes_everywhere_in_order(visit: Visit) -> None:
    page = await visit(is_mobile=False, has_touch=False)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Langsung ke kotak tulis")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("textarea")).to_be_focused()
    await page.reload()
    seen = []
    for _ in range(7):
        await page.keyboard.press("Tab")
        seen.append(
            await page.evaluate("() => document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()")
        )
    assert [one[:6] for one in seen] == ["Langsu", "Menu", "Darura", "Keluar", "Percak", "Mulai", "Kirim "]


async def test_focus_stays_when_buttons_are_spent(visit: Visit) -> None:
    page = await visit(is_mobile=False, has_touch=False)
    await start(page)
    await page.get_by_role("button", name="Ya, lanjut").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="18–21 tahun")).to_be_visible()
    await expect(page.get_by_role("button", name="Ya, lanjut")).to_have_count(0)
    assert await page.evaluate("() => document.activeElement !== document.body")


async def test_nothing_moves_for_those_who_asked(visit: Visit) -> None:
    page = await visit(reduced_motion="reduce")
    await start(page)
    moving = "() => document.getAnimations().filter(one => one.effect.getTiming().duration > 1).length"
    assert await page.evaluate(moving) == 0


async def test_the_title_never_names_the_topic(visit: Visit) -> None:
    page = await visit()
    await start(page)
    for topic in ("sebaya", "konsel", "curhat", "crisis", "chat"):
        assert topic not in (await page.title()).lower()
