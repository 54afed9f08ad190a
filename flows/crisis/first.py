"""What a crisis causes at once (C2): the answer, the case, the pages. Belongs to no dialog."""

from __future__ import annotations

from flows.crisis import answers
from flows.crisis import case as cases
from flows.crisis.assessment import About, Assessment, Category, Level
from flows.crisis.excerpt import excerpt
from flows.effects import Effect, Say, Send
from flows.events import Command, Hit, Internal, Personal
from flows.facts import Facts
from flows.snapshot import Case, Chat, Student


def respond(
    student: Student,
    event: Personal | Internal,
    assessment: Assessment | None,
    danger: bool,
    now: int,
    facts: Facts,
    source: str = "text",
) -> tuple[str, list[Effect]]:
    """The id of the case and the effects, in the order of the law: the words and numbers for the student, the case,
    the pages, the timer. A further hit of an open episode raises the case and never repeats the long answer."""
    found = assessment if assessment is not None and assessment.crisis else None
    return _open_or_raise(
        student.person,
        student.alias,
        about="student",
        level=max(int(found.level) if found else 0, int(Level.HIGH)),
        category=str(found.category) if found else str(Category.none),
        subject=str(found.about) if found else str(About.self),
        site=student.site,
        words=_words(event, found),
        source="danger" if danger else source,
        message=getattr(event, "message", None),
        now=now,
        facts=facts,
    )


def about_helper(person: int, event: Personal | Internal, danger: bool, now: int, facts: Facts) -> list[Effect]:
    """A helper who speaks of their own danger is somebody in danger: the same answer, a case about them."""
    assessment: Assessment | None = getattr(event, "assessment", None)
    found = assessment if assessment is not None and assessment.crisis else None
    return _open_or_raise(
        person,
        facts.alias(person),
        about="helper",
        level=max(int(found.level) if found else 0, int(Level.HIGH)),
        category=str(found.category) if found else str(Category.none),
        subject=str(About.self),
        site=None,
        words=_words(event, found),
        source="danger" if danger else "helper",
        message=getattr(event, "message", None),
        now=now,
        facts=facts,
    )[1]


def by_hand(chat: Chat, by: int, now: int, facts: Facts) -> list[Effect]:
    """A helper brings a counselor in: a case at level high without any words quoted."""
    return _open_or_raise(
        chat.student,
        chat.alias,
        about="student",
        level=int(Level.HIGH),
        category=str(Category.none),
        subject=str(About.self),
        site=None,
        words="",
        source="hand",
        message=None,
        now=now,
        facts=facts,
    )[1]


def _words(event: Personal | Internal, found: Assessment | None) -> str:
    """What the page quotes; empty for a button, which has no words."""
    text = getattr(event, "text", "") or getattr(event, "caption", "")
    if not text and isinstance(event, Command):
        text = event.argument
    return excerpt(text, found) if found is not None and text else ""


def _open_or_raise(
    person: int,
    alias: str,
    *,
    about: str,
    level: int,
    category: str,
    subject: str,
    site: str | None,
    words: str,
    source: str,
    message: int | None,
    now: int,
    facts: Facts,
) -> tuple[str, list[Effect]]:
    stale = [
        Say("directory.expired", to=staff.person)
        for staff in facts.all_staff("coordinator")
        if any(number.expired for number in facts.numbers(category))
    ]
    known: Case | None = facts.open_case(person) or facts.last_case(person)
    if known is None:
        opened = cases.opening(
            id=facts.new_id(),
            student=person,
            alias=alias,
            level=level,
            category=category,
            source=source,
            message=message,
            now=now,
            facts=facts,
            about=about,
            words=words,
            subject=subject,
            site=site,
        )
        place = answers.ask_place(person, level, category, subject, facts) if about == "student" else []
        return opened.case.id, [opened.answer, *place, *opened.effects, *stale]
    effects: list[Effect] = []
    answer = answers.further_answer(known, level, category, facts, subject=subject, source=source)
    quiet = known.state != "resolved" and level <= known.level and facts.open_chat_of(person) is not None
    if answer is not None and not quiet:
        effects.append(answer)
        before = known.level if known.state != "resolved" else 0
        if about == "student":
            effects.extend(answers.ask_place(person, level, category, subject, facts, before))
    effects.append(Send("case", known.id, Hit(level, category, message)))
    return known.id, effects
