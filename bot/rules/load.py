"""The lexicon's files: `locales/<language>/crisis.toml`."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.rules.automaton import Automaton
from bot.rules.compile import compile_rules
from bot.rules.documents import Document, RulesError, parse_document
from flows.crisis.net import Net

NET = "crisis-net.json"


def read_documents(locales_dir: Path) -> list[Document]:
    """Every language's crisis lexicon under `locales_dir`, parsed. Raises RulesError naming the file at fault."""
    files = sorted(locales_dir.glob("*/crisis.toml"))
    if not files:
        raise RulesError(f"no crisis rules: {locales_dir}/<language>/crisis.toml is missing")
    documents: list[Document] = []
    for file in files:
        name = f"{file.parent.name}/{file.name}"
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise RulesError(f"{name}: {error}") from error
        documents.append(parse_document(name, raw))
    return documents


def read_net(file: Path) -> Net:
    """The recall net stored in `file`. Raises RulesError if it cannot be used."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        net = _net(raw)
        return replace(net, urgent=_net(raw["urgent"]) if "urgent" in raw else None, card=raw["card"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RulesError(f"{file.name}: {error}") from error


def _net(raw: dict[str, Any]) -> Net:
    names, weights = raw["features"], raw["weights"]
    if len(names) != len(weights):
        raise ValueError("as many features as weights are wanted")
    bias, short, long, quiet = (float(raw[key]) for key in ("bias", "short", "long", "quiet"))
    return Net(dict(zip(map(str, names), map(float, weights), strict=True)), bias, short, long, quiet)


def load_rules(locales_dir: Path) -> Automaton:
    """The crisis rules of all languages together, with the recall net beside them, compiled.

    Raises RulesError naming the file and the fault: without its rules the service must not start (law C5).
    """
    file = locales_dir / NET
    return compile_rules(read_documents(locales_dir), read_net(file) if file.exists() else None)
