"""Characters as plain lower-case letters: look-alikes, decorated and circled letters, emoji as words."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

_LOOKALIKES = {
    **dict(zip("абвгеёзийкмнорстухцьѕіјһԁԛԝӏ", "abbreeziikmhopctyxubsijhdqwl", strict=True)),
    **dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", "abydezn0iklmvxonpcotupxyw", strict=True)),
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    **dict(zip("ıɐɑɓɔɗəɛɡɦɨɩɫɱɲŋøœɹɾʃʇʉʊʌʍʎłđħŧƅßþðæ", "iaabcdeeghiilmnnooertstuuvwyldhtbbpda", strict=False)),
    "\u2018": "'",
    "\u2019": "'",
    "\u02bc": "'",
    "\u00b4": "'",
    "\uff07": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\u201e": '"',
    "\u2026": ".",
    "\u2013": "-",
    "\u2014": "-",
    "\u2022": ".",
    "\u00b7": ".",
    "\u3164": " ",
    "\u115f": " ",
    "\u1160": " ",
    "\uffa0": " ",
    "\u2800": " ",
    "\u180e": "",
}


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    """One character as plain lower-case letters; '' if it only decorates; a space if it is a picture."""
    known = _LOOKALIKES.get(char)
    if known is not None:
        return known
    code = ord(char)
    for first in (0x1F1E6, 0x1F150, 0x1F170, 0x1F130):  # regional, circled and squared letters
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    out: list[str] = []
    for part in unicodedata.normalize("NFKD", char).lower():
        if part in _LOOKALIKES:
            out.append(_LOOKALIKES[part])
            continue
        kind = unicodedata.category(part)
        if kind in ("Mn", "Me", "Cf", "Cs") or part == "\0":
            continue
        out.append(" " if kind in ("So", "Sk", "Co", "Cn", "Zs", "Cc") and part != "\n" else part)
    return "".join(out)


def fold(text: str, emoji: Mapping[str, str]) -> tuple[str, list[int] | None]:
    """`text` in plain lower case, and for each of its characters the index of the raw one (None: the same)."""
    if text.isascii():
        return text.lower(), None
    out: list[str] = []
    places: list[int] = []
    for index, char in enumerate(text):
        if char.isascii():
            out.append(char.lower())
            places.append(index)
            continue
        word = emoji.get(char)
        plain = f" {word} " if word is not None else _fold_char(char)
        out.append(plain)
        places.extend([index] * len(plain))
    return "".join(out), places
