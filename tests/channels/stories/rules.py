"""What a channel's abilities make of a transcript: every difference that may be is one of these rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.channels.base import Abilities, Kind
from bot.render import AMENDED
from bot.replay.story import SEES, Step
from bot.words import Words

SCALE = "0"
_ROW = re.compile(r"\[[^\[\]]+\](?: \[[^\[\]]+\])*")
_UNTIL = re.compile(r" \(WhatsApp (?:sampai|until) [^)]*\)")
_SOUND = {kind.value for kind in (Kind.VOICE, Kind.AUDIO)}


def shortened(label: str, able: Abilities) -> tuple[str, ...]:
    """How a label may stand on a button: whole, or cut to a button's or a list row's length."""
    lengths = [able.label, *([able.row_label] if able.reply_buttons else [])]
    return (label, *(_cut(label, length) for length in lengths))


def _cut(label: str, length: int) -> str:
    return label if len(label) <= length else label[: length - 1].rstrip() + "…"


def plain(entry: Any) -> Any:
    """Without spaces at the ends, which platforms cut, and without until when somebody may be written to: only
    WhatsApp has such a window."""
    if isinstance(entry, str):
        return _UNTIL.sub("", entry).strip()
    if not isinstance(entry, dict):
        return entry
    return {key: plain(value) if key != "file" else value for key, value in entry.items()}


class Rules:
    """The rules of one channel for people whose screens it shows."""

    def __init__(self, able: Abilities, words: Words) -> None:
        self._able, self._words = able, words

    def apply(self, step: Step, people: dict[str, str]) -> None:
        """Say of a step what these people (with their languages) see there."""
        edited = any(act.verb == "edits" for act in step.acts)
        for name, language in people.items():
            key = f"{name}{SEES}"
            if key in step.seen:
                step.seen[key] = list(self._entries(step.seen[key], language, edited))

    def _entries(self, entries: list[Any], language: str, edited: bool) -> Iterator[Any]:
        able = self._able
        said = [one for one in entries if isinstance(one, str) or not {"toast", "buttons gone"} & set(one)]
        for entry in entries:
            if isinstance(entry, str):
                yield self._asked(entry, language)
            elif "toast" in entry:
                # No answer to a tap is shown: it is said in a message, unless something was said anyway.
                if able.edits or not said:
                    yield entry if able.edits else entry["toast"]
            elif "buttons gone" in entry:
                if able.removes_buttons:
                    yield entry
            elif "changed" in entry and not able.edits:
                # Sent messages stay as they are: the new words are a new message, marked where they are a person's.
                yield AMENDED + entry["changed"] if edited else self._asked(entry["changed"], language)
            else:
                yield from self._media(entry, language)

    def _media(self, entry: dict[str, Any], language: str) -> Iterator[Any]:
        entry = dict(entry)
        if Kind.STICKER in entry or (self._able.pull and "document" not in entry):
            entry.pop("file", None)  # a sticker has no name, nor has what a page shows
        sound = next((kind for kind in _SOUND if kind in entry), "")
        if sound and Kind(sound) not in self._able.captioned and entry[sound]:
            # Sound takes no words with it: whose it is stands before.
            alias, _, words = str(entry[sound]).partition(":")
            yield f"{alias}:"
            entry[sound] = ""
            yield entry
            if words:
                yield words
            return
        if "text" in entry:
            entry["text"] = self._asked(entry["text"], language)
        yield entry

    def _asked(self, shown: str, language: str) -> str:
        """A text with its choices: rows as they are, or as few as the channel shows."""
        lines = shown.rstrip().split("\n")
        at = len(lines)
        while at and _ROW.fullmatch(lines[at - 1]):
            at -= 1
        text, labels = "\n".join(lines[:at]), [one for row in lines[at:] for one in row[1:-1].split("] [")]
        able = self._able
        if not labels or not able.reply_buttons:
            return shown.rstrip() if labels else shown.strip()
        if labels[0] == SCALE:
            *scale, skip = labels
            text += "\n\n" + self._words.text(language, "choose.scale", {"skip": skip})
            labels = scale[1:]
        plain = len(labels) <= able.reply_buttons and all(len(label) <= able.label for label in labels)
        if not plain:
            labels = [_cut(label, able.row_label) for label in labels]
        return "\n".join([text, *(f"[{label}]" for label in labels)])
