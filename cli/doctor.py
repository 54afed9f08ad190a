"""`sebaya doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cli import opening

app = typer.Typer(add_completion=False)
MARKS = {"good": ("✓", "green"), "soon": ("!", "yellow"), "broken": ("✗", "red")}


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False) -> None:
    """Check settings, database, keys, channels against their platforms, rota, roster, directory and what waits; say how
    to mend each. Changes nothing. Fails when anything is broken."""
    from bot.doctor import examine
    from cli.errors import Failed
    from cli.progress import waiting

    found = opening.settings()
    with waiting("Looking"):
        findings = opening.run(examine(found, opening.env_file(), opening.now()))
    if as_json:
        import orjson

        typer.echo(orjson.dumps([asdict(each) for each in findings], option=orjson.OPT_INDENT_2).decode())
    else:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        for each in findings:
            mark, color = MARKS[each.state]
            said = Text(each.said)
            if each.mend:
                said.append(f"\n→ {each.mend}", style="bold" if each.state == "broken" else "")
            table.add_row(Text(mark, style=color), Text(each.about), said)
        Console().print(table)
    wrong = sum(each.state == "broken" for each in findings)
    if wrong:
        raise Failed(f"{wrong} to mend")
