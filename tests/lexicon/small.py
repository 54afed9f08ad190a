"""A lexicon of two rules, which compiles at once, and what is changed of it."""

from __future__ import annotations

from typing import Any

from bot.acting import Acting
from bot.rules.changes import CHANGES, Change
from bot.rules.documents import parse_document
from bot.rules.rulebook import Rulebook
from bot.settings import load_settings
from bot.store.keys import key_text

NOW = 1_795_000_000_000
KEY = bytes(range(32))
DOCUMENT: dict[str, Any] = {
    "language": "id",
    "classes": {"wish": "mau, ingin", "self": "aku"},
    "spelling": {"wholes": "mati", "fillers": "sih"},
    "masks": [{"id": "lamp", "when": ["mati lampu"]}],
    "rules": [
        {"id": "die", "category": "suicide", "level": "high", "when": ["<wish> ..2 mati"],
         "matches": ["aku mau mati"], "does_not_match": ["mati lampu"]},
        {"id": "rope", "category": "suicide", "level": "imminent", "when": ["tali sudah siap"],
         "matches": ["tali sudah siap di kamar"], "does_not_match": ["tali sepatu"]},
    ],
}  # fmt: skip
FLY: dict[str, Any] = {
    "do": "rule", "language": "id",
    "rule": {"id": "fly", "category": "suicide", "level": "high", "when": ["terbang ke bintang"],
             "matches": ["aku mau terbang ke bintang"], "does_not_match": ["bintang film"]},
}  # fmt: skip
NO_ROPE = {"do": "disable", "entry": "rule:rope"}


def book() -> Rulebook:
    return Rulebook([parse_document("id/crisis.toml", DOCUMENT)], None)


def changes(*given: dict[str, Any]) -> list[Change]:
    return CHANGES.validate_python(list(given))


def acting(actor: str = "token:sari", now: int = NOW) -> Acting:
    return Acting(actor, now, load_settings(None, database_url="sqlite://", secret_keys=key_text([KEY])).zone)
