"""The lexicon's files: `locales/<language>/crisis.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bot.rules.automaton import Automaton
from bot.rules.compile import compile_rules
from bot.rules.documents import Document, RulesError, parse_document


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


def load_rules(locales_dir: Path) -> Automaton:
    """The crisis rules of all languages together, compiled.

    Raises RulesError naming the file and the fault: without its rules the service must not start (law C5).
    """
    return compile_rules(read_documents(locales_dir))
