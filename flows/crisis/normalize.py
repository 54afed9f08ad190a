"""Reading what was typed as what was meant, without losing where it stood.

`read` turns a text into canonical words: case, Unicode tricks, leetspeak, split and stretched letters,
censoring stars, emoji, slang and clitics are undone, particles that mean nothing are dropped, and every word
keeps the place in the raw text it came from. A word that the lexicon knows is never altered, so the raw
spelling is always screened as well as the mended one. Every step is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flows.crisis.fold import fold

LAUGH = "wkwk"  # the canonical word for every kind of laughter
LONGEST_WORD = 48  # letters of one unbroken word that are mended or parted; a longer one is read in pieces

_CHUNK = re.compile(r"\S+|\n")
_EDGE = ".,!?;:()[]{}<>\"'~-_/\\|=+^`&%#" + "\u2026\u2014\u2013\u2022"
_PIECES = re.compile(r"[a-z0-9@$*]+|[^\W\d_]+")
_RUN = re.compile(r"(.)\1+")
_LAUGHTER = re.compile(
    r"(?:[wa]*k?(?:w+k+){1,}w*|(?:a?w+k+a?)+w*|(?:h+[aeiy]+){2,}h*|a?(?:ha){2,}h?|(?:xi){2,}|(?:wk)+|lo+l+|lma+o+|rofl|a*wo*k(?:wo*k)+|k{3,}|bwa(?:ha)+)"
)
_STARS = re.compile(r"[*#]+")
_INNER = re.compile(r"(?<=[a-z0-9])[!|]{1,2}(?=[a-z0-9])")
_LEET = str.maketrans(
    {
        "4": "a",
        "@": "a",
        "3": "e",
        "1": "i",
        "!": "i",
        "0": "o",
        "5": "s",
        "$": "s",
        "7": "t",
        "8": "b",
        "6": "g",
        "9": "g",
        "2": "z",
    }
)
_LEET_L = str.maketrans(
    {
        "4": "a",
        "@": "a",
        "3": "e",
        "1": "l",
        "!": "l",
        "0": "o",
        "5": "s",
        "$": "s",
        "7": "t",
        "8": "b",
        "6": "b",
        "9": "g",
        "2": "z",
    }
)
_ALIKE = frozenset("lvzq")  # letters that `shape` makes another of
_CLITICS = (
    ("nya", "nya"),
    ("ku", "aku"),
    ("mu", "kamu"),
    ("lah", ""),
    ("kah", ""),
    ("pun", ""),
    ("ne", "nya"),
)
_CLITIC_ENDS = tuple(end for end, _ in _CLITICS)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How words are spelt, compiled from the lexicon.

    `forms` gives the canonical words of every spelling that is known; `stems` the words a clitic may be cut
    from; `mended` the words found by their distorted shape; `wholes` the words that split letters may be
    joined to; `cores` the words for whose sake an unbroken string is parted; `fillers` what is dropped.
    """

    forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stems: frozenset[str] = frozenset()
    squeezed: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, str] = field(default_factory=dict)
    starred: Mapping[str, str] = field(default_factory=dict)
    wholes: frozenset[str] = frozenset()
    cores: tuple[str, ...] = ()
    fillers: frozenset[str] = frozenset()
    emoji: Mapping[str, str] = field(default_factory=dict)
    uncut: frozenset[str] = frozenset()


class Reading:
    """A text as canonical words. `starts` and `ends` are places in the raw text; `stops` are the numbers of
    words before each end of a sentence, `asks` those before a question mark, `quoted` the word ranges between
    quotation marks."""

    __slots__ = ("asks", "ends", "quoted", "starts", "stops", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.stops: list[int] = []
        self.asks: list[int] = []
        self.quoted: list[tuple[int, int]] = []


def squeeze(word: str) -> str:
    """`word` with every run of one letter written once."""
    return _RUN.sub(r"\1", word)


def shape(word: str) -> str:
    """What `word` looks like when letters that are mistaken for each other are made one."""
    return squeeze(word.translate(_SHAPE))


_SHAPE = str.maketrans(
    {
        "l": "i",
        "1": "i",
        "!": "i",
        "|": "i",
        "v": "u",
        "0": "o",
        "4": "a",
        "@": "a",
        "3": "e",
        "5": "s",
        "$": "s",
        "z": "s",
        "7": "t",
        "8": "b",
        "6": "g",
        "9": "g",
        "q": "g",
    }
)


def canonical(word: str, spelling: Spelling) -> tuple[str, ...]:
    """The canonical words of one plain lower-case word; itself if nothing is known of it."""
    known = spelling.forms.get(word)
    if known is not None:
        return known
    mended = _mend(word, spelling)
    return (word,) if mended is None else mended


def cut(word: str, spelling: Spelling, depth: int = 2) -> tuple[str, ...] | None:
    """`word` without at most `depth` clitics ("hidupku" -> "hidup aku"), if what remains is known."""
    forms = spelling.forms
    if len(word) > LONGEST_WORD or word in spelling.uncut:
        return None
    if word.endswith(_CLITIC_ENDS):
        for end, meant in _CLITICS:
            if word.endswith(end) and len(word) - len(end) >= 3:
                stem = word[: -len(end)]
                if stem in spelling.stems:
                    known = forms.get(stem, (stem,))
                    return (*known, meant) if meant else known
                inner = cut(stem, spelling, depth - 1) if depth > 1 else None
                if inner is not None:
                    return (*inner, meant) if meant else inner
    if word.startswith("ku") and len(word) >= 6 and word[2:] in spelling.stems:
        return ("aku", *forms.get(word[2:], (word[2:],)))
    return None


def _mend(word: str, spelling: Spelling) -> tuple[str, ...] | None:
    if len(word) < 3:
        return None
    forms = spelling.forms
    stemmed = cut(word, spelling)
    if stemmed is not None:
        return stemmed
    if word[0] in "whakxlrb" and _LAUGHTER.fullmatch(word[:LONGEST_WORD]):
        return (LAUGH,)
    run = _RUN.search(word)
    if run is not None and (run.end() == len(word) or run.end() - run.start() > 2 or squeeze(word) in spelling.wholes):
        plain = squeeze(word)
        known = forms.get(spelling.squeezed.get(plain, plain))
        if known is not None:
            return known
        stemmed = cut(plain, spelling)
        if stemmed is not None:
            return stemmed
    meant = spelling.shapes.get(word)
    if meant is None and not _ALIKE.isdisjoint(word):
        meant = spelling.shapes.get(shape(word))
    if meant is not None:
        return forms.get(meant, (meant,))
    if len(word) >= 6:
        plain = squeeze(word) if len(word) > LONGEST_WORD else word
        for core in spelling.cores:
            if core in plain:
                return part(plain, spelling) or _around(plain, core, spelling)
    return None


def _around(word: str, core: str, spelling: Spelling) -> tuple[str, ...] | None:
    """The canonical words of `core` when it is the bulk of `word`, or a name for it ("xxbundirxx")."""
    if len(core) < 6 and len(word) > len(core) + 4:
        return None
    return spelling.forms.get(core)


def part(word: str, spelling: Spelling) -> tuple[str, ...] | None:
    """The words written together in `word` ("maubunuhdiri"), or None if it is not made of known words."""
    if len(word) > 4 * LONGEST_WORD:
        return None
    best: list[tuple[int, int] | None] = [None] * (len(word) + 1)  # (number of words, length of the last)
    best[0] = (0, 0)
    for start in range(len(word)):
        here = best[start]
        if here is None:
            continue
        for length in range(2, min(16, len(word) - start) + 1):
            if word[start : start + length] in spelling.forms:
                reached = best[start + length]
                if reached is None or here[0] + 1 < reached[0]:
                    best[start + length] = (here[0] + 1, length)
    if best[-1] is None:
        return None
    found: list[str] = []
    end = len(word)
    while end:
        _, length = best[end] or (0, end)
        found[:0] = spelling.forms[word[end - length : end]]
        end -= length
    return tuple(found)


def _decode(piece: str, spelling: Spelling) -> tuple[str, ...]:
    """The canonical words of a piece that holds digits or signs: leetspeak, stars, reduplication."""
    if "*" in piece or "#" in piece:
        plain = _STARS.sub("*", piece)
        meant = spelling.starred.get(plain) or spelling.starred.get(squeeze(plain))
        if meant is not None:
            return spelling.forms.get(meant, (meant,))
        piece = _STARS.sub("", piece)
        if piece.isalpha():
            return canonical(piece, spelling)
    known = spelling.forms.get(piece)
    if known is not None:
        return known
    if piece.isdigit():
        return (piece,)
    if len(piece) > 3 and piece[-1] == "2" and piece[:-1].isalpha():
        return canonical(piece[:-1], spelling)
    if len(piece) > 6 and "2" in piece[3:-2]:
        head, _, tail = piece.partition("2")
        if head.isalpha() and tail in ("nya", "an", "in", "ku", "mu"):
            return canonical(head if tail in ("an", "in") else head + tail, spelling)
    if any(char.isalpha() for char in piece):
        for table in (_LEET, _LEET_L):
            plain = piece.translate(table)
            known = spelling.forms.get(plain) or spelling.forms.get(squeeze(plain))
            if known is not None:
                return known
        plain = piece.translate(_LEET)
        mended = _mend(plain, spelling) if plain.isalpha() else None
        if mended is not None:
            return mended
    return (piece,)


def _pieces(chunk: str, spelling: Spelling) -> list[tuple[tuple[str, ...], int, int]]:
    """The words of a chunk that is not simply letters, each with its place in the chunk."""
    if "'" in chunk:
        plain = chunk.replace("'", "")
        core = plain.strip(_EDGE)
        if core.isalpha():
            return [(canonical(core, spelling), 0, len(chunk))]
    if chunk.startswith(("http://", "https://", "www.")):
        return []
    if ("!" in chunk or "|" in chunk) and len(chunk) <= LONGEST_WORD and _INNER.search(chunk):
        for letter in "il":  # k!ll, d!ri
            plain = chunk.strip(_EDGE).replace("!", letter).replace("|", letter)
            known = spelling.forms.get(plain) or spelling.forms.get(plain.translate(_LEET))
            if known is not None:
                return [(known, 0, len(chunk))]
    found = [(m.group(), m.start(), m.end()) for m in _PIECES.finditer(chunk)]
    if len(found) > 1:
        joined = "".join(piece for piece, _, _ in found)
        letters = sum(1 for piece, _, _ in found if len(piece) == 1)
        if (len(found) >= 3 and letters >= len(found) - 1) or (len(joined) <= 24 and joined in spelling.wholes):
            meant = (
                _decode(joined, spelling)
                if not joined.isalpha()
                else spelling.forms.get(joined) or part(joined, spelling)
            )
            if meant is not None:
                return [(meant, found[0][1], found[-1][2])]
        if len(found) == 2 and found[0][0] == found[1][0]:  # reduplication: anak-anak
            del found[1]
        if any(char in "@$!|" for char in chunk):
            whole = spelling.shapes.get(shape("".join(c for c in chunk if c.isalnum() or c in "@$!|")))
            if whole is not None:
                return [(spelling.forms.get(whole, (whole,)), 0, len(chunk))]
    elif len(found) == 1 and any(char in "!|$" for char in chunk.strip(".,?")) and len(chunk) <= LONGEST_WORD:
        whole = spelling.shapes.get(shape(chunk.strip(".,?")))
        if whole is not None and not found[0][0].isalpha():
            return [(spelling.forms.get(whole, (whole,)), 0, len(chunk))]
    return [
        (canonical(piece, spelling) if piece.isalpha() else _decode(piece, spelling), start, end)
        for piece, start, end in found
    ]


def read(text: str, spelling: Spelling) -> Reading:
    """`text` as canonical words with their places. Never raises for any text."""
    folded, places = fold(text, spelling.emoji)
    reading = Reading()
    words, starts, ends = reading.words, reading.starts, reading.ends
    forms, fillers = spelling.forms, spelling.fillers
    singles = ""  # letters standing alone, so far in a row
    bits: list[tuple[str, int, int]] = []  # chunks of up to four letters in a row, and the word each began with
    unknown = -2  # the number of the last word of up to four letters that nothing is known of
    opened = -1
    for match in _CHUNK.finditer(folded):
        chunk = match.group()
        start, end = match.span()
        known = forms.get(chunk)
        if known is not None:
            found = [(known, start, end)]
            raw = chunk
            stop = ""
        elif chunk.isalpha():
            raw = chunk
            found = [(canonical(chunk, spelling), start, end)]
            stop = ""
        elif chunk == "\n":
            if words:
                reading.stops.append(len(words))
            continue
        else:
            raw = chunk.strip(_EDGE)
            lead = len(chunk) - len(chunk.lstrip(_EDGE))
            stop = chunk[lead + len(raw) :] if raw else chunk
            if '"' in chunk[:lead] or (not raw and '"' in chunk):
                if opened < 0:
                    opened = len(words)
                elif not raw:
                    reading.quoted.append((opened, len(words)))
                    opened = -1
            if not raw:
                found = []
            elif raw.isalpha() and "!" not in chunk[:-1].rstrip("!?.,"):
                found = [(canonical(raw, spelling), start + lead, start + lead + len(raw))]
            else:
                found = [(w, start + s, start + e) for w, s, e in _pieces(chunk, spelling)]
        if 2 <= len(raw) <= 4 and raw.isalpha():
            bits.append((raw, len(words), start))
        elif bits:
            bits.clear()
        for meant, first, last in found:
            if len(raw) == 1 and raw.isalnum():
                singles += raw
            else:
                if len(singles) >= 3:
                    _join_letters(reading, singles, spelling)
                singles = ""
            for word in meant:
                if word in fillers and len(raw) > 1:
                    continue
                words.append(word)
                starts.append(first if places is None else places[first])
                ends.append(last if places is None else places[last - 1] + 1)
            if len(raw) <= 4 or unknown == len(words) - 2:
                if len(meant) == 1 and meant[0] not in forms:
                    _join_pieces(reading, spelling)
                    unknown = len(words) - 1
                elif unknown == len(words) - 2:
                    _join_pieces(reading, spelling)
        if len(bits) >= 3 and _join_bits(reading, bits, places, end, spelling):
            bits.clear()
        if stop:
            bits.clear()
            if '"' in stop and opened >= 0:
                reading.quoted.append((opened, len(words)))
                opened = -1
            if words and ("." in stop or "?" in stop or "!" in stop or ";" in stop):
                reading.stops.append(len(words))
                if "?" in stop:
                    reading.asks.append(len(words))
    if len(singles) >= 3:
        _join_letters(reading, singles, spelling)
    return reading


def _join_bits(
    reading: Reading, bits: list[tuple[str, int, int]], places: list[int] | None, end: int, spelling: Spelling
) -> bool:
    """Put the last three to five short chunks together, if they spell a long word of danger ("bu nuh di ri")."""
    for count in range(3, min(5, len(bits)) + 1):
        joined = "".join(text for text, _, _ in bits[-count:])
        if len(joined) >= 8 and joined in spelling.wholes:
            _, first, start = bits[-count]
            del reading.words[first:], reading.starts[first:], reading.ends[first:]
            for word in spelling.forms.get(joined, (joined,)):
                reading.words.append(word)
                reading.starts.append(start if places is None else places[start])
                reading.ends.append(end if places is None else places[end - 1] + 1)
            return True
    return False


def _join_letters(reading: Reading, letters: str, spelling: Spelling) -> None:
    """Put the last words, which are single `letters`, together if they spell known words ("b u n u h")."""
    starts, ends = reading.starts, reading.ends
    first = len(starts) - len(letters)
    meant: tuple[str, ...] | None = None
    for spelt in (letters, letters.translate(_LEET)):
        meant = spelling.forms.get(spelt) or part(spelt, spelling)
        if meant is None:
            core = next((core for core in spelling.cores if core in spelt), None)
            meant = None if core is None else spelling.forms[core]
        if meant is not None:
            break
    if meant is None:
        return
    start, end = starts[first], ends[-1]
    del reading.words[first:], starts[first:], ends[first:]
    for word in meant:
        if word not in spelling.fillers:
            reading.words.append(word)
            starts.append(start)
            ends.append(end)


def _join_pieces(reading: Reading, spelling: Spelling) -> None:
    """Put the last two or three words together, if they spell a word of danger ("bu nuh", "sui ci de")."""
    words, starts, ends = reading.words, reading.starts, reading.ends
    for count in (3, 2):
        if len(words) >= count:
            joined = "".join(words[-count:])
            if len(joined) <= 16 and joined in spelling.wholes:
                start, end = starts[-count], ends[-1]
                del words[-count:], starts[-count:], ends[-count:]
                for word in spelling.forms.get(joined, (joined,)):
                    words.append(word)
                    starts.append(start)
                    ends.append(end)
                return
