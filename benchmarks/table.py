"""One measured line of the table, and how the table is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. `kept` None: no budget stands on it, it is for the reader."""

    id: str
    what: str
    value: str
    budget: str = ""
    kept: bool | None = None


def middle(values: Iterable[float]) -> float:
    """The median."""
    return median(list(values))


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` (0..1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def show(figures: Iterable[Figure]) -> bool:
    """Print the table; False when a budget was missed."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Sebaya: what it costs (this run, this machine)", show_lines=False)
    for name in ("id", "what", "measured", "budget", ""):
        table.add_column(name, overflow="fold")
    good = True
    for one in figures:
        mark = "" if one.kept is None else ("kept" if one.kept else "MISSED")
        good = good and one.kept is not False
        table.add_row(one.id, one.what, one.value, one.budget, mark)
    Console().print(table)
    return good
