"""`sebaya trace`: the path of one message."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from cli import opening

if TYPE_CHECKING:
    from bot.traces import Outgoing, Trace

app = typer.Typer(add_completion=False)
LEVELS = ("none", "distress", "high", "imminent")
WIDTHS = (">23", ">9", "<20", "<28", "<8", "")
"""When, how long after it came, what, to whom, by which channel, how it stands."""


@app.command()
def trace(
    id: Annotated[str, typer.Argument(help="The number behind `trace` in the log, or the id of a case.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, times in ms.")] = False,
) -> None:
    """What became of one message: when it came, what it caused, to whom that was sent and when. Shows aliases and ids,
    no word of anybody. Changes nothing."""
    from bot import traces

    found = opening.settings()

    async def work() -> Trace:
        async with opening.opened(found) as store:
            return await store.read(lambda tx: traces.follow(tx, id))

    shown = opening.run(work())
    if as_json:
        from dataclasses import asdict

        import orjson

        typer.echo(orjson.dumps(asdict(shown), option=orjson.OPT_INDENT_2).decode())
        return
    typer.echo(_title(shown))
    for line in _lines(shown, found.zone):
        typer.echo("  ".join(f"{text:{width}}" for text, width in zip(line, WIDTHS, strict=True)).rstrip())


def _title(shown: Trace) -> str:
    what = shown.kind or "no message (a press, a status, or what was set aside)"
    level = f", level {LEVELS[shown.level]}" if shown.level is not None else ""
    fate = f", {shown.fate}" if shown.fate is not None else ""
    return f"{shown.id}: {what} of {shown.who or 'somebody'} on {shown.channel}{level}{fate}"


def _lines(shown: Trace, zone: ZoneInfo) -> list[tuple[str, ...]]:
    since = shown.received_at

    def line(at: int, *rest: str) -> tuple[int, tuple[str, ...]]:
        return at, (_exact(at, zone), _after(at - since), *rest)

    lines = [line(since, "received", "", shown.channel, shown.state)]
    if shown.aside is not None:
        lines.append(line(since, "set aside", "", "", shown.aside))
    for case in shown.cases:
        if case.opened_at >= since:
            lines.append(line(case.opened_at, "case opened", "", "", case.id))
        if case.acknowledged_at:
            lines.append(line(case.acknowledged_at, "case acknowledged", case.owner or "", "", case.state))
        if case.resolved_at:
            lines.append(line(case.resolved_at, "case resolved", "", "", case.id))
    for row in shown.outgoing:
        to = f"{row.to or '(erased)'}{f' ({row.role})' if row.role else ''}"
        lines.append(line(row.queued_at, _what(row), to, row.channel or "", _end(row)))
    lines += [line(each.at, f"{each.what} to come", "", "", each.kind) for each in shown.waiting]
    return [texts for _at, texts in sorted(lines, key=lambda each: each[0])]


def _what(row: Outgoing) -> str:
    page = row.cls == "crisis" and row.role is not None and row.case is not None
    return f"{'page' if page else row.kind} #{row.row}" + (" crisis" if row.cls == "crisis" and not page else "")


def _end(row: Outgoing) -> str:
    tries = f", after {row.attempts} attempts" if row.attempts else ""
    reason = f" ({row.reason})" if row.reason else ""
    if row.sent_at is not None:
        seen = ", delivered" if row.delivered_at is not None else ""
        return f"{row.status} {_after(row.sent_at - row.queued_at)} later{seen}{reason}{tries}"
    return f"{row.status}{reason}{tries}"


def _exact(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _after(ms: int) -> str:
    return f"{ms} ms" if abs(ms) < 10_000 else f"{ms / 1000:.0f} s"
