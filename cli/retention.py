"""`sebaya retention`: what is older than RETENTION_DAYS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import opening

if TYPE_CHECKING:
    from bot.retention import Report

app = typer.Typer(add_completion=False, no_args_is_help=True)
NAMES = {
    "messages": "lines that came in", "outbox": "lines that left", "blobs": "uploads", "notes": "notes",
    "cases": "words of cases", "aside": "messages set aside and decided",
}  # fmt: skip


@app.callback()
def _group() -> None:
    """Words older than RETENTION_DAYS."""


@app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be erased.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Erase the words of what is older than RETENTION_DAYS now, as `serve` does every night at three. What was said,
    when, and what became of it stays, without words. Words of people with an open case or a place in the queue are kept
    until those end. Nobody can bring them back; backups from before still hold them."""
    from bot.retention import Retention
    from cli.errors import Failed
    from cli.progress import waiting
    from cli.shown import moment

    found = opening.settings()

    async def work() -> Report:
        async with opening.opened(found) as store:
            kept = Retention(store, clock=opening.now, zone=found.zone, days=found.retention_days)
            return await kept.run(opening.ACTOR, dry=dry_run)

    with waiting("Looking"):
        report = opening.run(work())
    if as_json:
        import orjson

        shown = {"before": report.before, "finished": report.finished, "dry_run": dry_run, "rows": dict(report.rows)}
        typer.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
    else:
        parts = ", ".join(f"{count} {NAMES[name]}" for name, count in report.rows.items() if count)
        verb = "Would erase" if dry_run else "Erased"
        since = moment(report.before, found.zone)
        typer.echo(f"{verb} {parts or 'nothing'}: words from before {since} ({found.retention_days} days).")
    if not report.finished:
        raise Failed("Another process is erasing right now: it goes on by itself; look again in a few minutes")
