"""Standing rules that a reader of one change easily overlooks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT, project_files, text_of

# Written with brackets so that this file does not name what it forbids.
REGISTRY = re.compile(
    r"p[y]pi[.]org|python[h]osted[.]|registry[.]n[p]mjs|deb[.]d[e]bian[.]|crates[.]i[o]\b|proxy[.]g[o]lang"
)
MACHINE = re.compile(r"(?<![\w.~-])/(?:[w]ork|[f]arm|[r]oot|[h]ome/\w+|[U]sers/\w+)/[.a-z]")
SILENCED = re.compile(r"#\s*(?:no[q]a\b(?::\s*[A-Z0-9, ]+)?|type:\s*ig[n]ore\b(?:\[[\w, -]+\])?)(?P<why>.*)")
HEADER = re.compile(r"(?i)\b(?:TO[D]O|FIX[M]E)\b")
LONGEST_MODULE = 500
"""Lines. A longer file has two purposes, and a reader looks for one."""


def lines_that(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in project_files()
        if not suffixes or path.suffix in suffixes
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def modules() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def test_no_file_names_a_package_registry() -> None:
    assert lines_that(REGISTRY) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert lines_that(MACHINE) == []


def test_nothing_is_left_for_later() -> None:
    assert lines_that(HEADER, ".py", ".toml", ".yaml", ".yml", ".html", ".js", ".css", ".po", ".md") == []


def test_a_silenced_check_says_why() -> None:
    unexplained = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if (found := SILENCED.search(line)) and len(found["why"].split()) < 3
    ]
    assert unexplained == []


def test_a_module_has_one_purpose() -> None:
    long = {
        str(path.relative_to(ROOT)): length
        for path in modules()
        if (length := text_of(path).count("\n")) > LONGEST_MODULE
    }
    assert long == {}


def test_every_module_of_the_product_says_what_it_is_for() -> None:
    rooms = {"flows", "bot", "admin_api", "cli", "benchmarks"}
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.relative_to(ROOT).parts[0] in rooms
        and text_of(path)
        and "versions" not in path.parts
        and ast.get_docstring(ast.parse(text_of(path))) is None
    ]
    assert silent == []


def secrets_and_stores() -> Iterator[str]:
    for path in project_files():
        if path.name == ".env" or path.suffix in {".db", ".keys", ".pem", ".backup"}:
            yield str(path.relative_to(ROOT))


def test_no_store_key_or_settings_file_is_kept_here() -> None:
    assert list(secrets_and_stores()) == []


@pytest.mark.parametrize(
    ("pattern", "offends", "passes"),
    [
        (REGISTRY, "https://py" + "pi.org/simple", "the Python Package Index"),
        (MACHINE, "cd /wo" + "rk/somewhere", "see ../work/somewhere"),
        (MACHINE, "/ho" + "me/ani/sebaya", "sqlite:////data/sebaya.db"),
        (HEADER, "# TO" + "DO: later", "todos los dias"),
    ],
)
def test_the_rules_can_fail(pattern: re.Pattern[str], offends: str, passes: str) -> None:
    assert pattern.search(offends)
    assert not pattern.search(passes)
