"""`sebaya diagrams` and `sebaya translations`."""

from __future__ import annotations

import shutil

from bot.diagrams import CHARTS, charts
from bot.words import LOCALES
from tests.cli.conftest import House


def test_every_state_of_every_flow_is_drawn() -> None:
    pages = charts()
    for name, (title, _place, flow) in CHARTS.items():
        page = pages[f"{name}.md"]
        assert f"# {title}" in page
        assert "```mermaid\nstateDiagram-v2\n" in page
        moving = {row.source for row in flow.rows if row.dest not in ("=", row.source)}
        for state in moving | set(flow.final):
            assert f" {state} " in page or f" {state}:" in page or f" {state}\n" in page, (name, state)


def test_the_ladder_climbs_as_the_contract_says() -> None:
    page = charts()["ladder.md"]
    high, imminent, nobody, violence = page.split("\n## ")[1:]
    assert '"0 s: primary counselor"' in high
    assert '"1 min: backup counselor"' in high
    assert '"2 min: all counselors"' in high
    assert '"3 min: coordinator + outside hook"' in high
    assert '"0 s: primary counselor + backup counselor"' in imminent
    assert '"0 s: all counselors"' in nobody
    assert '"0 s: counselor off duty"' in violence


def test_written_pages_are_found_fresh_and_changed_ones_stale(house: House) -> None:
    folder = house.folder / "diagrams"
    assert house.bare("diagrams", str(folder), "--check").status == 1
    assert house.bare("diagrams", str(folder)).status == 0
    assert {path.name for path in folder.iterdir()} == set(charts())
    assert house.bare("diagrams", str(folder), "--check").status == 0
    page = folder / "chat.md"
    page.write_text(page.read_text() + "x")
    done = house.bare("diagrams", str(folder), "--check")
    assert done.status == 1
    assert "chat.md" in done.err
    assert page.read_text().endswith("x")
    assert house.bare("diagrams", str(folder)).out.startswith("1 pages written")


def test_the_catalogues_of_the_project_are_complete(house: House) -> None:
    done = house.bare("translations")
    assert (done.status, done.err) == (0, "")
    assert "en, id" in done.out


def test_a_missing_key_is_named(house: House) -> None:
    folder = house.folder / "locales"
    for language in ("id", "en"):
        shutil.copytree(LOCALES / language, folder / language)
    english = folder / "en" / "bot.po"
    text = english.read_text(encoding="utf-8")
    assert 'msgid "fallback"' in text
    english.write_text(text.replace('msgid "fallback"', 'msgid "fallback.other"'), encoding="utf-8")
    done = house.bare("translations", "--locales", str(folder))
    assert done.status == 1
    assert "en: fallback is missing" in done.out
    assert "id: fallback.other is missing" in done.out
