"""The forms an Indonesian verb takes in chat, active and passive, formal and colloquial."""

from __future__ import annotations

_SUFFIXES = ("", "i", "in", "kan", "an")
# First letter of the root -> (prefix, letters dropped) of the active forms, formal first.
_NASAL: dict[str, tuple[tuple[str, int], ...]] = {
    "p": (("mem", 1), ("m", 1)),
    "t": (("men", 1), ("n", 1)),
    "k": (("meng", 1), ("ng", 1)),
    "s": (("meny", 1), ("ny", 1)),
    "b": (("mem", 0), ("nge", 0), ("m", 0), ("nge", 0)),
    "c": (("men", 0), ("ny", 1)),
    "d": (("men", 0), ("nge", 0), ("n", 0)),
    "j": (("men", 0), ("nge", 0), ("n", 0)),
    "g": (("meng", 0), ("nge", 0), ("ng", 0)),
    "h": (("meng", 0), ("ng", 1), ("nge", 0)),
    "l": (("me", 0), ("nge", 0)),
    "r": (("me", 0), ("nge", 0)),
    "m": (("me", 0), ("nge", 0)),
    "n": (("me", 0), ("nge", 0)),
    "w": (("me", 0), ("nge", 0)),
    "y": (("me", 0), ("nge", 0)),
    "f": (("mem", 0), ("nge", 0)),
    "v": (("mem", 0), ("nge", 0)),
    "z": (("men", 0), ("nge", 0)),
}
_VOWEL = (("meng", 0), ("ng", 0))


def active(root: str) -> list[str]:
    """The bare and active forms of `root`: pukul -> pukul, pukulin, memukul, memukuli, mukul, mukulin ..."""
    stems = [root]
    for prefix, dropped in _NASAL.get(root[0], _VOWEL):
        stems.append(prefix + root[dropped:])
    return list(dict.fromkeys(stem + suffix for stem in stems for suffix in _SUFFIXES))


def passive(root: str) -> list[str]:
    """The passive forms of `root`: pukul -> dipukul, dipukulin, kepukul ..."""
    return [prefix + root + suffix for prefix in ("di", "ke", "ter") for suffix in _SUFFIXES]
