"""One constant SQL text for both dialects.

Written with `:name` parameters, `IN :name` or `NOT IN :name` for a list, and `FOR UPDATE [SKIP LOCKED]` where rows are
to be locked. Each text is translated once and kept, so a text must be a constant of the program. A parameter whose
type PostgreSQL cannot guess (`:x IS NULL`) wants a CAST.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

_TOKEN = re.compile(
    r"""(?P<kept>'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|::\w+)
      |\b(?P<not>NOT\s+)?IN\s+:(?P<list>[a-z_]\w*)
      |:(?P<name>[a-z_]\w*)
      |(?P<lock>\s+FOR\s+(?:NO\s+KEY\s+)?UPDATE(?:\s+OF\s+\w+)?(?:\s+SKIP\s+LOCKED)?)
      |(?P<percent>%)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Translated:
    """A text for one driver, and which of its parameters are lists."""

    text: str
    lists: tuple[str, ...]


def for_sqlite(sql: str) -> Translated:
    """Row locks go (BEGIN IMMEDIATE has locked everything); a list is read with json_each (see `as_json`)."""
    lists: list[str] = []

    def change(found: re.Match[str]) -> str:
        if found["lock"]:
            return ""
        if name := found["list"]:
            lists.append(name)
            return f"{found['not'] or ''}IN (SELECT value FROM json_each(:{name}))"  # noqa: S608 - a parameter's name in a constant text
        return found[0]

    return Translated(_TOKEN.sub(change, sql), tuple(lists))


def for_postgres(sql: str) -> Translated:
    """`:name` becomes `%(name)s`, a list is an array (a Python list)."""
    lists: list[str] = []

    def change(found: re.Match[str]) -> str:
        if name := found["list"]:
            lists.append(name)
            return f"<> ALL(%({name})s)" if found["not"] else f"= ANY(%({name})s)"
        if name := found["name"]:
            return f"%({name})s"
        return found[0].replace("%", "%%")

    return Translated(_TOKEN.sub(change, sql), tuple(lists))


def as_json(values: Any) -> str:
    """A list parameter (any iterable of plain values) for json_each."""
    return orjson.dumps(list(values)).decode()
