"""Which message keys the code speaks: the literal strings given to Say, Button and Toast."""

import ast
from collections.abc import Iterator
from pathlib import Path

# Where the key stands: position and keyword.
SPEAKERS = {"Say": (0, "key"), "Button": (1, "key"), "Toast": (0, "key")}


def spoken_keys(*rooms: Path, by: frozenset[str] = frozenset(SPEAKERS)) -> dict[str, str]:
    """Every key with one place that speaks it. In a key put together from parts, `*` stands for each part."""
    found: dict[str, str] = {}
    for room in rooms:
        for path in sorted(room.rglob("*.py")):
            for key, line in keys_in(path.read_text(encoding="utf-8"), by):
                found.setdefault(key, f"{path.relative_to(room.parent)}:{line}")
    return found


def keys_in(source: str, by: frozenset[str] = frozenset(SPEAKERS)) -> Iterator[tuple[str, int]]:
    """The keys of one module with their lines."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in by:
            continue
        position, keyword = SPEAKERS[name]
        given = [word.value for word in node.keywords if word.arg == keyword]
        given += node.args[position : position + 1]
        for key in given:
            yield from ((text, key.lineno) for text in _texts(key))


def _texts(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value
    elif isinstance(key, ast.IfExp):
        yield from _texts(key.body)
        yield from _texts(key.orelse)
    elif isinstance(key, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in key.values)
