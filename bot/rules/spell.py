"""Compiles spellings: slang to canonical words, and the distorted shapes that words of danger are found by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.rules.documents import Document, RulesError
from flows.crisis.normalize import Spelling, cut, shape, squeeze

_NEIGHBOURS = {
    "a": "qsz",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "j": "hk",
    "k": "jl",
    "l": "k",
    "m": "n",
    "n": "bm",
    "o": "ip",
    "p": "o",
    "q": "wa",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "w": "qe",
    "x": "zc",
    "y": "tu",
    "z": "x",
}

_SOUNDS_LIKE = {"u": "o", "o": "u", "i": "e", "e": "i"}  # gantong, hedup: as it is heard


def listed(text: str) -> list[str]:
    """The phrases of a list: parted by commas or line ends."""
    return [" ".join(part.split()) for part in text.replace("\n", ",").split(",") if part.strip()]


def slips(word: str) -> set[str]:
    """How `word` comes out when a thumb slips; its first letter stays. Short words have too many neighbours."""
    out: set[str] = set()
    for i in range(1, len(word) - 1):
        out.add(word[:i] + word[i + 1] + word[i] + word[i + 2 :])
    if len(word) >= 6:
        for i in range(1, len(word)):
            out.add(word[:i] + word[i + 1 :])
            out.update(word[:i] + key + word[i + 1 :] for key in _NEIGHBOURS.get(word[i], ""))
            out.update(word[:i] + key + word[i + 1 :] for key in _SOUNDS_LIKE.get(word[i], ""))
    for i in range(1, len(word)):  # mathi, bhunuh
        if word[i - 1] in "bcdfgjkptq" and word[i] != "h":
            out.add(word[:i] + "h" + word[i:])
    if len(word) >= 7:
        out.add(word[0] + "".join(c for c in word[1:] if c not in "aiueo"))
    out.discard(word)
    return out


def starred(word: str) -> set[str]:
    """The ways to censor `word` with one run of stars, or its vowels, that leave enough to know it by."""
    out = {"".join("*" if c in "aiueo" and i else c for i, c in enumerate(word))}
    shown = 3 if len(word) > 4 else 2
    for i in range(1, len(word)):
        for j in range(i + 1, len(word) + 1):
            if len(word) - (j - i) >= shown and (j < len(word) or len(word) - (j - i) >= 3):
                out.add(word[:i] + "*" + word[j:])
    return {form for form in out if sum(c != "*" for c in form) >= shown}


def build_spelling(documents: Sequence[Document], raw_words: Iterable[str]) -> Spelling:
    """The spelling of all documents, for a lexicon that holds `raw_words`. RulesError names a contradiction."""
    same: dict[str, tuple[str, ...]] = {}
    wholes: set[str] = set()
    cores: list[str] = []
    fillers: set[str] = set()
    uncut: set[str] = set()
    real: set[str] = set()
    emoji: dict[str, str] = {}
    for document in documents:
        spelling = document.spelling
        for canonical, variants in spelling.same.items():
            for variant in listed(variants):
                meant = tuple(canonical.split())
                if " " in variant:
                    raise RulesError(f"{document.name}: spelling.same: {variant!r} is more than one word")
                if same.setdefault(variant, meant) != meant:
                    raise RulesError(
                        f"{document.name}: spelling.same: {variant!r} is both {' '.join(same[variant])!r} "
                        f"and {canonical!r}"
                    )
        wholes.update(listed(spelling.wholes))
        cores.extend(listed(spelling.cores))
        fillers.update(listed(spelling.fillers))
        uncut.update(listed(spelling.uncut))
        real.update(listed(spelling.real))
        emoji.update(spelling.emoji)
    for variant, meant in same.items():
        for word in meant:
            if same.get(word, (word,)) != (word,):
                raise RulesError(f"spelling.same: {variant!r} leads to {word!r}, which is itself spelt otherwise")
    words = {*raw_words, *wholes, *fillers, *(word for meant in same.values() for word in meant)}
    first = Spelling(forms=same, stems=frozenset({*words, *same}), uncut=frozenset(uncut))
    forms: dict[str, tuple[str, ...]] = dict(same)
    for word in (*words, *real):  # a real word is never taken for a slip of another
        forms.setdefault(word, cut(word, first) or (word,))
    for meant in list(forms.values()):
        for word in meant:
            forms.setdefault(word, (word,))
    for core in cores:
        if core not in forms:
            raise RulesError(f"spelling.cores: {core!r} is spelt nowhere else in the lexicon")
    squeezed = {squeeze(word): word for word in forms if squeeze(word) != word and squeeze(word) not in forms}
    shapes: dict[str, str] = {}
    masked: dict[str, str] = {}
    for word in sorted(wholes):
        if len(shape(word)) >= max(4, len(word) - 1):
            shapes.setdefault(shape(word), word)
        for form in starred(word):
            masked.setdefault(form, word)
    for word in sorted(wholes):
        if len(word) >= 5:
            for slip in slips(word):
                if slip not in forms and shape(slip) not in forms:
                    shapes.setdefault(slip, word)
                    shapes.setdefault(shape(slip), word)
    return Spelling(
        forms=forms,
        stems=first.stems,
        squeezed=squeezed,
        shapes=shapes,
        starred=masked,
        wholes=frozenset(wholes),
        cores=tuple(cores),
        fillers=frozenset(fillers),
        emoji=emoji,
        uncut=frozenset(uncut),
    )
