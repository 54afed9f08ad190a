"""Every word that a page shows stands in the catalogues; and what the directory offers can be tapped."""

import re
from pathlib import Path

import pytest

import admin_api
from admin_api.page_words import PURPOSES, contact, linked
from bot.words import LOCALES, Words, read_catalogue
from flows.facts import Number

HERE = Path(admin_api.__file__).parent
TEMPLATES = "".join(path.read_text("utf-8") for path in sorted((HERE / "templates").glob("*.html")))
SCRIPTS = "".join(path.read_text("utf-8") for path in sorted((HERE / "static" / "chat").glob("*.js")))
MADE = {  # keys put together from parts
    *(f"web.play.{role}{more}" for role in ("student", "supporter", "counselor") for more in ("", ".why")),
    *(f"web.help.for.{purpose}" for purpose in PURPOSES),
    *(f"web.js.state_{state}" for state in ("live", "waiting", "gone")),
    *(f"web.js.refused_{code}" for code in ("too_long", "media", "large")),
    *("web.js.sending", "web.js.unsent"),
}


def used() -> set[str]:
    said = set(re.findall(r"""\bt\(["'](web(?:\.[a-z_]+)+)["']""", TEMPLATES))
    spoken = {
        f"web.js.{key}"
        for call in re.findall(r"\bword\(([^;]*?)\)", SCRIPTS)
        for key in re.findall(r'"([a-z_]+)"', call)
    }
    return said | spoken | MADE


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_word_is_missing(language: str) -> None:
    known = set(read_catalogue(LOCALES / language / "bot.po", language).texts)
    assert used() - known == set()


def test_no_word_is_left_over() -> None:
    known = {key for key in Words().keys() if key.startswith("web.")}  # noqa: SIM118  # a method, not a mapping
    assert known - used() == set()


@pytest.mark.parametrize(
    ("kind", "said", "href"),
    [
        ("phone", "119 ext 8", "tel:119,8"),
        ("phone", "0800-1500-119", "tel:08001500119"),
        ("phone", "(021) 500 454", "tel:021500454"),
        ("whatsapp", "+628111129129", "https://wa.me/628111129129"),
        ("whatsapp", "08111-129-129", "https://wa.me/628111129129"),
        ("web and WhatsApp", "https://www.healing119.id", "https://www.healing119.id"),
        ("web", "http://tanpa-kunci.id", ""),
        ("web", "javascript:alert(1)", ""),
        ("office", "Gedung B lantai 2", ""),
    ],
)
def test_how_a_number_is_reached(kind: str, said: str, href: str) -> None:
    assert contact(Number("nama", said, kind, "2025-01-01")).href == href


def test_the_longest_number_is_looked_for_first() -> None:
    both = [contact(Number("a", "119", "phone", "")), contact(Number("b", "119 ext 8", "phone", ""))]
    assert linked(both).index("119 ext 8") < linked(both).index('"119"')


def test_a_purpose_is_said_in_our_own_words() -> None:
    assert contact(Number("a", "1", "phone", "", what_for="suicide, mental health")).purpose == "mind"
    assert contact(Number("a", "1", "phone", "", what_for="violence against women")).purpose == "violence"
    assert contact(Number("a", "1", "phone", "", what_for="lost dogs")).purpose == ""
