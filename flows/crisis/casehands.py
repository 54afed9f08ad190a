"""What every part of a case's work has at hand: timers, audit, words and names, and notices to those who hold it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flows.crisis import pages
from flows.crisis.assessment import Level
from flows.crisis.ladder import shut_out, watchers
from flows.effects import Audit, ClearTimer, SetTimer
from flows.events import Acknowledge, Tick
from flows.facts import Ms
from flows.snapshot import Case, CaseState
from flows.work import Work


@dataclass(slots=True)
class CaseHands(Work[Case]):
    """One event on its way through a case. `given` are the triggering words of this very event, where the caller has
    them at hand. `thing.state` is the state from before the event until the step is over."""

    given: str | None = None
    by: int | None = None

    def __post_init__(self) -> None:
        Work.__post_init__(self)
        self.by = getattr(self.event, "by", None)

    @property
    def case(self) -> Case:
        return self.thing

    def _set(self, name: str, after: Ms, n: int = 0) -> None:
        self.want(SetTimer("case", self.case.id, name, self.now + after, Tick(name, n), crisis=True))

    def _clear(self, *names: str) -> None:
        self.want(*(ClearTimer("case", self.case.id, name) for name in names))

    def _audit(self, actor: int | None, action: str, **detail: str | int) -> None:
        level = Level(self.case.level).word
        self.want(Audit(actor, action, f"case:{self.case.id}", {"level": level, **detail}))

    def _words(self) -> str:
        return self.given if self.given is not None else self.facts.words(self.case.id)

    def _name(self, person: int | None) -> str:
        return pages.name_of(None if person is None else self.facts.staff(person))

    def _given_name(self) -> str:
        """The name under which somebody acknowledged through the admin API."""
        return self.event.name if isinstance(self.event, Acknowledge) else ""

    def _next(self) -> tuple[str, ...]:
        """The buttons of whoever has the case."""
        return ("take", "resolve") if self.case.state == CaseState.ACKNOWLEDGED else ("resolve",)

    def _next_if_held(self) -> tuple[str, ...]:
        return () if self.case.state == CaseState.PAGING else self._next()

    def _others(self) -> tuple[int, ...]:
        return tuple(person for person in self.case.asking if person != self.by)

    def _holders(self) -> tuple[int, ...]:
        """Who must hear news of the case now: those asked; later the owner, or those on duty where none can be
        written to."""
        if self.case.state == CaseState.PAGING:
            return self.case.asking
        return (self.case.owner,) if self.case.owner is not None else watchers(self.case, self.facts)

    def _notify(self, key: str, person: int | None, name: str = "") -> None:
        """A notice, to nobody who has been suspended (P4) or kept away since."""
        if person is not None and self._may_hear(person):
            self.want(pages.notice(key, self.case, person, self.now, name=name))

    def _notify_all(self, key: str, people: Iterable[int]) -> None:
        name = self._name_of_actor()
        for person in people:
            self._notify(key, person, name=name)

    def _close_notice(self, key: str, person: int | None, name: str = "") -> None:
        """That the case is resolved; whoever may say so is asked beside it whether calling them was right."""
        if person is not None and self._may_hear(person):
            said = pages.notice(key, self.case, person, self.now, name=name)
            self.want(pages.with_marks(said, self.case) if self._marks(person) else said)

    def _may_hear(self, person: int) -> bool:
        return pages.may_hold(self.facts.staff(person)) and person not in shut_out(self.case, self.facts)

    def _marks(self, person: int | None) -> bool:
        staff = None if person is None else self.facts.staff(person)
        called = person in self.case.paged or person == self.case.owner
        return called and staff is not None and staff.role == "counselor" and self._may_hear(staff.person)

    def _name_of_actor(self) -> str:
        return pages.name_of(None if self.by is None else self.facts.staff(self.by), self._given_name())

    def _tell_helper(self, key: str) -> None:
        """The helper in the student's chat hears of it too, unless they are the one who acted or have the case."""
        chat = self.facts.open_chat_of(self.case.student) if self.case.about == "student" else None
        if chat is not None and chat.helper not in (self.by, self.case.owner, self.case.student):
            self.want(pages.notice(key, self.case, chat.helper, self.now, chat=chat.id, name=self._name(self.by)))
