"""The little language patterns are written in (see flows.crisis.lexicon), read into elements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

_CLASS = re.compile(r"^<([a-z][a-z0-9_.]*)>$")
_WORD = re.compile(r"^[^\s<>~?]+\??$")
MOST_VARIANTS = 4096
_TWICE = re.compile(r"([a-z]{3,})(?:2|-\1)")


@dataclass(frozen=True, slots=True)
class Literal:
    """Words that stand side by side, in every variant."""

    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassOf:
    """A phrase of one of these classes, or one of these words."""

    names: tuple[str, ...]
    phrases: tuple[str, ...] = ()


Element = Literal | ClassOf
Line = tuple[tuple[Element, int], ...]  # each element with the most words allowed before it


def once(phrase: str) -> str:
    """`phrase` with its reduplications written once, as the reader writes them: megang2, raba-raba."""
    return " ".join(_TWICE.sub(r"\1", word) if _TWICE.fullmatch(word) else word for word in phrase.split(" "))


def phrase_variants(phrase: str) -> list[str]:
    """Every way to read `phrase` with its alternatives (a|b) and options (c?). ValueError if too many."""
    choices: list[list[str]] = []
    for word in phrase.split():
        if not _WORD.match(word):
            raise ValueError(f"cannot read {word!r} in {phrase!r}")
        optional = word.endswith("?")
        bare = word.rstrip("?")
        if "|" in bare:
            if bare.startswith("(") and bare.endswith(")"):
                bare = bare[1:-1]
            elif optional:  # "a|b?" would read as "a|b or nothing": too easily meant otherwise
                raise ValueError(f"write ({bare})? if {word!r} may be missing as a whole")
        options = [once(option.replace("_", " ")) for option in bare.split("|")]
        if "" in options:
            raise ValueError(f"an alternative is empty in {phrase!r}")
        choices.append([*options, ""] if optional else options)
    size = 1
    for options in choices:
        size *= len(options)
    if size > MOST_VARIANTS:
        raise ValueError(f"too many variants in {phrase!r}")
    return list(dict.fromkeys(" ".join(filter(None, combination)) for combination in product(*choices)))


def parse_pattern(text: str) -> list[Line]:
    """The lines a pattern stands for. ValueError says what cannot be read."""
    lines: list[list[tuple[Element, int]]] = [[]]
    gap = 0
    swap = False
    run: list[str] = []

    def close_run() -> None:
        nonlocal gap, swap, lines
        if run:
            phrases = [p for p in phrase_variants(" ".join(run)) if p]
            bare = len(phrases) < len(phrase_variants(" ".join(run)))
            lines = _extend(lines, Literal(tuple(phrases)), gap, swap, bare)
            run.clear()
            gap, swap = 0, False

    for token in text.split():
        named = _choice(token)
        if token.startswith("..") or token.startswith("~"):
            close_run()
            number = token.lstrip(".~")
            if not number.isdigit() or not 0 <= int(number) <= 12:
                raise ValueError(f"{token!r} is no distance of 0 to 12 words")
            gap, swap = int(number), token.startswith("~")
        elif named:
            close_run()
            lines = _extend(lines, named, gap, swap, token.endswith("?"))
            gap, swap = 0, False
        elif _WORD.match(token):
            run.append(token)
        else:
            raise ValueError(f"cannot read {token!r} in {text!r}")
    close_run()
    if gap or swap:
        raise ValueError(f"{text!r} ends with a distance")
    done = [tuple(line) for line in lines if line]
    if not done:
        raise ValueError("a pattern is empty")
    return done


def _choice(token: str) -> ClassOf | None:
    """`<a|b>`, or `<a>|word`; None if no class is named. ValueError if a name cannot be read."""
    if "<" not in token:
        return None
    bare = token.rstrip("?")
    if bare != token and "|" in re.sub(r"<[^<>]*>", "", bare):
        raise ValueError(f"{token!r}: only one class, or one word, may be missing")
    inner = re.sub(r"<([^<>]*)>", lambda m: "|".join(f"<{name}>" for name in m[1].split("|")), bare)
    names: list[str] = []
    phrases: list[str] = []
    for option in inner.split("|"):
        named = _CLASS.match(option)
        if named:
            names.append(named[1])
        elif _WORD.match(option):
            phrases.append(once(option.replace("_", " ")))
        else:
            raise ValueError(f"cannot read {token!r}")
    return ClassOf(tuple(names), tuple(phrases))


def _extend(
    lines: list[list[tuple[Element, int]]], element: Element, gap: int, swap: bool, optional: bool
) -> list[list[tuple[Element, int]]]:
    out: list[list[tuple[Element, int]]] = []
    for line in lines:
        out.append([*line, (element, gap if line else 0)])
        if swap and line:
            if len(line) != 1:
                raise ValueError("~ stands between two elements only")
            out.append([(element, 0), (line[0][0], gap)])
        if optional:
            out.append(list(line))
    return out
