"""The lines that show where help is: dated data of the directory, never a number that stands in code or in a text."""

from __future__ import annotations

from collections.abc import Iterable

from flows.facts import Facts, Number

SHOWN_IN_CRISIS = 3
SHOWN_NEAR = 12
ALWAYS = "24 h"
"""How the directory writes "at any hour"."""


def day(facts: Facts, language: str, iso: str) -> str:
    """A date as people write it in `language`: 20 Desember 2025."""
    year, month, date = iso[:10].split("-")
    return f"{int(date)} {facts.label(language, f'month.{int(month)}')} {year}"


def line(facts: Facts, language: str, number: Number) -> str:
    """One entry with the date of its last check."""
    key = "numbers.line.expired" if number.expired else "numbers.line"
    checked = day(facts, language, number.checked) if number.checked else facts.label(language, "numbers.undated")
    always = number.hours == ALWAYS
    hours = f", {facts.label(language, 'numbers.always') if always else number.hours}" if number.hours else ""
    return facts.label(
        language, key, {"name": number.name, "contact": number.contact, "checked": checked, "hours": hours}
    )


def _lines(facts: Facts, language: str, numbers: Iterable[Number]) -> str:
    return "\n".join(line(facts, language, n) for n in numbers)


def numbers_text(facts: Facts, category: str, site: str | None, language: str) -> str:
    """What a crisis answer shows: the best few numbers for this category, one a line, each with its date."""
    return _lines(facts, language, facts.numbers(category, site)[:SHOWN_IN_CRISIS])


def directory_text(facts: Facts, site: str | None, language: str) -> str:
    """What somebody who looks for help near them is shown; the numbers for a crisis when there is nothing else."""
    entries = facts.directory(site) or facts.numbers("none", site)
    return _lines(facts, language, entries[:SHOWN_NEAR])
