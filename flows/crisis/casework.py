"""The guards and replies of a case: what each event means to the person in danger, to those who were paged, and to the
one who has it. The table that calls them stands in flows.crisis.case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flows.crisis import pages
from flows.crisis.answers import tell
from flows.crisis.assessment import Category, Level
from flows.crisis.casehands import CaseHands
from flows.crisis.ladder import Rung, climb, exhausted, honest_after, patience, shut_out
from flows.crisis.takeover import open_chat
from flows.effects import Hook, Mark, Say, Send, Spend, Toast
from flows.events import CaseOver, Decline, Raise
from flows.facts import MINUTE, Ms
from flows.snapshot import CaseState

CLIMB, TELL, ACT = "climb", "tell", "act"  # the timers of a case, and the names of their ticks
STILL: tuple[Ms, ...] = (15 * MINUTE, 60 * MINUTE, 240 * MINUTE)  # pauses between "I am still calling"


class CaseWork(CaseHands):
    """Guards are free of effects; replies append effects and may change the case, never its state."""

    __slots__ = ()

    # --- guards -----------------------------------------------------------------------------------------------------

    def rises(self) -> bool:
        return bool(self.event.level > self.case.level)

    def can_hold(self) -> bool:
        """An active counselor or coordinator other than the person in danger; or the admin API, which has checked."""
        if self.by is None:
            return True
        return self.by not in shut_out(self.case, self.facts) and pages.may_hold(self.facts.staff(self.by))

    def counselor_acts(self) -> bool:
        """Whoever as a counselor already writes or notes has the case, whether or not they pressed the button."""
        staff = None if self.by is None else self.facts.staff(self.by)
        return staff is not None and staff.role == "counselor" and self.can_hold()

    def may_mark(self) -> bool:
        """A counselor who was called for this episode or had it."""
        return self._marks(self.by)

    def was_asked(self) -> bool:
        return self.by in self.case.asking

    def by_owner(self) -> bool:
        return self.by is not None and self.by == self.case.owner

    def owner_is_kept_away(self) -> bool:
        return self.case.owner is not None and self.case.owner in shut_out(self.case, self.facts)

    def owner_acts(self) -> bool:
        return self.by is None or self.case.owner is None or self.by_owner()

    def owner_unreachable(self) -> bool:
        """A page that was refused counts against its owner only when no other address reaches them."""
        if not (self.by_owner() and self.event.unreachable):
            return False
        staff = self.facts.staff(self.by or 0)
        return staff is None or not staff.active or not staff.reachable

    def owner_hands_back(self) -> bool:
        return self.by_owner() and self.pressed()

    def pressed(self) -> bool:
        """A decline that somebody chose, and that wants an answer; not a page that the platform refused."""
        return not self.event.unreachable

    def acted(self) -> bool:
        return self.case.acted_at is not None

    def reminded(self) -> bool:
        return self.case.reminded_at is not None

    def gone_is_news(self) -> bool:
        known = self.case.outcome
        return known is None or (self.event.erased and known != pages.ERASED)

    def was_unreachable(self) -> bool:
        return self.case.outcome == pages.UNREACHABLE

    # --- the beginning, and every new beginning ---------------------------------------------------------------------

    def begin(self, note: str | None = None) -> None:
        """Start paging from the first rung; the student has until then been told what they were told."""
        self._climb_from_start(note)
        self._promise_truth()
        card = pages.safety_card(self.case, self.facts, self.now)
        if card is not None and card.to not in self.case.asking:  # a counselor who is paged needs no card beside it
            self.want(card)
        self._raise_request()

    def reopen_by_hit(self) -> None:
        self._new_episode(level=self.event.level, message=self.event.message or self.case.message, source="text")
        self._learn_category()
        self._audit(None, "case.reopen")
        self.begin("page.reopened")

    def reopen_by_hand(self) -> None:
        self._new_episode()
        self._audit(self.by, "case.reopen")
        self._tell("crisis.reopened")
        self.begin("page.reopened")

    def _new_episode(self, **changes: Any) -> None:
        self.want(Spend(pages.mark_ref(self.case)))
        self.change(
            **changes,
            episode=self.case.episode + 1,
            raised_at=self.now,
            told_at=None,
            resolved_at=None,
            outcome=None if self.case.outcome != pages.ERASED else pages.ERASED,
            asking=(),
        )

    # --- a further crisis line --------------------------------------------------------------------------------------

    def hear(self) -> None:
        """Nothing new to those already asked; what it says of the category is kept."""
        self._reached()
        if self.case.category == Category.none:
            self._learn_category()

    def tell_owner(self) -> None:
        self.hear()
        people = self._holders()
        for person in people:
            self.want(pages.line(self.case, person, self.now, self.event.category, self._words(), *self._next()))
        self._audit(None, "case.line", people=_listed(people))

    def pass_place(self) -> None:
        """Where the person is, in their own words, to whoever must know now. It opens nothing and pages nobody."""
        words = self._words()
        for person in self._holders() if words else ():
            self.want(pages.notice("case.place", self.case, person, self.now, *self._next_if_held(), words=words))
        self._audit(None, "case.place")

    def raise_level(self) -> None:
        """Page anew. The one who had it is asked with the first, and has it again by acting, as anybody."""
        self._reached()
        before = self.case
        self.change(level=self.event.level, raised_at=self.now)
        self._learn_category()
        self._audit(None, "case.raise")
        self._raise_request()
        waiting = before.state == CaseState.PAGING and before.told_at is None
        self._climb_from_start("page.raised", also=[p for p in (before.owner,) if p is not None])
        if waiting:  # C3 counts from the first unanswered moment: a rise must not postpone the truth
            self.change(paging_since=before.paging_since)
        else:
            self.change(told_at=None)
            self._promise_truth()

    def _learn_category(self) -> None:
        if self.event.category != Category.none:
            self.change(category=self.event.category)

    def _reached(self) -> None:
        if self.was_unreachable():
            self.change(outcome=None)

    def _raise_request(self) -> None:
        request = self.facts.open_request_of(self.case.student) if self.case.about == "student" else None
        if request is not None and request.risk < self.case.level:
            self.want(Send("request", request.id, Raise(self.case.level)))

    # --- the ladder -------------------------------------------------------------------------------------------------

    def climb(self) -> None:
        self._climb()

    def decline(self) -> None:
        by = self.by or 0
        self.change(asking=tuple(person for person in self.case.asking if person != by))
        self._audit(by, "case.decline")
        if isinstance(self.event, Decline):
            self.note_decline()
        if exhausted(self.case, by, self.facts):
            self._climb()

    def keep_away(self) -> None:
        """Whom the student keeps away is asked no more; who is left is asked in their place."""
        away = shut_out(self.case, self.facts)
        gone = [person for person in self.case.asking if person in away]
        self.change(asking=tuple(person for person in self.case.asking if person not in away))
        self._unbutton(away)  # also what was no page: the list of the queue, the card of a counselor in the chat
        # Whom is not said: whoever reads the audit may be the one who is kept away.
        self._audit(None, "case.withheld")
        if any(exhausted(self.case, person, self.facts) for person in gone):
            self._climb()

    def unbutton_kept_away(self) -> None:
        self._unbutton(shut_out(self.case, self.facts))

    def _unbutton(self, people: Iterable[int]) -> None:
        for person in sorted(people):
            self.want(Spend(pages.ref(self.case), only=person), Spend(pages.mark_ref(self.case), only=person))

    def lose_kept_away(self) -> None:
        self._audit(None, "case.withheld")
        self._call_another("page.lost")

    def note_decline(self) -> None:
        """A tap is always answered."""
        if self.pressed():
            self.want(Spend(pages.ref(self.case), only=self.by))
            self._notify("case.declined", self.by)

    def joins(self) -> bool:
        """Whether somebody who comes on duty is asked at once: unless others of the duty are still asked in turn."""
        case = self.case
        in_turn = case.rung == Rung.DUTY and case.level < Level.IMMINENT
        return not in_turn and self.counselor_acts()

    def ask_too(self) -> None:
        """Somebody is awake: ask them now, whatever they did not hear before. The ladder goes on beside it."""
        self._ask((self.by or 0,), None)

    def _climb_from_start(self, note: str | None, *, without: int | None = None, also: Iterable[int] = ()) -> None:
        left = () if without is None else (without,)
        self.change(
            lap=0,
            rung=Rung.START.value,
            paged=left,
            asking=tuple(person for person in self.case.asking if person not in left),
            paging_since=self.now,
            owner=None,
            acknowledged_at=None,
            acted_at=None,
            reminded_at=None,
        )
        self._clear(ACT)
        away = shut_out(self.case, self.facts)
        self._climb(note, also=[p for p in also if p not in away and pages.may_hold(self.facts.staff(p))])

    def _climb(self, note: str | None = None, also: Iterable[int] = ()) -> None:
        up = climb(self.case, self.facts, also)
        self.change(rung=up.rung.value, lap=up.lap, paged=() if up.fresh else self.case.paged)
        self._ask(up.people, note)
        if up.hook:
            self.want(Hook(self.case.id, Level(self.case.level).word, self.case.category, up.lap))
        self._set(CLIMB, up.wait)

    def _ask(self, people: tuple[int, ...], note: str | None) -> None:
        before = self.case
        self.change(
            paged=(*before.paged, *(person for person in people if person not in before.paged)),
            asking=(*before.asking, *(person for person in people if person not in before.asking)),
        )
        words = self._words()
        for person in people:
            again = note is None and (before.lap > 0 or person in before.asking)
            notes = [note] if note else ["page.again"] if again else []
            self.want(pages.page(self.case, person, self.now, self.facts, words=words, notes=notes))
        self._audit(None, "case.page", rung=before.rung, lap=before.lap, people=_listed(people))

    # --- the truth --------------------------------------------------------------------------------------------------

    def tell_truth(self) -> None:
        """C3. Then a word now and then, so that a long wait is not a silence."""
        n = self.event.n
        self._tell("crisis.unanswered" if n == 0 else "crisis.still")
        if self.case.outcome == pages.ERASED:
            return
        self.change(told_at=self.now)
        if n < len(STILL):
            self._set(TELL, STILL[n], n + 1)

    def _promise_truth(self) -> None:
        if self.case.outcome != pages.ERASED:
            self._set(TELL, honest_after(self.facts.policy))

    def _tell(self, key: str, name: str = "") -> None:
        if self.case.outcome != pages.ERASED:
            self.want(tell(key, self.case, self.facts, name=name))

    def _tell_named(self, key: str) -> None:
        """A student may learn a counselor's display name, and nobody else's; a token's name is no person's."""
        staff = None if self.by is None else self.facts.staff(self.by)
        if staff is not None and staff.role == "counselor" and staff.name:
            self._tell(key, name=staff.name)
        else:
            self._tell(f"{key}.unnamed")

    # --- somebody has it --------------------------------------------------------------------------------------------

    def accept(self) -> None:
        asked = self._others()
        self.change(owner=self.by, acknowledged_at=self.now, asking=())
        self._clear(CLIMB, TELL)
        self._set(ACT, self.facts.policy.case_action)
        self.want(Spend(pages.ref(self.case)))
        self._tell_named("crisis.came")
        if self.by is not None:
            self.want(pages.notice("case.yours", self.case, self.by, self.now, "take", "resolve"))
        self._notify_all("case.taken-by", asked)
        self._tell_helper("safety.came")
        self._audit(self.by, "case.acknowledge")

    def accept_by_acting(self) -> None:
        self.accept()
        self.act()

    def act(self) -> None:
        self.change(acted_at=self.now)
        self._clear(ACT)

    def confirm(self) -> None:
        self.want(pages.notice("case.yours", self.case, self.by or 0, self.now, *self._next()))

    def say_who(self) -> None:
        """They pressed second."""
        if self.by is not None:
            self.want(Spend(pages.ref(self.case), only=self.by))
            self._notify("case.taken-by", self.by, name=self._name(self.case.owner))

    def take(self) -> None:
        """The counselor owns the chat from now on, or writes first where there was none."""
        by = self.by or 0
        owner, asked = self.case.owner, self._others()
        self.change(
            owner=by,
            acknowledged_at=self.case.acknowledged_at if owner == by else self.now,
            acted_at=self.now,
            asking=(),
        )
        self._clear(CLIMB, TELL, ACT)
        self.want(Spend(pages.ref(self.case)))
        if owner != by:
            self._tell_named("crisis.taken")
            self._notify_all("case.taken-by", asked)
            if owner is not None:
                self._notify("case.taken-over", owner, name=self._name(by))
        self._audit(by, "case.take")
        self.want(*open_chat(self.case, by, self.now, self.facts))

    # --- the owner is idle, lost, or hands it back ------------------------------------------------------------------

    def remind(self) -> None:
        self.change(reminded_at=self.now)
        for person in self._holders():
            self.want(pages.notice("case.remind", self.case, person, self.now, "take", "resolve"))
        self._set(ACT, patience(self.facts.policy))

    def lapse(self) -> None:
        owner = self.case.owner
        self._call_another("page.lapsed")
        if owner is not None:
            self.want(pages.notice("case.lapsed", self.case, owner, self.now, "take"))

    def lose(self) -> None:
        self._call_another("page.lost")

    def hand_back(self) -> None:
        self._call_another("page.lost")
        self._notify("case.declined", self.by)

    def _call_another(self, note: str) -> None:
        self.want(Spend(pages.ref(self.case)))
        self._tell("crisis.again.kept-away" if self.owner_is_kept_away() else "crisis.again")
        self.change(told_at=self.now)
        self._audit(self.case.owner, "case.lose")
        self._climb_from_start(note, without=self.case.owner)
        self._promise_truth()

    # --- the person cannot be reached, or can again -----------------------------------------------------------------

    def lose_student(self) -> None:
        erased = self.event.erased
        self.change(outcome=pages.ERASED if erased else pages.UNREACHABLE)
        if erased:
            self._clear(TELL)
        self._notify_all("case.erased" if erased else "case.gone", self._holders())
        self._tell_helper("safety.erased" if erased else "safety.gone")
        self._audit(None, "case.erased" if erased else "case.unreachable")

    def find_student(self) -> None:
        """Back: and what they could not be told while away, they are told now."""
        self.change(outcome=None)
        self._notify_all("case.back", self._holders())
        if self.case.state == CaseState.PAGING and self.case.told_at is not None:
            self._tell("crisis.unanswered")

    # --- the end of an episode --------------------------------------------------------------------------------------

    def close(self) -> None:
        before, asked = self.case, self._others()
        erased = before.outcome == pages.ERASED
        self.change(
            owner=before.owner if before.owner is not None else self.by,
            acknowledged_at=before.acknowledged_at or self.now,
            resolved_at=self.now,
            outcome=self.event.outcome or (pages.ERASED if erased else None),
            asking=(),
        )
        self._clear(CLIMB, TELL, ACT)
        self.want(Spend(pages.ref(self.case)))
        if not erased:
            if before.state == CaseState.PAGING or (before.state == CaseState.ACKNOWLEDGED and before.acted_at is None):
                self._tell_named("crisis.seen")  # nobody has written: they are not left waiting for it
            self.want(Send("student", self.case.student, CaseOver(self.case.id)))
        self._close_notice("case.resolved", self.by)
        others = asked if before.owner in (None, self.by) else (*asked, before.owner or 0)
        name = self._name_of_actor()
        for person in others:
            self._close_notice("case.resolved-by", person, name=name)
        self._audit(self.by, "case.resolve")

    def mark(self) -> None:
        """Whoever presses the other button has changed their mind."""
        by, right = self.by or 0, self.event.right
        self.want(Mark(self.case.id, by, right), Toast("mark.right" if right else "mark.wrong"))

    # --- taps that change nothing, answered all the same ------------------------------------------------------------

    def say_closed(self) -> None:
        self._notify("case.closed", self.by)

    def say_open(self) -> None:
        self._notify("case.still-open", self.by)

    def mark_later(self) -> None:
        self.want(Spend(pages.mark_ref(self.case), only=self.by), Toast("mark.later"))

    def refuse(self) -> None:
        """Not theirs to have. A suspended person gets nothing about a case, not even this."""
        staff = None if self.by is None else self.facts.staff(self.by)
        if staff is not None and staff.active:
            self.want(Say("case.refused", to=self.by))


def _listed(people: Iterable[int]) -> str:
    return ",".join(str(person) for person in people)
