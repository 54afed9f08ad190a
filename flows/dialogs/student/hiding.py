"""Who must not see the student's case. Whoever did harm may be a counselor, or somebody's friend."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flows.crisis.numbers import numbers_text
from flows.dialogs.student.base import Base
from flows.effects import Audit, Button, Fate, Match, Rows, Send, Withhold
from flows.events import End, Withdraw, Withheld
from flows.facts import Staff

SHOWN = 7
"""Names on one list: with the other buttons no more than the ten rows that WhatsApp allows."""
NEXT = "next-"


class Hiding(Base):
    """A list of those who would be called, by the names under which the students know them."""

    def ask_whom_to_hide_from(self) -> None:
        self.settle(Fate.ANSWERED)
        self._list(0)

    def hide(self) -> None:
        wanted, of = self.event.object, self.event.id
        if wanted == "list":
            self._list(0)
        elif wanted.startswith(NEXT) and wanted[len(NEXT) :].isdigit():
            self._list(int(wanted[len(NEXT) :]))
        elif wanted == "nobody":
            self._nobody()
        elif wanted == "done":
            self.say("hide.done")
        else:
            staff = next((one for one in self._all() if one.id == (of if wanted == "site" else wanted)), None)
            if staff is None or (wanted == "site" and not staff.site):
                self.stale()
            elif wanted == "site":
                self._keep_away("site", staff.site or "", staff, [one for one in self._all() if one.site == staff.site])
            else:
                self._keep_away("person", staff.id, staff, [staff])

    def _list(self, start: int) -> None:
        me = self.thing.person
        away = self.facts.withheld(me)
        left = [one for one in self._all() if one.person not in away]
        shown = left[start : start + SHOWN]
        rows: list[tuple[Button, ...]] = [
            (Button(f"hide:{one.id}", "button.hide.one", {"name": one.name or one.alias}),) for one in shown
        ]
        if len(left) > start + SHOWN:
            rows.append((Button(f"hide:{NEXT}{start + SHOWN}", "button.hide.more"),))
        if away:
            rows.append((Button("hide:nobody", "button.hide.nobody"),))
        rows.append((Button("hide:done", "button.hide.done"),))
        self.say("hide.ask" if left else "hide.ask.nobody-left", self._numbers(), tuple(rows), ref=f"hide:{me}")

    def _keep_away(self, kind: str, value: str, chosen: Staff, people: Sequence[Staff]) -> None:
        me = self.thing.person
        case, chat = self.facts.open_case(me), self.facts.open_chat_of(me)
        gone = {one.person for one in people}
        self.want(Withhold(me, kind, value), Audit(me, "case.withhold", f"person:{me}", {"kind": kind}))
        if chat is not None and chat.helper in gone:
            self.want(Send("chat", chat.id, End("withheld", me)))
        known = case or self.facts.last_case(me)
        if known is not None:
            self.want(Send("case", known.id, Withheld()))
        self._withdraw_offers(gone)
        left = [one for one in self._all() if one.person not in gone and one.person not in self.facts.withheld(me)]
        called = case is not None and bool(gone & {*case.paged, *case.asking})
        key = f"hide.kept.{kind}{'.called' if called else ''}" if left else "hide.kept.all"
        more: Rows = ((Button("hide:list", "button.hide.again"), Button("hide:done", "button.hide.done")),)
        if kind == "person" and chosen.site and any(one.site == chosen.site for one in left):
            more = ((Button(f"hide:site:{chosen.id}", "button.hide.site", {"site": chosen.site}),), *more)
        self.say(key, {"name": chosen.name or chosen.alias, "site": chosen.site or "", **self._numbers()}, more,
                 ref=f"hide:{me}")  # fmt: skip

    def _withdraw_offers(self, gone: Collection[int]) -> None:
        """What they were shown of this student's request is taken back, and others are asked in their place."""
        request = self.facts.open_request_of(self.thing.person)
        theirs = [one for one in self.facts.open_offers(request.id) if one.helper in gone] if request else []
        self.want(*(Send("offer", one.id, Withdraw()) for one in theirs), *([Match()] if theirs else []))

    def _nobody(self) -> None:
        me = self.thing.person
        self.want(Withhold(me, "nobody"), Audit(me, "case.withhold", f"person:{me}", {"kind": "nobody"}))
        self.say("hide.nobody")

    def _all(self) -> list[Staff]:
        """Whom the ladder could call, counselors first."""
        found = (*self.facts.all_staff("counselor"), *self.facts.all_staff("coordinator"))
        return [one for one in found if one.person != self.thing.person]

    def _numbers(self) -> dict[str, str]:
        case = self.facts.open_case(self.thing.person)
        category = case.category if case is not None else "none"
        return {"numbers": numbers_text(self.facts, category, self.thing.site, self.thing.language)}
