"""flows/ decides and does nothing else: standard library and `transitions`, no clock, no chance, no I/O.

The import contracts see what is imported; this sees what is called as well.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT

IMPURE_MODULES = {
    "asyncio", "concurrent", "http", "importlib", "io", "logging", "multiprocessing", "os", "pathlib",
    "random", "secrets", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid", "warnings",
}  # fmt: skip
CLOCK_READS = {"now", "utcnow", "today"}
IMPURE_CALLS = {"open", "print", "input", "eval", "exec", "__import__", "breakpoint", "id", "hash", "globals"}


def impurities(source: str) -> Iterator[str]:
    """Each thing in a module that a pure one does not do, as `line: what`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=aliases, lineno=line):
                for alias in aliases:
                    yield from refused(alias.name, line)
            case ast.ImportFrom(module=str(module), level=0, lineno=line):
                yield from refused(module, line)
            case ast.Call(func=ast.Attribute(attr=read, value=whose), lineno=line) if read in CLOCK_READS:
                if ast.unparse(whose).split(".")[-1] in {"datetime", "date"}:
                    yield f"{line}: reads the clock by {read}()"
            case ast.Call(func=ast.Name(id=name), lineno=line) if name in IMPURE_CALLS:
                yield f"{line}: calls {name}()"
            case ast.AsyncFunctionDef(lineno=line) | ast.Await(lineno=line):
                yield f"{line}: is asynchronous"
            case ast.Global(names=names, lineno=line):
                yield f"{line}: keeps state in {', '.join(names)}"


def refused(module: str, line: int) -> Iterator[str]:
    name = module.partition(".")[0]
    if name in IMPURE_MODULES or name not in {"flows", "transitions"} | sys.stdlib_module_names:
        yield f"{line}: imports {name}"


@pytest.mark.parametrize("path", sorted((ROOT / "flows").rglob("*.py")), ids=lambda p: f"{p.relative_to(ROOT)}")
def test_flows_are_pure(path: Path) -> None:
    assert list(impurities(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import os.path",
        "from random import choice",
        "import sqlalchemy",
        "from bot.engine import handle",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.now(tz=None)",
        "from datetime import date\ndate.today()",
        "open('x')",
        "async def step(): ...",
        "def f():\n    global seen\n    seen = 1",
        "def f():\n    import time",
    ],
)
def test_an_impurity_is_seen(source: str) -> None:
    assert list(impurities(source))


def test_what_is_pure_passes() -> None:
    source = "from flows.events import Said\nimport transitions\nfrom .x import y"
    assert list(impurities(source)) == []
    assert list(impurities("from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)")) == []
