"""Choices on a channel that shows few of them: up to three as buttons, up to ten as a list, more as numbered text.

What a typed number or word means is the flows' to know (flows.dialogs.student.menus.typed): numbers count from 1 in the
order shown, on the scale the number is the value.
"""

from __future__ import annotations

from dataclasses import replace

from bot.channels.base import Choice, Outgoing
from bot.render import Target, shortened, split
from bot.words import Words, units
from flows.effects import Button, Rows

TYPED = frozenset({"consent", "age", "topic", "heavy", "wish", "menu", "rate", "again", "skip"})
"""Verbs of questions that a typed number or word answers."""
SCALE = "heavy"
MENU = "label.choose"


def asked(text: str, rows: Rows, words: Words, place: Target) -> tuple[Outgoing, ...]:
    """A text with its choices, in as few messages as the channel can show them in."""
    buttons = [button for row in rows for button in row]
    shown, left = _fitting(buttons, place)
    if left and _scale(buttons):
        text = f"{text}\n\n{words.text(place.language, 'choose.scale', {'skip': _label(left[-1], words, place)})}"
    elif left and all(_verb(button) in TYPED for button in buttons):
        lines = [f"{number}. {_label(button, words, place)}" for number, button in enumerate(buttons, 1)]
        return _parts("\n".join([text, "", *lines]), place, place.abilities.text)
    *first, last = _parts(text, place, place.abilities.asked)
    outs = [*first, _with(last, shown, words, place)]
    while left and not _scale(buttons):  # more than a list holds, and nobody may type: one list after the other
        shown, left = left[: place.abilities.rows], left[place.abilities.rows :]
        more = Outgoing("text", text=words.text(place.language, "choose.more"), protect=place.protect)
        outs.append(_with(more, shown, words, place))
    return tuple(outs)


def _fitting(buttons: list[Button], place: Target) -> tuple[list[Button], list[Button]]:
    """What one message can show, and what is left. Of the scale, 0 and "skip" are left to be typed."""
    most = place.abilities.rows
    if len(buttons) <= most:
        return buttons, []
    if _scale(buttons):
        shown = [button for button in buttons if _verb(button) == SCALE and button.data != f"{SCALE}:0"]
        return shown[:most], [button for button in buttons if button not in shown[:most]]
    return buttons[:most], buttons[most:]


def _scale(buttons: list[Button]) -> bool:
    return buttons[0].data == f"{SCALE}:0"


def _verb(button: Button) -> str:
    return button.data.partition(":")[0]


def _label(button: Button, words: Words, place: Target) -> str:
    return words.text(place.language, button.key, button.args)


def _with(out: Outgoing, buttons: list[Button], words: Words, place: Target) -> Outgoing:
    """Reply buttons where all of them fit and can be told apart, else a list."""
    able = place.abilities
    labels = [_label(button, words, place) for button in buttons]
    plain = len(labels) <= able.reply_buttons and len(set(labels)) == len(labels)
    if plain and all(units(label) <= able.label for label in labels):
        rows = tuple((Choice(label, button.data),) for label, button in zip(labels, buttons, strict=True))
        return replace(out, buttons=rows)
    made = []
    for label, button in zip(labels, buttons, strict=True):
        short = shortened(label, able.row_label)
        note = shortened(label, able.row_note) if short != label else ""
        made.append((Choice(short, button.data, note),))
    return replace(out, buttons=tuple(made), menu=shortened(words.text(place.language, MENU), able.label))


def _parts(text: str, place: Target, last: int) -> tuple[Outgoing, ...]:
    """The text in parts of the channel's length; the last one no longer than `last`."""
    *heads, tail = split(text, place.abilities.text)
    if units(tail) > last:
        *more, tail = split(tail, last)
        heads += split("".join(more), place.abilities.text)
    outs = [Outgoing("text", text=part, protect=place.protect) for part in (*heads, tail) if part.strip()]
    outs[0] = replace(outs[0], quote_id=place.quote_id)
    return tuple(outs)
