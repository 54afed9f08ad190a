"""A headless Chromium, and the service on loopback."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

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
LOUD = ("error", "warning")
PHONE = {"viewport": {"width": 360, "height": 720}, "is_mobile": True, "has_touch": True}


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


class Visit:
    """Opens pages, each in a browser of its own, on a phone unless told otherwise. Whatever a page complains about (a
    script's error, a broken policy) fails the test, unless the test has caused it and forgives it."""

    def __init__(self, chromium: Browser, url: str) -> None:
        self._chromium = chromium
        self._url = url
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def __call__(self, path: str = "/chat", **more: Any) -> Page:
        context = await self._chromium.new_context(**{"base_url": self._url, "locale": "id-ID", **PHONE, **more})
        self._contexts.append(context)
        context.on("page", self._hear)
        page = await context.new_page()
        await page.goto(path)
        return page

    def _hear(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type in LOUD else None)

    def forgive(self, word: str) -> None:
        """What the browser says of a line that the test itself has cut, or of an answer that it wanted."""
        self.complaints = [one for one in self.complaints if word not in one]

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


@pytest.fixture
async def visit(chromium: Browser, house: House) -> AsyncIterator[Visit]:
    visiting = Visit(chromium, house.url)
    yield visiting
    await visiting.close()
    assert visiting.complaints == []


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
