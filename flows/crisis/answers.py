"""What a person in danger is told: at once, and whenever the truth about help has changed. Every hard message carries
numbers with the date of their last check, and says what happens next."""

from __future__ import annotations

from dataclasses import replace

from flows.crisis.assessment import About, Category, Level
from flows.crisis.ladder import duty, violent
from flows.crisis.numbers import numbers_text
from flows.effects import Button, Class, Rows, Say
from flows.facts import Facts
from flows.snapshot import Case, CaseState

OWN_WORDS = frozenset({Category.self_harm.value, Category.eating_disorder.value, Category.substance.value})
"""Categories with an answer of their own below imminent; what speaks of death has the answer without a name."""
HIDING: Rows = ((Button("hide:list", "button.hide.list"),),)
"""Under an answer to violence: whoever did it may be one of those who would be called."""


def tell(key: str, case: Case, facts: Facts, *, site: str | None = None, name: str = "") -> Say:
    """Say `key` to the person whom the case is about, with `numbers` filled in, ahead of ordinary messages."""
    where = site or site_of(case.student, facts)
    numbers = numbers_text(facts, case.category, where, facts.language(case.student))
    args = {"numbers": numbers, "name": name} if name else {"numbers": numbers}
    return Say(key, args=args, to=case.student, cls=Class.CRISIS, case=case.id)


def first_answer(case: Case, facts: Facts, subject: str = About.self, site: str | None = None) -> Say:
    """The answer to the words (or the button) that open or reopen `case`. `subject` is whom the words speak of (an
    About). It promises a call only when somebody on duty is being called; otherwise it says that nobody is on duty and
    that everybody who can be reached is being called."""
    ending = "calling" if duty(case, facts) else "nobody"
    variant = _variant(case, subject)
    key = f"crisis.answer.{variant}.{ending}" if variant else f"crisis.answer.{ending}"
    answer = tell(key, case, facts, site=site)
    return replace(answer, buttons=HIDING) if variant in ("abuse", "sexual_abuse") else answer


def _variant(case: Case, subject: str) -> str:
    if case.about == "helper":
        return "helper"
    if case.source in ("hand", "api"):
        return "hand"
    if case.source == "danger":
        return "danger"
    if subject == About.friend:
        return "friend"
    if violent(case.category) or case.category == Category.violence_to_others:
        return case.category
    if case.level >= Level.IMMINENT:
        return "imminent"
    return case.category if case.category in OWN_WORDS else ""


def ask_place(person: int, level: int, category: str, subject: str, facts: Facts, before: int = 0) -> list[Say]:
    """The question where help should be sent, once danger has become imminent, and only where the site's policy allows
    it. Never of a friend's place, nor of whoever threatens others: help goes where the danger is."""
    asked = facts.policy.ask_place and level >= Level.IMMINENT > before and category != Category.violence_to_others
    return [Say("crisis.ask-place", to=person, cls=Class.CRISIS)] if asked and subject != About.friend else []


def further_answer(
    case: Case,
    level: int,
    category: str,
    facts: Facts,
    *,
    subject: str = About.self,
    source: str = "text",
    site: str | None = None,
) -> Say | None:
    """The answer to a further hit, asked for before the case is stepped with it. The long text is not repeated: full
    when the level rises or the episode begins anew, one short line otherwise, and nothing where the case's counselor
    already sits in the chat and reads along."""
    if case.state == CaseState.RESOLVED or level > case.level:
        known = category if category != Category.none else case.category
        return first_answer(replace(case, level=level, category=known, source=source), facts, subject, site)
    chat = facts.open_chat_of(case.student)
    if case.state == CaseState.PAGING:
        short = tell("crisis.answer.short", case, facts, site=site)
        return replace(short, buttons=HIDING) if violent(category) and case.about == "student" else short
    if case.state == CaseState.TAKEN and chat is not None and chat.helper == case.owner:
        return None
    return tell("crisis.answer.held", case, facts, site=site)


def site_of(person: int, facts: Facts) -> str | None:
    """The site whose numbers come first, as far as an open request or the roster tells it."""
    request = facts.open_request_of(person)
    if request is not None:
        return request.site
    staff = facts.staff(person)
    return staff.site if staff is not None else None
