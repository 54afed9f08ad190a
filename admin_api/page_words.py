"""What a page's script needs from the server: its words, and the numbers that become links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from bot.words import Words
from flows.facts import Number

SCRIPT = "web.js."
ALWAYS = ("24 h", "24 jam", "24/7")
PURPOSES = {
    "violence": ("violence", "abuse", "kekerasan"),
    "mind": ("suicide", "mental health", "kesehatan jiwa"),
    "emergency": ("emergency", "darurat"),
}
_PHONE = re.compile(r"[+0-9(][0-9 ()./-]*")


@dataclass(frozen=True, slots=True)
class Contact:
    """A number of the directory as a page shows it. `href` is empty where nothing can be tapped."""

    name: str
    contact: str
    href: str
    purpose: str  # the last part of the key web.help.for.*, or empty
    hours: str
    always: bool
    checked: str


def contact(number: Number) -> Contact:
    """A number with the link that reaches it."""
    always = number.hours.strip().lower() in ALWAYS
    return Contact(
        number.name, number.contact, href_of(number), purpose_of(number), number.hours, always, number.checked
    )


def purpose_of(number: Number) -> str:
    """What it is for, in words of ours: the directory's are English, and blunter than a frightened reader needs."""
    said = number.what_for.lower()
    return next((name for name, words in PURPOSES.items() if any(word in said for word in words)), "")


def href_of(number: Number) -> str:
    """tel: for phones, wa.me for WhatsApp, the address itself for pages of the web; else empty."""
    said = number.contact.strip()
    kind = number.kind.lower()
    if said.startswith("https://"):
        return said
    found = _PHONE.match(said)
    digits = re.sub(r"[^0-9+]", "", found[0]) if found else ""
    if not digits:
        return ""
    if "whatsapp" in kind:
        return f"https://wa.me/{_international(digits)}"
    if "phone" not in kind:
        return ""
    extension = re.search(r"ext\.?\s*([0-9]+)", said, re.IGNORECASE)
    return f"tel:{digits}" + (f",{extension[1]}" if extension else "")


def _international(digits: str) -> str:
    return "62" + digits[1:] if digits.startswith("0") else digits.lstrip("+")


def linked(contacts: Iterable[Contact]) -> str:
    """The numbers that the script turns into links wherever the service itself names them, longest first."""
    pairs = {c.contact: c.href for c in contacts if c.href}
    longest = sorted(pairs, key=len, reverse=True)
    return orjson.dumps([{"text": text, "href": pairs[text]} for text in longest]).decode()


def script_words(words: Words, language: str) -> str:
    """All entries `web.js.*`, by what follows; a placeholder {n} is left for the script to fill."""
    known: frozenset[str] = words.keys()
    keys = sorted(key for key in known if key.startswith(SCRIPT))
    return orjson.dumps({key.removeprefix(SCRIPT): words.text(language, key, {"n": "{n}"}) for key in keys}).decode()
