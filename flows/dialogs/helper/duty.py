"""On duty, off duty, a pause, a suspension."""

from __future__ import annotations

from flows.crisis.numbers import numbers_text
from flows.dialogs.helper.base import PAUSE, Base
from flows.effects import (
    Audit,
    Button,
    ClearTimer,
    Fate,
    Match,
    Retract,
    Send,
    SetTimer,
    Settle,
    Toast,
)  # fmt: skip
from flows.events import (
    Decline,
    End,
    OnDutyNow,
    OwnerLost,
    Tick,
    Withdraw,
)  # fmt: skip
from flows.facts import MINUTE
from flows.snapshot import Chat


class Duty(Base):
    """On duty, off duty, a pause, a suspension."""

    def begin_duty(self) -> None:
        self.answered()
        self.change(duty_since=self.thing.duty_since or self.now, paused_until=None)
        staff = self.staff()
        role = staff.role if staff else "supporter"
        self.want(ClearTimer("desk", self.me, "rest"))
        self.say(f"duty.on.{role}", {"capacity": staff.capacity if staff else 1})
        self.want(Match(), Audit(self.me, "duty.on", f"person:{self.me}"))
        if role == "counselor":
            for case in self.facts.paging_cases():
                self.want(Send("case", case.id, OnDutyNow(self.me)))

    def begin_by_rota(self) -> None:
        self.begin_duty()

    def refuse_duty(self) -> None:
        self.answered()
        self.say("duty.uncertified")

    def rota_uncertified(self) -> None:
        self.say("duty.uncertified")

    def end_duty(self) -> None:
        """No new offers; the chats that are open go on to their end."""
        self.answered()
        self.change(duty_since=None, paused_until=None)
        self.want(ClearTimer("desk", self.me, "rest"))
        open_now = len(self.chats())
        self.say("duty.off.chats" if open_now else "duty.off", {"count": open_now})
        self.want(Audit(self.me, "duty.off", f"person:{self.me}"))
        for case in self.facts.paging_cases():
            if self.me in case.asking:
                self.want(Send("case", case.id, Decline(self.me)))

    def already_off(self) -> None:
        self.answered()
        self.say("duty.off", {"count": 0})

    def pause(self) -> None:
        self.answered()
        self.change(paused_until=self.now + PAUSE)
        self.want(SetTimer("desk", self.me, "rest", self.now + PAUSE, Tick("rest")))
        self.say("duty.pause", {"minutes": PAUSE // MINUTE})

    def rested(self) -> None:
        self.change(paused_until=None)
        self.say("duty.rested")
        self.want(Match())

    def show_queue(self) -> None:
        """Their own chats, and how many wait; never who."""
        self.answered()
        chats = self.chats()
        self.say("queue.none" if not chats else "queue.chats", {"count": len(chats)}, self.switches())
        if len(chats) > 1 or any(self.facts.window(chat.student) is not None for chat in chats):
            self.say("queue.numbered", {"list": "\n".join(self._numbered(n, chat) for n, chat in enumerate(chats, 1))})
        for case in self.facts.paging_cases():
            staff = self.staff()
            if staff is not None and staff.role != "supporter":
                self.say(
                    "queue.case",
                    {"alias": case.alias, "level": f"@level.{case.level}"},
                    (
                        (
                            Button(f"case:ack:{case.id}", "button.case.ack"),
                            Button(f"case:take:{case.id}", "button.case.take"),
                        ),
                    ),
                    f"case:{case.id}",
                )

    def _numbered(self, number: int, chat: Chat) -> str:
        """A line of the list: the number to type, who it is, and how long they can be written to."""
        until = self.facts.window(chat.student)
        key = "queue.line" if until is None else "queue.line.until" if until > self.now else "queue.line.closed"
        language = self.facts.language(self.me)
        return self.facts.label(language, key, {"number": number, "alias": chat.alias, "at": until or 0})

    def revoke(self) -> None:
        """Suspended: every chat is offered anew, every case of theirs goes back to the ladder, in this step."""
        for offer in self.facts.offers_to(self.me):
            self.want(Send("offer", offer.id, Withdraw()))
        for chat in self.chats():
            self.want(Send("chat", chat.id, End("revoked", None)))
        for case in self.facts.owned_cases(self.me):
            if case.owner == self.me:
                self.want(Send("case", case.id, OwnerLost(self.me)))
            else:
                self.want(Send("case", case.id, Decline(self.me, unreachable=True)))
        for message in (*self.thing.own, *self.thing.held):
            self.want(Settle(message, Fate.REFUSED))
        self.change(duty_since=None, paused_until=None, current=None, held=(), own=(), own_chat=None, asked=None)
        self.want(Retract(self.me))
        self.want(ClearTimer("desk", self.me, "rest"), Match())

    def unreachable(self) -> None:
        """Blocked the bot, or gone: nobody waits for them in vain."""
        for chat in self.chats():
            self.want(Send("chat", chat.id, End("unreachable", None)))
        for case in self.facts.owned_cases(self.me):
            if case.owner == self.me:
                self.want(Send("case", case.id, OwnerLost(self.me)))
            else:
                self.want(Send("case", case.id, Decline(self.me, unreachable=True)))
        self.change(duty_since=None, paused_until=None, current=None)
        self.want(Match())

    def refuse_suspended(self) -> None:
        """One refusal; from then on this person is a student like anybody else."""
        self.settle(Fate.REFUSED)
        if self.thing.asked != "refused":
            self.change(asked="refused")
            self.say("desk.suspended", {"numbers": numbers_text(self.facts, "none", None, self._language())})

    def suspended_tap(self) -> None:
        self.want(Toast("desk.suspended.tap"))

    def _language(self) -> str:
        return self.facts.language(self.me)
