"""The choices a student is shown: which buttons a question has, and what a typed number or word means."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flows.effects import Button, Rows
from flows.facts import Facts

LANGUAGES = ("id", "en")
AGES = ("18-21", "22-25", "26-plus", "under-18")
TOPICS = ("study", "family", "friends", "love", "self", "money", "body", "other")
WISHES = ("female", "male", "other_site", "english")
EXERCISES = ("breathing", "grounding")
INFO = ("stress", "sleep", "grief", "help")
MENU = ("peer", "counselor", "exercises", "info", "near", "data", "danger")


def grid(buttons: list[Button], width: int = 2) -> Rows:
    """Buttons in rows of `width`."""
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))


def consent() -> Rows:
    return ((Button("consent:yes", "button.consent.yes"), Button("consent:no", "button.consent.no")),)


def ages() -> Rows:
    return grid([Button(f"age:{a}", f"age.{a}") for a in AGES])


def menu(minor: bool) -> Rows:
    """The menu. Whoever may not meet peers yet is not shown that entry."""
    entries = [e for e in MENU if not (minor and e == "peer")]
    return grid([Button(f"menu:{e}", f"menu.{e}") for e in entries], 1)


def topics() -> Rows:
    rows = grid([Button(f"topic:{t}", f"topic.{t}") for t in TOPICS])
    return (*rows, (Button("skip:topic", "button.skip"),))


def heavies(step: str) -> Rows:
    row = [Button(f"heavy:{n}", "heavy.n", {"n": n}) for n in range(11)]
    return (tuple(row[:6]), tuple(row[6:]), (Button(f"skip:{step}", "button.skip"),))


def wishes(chosen: tuple[str, ...]) -> Rows:
    """Several may be wished; a chosen one is marked, and the last row goes on."""
    rows = grid([
        Button(f"wish:{w}", "wish.chosen" if w in chosen else f"wish.{w}", {"wish": f"@wish.{w}"}) for w in WISHES
    ])  # fmt: skip
    return (*rows, (Button("skip:wish", "button.go-on" if chosen else "button.skip"),))


def note() -> Rows:
    return ((Button("skip:note", "button.skip"),),)


def leave() -> Rows:
    return ((Button("queue:leave", "button.leave"),),)


def waiting() -> Rows:
    exercises = tuple(Button(f"exercise:{e}", f"exercise.{e}.name") for e in EXERCISES)
    return (exercises, (Button("queue:leave", "button.leave"),))


def nobody() -> Rows:
    return (
        (Button("queue:stay", "button.stay"),),
        tuple(Button(f"exercise:{e}", f"exercise.{e}.name") for e in EXERCISES),
        (Button("queue:leave", "button.leave"),),
    )


def exercises() -> Rows:
    return grid([Button(f"exercise:{e}", f"exercise.{e}.name") for e in EXERCISES])


def infos() -> Rows:
    return grid([Button(f"info:{i}", f"info.{i}.name") for i in INFO])


def languages() -> Rows:
    return (tuple(Button(f"lang:{code}", f"lang.{code}") for code in LANGUAGES),)


def rate() -> Rows:
    return (
        tuple(Button(f"rate:{r}", f"rate.{r}") for r in ("yes", "partly", "no")),
        (Button("skip:rate", "button.skip"),),
    )


def again() -> Rows:
    return (
        (Button("again:yes", "again.yes"), Button("again:no", "again.no")),
        (Button("skip:again", "button.skip"),),
    )


def erase(step: int = 1) -> Rows:
    label = "button.erase.yes" if step == 1 else "button.erase.sure"
    return ((Button("erase:yes", label), Button("erase:no", "button.erase.no")),)


def data() -> Rows:
    return (
        (Button("data:export", "button.data.export"), Button("data:forget", "button.data.forget")),
    )  # fmt: skip


def danger() -> Rows:
    return ((Button("menu:danger", "menu.danger"),),)


def to_menu() -> Rows:
    return ((Button("menu:open", "button.menu"),),)


LISTS: Mapping[str, Callable[[], Rows]] = {
    "exercises": exercises, "infos": infos, "data": data, "languages": languages, "erase": erase,
    "sure": lambda: erase(2), "back": to_menu, "danger": danger,
}  # fmt: skip
"""Lists that are shown beside the question of a state; the newest one is what a typed number or word answers."""


def named(rows: Rows) -> str:
    """The name of such a list; empty for the choices of a state."""
    return next((name for name, make in LISTS.items() if make() == rows), "")


_NUMBERED_FROM_ZERO = ("heavy:",)


def typed(text: str, rows: Rows, facts: Facts, language: str) -> str | None:
    """The button that a typed number or word means, or None. Numbers count from 1 in the order shown; on the scale
    the number is the value. Words are compared without case, space and punctuation at the ends."""
    word = text.strip().strip(".,!?)(").casefold()
    buttons = [b for row in rows for b in row]
    if not word or len(word) > 60 or not buttons:
        return None
    if word.isascii() and word.isdigit() and len(word) <= 2:
        if buttons[0].data.startswith(_NUMBERED_FROM_ZERO):
            return f"heavy:{int(word)}" if int(word) <= 10 else None
        place = int(word)
        return buttons[place - 1].data if 1 <= place <= len(buttons) else None
    for button in buttons:
        label = facts.label(language, button.key, button.args).casefold()
        if word == label or _plain(word) == _plain(label) != "":
            return button.data
    return None


def _plain(text: str) -> str:
    """Letters and digits only, one space between words: a phone's keyboard has no long dash."""
    return " ".join("".join(ch if ch.isalnum() else " " for ch in text).split())
