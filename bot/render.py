"""A payload becomes what a channel can send: in the recipient's language, within the channel's lengths.

Pure: the same payload gives the same parts, so that a split that was sent in part goes on where it stopped.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from bot.channels.base import Abilities, Choice, Kind, Outgoing
from bot.outbox.payload import Amended, Document, Invite, Payload, Relayed, Speech, Typing, Unbutton
from bot.words import Words, units
from flows.effects import Rows

AMENDED = "✏️ "
"""Stands before new words that could not be edited in place; needs no language."""

_PARAGRAPH = re.compile(r"\n\s*\n")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"[.!?…。！？]+[\"'”’)\]]*\s+")
_SPACE = re.compile(r"\s+")
_JOINING = frozenset("\u200d\ufe0f\u20e3") | {chr(code) for code in range(0x1F3FB, 0x1F400)}
CLUSTER = 32
"""How far to step back so that an emoji of several code points stays whole."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a payload is going: the recipient's language, the channel's abilities, and what it refers to there.

    `quote_id`: the platform's id of the quoted message; `edit_id`: of the message to be edited or stripped of its
    buttons; both empty where there is none. `buttons` false: they were spent before it left. `protect`: somebody
    else's words, not to be forwarded or saved.
    """

    language: str
    abilities: Abilities
    quote_id: str = ""
    edit_id: str = ""
    buttons: bool = True
    protect: bool = False


def render(payload: Payload, words: Words, place: Target) -> tuple[Outgoing, ...]:
    """The parts to send, in order; none where there is nothing to do. Buttons stand on the last part, a quote on
    the first."""
    if isinstance(payload, Speech):
        return _speech(payload, words, place)
    if isinstance(payload, Relayed):
        return _relayed(payload, place)
    if isinstance(payload, Amended):
        return _amended(payload, place)
    if isinstance(payload, Unbutton):
        gone = place.edit_id and place.abilities.removes_buttons
        return (Outgoing("unbutton", external_id=place.edit_id),) if gone else ()
    if isinstance(payload, Typing):
        return (Outgoing("typing"),) if place.abilities.typing else ()
    if isinstance(payload, Invite):
        return (Outgoing("template", language=place.language),)
    return _document(payload, words, place)


def choices(rows: Rows, words: Words, language: str, abilities: Abilities) -> tuple[tuple[Choice, ...], ...]:
    """Buttons with their labels, shortened to the channel's length, in rows that the channel can show."""
    shown: list[tuple[Choice, ...]] = []
    for row in rows:
        made = [
            Choice(shortened(words.text(language, button.key, button.args), abilities.label), button.data)
            for button in row
        ]
        shown += [tuple(made[at : at + abilities.per_row]) for at in range(0, len(made), abilities.per_row)]
    return tuple(shown)


def shortened(text: str, limit: int) -> str:
    """At most `limit` units, ending in an ellipsis where it was longer."""
    if units(text) <= limit:
        return text
    return text[: _whole(text, _fitting(text, limit - 1))].rstrip() + "…"


def split(text: str, limit: int) -> tuple[str, ...]:
    """Parts of at most `limit` UTF-16 units that together are exactly `text`: cut after a paragraph, a line, a
    sentence, a word, else between two characters as a person sees them."""
    parts: list[str] = []
    while units(text) > limit:
        cut = _cut(text, limit)
        parts.append(text[:cut])
        text = text[cut:]
    parts.append(text)
    return tuple(parts)


def _cut(text: str, limit: int) -> int:
    end = _fitting(text, limit)
    window = text[:end]
    for kind in (_PARAGRAPH, _LINE, _SENTENCE, _SPACE):
        # Not in the first half: many short parts read worse than one cut sentence.
        found = [match.end() for match in kind.finditer(window, end // 2)]
        if found:
            return found[-1]
    return _whole(text, end)


def _fitting(text: str, limit: int) -> int:
    """How many characters of `text` fit into `limit` units."""
    used = 0
    for at, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > limit:
            return at
    return len(text)


def _whole(text: str, cut: int) -> int:
    """The same cut, or an earlier one that does not part a character from its marks or an emoji from its joiners."""
    for at in range(cut, max(1, cut - CLUSTER), -1):
        if at >= len(text):
            return at
        follows, before = text[at], text[at - 1]
        if follows not in _JOINING and not unicodedata.combining(follows) and before != "\u200d":
            return at
    return cut


# --- each payload ---


def _texts(text: str, place: Target, rows: tuple[tuple[Choice, ...], ...] = ()) -> tuple[Outgoing, ...]:
    # A part of spaces alone would be refused, and shows nothing.
    parts = [part for part in split(text, place.abilities.text) if part.strip()]
    outs = [Outgoing("text", text=part, protect=place.protect) for part in parts]
    if outs:
        outs[0] = replace(outs[0], quote_id=place.quote_id)
        outs[-1] = replace(outs[-1], buttons=rows)
    return tuple(outs)


def _speech(payload: Speech, words: Words, place: Target) -> tuple[Outgoing, ...]:
    text = words.text(place.language, payload.key, payload.args, payload.private)
    if place.abilities.reply_buttons and place.buttons and any(payload.buttons):
        from bot.choosing import asked

        return asked(text, payload.buttons, words, place)
    rows = choices(payload.buttons, words, place.language, place.abilities) if place.buttons else ()
    if place.edit_id and place.abilities.edits and units(text) <= place.abilities.text:
        return (Outgoing("edit", text=text, buttons=rows, external_id=place.edit_id),)
    return _texts(text, place, rows)


def _relayed(payload: Relayed, place: Target) -> tuple[Outgoing, ...]:
    head = Outgoing("text", text=f"{payload.alias}:", protect=place.protect, quote_id=place.quote_id)
    if payload.place is not None:
        if Kind.LOCATION not in place.abilities.kinds:
            spot = f"{payload.place.latitude:.5f}, {payload.place.longitude:.5f}"
            return _lines(replace(payload, text=spot, place=None), place)
        pin = Outgoing("place", place=payload.place, protect=place.protect)
        return (head, pin) if payload.alias else (replace(pin, quote_id=place.quote_id),)
    if payload.media is None:
        return _lines(payload, place)
    media = payload.media
    if media.kind not in place.abilities.kinds:
        media = replace(media, kind=Kind.DOCUMENT)
    out = Outgoing("media", media=media, protect=place.protect)
    if media.kind not in place.abilities.captioned:  # takes no words with it
        bare = (head, out) if payload.alias else (replace(out, quote_id=place.quote_id),)
        return (*bare, *_texts(payload.text, replace(place, quote_id="")))
    caption = _under(payload.alias, payload.text)
    if units(caption) <= place.abilities.caption:
        return (replace(out, text=caption, quote_id=place.quote_id),)
    first = replace(out, text=f"{payload.alias}:" if payload.alias else "", quote_id=place.quote_id)
    return (first, *_texts(payload.text, replace(place, quote_id="")))


def _lines(payload: Relayed, place: Target) -> tuple[Outgoing, ...]:
    whole = _under(payload.alias, payload.text)
    if not payload.alias or units(whole) <= place.abilities.text:
        return _texts(whole, place)
    # The alias apart, so that a text which fits arrives in one piece and unchanged.
    head = Outgoing("text", text=f"{payload.alias}:", protect=place.protect, quote_id=place.quote_id)
    return (head, *_texts(payload.text, replace(place, quote_id="")))


def _amended(payload: Amended, place: Target) -> tuple[Outgoing, ...]:
    text = _under(payload.alias, payload.text)
    if place.edit_id and place.abilities.edits and units(text) <= place.abilities.text:
        return (Outgoing("edit", text=text, external_id=place.edit_id),)
    return _texts(AMENDED + text, place)


def _document(payload: Document, words: Words, place: Target) -> tuple[Outgoing, ...]:
    caption = words.text(place.language, payload.key, payload.args) if payload.key else ""
    out = Outgoing("document", data=payload.data, file_name=payload.name, mime=payload.mime, protect=place.protect)
    if units(caption) <= place.abilities.caption:
        return (replace(out, text=caption),)
    return (*_texts(caption, place), out)


def _under(alias: str, text: str) -> str:
    if not alias:
        return text
    return f"{alias}: {text}" if text else f"{alias}:"
