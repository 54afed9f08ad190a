"""Text as Telegram treats it: trimmed, measured in UTF-16 units, with commands and markup as entities."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
_FOUND = (
    ("bot_command", re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("url", re.compile(r"https?://[^\s<>]+")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+\w")),
    ("mention", re.compile(r"(?<![\w@.])@[A-Za-z]\w{4,31}")),
)


def units(text: str) -> int:
    """Length in UTF-16 code units, the measure of every offset and length of the Bot API."""
    return len(text.encode("utf-16-le")) // 2


def found_entities(text: str) -> list[Json]:
    """The entities Telegram finds by itself: commands, links, addresses, mentions."""
    entities = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            entities.append(
                {
                    "type": kind,
                    "offset": units(text[: match.start()]),
                    "length": units(match.group()),
                }
            )
    return sorted(entities, key=lambda entity: entity["offset"])
