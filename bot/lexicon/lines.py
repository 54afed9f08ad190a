"""The labelled lines that a changed lexicon is tried on: those of the project, and the examples that counselors kept.

In the repository they stand once, in tests/crisis/data; a wheel carries them in locales/crisis-eval (pyproject.toml).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.rules.documents import RulesError
from bot.rules.training import everyday
from flows.crisis.assessment import Category, Level

ROOT = Path(__file__).resolve().parents[2]
PLACES = (ROOT / "locales" / "crisis-eval", ROOT / "tests" / "crisis" / "data")
LABELLED = ("dev.jsonl", "lines.jsonl")
EVERYDAY = "everyday.toml"
PLAIN = {"id": 1200, "jv": 400, "su": 400}
"""How many everyday sentences are generated of each language, to count false flags."""


@dataclass(frozen=True, slots=True)
class Line:
    """One text and what it should be assessed as. `origin`: shipped, marked, or example (of an imminent rule)."""

    text: str
    level: Level
    category: str
    language: str
    origin: str = "shipped"


def _folder() -> Path:
    for place in PLACES:
        if (place / LABELLED[0]).is_file():
            return place
    raise RulesError("the labelled lines for dry runs are missing: install Sebaya again")


@cache
def labelled() -> tuple[Line, ...]:
    """The project's labelled lines. Raises RulesError where they cannot be read."""
    return tuple(line for name in LABELLED for line in _read(_folder() / name))


def _read(file: Path) -> Iterable[Line]:
    for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not text.strip():
            continue
        try:
            raw = json.loads(text)
            yield Line(str(raw["text"]), Level.of(raw["label"]), Category(raw.get("category") or "none").value,
                       str(raw.get("lang", "")))  # fmt: skip
        except (ValueError, KeyError, TypeError):
            raise RulesError(f"{file.name}, line {number} is no evaluation line") from None


@cache
def plain() -> tuple[str, ...]:
    """Generated everyday sentences: nobody in them is in danger."""
    return tuple(everyday(_folder() / EVERYDAY, PLAIN))
