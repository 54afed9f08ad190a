"""Which message keys the code speaks: the literal strings given to Say, Button and Toast, and to what makes them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# Where the key stands: position and keyword.
SPEAKERS = {"Say": (0, "key"), "Button": (1, "key"), "Toast": (0, "key"), "Speech": (0, "key")}
HELPERS = re.compile(r"_*(?:say|tell|notify|label|plural)(?:_\w+)?")
"""Functions that hand a key on; among their arguments, only what looks like a key counts."""
DOTTED = re.compile(r"[a-z]+(?:\.[a-z0-9_-]+)+")


def spoken_keys(*rooms: Path, buttons: bool | None = None) -> dict[str, str]:
    """Every key with one place that speaks it: on buttons only, elsewhere only, or anywhere. In a key put together
    from parts, `*` stands for each part."""
    found: dict[str, str] = {}
    for room in rooms:
        for path in sorted(room.rglob("*.py")):
            for key, speaker, line in keys_in(path.read_text(encoding="utf-8")):
                if buttons is None or buttons == (speaker == "Button"):
                    found.setdefault(key, f"{path.relative_to(room.parent)}:{line}")
    return found


def keys_in(source: str) -> Iterator[tuple[str, str, int]]:
    """The keys of one module, each with who speaks it and its line."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for key in _given(node, name):
            for text in _texts(key):
                if name in SPEAKERS or DOTTED.fullmatch(text.replace("*", "x")):
                    yield text, name, key.lineno


def _given(call: ast.Call, name: str) -> list[ast.expr]:
    if name in SPEAKERS:
        position, keyword = SPEAKERS[name]
        return [word.value for word in call.keywords if word.arg == keyword] + call.args[position : position + 1]
    words = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value).endswith("words")
    if HELPERS.fullmatch(name) or (name == "text" and words):
        return [*call.args, *(word.value for word in call.keywords if word.arg == "key")]
    return []


def _texts(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value
    elif isinstance(key, ast.IfExp):
        yield from _texts(key.body)
        yield from _texts(key.orelse)
    elif isinstance(key, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in key.values)
