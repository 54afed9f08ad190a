"""`sebaya triage`: try a text, measure the rules on labelled lines, scan a file or conversations."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bot.rules import RulesError, compile_rules, load_rules, read_documents
from bot.rules.training import Reader, cross_validate, everyday, read_lines, write_net
from bot.rules.training import train as learn
from cli.calibration import expected_error, picture, reliability, reweighed, score
from cli.semantic import train_semantic
from flows.crisis.assessment import Assessment, Category, Level
from flows.crisis.episode import levels
from flows.crisis.explain import explain
from flows.crisis.screen import Matcher, screen

LOCALES = Path(__file__).resolve().parent.parent / "locales"
HELPERS = frozenset({"supporter", "helper", "counselor", "konselor", "bot", "assistant", "staff"})

app = typer.Typer(no_args_is_help=True, help="Try, measure and scan with the crisis rules.")

LocalesOption = Annotated[Path, typer.Option("--locales", help="Folder of <language>/crisis.toml files.")]


def _fail(sentence: str, status: int = 1) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(status)


def _rules(locales: Path) -> Matcher:
    try:
        return load_rules(locales)
    except RulesError as error:
        _fail(f"The crisis rules cannot be used: {error}")


def _lines(source: str) -> list[str]:
    """The lines of a file or, for "-", of stdin."""
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        _fail(f"Cannot read {source}: {error.strerror}; name a readable file, or - for stdin.", 2)
    lines = data.decode("utf-8-sig", errors="replace").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _watched(items: Sequence[Any], label: str) -> Iterator[Any]:
    """`items`, with a progress bar on stderr once it has taken longer than a second."""
    started = time.monotonic()
    bar: Progress | None = None
    task = None
    try:
        for number, item in enumerate(items):
            if bar is None and number % 64 == 0 and time.monotonic() - started > 1:
                bar = Progress(console=Console(stderr=True), transient=True)
                bar.start()
                task = bar.add_task(label, total=len(items), completed=number)
            elif bar is not None and task is not None and number % 64 == 0:
                bar.update(task, completed=number)
            yield item
    finally:
        if bar is not None:
            bar.stop()


@app.command()
def check(text: Annotated[str, typer.Argument(help="What somebody wrote.")], locales: LocalesOption = LOCALES) -> None:
    """Say what triage makes of TEXT, and why."""
    matcher = _rules(locales)
    found = explain(text, screen(text, matcher), matcher)
    console = Console()
    colour = {Level.NONE: "green", Level.DISTRESS: "yellow", Level.HIGH: "red", Level.IMMINENT: "bold red"}
    console.print(
        Text.assemble(
            (found.level.word, colour[found.level]),
            f"  category {found.category}  about {found.about}",
        )
    )
    for reason in found.reasons:
        console.print(
            Text.assemble(
                f"  {reason.rule} ({reason.level.word}, {reason.category}): ",
                reason.before,
                (reason.words, "bold"),
                reason.after,
            )
        )
    if found.modifiers:
        console.print(Text(f"  changed by: {', '.join(found.modifiers)}"))
    if found.net_reasons:
        console.print(Text(f"  the recall net weighed: {', '.join(found.net_reasons)}"))
    console.print(Text(f"  read as: {found.read_as}", style="dim"))
    console.print(Text(f"  rules {found.version}", style="dim"))


@dataclass(frozen=True, slots=True)
class Labelled:
    """One evaluation line."""

    text: str
    level: Level
    category: str
    kind: str
    lang: str


def _labelled(source: str) -> list[Labelled]:
    rows: list[Labelled] = []
    for number, line in enumerate(_lines(source), 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            level = Level.of(raw["label"])
            text = raw["text"]
            if not isinstance(text, str):
                raise ValueError("text is not a string")
            category = Category(raw.get("category") or "none").value
            rows.append(Labelled(text, level, category, str(raw.get("kind", "")), str(raw.get("lang", ""))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            _fail(f"{source}, line {number}: {reason}; a line is an object with text and label.")
    if not rows:
        _fail(f"{source} holds no evaluation lines.")
    return rows


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson score interval)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def _group(rows: Sequence[tuple[Labelled, Assessment]], field: str) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for name in sorted({getattr(row, field) for row, _ in rows}):
        chosen = [(row, found) for row, found in rows if getattr(row, field) == name]
        positive = [found for row, found in chosen if row.level >= Level.HIGH]
        out[name] = {
            "n": len(chosen),
            "positives": len(positive),
            "found": sum(found.crisis for found in positive),
            "false_flags": sum(found.crisis for row, found in chosen if row.level < Level.HIGH),
        }
    return out


def _measure(rows: Sequence[tuple[Labelled, Assessment]], seconds: float, prevalence: float) -> dict[str, Any]:
    grave = [found for row, found in rows if row.level >= Level.HIGH]
    imminent = [found for row, found in rows if row.level == Level.IMMINENT]
    calm = [found for row, found in rows if row.level < Level.HIGH]
    hits, false = sum(f.crisis for f in grave), sum(f.crisis for f in calm)
    caught = sum(f.crisis for f in imminent)
    recall = hits / len(grave) if grave else None
    fall_out = false / len(calm) if calm else None
    ppv = None
    if recall is not None and fall_out is not None and recall * prevalence + fall_out * (1 - prevalence) > 0:
        ppv = recall * prevalence / (recall * prevalence + fall_out * (1 - prevalence))
    return {
        "n": len(rows),
        "recall_high": recall,
        "recall_high_ci": wilson(hits, len(grave)) if grave else None,
        "recall_imminent": caught / len(imminent) if imminent else None,
        "recall_imminent_ci": wilson(caught, len(imminent)) if imminent else None,
        "imminent_as_imminent": (
            sum(f.level == Level.IMMINENT for f in imminent) / len(imminent) if imminent else None
        ),
        "precision": hits / (hits + false) if hits + false else None,
        "precision_ci": wilson(hits, hits + false) if hits + false else None,
        "ppv_at_prevalence": {"prevalence": prevalence, "ppv": ppv},
        "by_kind": _group(rows, "kind"),
        "by_category": _group(rows, "category"),
        "by_lang": _group(rows, "lang"),
        "flags_per_1000": 1000 * false / len(calm) if calm else None,
        "us_per_message": 1e6 * seconds / len(rows),
    }


@app.command("eval")
def evaluate(
    file: Annotated[str, typer.Argument(help="Evaluation lines (JSON, one a line), or - for stdin.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    prevalence: Annotated[float, typer.Option(min=0.0001, max=0.9, help="Share of grave messages for the PPV.")] = 0.01,
    locales: LocalesOption = LOCALES,
) -> None:
    """Measure the rules on labelled lines; high and imminent count as positives."""
    matcher = _rules(locales)
    lines = _labelled(file)
    started = time.perf_counter()
    rows = [(row, screen(row.text, matcher)) for row in _watched(lines, "Screening")]
    result = _measure(rows, time.perf_counter() - started, prevalence)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    console = Console()
    console.print(f"{result['n']} lines, {result['us_per_message']:.0f} us a message, rules {matcher.version}")
    for name in ("recall_high", "recall_imminent", "precision"):
        if result[name] is not None:
            low, high = result[f"{name}_ci"]
            console.print(f"{name:16} {result[name]:.3f}  (95 %: {low:.3f} to {high:.3f})")
    if result["flags_per_1000"] is not None:
        console.print(f"{'flags_per_1000':16} {result['flags_per_1000']:.2f}  of messages that are not grave")
    ppv = result["ppv_at_prevalence"]["ppv"]
    if ppv is not None:
        console.print(f"PPV if {prevalence:.2%} of messages are grave: {ppv:.2f}")
    for field in ("by_kind", "by_category", "by_lang"):
        table = Table(
            "", "lines", "grave", "found", "false flags", title=field.removeprefix("by_"), title_justify="left"
        )
        for name, row in result[field].items():
            table.add_row(name, str(row["n"]), str(row["positives"]), str(row["found"]), str(row["false_flags"]))
        console.print(table)


@app.command()
def calibration(
    file: Annotated[
        str, typer.Argument(help="Labelled lines the net has not seen (JSON, one a line), or - for stdin.")
    ],
    plot: Annotated[Path | None, typer.Option(help="Write the reliability diagram to this SVG file.")] = None,
    prevalence: Annotated[float, typer.Option(min=0.0001, max=0.9, help="Share of grave messages for the PPV.")] = 0.01,
    locales: LocalesOption = LOCALES,
) -> None:
    """Say how far the recall net's scores can be believed: of lines with this score, how many were grave."""
    matcher = _rules(locales)
    if matcher.net is None:
        _fail("There is no recall net to calibrate: crisis-net.json is missing beside the rules.")
    lines = _labelled(file)
    net = matcher.net
    scored = [(score(row.text, matcher, net), row.level >= Level.HIGH) for row in _watched(lines, "Scoring")]
    bins = reliability(scored)
    sample = sum(grave for _, grave in scored) / len(scored)
    table = Table("score", "lines", "mean score", "grave", f"grave at {prevalence:.1%}")
    for one in bins:
        at = reweighed(one, sample, prevalence)
        table.add_row(
            f"{one.low:g} to {one.high:g}", str(one.count), f"{one.mean:.2f}", f"{one.grave:.2f}", f"{at:.3f}"
        )
    console = Console()
    console.print(table)
    console.print(
        f"{len(lines)} lines, {sample:.0%} of them grave; expected calibration error {expected_error(bins):.3f}"
    )
    if plot is not None:
        plot.write_text(picture(bins, f"the recall net, {len(lines)} unseen lines"), encoding="utf-8")
        console.print(f"plot: {plot}")


def read_turns(line: str, pace: int = 60_000) -> tuple[list[str | None], list[int]]:
    """The turns of one conversation and their times (ms): plain texts a minute apart, or objects with a text, who
    wrote it, and perhaps when (`at`, minutes after the first)."""
    raw = json.loads(line)
    turns: list[str | None] = []
    times: list[int] = []
    for turn in raw["turns"]:
        times.append(times[-1] + pace if times else 0)
        if isinstance(turn, str):
            turns.append(turn)
            continue
        if "at" in turn:
            times[-1] = int(turn["at"]) * pace
        who = next((str(turn[key]) for key in ("from", "role", "who", "speaker") if key in turn), "student")
        text = turn["text"]
        if not isinstance(text, str):
            raise ValueError("the text of a turn is not a string")
        turns.append(None if who.lower() in HELPERS else text)
    return turns, times


@app.command()
def scan(
    file: Annotated[str, typer.Argument(help="One message a line, or - for stdin.")],
    conversations: Annotated[
        bool,
        typer.Option(
            "--conversations",
            help='Lines {"turns": [...]}: the level after each turn ({"text", "from", "at": minutes}).',
        ),
    ] = False,
    locales: LocalesOption = LOCALES,
) -> None:
    """Print one JSON line for every line of FILE: level, category, rules and words."""
    matcher = _rules(locales)
    out: TextIO = sys.stdout
    for number, line in enumerate(_watched(_lines(file), "Scanning"), 1):
        if conversations:
            try:
                turns, times = read_turns(line)
            except (ValueError, KeyError, TypeError, AttributeError):
                _fail(f'{file}, line {number}: not a conversation; a line is {{"turns": ["...", ...]}}.')
            answer: dict[str, Any] = {"levels": [level.word for level in levels(turns, matcher, times=times)]}
        else:
            found = screen(line, matcher)
            answer = {
                "level": found.level.word,
                "category": found.category.value,
                "about": found.about.value,
                "rules": list(dict.fromkeys(hit.rule for hit in found.hits)),
                "words": found.words,
            }
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
    out.flush()


app.command("train-semantic")(train_semantic)


@app.command()
def train(
    data: Annotated[list[Path], typer.Argument(help="Labelled lines (JSON, one a line).")],
    templates: Annotated[Path, typer.Option(help="Templates of everyday sentences (TOML).")],
    day: Annotated[str, typer.Option(help="The date for the card, YYYY-MM-DD.")],
    plain: Annotated[
        list[Path] | None, typer.Option(help="Everyday text under MIT or BSD terms, one message a line.")
    ] = None,
    sources: Annotated[str, typer.Option(help="Where the everyday text comes from, for the card.")] = "",
    out: Annotated[Path | None, typer.Option(help="Where to store the net; without it only figures are shown.")] = None,
    locales: LocalesOption = LOCALES,
) -> None:
    """Train the recall net and print its cross-validated figures, with and without it."""
    try:
        lines = read_lines(data)
        generated = everyday(templates, {"id": 9000, "en": 3000, "jv": 1500, "su": 1500})
        real = [line for file in plain or [] for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError, KeyError) as error:
        _fail(f"Cannot train: {error}")
    try:
        reader = Reader(compile_rules(read_documents(locales)))
    except RulesError as error:
        _fail(f"The crisis rules cannot be used: {error}")
    console = Console(stderr=True)
    with console.status("Cross-validating"):
        figures = cross_validate(lines, [*real, *generated], reader)
    typer.echo(json.dumps(figures, indent=1))
    if out is None:
        return
    with console.status("Training"):
        net = learn(lines, [*real, *generated], reader)
    card = {
        "date": day,
        "data": "lines written for this project, not yet labelled by a counselor; generated everyday sentences",
        "everyday_text": sources,
        "lines": len(lines),
        "everyday_sentences": len(real) + len(generated),
        "cross_validation": figures,
        "limits": "the rules were written by an author who had read these lines; only net_alone is unseen text",
    }
    write_net(net, card, out)
    console.print(f"{len(net.weights)} features, {out.stat().st_size / 1e6:.2f} MB: {out}")
