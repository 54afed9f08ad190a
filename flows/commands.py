"""The commands, in both languages, and button data. Names of the contract: rename nothing."""

from __future__ import annotations

import re

COMMANDS = {
    "start": "start", "mulai": "start",
    "bantuan": "help", "help": "help",
    "bahasa": "language", "language": "language",
    "darurat": "danger", "danger": "danger",
    "selesai": "end", "end": "end",
    "lapor": "report", "report": "report",
    "dataku": "mydata", "mydata": "mydata",
    "hapus": "forget", "forget": "forget",
    "tautkan": "link", "link": "link",
    "sembunyikan": "hide", "hide": "hide",
    "menu": "menu",
    "on": "on",
    "off": "off",
    "antrean": "queue", "queue": "queue",
    "eskalasi": "escalate", "escalate": "escalate",
    "jeda": "pause", "pause": "pause",
    "catatan": "note", "note": "note",
}  # fmt: skip
"""What a person may type, to its one inner name."""

_COMMAND = re.compile(r"/([A-Za-z_]{1,32})(?:@\w{1,64})?(?=\s|$)\s*", re.ASCII)
_NUMBER = re.compile(r"/([1-9][0-9]?)(?=\s|$)\s*", re.ASCII)
_DATA = re.compile(r"([a-z]{1,16}):([A-Za-z0-9_+.-]{1,32})(?::([A-Za-z0-9_-]{1,32}))?", re.ASCII)


def parse_command(text: str) -> tuple[str, str] | None:
    """The inner name and the argument of a command; ("unknown", rest) for one we do not have; None for any other
    text. A lone slash or a path is a text."""
    found = _COMMAND.match(text)
    if found is None:
        number = _NUMBER.match(text)  # the helper's chat of this number
        return ("nth", number[1]) if number is not None and number.end() == len(text) else None
    return COMMANDS.get(found[1].lower(), "unknown"), text[found.end() :].strip()


def parse_data(data: str) -> tuple[str, str, str | None]:
    """Verb, object and id of a button's data; ("stale", "", None) for what no button of ours carries."""
    found = _DATA.fullmatch(data)
    if found is None:
        return "stale", "", None
    return found[1], found[2], found[3]
