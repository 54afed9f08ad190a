"""The project's own rules, compiled once for all crisis tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rules import load_rules
from flows.crisis.screen import Matcher

LOCALES = Path(__file__).resolve().parents[2] / "locales"
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def matcher() -> Matcher:
    return load_rules(LOCALES)
