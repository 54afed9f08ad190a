"""`sebaya lexicon`: look at the crisis rules, try and change them, bring an earlier version back."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cli import opening

if TYPE_CHECKING:
    from bot.acting import Acting
    from bot.lexicon.service import Lexicon
    from bot.lexicon.trial import Trial
    from bot.rules.rulebook import Rulebook
    from bot.store.db import Store, Tx

app = typer.Typer(add_completion=False, no_args_is_help=True)
T = TypeVar("T")
File = Annotated[str, typer.Argument(help="A JSON list of changes, or - for stdin; see docs/lexicon.md.")]
Draft = Annotated[str, typer.Argument(help="The proposal's id, as `sebaya lexicon proposals` shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, without names.")]
ID = {"ignore_unknown_options": True}  # an id may begin with a hyphen


@cache
def _book() -> Rulebook:
    from bot.rules.rulebook import Rulebook
    from bot.words import LOCALES

    return Rulebook.read(LOCALES)


def _store(job: Callable[[Tx, Acting], T]) -> T:
    """Do something in the store that needs no rules."""
    found = opening.settings()

    async def run() -> T:
        async with opening.opened(found) as store:
            return await store.write(lambda tx: job(tx, opening.acting(found)))

    return opening.run(run())


def _with(work: Callable[[Lexicon, Store, Acting], Awaitable[T]]) -> T:
    """Do something with the lexicon in force; whoever serves hears of a new version within seconds."""
    from bot.lexicon.service import Lexicon

    found = opening.settings()

    async def run() -> T:
        async with opening.opened(found) as store:
            lexicon = Lexicon(store, _book())
            await lexicon.refresh()
            if lexicon.trouble:
                typer.echo(f"Attention: {lexicon.trouble}.", err=True)
            return await work(lexicon, store, opening.acting(found))

    return opening.run(run())


def _changes(file: str) -> list[Any]:
    """The changes of a file. Raises Failed naming the place."""
    from pydantic import ValidationError

    from bot.rules.changes import CHANGES
    from cli.errors import UNUSABLE, Failed

    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Failed(f"Cannot read {file}: {error.strerror}; name a readable file, or - for stdin", UNUSABLE) from None
    try:
        return CHANGES.validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise Failed(f"changes.{place}: {first['msg']}", UNUSABLE) from None


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option("--kind", help="rule, class or idiom.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="id, en, jv, su.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="suicide, self_harm, abuse ...")] = None,
    level: Annotated[str | None, typer.Option("--level", help="distress, high or imminent.")] = None,
    origin: Annotated[str | None, typer.Option("--origin", help="shipped, edited, added or disabled.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="Only with this in it.")] = None,
) -> None:
    """Rules, word classes and fixed expressions in force."""
    from rich.console import Console
    from rich.table import Table

    from bot.lexicon import entries

    filters: dict[str, object] = {
        "kind": kind, "language": language, "category": category, "level": level, "origin": origin, "text": text,
    }  # fmt: skip

    async def work(lexicon: Lexicon, _store: Store, _acting: Acting) -> list[entries.Entry]:
        found = entries.entries(lexicon.book.documents, lexicon.overlay)
        return sorted((one for one in found if entries.wanted(one, filters)), key=lambda one: one.id)

    table = Table("id", "language", "category", "level", "origin", "holds")
    for one in _with(work):
        size = f"{len(one.when)} patterns" if one.when else f"{len(one.words) + len(one.added) + len(one.verbs)} words"
        table.add_row(one.id, one.language, one.category or "", one.level or "", one.origin, size)
    Console().print(table)


@app.command()
def show(entry: Annotated[str, typer.Argument(help="rule:<id>, idiom:<id> or class:<language>/<name>.")]) -> None:
    """One entry with its examples, and where it comes from, as JSON."""
    from dataclasses import asdict

    from bot.lexicon import entries

    async def work(lexicon: Lexicon, store: Store, _acting: Acting) -> dict[str, Any]:
        found = entries.one(lexicon.book.documents, lexicon.overlay, entry)
        since = await store.read(lambda tx: entries.since(tx, lexicon.overlay, lexicon.number, entry))
        return {**asdict(found), "version": None if since is None else asdict(since)}

    typer.echo(json.dumps(_with(work), ensure_ascii=False, indent=1))


@app.command("try")
def try_(text: Annotated[str, typer.Argument(help="What somebody might write; it is kept nowhere.")]) -> None:
    """What the rules in force here, edited ones included, make of a text."""

    async def work(lexicon: Lexicon, _store: Store, _acting: Acting) -> dict[str, Any]:
        found, why = lexicon.explain(text)
        return {
            "level": found.level.word, "category": found.category.value, "about": found.about.value,
            "hits": [{"rule": hit.rule, "level": hit.level.word, "words": hit.words, "start": hit.start,
                      "end": hit.end} for hit in found.hits],
            "modifiers": list(found.modifiers), "read_as": why.read_as, "net": list(why.net_reasons),
            "fingerprint": found.version, "version": lexicon.number,
        }  # fmt: skip

    typer.echo(json.dumps(_with(work), ensure_ascii=False, indent=1))


@app.command("dry-run")
def dry_run(
    file: File, as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False
) -> None:
    """What changes would do to the labelled lines and the kept examples. Changes nothing."""
    from dataclasses import asdict

    changes = _changes(file)

    async def work(lexicon: Lexicon, _store: Store, _acting: Acting) -> Trial:
        return await lexicon.dry_run(changes)

    found = _with(work)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    _print(found)


def _print(found: Trial) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table("", "now", "then")
    for name in ("recall_high", "recall_imminent", "precision", "flags_per_1000", "us_per_message"):
        table.add_row(name, str(getattr(found.before, name)), str(getattr(found.after, name)))
    console.print(table)
    console.print(f"{found.fires} would page, {found.falls_silent} fall silent, {found.other_level} change their level")
    for each in found.moved[:40]:
        console.print(Text(f"  {each.before} -> {each.after}  ({each.origin}, {each.label})  {each.text}"))
    if len(found.moved) > 40:
        console.print(f"  and {len(found.moved) - 40} more: see --json")
    for text in found.silenced:
        console.print(Text(f"  imminent, and nobody would be paged: {text}", style="bold red"))
    for fault in found.broken:
        console.print(Text(f"  {fault}", style="red"))


@app.command()
def propose(file: File, reason: Reason) -> None:
    """Keep changes as a proposal, checked like the shipped files. Prints its id as the last word."""
    changes = _changes(file)

    async def work(lexicon: Lexicon, _store: Store, acting: Acting) -> str:
        return (await lexicon.propose(acting, changes, reason)).id

    typer.echo(f"Proposed: {_with(work)}")


@app.command()
def proposals() -> None:
    """What is proposed and not decided."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from bot.lexicon import drafts
    from bot.lists import Ask
    from cli.shown import moment

    def job(tx: Tx, _acting: Acting) -> list[drafts.Draft]:
        return list(drafts.listed(tx, Ask(limit=drafts.MOST_OPEN, filters={"state": "open"})).items)

    zone = opening.settings().zone
    table = Table(Column("id", no_wrap=True), "when", "by", "changes", "reason")
    for one in _store(job):
        table.add_row(Text(one.id), moment(one.proposed_at, zone), one.proposed_by, str(len(one.changes)), one.reason)
    Console().print(table)


@app.command(context_settings=ID)
def withdraw(draft: Draft) -> None:
    """Close a proposal without publishing it."""

    async def work(lexicon: Lexicon, _store: Store, acting: Acting) -> None:
        await lexicon.withdraw(acting, draft)

    _with(work)
    typer.echo("Withdrawn.")


@app.command(context_settings=ID)
def publish(
    draft: Draft,
    reason: Annotated[str, typer.Option("--reason", help="Why; the proposal's reason if left out.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Although imminent texts fall silent; needs --reason.")
    ] = False,
) -> None:
    """Put a proposal in force, in every process within seconds."""

    async def work(lexicon: Lexicon, _store: Store, acting: Acting) -> int:
        return (await lexicon.publish(acting, draft, reason=reason, force=force)).number

    typer.echo(f"Version {_with(work)} is published.")


@app.command()
def versions() -> None:
    """The last published versions, newest first."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bot.lexicon import versions as rows
    from bot.lists import Ask
    from cli.shown import moment

    def job(tx: Tx, _acting: Acting) -> list[rows.Version]:
        return list(rows.listed(tx, Ask(limit=50)).items)

    zone = opening.settings().zone
    table = Table("version", "when", "by", "proposed by", "brings back", "rules", "reason")
    for one in _store(job):
        table.add_row(
            str(one.number), moment(one.published_at, zone), one.published_by, one.proposed_by,
            "" if one.restores is None else str(one.restores), one.fingerprint,
            Text(f"{'forced: ' if one.forced else ''}{one.reason}"),
        )  # fmt: skip
    Console().print(table)


@app.command()
def rollback(
    number: Annotated[int, typer.Argument(min=0, help="The version to bring back; 0 is the lexicon as shipped.")],
    reason: Reason,
) -> None:
    """Bring an earlier version back, in every process within seconds."""

    async def work(lexicon: Lexicon, _store: Store, acting: Acting) -> int:
        return (await lexicon.rollback(acting, number, reason)).number

    typer.echo(f"Version {_with(work)} is published; it is version {number} again.")


@app.command(context_settings=ID)
def mark(
    case: Annotated[str, typer.Argument(help="The case's id.")],
    right: Annotated[bool, typer.Option("--right/--wrong", help="Whether somebody was rightly called.")],
) -> None:
    """Say whether a page was right."""
    from bot.lexicon import marks

    _store(lambda tx, acting: marks.mark(tx, acting, case, right, "", None))
    typer.echo("Marked.")


@app.command()
def marks(
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="Of the last so many days.")] = 90,
) -> None:
    """How often pages were right, by rule and by category."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bot.lexicon import marks as counting

    until = opening.now() + 1
    since = until - days * 24 * 3_600_000
    found = _store(lambda tx, _acting: counting.report(tx, since, until))
    table = Table("", "right", "wrong", "precision", title=f"{found.marks} marks", title_justify="left")
    for one in (*found.by_category, *found.by_rule):
        table.add_row(Text(one.name), str(one.right), str(one.wrong), f"{one.precision:.2f}")
    Console().print(table)
