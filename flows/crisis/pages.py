"""The messages that staff receive about a case: pages, notices, safety cards. Nothing here decides who is asked.

An argument that starts with `@` names a catalogue entry, rendered in the recipient's language with the same arguments
(`entry`). What a page adds below its first lines differs from page to page: `more` is the entry `page.more.<n>`, which
holds {note1} ... {note<n>}. Words of a student stand in `private` only and are never read that way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flows.crisis.assessment import Level
from flows.crisis.ladder import violent
from flows.effects import Args, Button, Class, Rows, Say
from flows.facts import MINUTE, Facts, Ms, Staff
from flows.snapshot import Case

UNREACHABLE = "unreachable"  # Case.outcome of an open case whose person cannot be reached
ERASED = "erased"  # or has erased themselves

_WHY = {
    "danger": "page.why.danger",
    "hand": "page.why.hand",
    "api": "page.why.hand",
    "aside": "page.why.aside",
    "semantic": "page.why.semantic",
}


def entry(key: str) -> str:
    """An argument that stands for a catalogue entry."""
    return f"@{key}"


def ref(case: Case) -> str:
    """What the buttons of a case belong to."""
    return f"case:{case.id}"


def mark_ref(case: Case) -> str:
    """What the buttons belong to that ask, at the end, whether the calls were right; they go when the case reopens."""
    return f"mark:{case.id}"


def buttons(case: Case, *objects: str) -> Rows:
    """One row of `case:` buttons."""
    return (tuple(Button(f"case:{what}:{case.id}", f"button.case.{what}") for what in objects),)


def page(case: Case, to: int, now: Ms, facts: Facts, *, words: str, notes: Iterable[str] = ()) -> Say:
    """One page: level, category, the triggering words verbatim (never for violence), what the person has been told,
    earlier pranks, and the two buttons. `notes` are further entries, e.g. why this page comes again."""
    imminent = case.level >= Level.IMMINENT
    quoted = bool(words) and not violent(case.category) and case.outcome != ERASED
    key = f"page.{'imminent' if imminent else 'high'}{'' if quoted else '.wordless'}"
    return Say(
        key,
        args={
            **_args(case, now),
            "pranks": facts.pranks(case.student),
            **_lines([*_more(case, facts), *notes]),
        },
        private={"words": words} if quoted else {},
        buttons=buttons(case, "ack", "decline"),
        to=to,
        cls=Class.CRISIS,
        ref=ref(case),
        about=_about(case),
        case=case.id,
    )


def _lines(keys: list[str]) -> Args:
    numbered = {f"note{n}": entry(key) for n, key in enumerate(keys, start=1)}
    return {**numbered, "more": entry(f"page.more.{len(keys)}")}


def _more(case: Case, facts: Facts) -> list[str]:
    lines: list[str] = []
    if case.about == "helper":
        lines.append("page.why.helper")
    if case.source in _WHY:
        lines.append(_WHY[case.source])
    if violent(case.category):
        lines.append("page.why.violence")
    if case.outcome in (UNREACHABLE, ERASED):
        lines.append(f"page.{case.outcome}")
    lines.append("page.told.unanswered" if case.told_at is not None else "page.told.numbers")
    if facts.open_chat_of(case.student) is not None:
        lines.append("page.in-chat")
    if facts.pranks(case.student):
        lines.append("page.pranks")
    return lines


def notice(
    key: str,
    case: Case,
    to: int,
    now: Ms,
    *objects: str,
    words: str = "",
    chat: str | None = None,
    **args: str | int,
) -> Say:
    """Tell a staff member something about a case, in order after their pages. `objects` are case buttons."""
    return Say(
        key,
        args={**_args(case, now), **args},
        private={"words": words} if words else {},
        buttons=buttons(case, *objects) if objects else (),
        to=to,
        cls=Class.CRISIS,
        ref=ref(case) if objects else None,
        about=_about(case),
        chat=chat,
        case=case.id,
    )


def with_marks(said: Say, case: Case) -> Say:
    """The same notice with the two buttons that say whether the calls were right."""
    return replace(said, buttons=buttons(case, "right", "wrong"), ref=mark_ref(case))


def line(case: Case, to: int, now: Ms, category: str, words: str, *objects: str) -> Say:
    """A further crisis line, to whoever has the case."""
    if words and not violent(category):
        return notice("case.line", case, to, now, *objects, words=words)
    return notice("case.line.wordless", case, to, now, *objects)


def safety_card(case: Case, facts: Facts, now: Ms) -> Say | None:
    """The discreet card for the helper in the student's chat; one who may have the case gets the button for it."""
    chat = facts.open_chat_of(case.student)
    if chat is None or case.about != "student" or chat.helper == case.student:
        return None
    if may_hold(facts.staff(chat.helper)):
        return notice("safety.card.counselor", case, chat.helper, now, "ack", chat=chat.id)
    return notice("safety.card", case, chat.helper, now, chat=chat.id)


def may_hold(staff: Staff | None) -> bool:
    """Whether somebody may have a case: an active counselor or coordinator."""
    return staff is not None and staff.active and staff.role in ("counselor", "coordinator")


def name_of(staff: Staff | None, name: str = "") -> str:
    """A colleague's name among colleagues; an entry where the roster does not know them."""
    if staff is not None:
        return staff.name or staff.alias
    return name or entry("case.somebody")


def _args(case: Case, now: Ms) -> Args:
    return {
        "alias": case.alias,
        "category": entry(f"category.{case.category}"),
        "level": entry(f"level.{case.level}"),
        "minutes": max(0, now - case.paging_since) // MINUTE,
    }


def _about(case: Case) -> int | None:
    """Whose key seals the message: after an erasure that key is gone, and nothing here is the person's own."""
    return None if case.outcome == ERASED else case.student
