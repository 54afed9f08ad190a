"""The intake, four taps at most, and the way into the queue."""

from __future__ import annotations

from flows.dialogs.student import menus
from flows.dialogs.student.base import QUESTIONS
from flows.dialogs.student.menu import Menu
from flows.dialogs.student.states import Doing
from flows.effects import (
    Fate,
    Say,
    Spend,
)  # fmt: skip
from flows.snapshot import Request
from flows.support.request import open_request


class Intake(Menu):
    """The intake, four taps at most, and the way into the queue."""

    def take_topic(self) -> None:
        self.change(topic=self.event.object)
        self.ask(Doing.HEAVY)

    def skip_topic(self) -> None:
        self.ask(Doing.HEAVY)

    def take_heavy(self) -> None:
        self.change(heavy=int(self.event.object))
        self.ask(Doing.WISH)

    def skip_heavy(self) -> None:
        self.ask(Doing.WISH)

    def take_wish(self) -> None:
        wish = self.event.object
        chosen = self.thing.wishes
        other = {"female": "male", "male": "female"}.get(wish)
        kept = tuple(w for w in chosen if w not in (wish, other))
        self.change(wishes=kept if wish in chosen else (*kept, wish))
        self.want(
            Say(
                QUESTIONS[Doing.WISH],
                buttons=menus.wishes(self.thing.wishes),
                ref=f"ask:{self.thing.person}",
                replaces=True,
            )
        )

    def skip_wish(self) -> None:
        self.ask(Doing.NOTE)

    def wish_in_words(self) -> None:
        self.settle(Fate.HELD)
        self.ask(Doing.NOTE)

    def take_note(self) -> None:
        """The free text is the first thing the supporter will read."""
        self.join()

    def keep_note(self) -> None:
        """A photo or voice note beside the intake is kept, too."""
        self.settle(Fate.HELD)
        self.ask(Doing(self.state))

    def join(self) -> None:
        """Into the queue, and the honest word about it."""
        student = self.thing
        english = "english" in student.wishes
        request = Request(
            id=self.facts.new_id(),
            student=student.person,
            kind=student.kind,
            topic=student.topic,
            heavy=student.heavy,
            wishes=tuple(w for w in student.wishes if w != "english"),
            language="en" if english else student.language,
            site=student.site,
            opened_at=self.now,
            avoid=tuple(self.facts.never_again(student.person)),
        )
        self.want(Spend(f"ask:{student.person}"), *open_request(request, self.now))
        self.change(request=request.id, told_kept_at=0)
        self.settle(Fate.HELD)

    def join_in_crisis(self) -> None:
        """A crisis leaves a request in the queue, raised by risk. Without consent and a known adult age only
        counselors may accept it; agreeing later widens it to peers."""
        student = self.thing
        level = int(getattr(getattr(self.event, "assessment", None), "level", 2) or 2)
        request = self.facts.open_request_of(student.person)
        if request is None:
            adult = student.consent is True and student.age is not None and not self.minor()
            fresh = Request(
                id=self.facts.new_id(),
                student=student.person,
                kind="peer" if adult else "counselor",
                language=student.language,
                site=student.site,
                risk=max(2, level),
                opened_at=self.now,
                topic=student.topic,
                avoid=tuple(self.facts.never_again(student.person)),
            )
            self.want(*open_request(fresh, self.now))
            self.change(request=fresh.id, told_kept_at=self.now)
        self.settle(Fate.HELD)
        if student.consent is not True:
            self.say("crisis.consent", buttons=menus.consent(), ref=f"ask:{student.person}")
