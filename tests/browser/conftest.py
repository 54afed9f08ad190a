"""A headless Chromium, and the service on loopback."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Response, async_playwright, expect

from bot.clock import system_clock
from tests.webchat.house import House, open_house

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 30_000
PHONE = {"viewport": {"width": 360, "height": 720}, "is_mobile": True, "has_touch": True}
Visit = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium was found: install one to run the browser tests")
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    async with open_house(system_clock) as opened:
        yield opened


@pytest.fixture
async def visit(chromium: Browser, house: House) -> AsyncIterator[Visit]:
    """Open a page in a browser of its own, on a phone unless told otherwise. Whatever the page complains about (a
    script's error, a broken policy) fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(page: Page) -> None:
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("response", remember)

    def remember(response: Response) -> None:
        assert "Bearer" not in response.url

    async def open_page(path: str = "/chat", **more: Any) -> Page:
        context = await chromium.new_context(**{"base_url": house.url, "locale": "id-ID", **PHONE, **more})
        contexts.append(context)
        context.on("page", hear)
        page = await context.new_page()
        await page.goto(path)
        return page

    open_page.complaints = complaints  # type: ignore[attr-defined]  # a test that breaks the line on purpose clears it
    yield open_page
    for context in contexts:
        await context.close()
    assert complaints == []


async def start(page: Page) -> None:
    """Begin a conversation, up to the question of consent."""
    await page.get_by_role("button", name="Mulai", exact=True).click()
    await expect(page.get_by_role("button", name="Ya, lanjut")).to_be_visible()


async def say(page: Page, text: str) -> None:
    await page.locator("textarea").fill(text)
    await page.get_by_role("button", name="Kirim", exact=True).click()


async def lines(page: Page) -> list[str]:
    """Every line on the page, as it stands there."""
    return await page.locator(".lines .text").all_inner_texts()
