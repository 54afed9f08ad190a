"""`python -m benchmarks.triage_peers FILE.jsonl [EVERYDAY.txt ...]`: triage beside what else can be had.

The peers are packages from PyPI that are none of Sebaya's dependencies: whoever wants them in the table installs
them first (`pip install cogno-aegis pantheon-guardrails`, both Apache-2.0); one that is missing is left out. The
keyword list is what a first afternoon writes.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.rules import load_rules
from bot.words import LOCALES
from flows.crisis.screen import screen

WORDS = (
    "bunuh diri|bundir|mau mati|pengen mati|ingin mati|gantung diri|akhiri hidup|mengakhiri hidup|self harm|nyilet|"
    "diperkosa|dilecehkan|dipukul|suicide|suicidal|kill myself|want to die|end my life|cut myself|raped|overdose"
)
Asked = Callable[[str], bool]


def peers() -> dict[str, Asked]:
    """Every judge that is at hand, by name: whether it would raise an alarm at a text."""
    matcher = load_rules(LOCALES)
    rules = replace(matcher, net=None)
    keywords = re.compile(rf"\b(?:{WORDS})\b", re.IGNORECASE)
    found: dict[str, Asked] = {
        "sebaya": lambda text: screen(text, matcher).crisis,
        "sebaya, rules alone": lambda text: screen(text, rules).crisis,
        "a keyword list of 21": lambda text: keywords.search(text) is not None,
    }
    try:
        aegis = importlib.import_module("cogno_aegis.safety")
        patterns = [re.compile(rule.pattern, re.IGNORECASE) for rule in aegis.DEFAULT_CRISIS_RULES]
        found["cogno-aegis"] = lambda text: any(pattern.search(text) for pattern in patterns)
    except ImportError:
        pass
    try:
        protocol = importlib.import_module("pantheon_guardrails.crisis").CrisisProtocol()
        found["pantheon-guardrails"] = lambda text: bool(protocol.check(text).triggered)
    except ImportError:
        pass
    return found


def main(arguments: list[str]) -> int:
    if not arguments:
        print((__doc__ or "").splitlines()[0], file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in Path(arguments[0]).read_text(encoding="utf-8").splitlines() if line.strip()]
    everyday = [line for file in arguments[1:] for line in Path(file).read_text(encoding="utf-8").splitlines() if line]
    table = Table("", "recall", "imminent", "precision", "disguised", *(["flags/1,000 everyday"] if everyday else []))
    for name, asked in peers().items():
        heard = [asked(row["text"]) for row in rows]
        grave = [got for got, row in zip(heard, rows, strict=True) if row["label"] in ("high", "imminent")]
        soon = [got for got, row in zip(heard, rows, strict=True) if row["label"] == "imminent"]
        masked = [got for got, row in zip(heard, rows, strict=True) if row["kind"] == "obfuscated"]
        cells = [
            f"{sum(grave) / max(1, len(grave)):.2f}",
            f"{sum(soon) / max(1, len(soon)):.2f}",
            f"{sum(grave) / max(1, sum(heard)):.2f}",
            f"{sum(masked)} of {len(masked)}",
        ]
        if everyday:
            cells.append(f"{1000 * sum(map(asked, everyday)) / len(everyday):.1f}")
        table.add_row(name, *cells)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
