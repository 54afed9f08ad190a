"""What a helper's dialog can answer: one method for each reply and guard that the tables name."""

from __future__ import annotations

from flows.crisis import first
from flows.crisis.numbers import numbers_text
from flows.dialogs.helper.routing import Ask, No, To, Why, current, route
from flows.dialogs.helper.states import Being
from flows.dialogs.student import menus
from flows.effects import (
    Amend,
    Args,
    Audit,
    Button,
    Class,
    ClearTimer,
    Export,
    Fate,
    Match,
    Note,
    Prank,
    Relay,
    Remember,
    Report,
    Retract,
    Rows,
    Say,
    Send,
    SetLanguage,
    SetTimer,
    Settle,
    Spend,
    Toast,
)  # fmt: skip
from flows.events import (
    Accept,
    Acknowledge,
    Acted,
    Decline,
    Edited,
    End,
    Line,
    OnDutyNow,
    OwnerLost,
    Pass,
    Resolve,
    Take,
    Tick,
    Withdraw,
)  # fmt: skip
from flows.facts import MINUTE, Staff
from flows.snapshot import Chat, Desk
from flows.work import Work

HELD_AT_MOST = 120
PAUSE = 30 * MINUTE


class DeskWork(Work[Desk]):
    """Guards are free of effects; replies append effects and may change the snapshot, never its state."""

    # --- small helpers ------------------------------------------------------------------------------------------------

    @property
    def me(self) -> int:
        return self.thing.person

    def staff(self) -> Staff | None:
        return self.facts.staff(self.me)

    def chats(self) -> list[Chat]:
        return list(self.facts.open_chats(self.me))

    def say(self, key: str, args: Args | None = None, buttons: Rows = (), ref: str | None = None) -> None:
        self.want(Say(key, args or {}, buttons, ref=ref))

    def settle(self, fate: Fate, chat: Chat | None = None) -> None:
        message = getattr(self.event, "message", None)
        if message is not None:
            owner = chat.student if chat else None
            self.want(Settle(message, fate, chat=chat.id if chat else None, owner=owner))

    def answered(self) -> None:
        self.settle(Fate.ANSWERED)

    def switches(self, verb: str = "switch") -> Rows:
        """One button for each open chat, labelled with the student's alias."""
        return tuple((Button(f"chat:{verb}:{c.id}", "button.alias", {"alias": c.alias}),) for c in self.chats())

    # --- guards -------------------------------------------------------------------------------------------------------

    def may_serve(self) -> bool:
        """A supporter needs a valid certificate; a counselor is known by the roster."""
        staff = self.staff()
        if staff is None:
            return False
        return staff.role != "supporter" or (staff.certified_until or 0) >= self.now

    def no_chat(self) -> bool:
        return not self.chats()

    def one_chat(self) -> bool:
        return len(self.chats()) == 1 or self._current() is not None

    def only_chat(self) -> bool:
        return len(self.chats()) == 1

    def mine(self) -> bool:
        """The button speaks of an open chat of this helper."""
        return any(c.id == self.event.id for c in self.chats())

    def has_own(self) -> bool:
        return self.thing.own is not None

    def noting(self) -> bool:
        return (self.thing.asked or "").startswith("note:")

    def _current(self) -> Chat | None:
        chats = self.chats()
        if len(chats) == 1:
            return chats[0]
        return current(self.thing, chats, self.now, self.facts.policy.switch)

    # --- lines --------------------------------------------------------------------------------------------------------

    def line(self) -> None:
        """Carry the line to exactly one student, hold it and ask, or refuse it with notice (M2)."""
        if self.noting():
            self.take_note()
            return
        chats = self.chats()
        match route(self.thing, self.event.quote, self.event.at, chats, self.now, self.facts.policy.switch):
            case To(chat):
                self.carry(chat)
            case Ask(why):
                self.hold(why)
            case No(why):
                self.settle(Fate.REFUSED)
                if why is Why.OVER:
                    self.say("line.over")
                else:
                    self.say("line.nobody" if self.state != Being.OFF else "line.nobody.off")

    def carry(self, chat: Chat) -> None:
        if not self.facts.reachable(chat.student):
            self.settle(Fate.REFUSED)
            self.say("line.unreachable", {"alias": chat.alias})
            return
        message = self.event.message
        self.want(
            Settle(message, Fate.RELAYED, chat=chat.id, owner=chat.student),
            Relay(message, chat.id, chat.student),
            Send("chat", chat.id, Line("helper", self.now)),
        )
        if chat.role == "counselor":
            self._act(chat)

    def _act(self, chat: Chat) -> None:
        """A counselor who writes or notes has the case of that student, whether or not they pressed a button."""
        case = self.facts.open_case(chat.student)
        if case is not None and case.acted_at is None:
            self.want(Send("case", case.id, Acted(self.me)))

    def hold(self, why: Why) -> None:
        if len(self.thing.held) >= HELD_AT_MOST:
            self.settle(Fate.REFUSED)
            self.say("line.too-many", buttons=self.switches(), ref=f"hold:{self.me}")
            return
        self.settle(Fate.HELD)
        self.change(held=(*self.thing.held, self.event.message))
        self.want(Spend(f"hold:{self.me}"))
        self.say(f"line.held.{why}", {"count": len(self.thing.held)}, self.switches(), ref=f"hold:{self.me}")

    def switch(self) -> None:
        """Make a student the current one, and send on what was held for the question "to whom?"."""
        chat = next(c for c in self.chats() if c.id == self.event.id)
        held = self.thing.held
        self.change(current=chat.id, current_at=self.now, held=())
        self.want(Spend(f"hold:{self.me}"))
        for message in held:
            self.want(
                Settle(message, Fate.RELAYED, chat=chat.id, owner=chat.student),
                Relay(message, chat.id, chat.student),
            )
        if held:
            self.want(Send("chat", chat.id, Line("helper", self.now)))
        self.want(Toast("switch.done", {"alias": chat.alias}))
        self.say("switch.sent" if held else "switch.done", {"alias": chat.alias, "count": len(held)})

    def not_relayed(self) -> None:
        self.settle(Fate.REFUSED)
        self.say("media.identity")

    def edit(self) -> None:
        """New words go only to whoever received the original; to nobody once that chat is over."""
        e: Edited = self.event
        chat = next((c for c in self.chats() if c.id == e.chat), None)
        if e.original is not None and e.original in self.thing.held:
            self.change(held=tuple(e.message if m == e.original else m for m in self.thing.held))
            self.want(Settle(e.original, Fate.ANSWERED))
            self.settle(Fate.HELD)
        elif chat is not None and e.original is not None and e.to == chat.student:
            self.want(
                Settle(e.message, Fate.RELAYED, chat=chat.id, owner=chat.student),
                Amend(e.message, e.original, chat.id, e.to),
            )
        else:
            self.settle(Fate.REFUSED)
            self.say("edit.over")

    # --- their own danger ---------------------------------------------------------------------------------------------

    def hold_own(self) -> None:
        """A helper speaks of their own danger: the line is held, they get numbers, and a case about them is opened.
        They are asked: sent after all, or a rest."""
        chats = self.chats()
        where = route(self.thing, getattr(self.event, "quote", None), self.event.at, chats, self.now,
                      self.facts.policy.switch)  # fmt: skip
        self.settle(Fate.HELD)
        self.change(own=self.event.message, own_chat=where.chat.id if isinstance(where, To) else None)
        if chats:
            buttons: Rows = (
                (Button("own:rest", "button.own.rest"),),
                (Button("own:send", "button.own.send"),),
            )
            self.want(Say("own.held", buttons=buttons, cls=Class.CRISIS, ref=f"own:{self.me}"))

    def send_own(self) -> None:
        message = self.thing.own
        chat = next((c for c in self.chats() if c.id == self.thing.own_chat), None)
        self.want(Spend(f"own:{self.me}"))
        if message is None:
            self.stale()
        elif chat is None:
            self.change(own=None, own_chat=None, held=(*self.thing.held, message))
            self.say(
                f"line.held.{Why.SEVERAL}",
                {"count": len(self.thing.held)},
                self.switches(),
                f"hold:{self.me}",
            )
        else:
            self.change(own=None, own_chat=None)
            self.want(
                Settle(message, Fate.RELAYED, chat=chat.id, owner=chat.student),
                Relay(message, chat.id, chat.student),
                Send("chat", chat.id, Line("helper", self.now)),
            )
            self.say("own.sent", {"alias": chat.alias})

    def rest_own(self) -> None:
        """A rest: each of their students is told that the supporter needs a moment, and is offered anew."""
        message = self.thing.own
        self.want(Spend(f"own:{self.me}"))
        if message is not None:
            self.want(Settle(message, Fate.REFUSED))
        for chat in self.chats():
            self.want(Send("chat", chat.id, End("rest", self.me)))
        self.change(own=None, own_chat=None, current=None, paused_until=self.now + PAUSE)
        self.want(SetTimer("desk", self.me, "rest", self.now + PAUSE, Tick("rest")))
        self.say("own.rest")

    # --- duty ---------------------------------------------------------------------------------------------------------

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

    def revoke(self) -> None:
        """Suspended: every chat is offered anew, every case that they have goes back to the ladder, within this step."""
        for offer in self.facts.offers_to(self.me):
            self.want(Send("offer", offer.id, Withdraw()))
        for chat in self.chats():
            self.want(Send("chat", chat.id, End("revoked", None)))
        for case in self.facts.owned_cases(self.me):
            if case.owner == self.me:
                self.want(Send("case", case.id, OwnerLost(self.me)))
            else:
                self.want(Send("case", case.id, Decline(self.me, unreachable=True)))
        if self.thing.own is not None:
            self.want(Settle(self.thing.own, Fate.REFUSED))
        for message in self.thing.held:
            self.want(Settle(message, Fate.REFUSED))
        self.change(duty_since=None, paused_until=None, current=None, held=(), own=None, own_chat=None, asked=None)
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

    # --- offers -------------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        """The offer decides; a new chat ends every earlier choice of a current student."""
        self.change(current=None)
        self.want(Send("offer", self.event.id or "", Accept(self.me)))

    def pass_on(self) -> None:
        self.want(Send("offer", self.event.id or "", Pass(self.me)))

    # --- ending, reporting, notes -------------------------------------------------------------------------------------

    def end(self) -> None:
        self.answered()
        chat = self._current()
        if chat is not None:
            self.want(Send("chat", chat.id, End("helper", self.me)))

    def end_which(self) -> None:
        self.answered()
        self.say("end.which", buttons=self.switches("end"), ref=f"end:{self.me}")

    def end_this(self) -> None:
        self.want(
            Spend(f"end:{self.me}"),
            Toast("end.done"),
            Send("chat", self.event.id or "", End("helper", self.me)),
        )

    def nothing_open(self) -> None:
        self.answered()
        self.say("line.nobody")

    def report(self) -> None:
        """To the coordinators. A word "prank" behind the command marks a tester; the door stays open."""
        self.answered()
        chat = self._current()
        if chat is None:
            self.say("report.nothing")
            return
        self.want(Report(chat.id, self.me, chat.student), Remember(chat.student, self.me, again=False))
        if self.event.argument.casefold() in ("prank", "iseng", "test", "tes"):
            self.want(Prank(chat.student))
        self.say(
            "report.done.helper",
            {"alias": chat.alias},
            ((Button(f"chat:end:{chat.id}", "button.end"),),),
            f"chat:{chat.id}",
        )

    def ask_note(self) -> None:
        """/catatan with words keeps them; alone, it keeps the next line."""
        chat = self._current()
        if chat is None:
            self.answered()
            self.say("note.which" if self.chats() else "note.nothing", buttons=self.switches("note"))
        elif self.event.argument:
            self._keep_note(chat)
        else:
            self.answered()
            self.change(asked=f"note:{chat.id}")
            self.say("note.ask", {"alias": chat.alias})

    def note_this(self) -> None:
        chat = next(c for c in self.chats() if c.id == self.event.id)
        self.change(asked=f"note:{chat.id}")
        self.say("note.ask", {"alias": chat.alias})

    def take_note(self) -> None:
        id = (self.thing.asked or "").removeprefix("note:")
        chat = self.facts.chat(id)
        self.change(asked=None)
        if chat is None:
            self.answered()
            self.say("note.nothing")
        else:
            self._keep_note(chat)

    def _keep_note(self, chat: Chat) -> None:
        self.want(
            Settle(self.event.message, Fate.ANSWERED, chat=None, owner=chat.student),
            Note(self.event.message, self.me, chat.student, chat.id, chat.case),
        )
        self._act(chat)
        self.say("note.kept", {"alias": chat.alias})

    # --- crisis -------------------------------------------------------------------------------------------------------

    def escalate(self) -> None:
        """A helper brings a counselor in, by hand."""
        self.answered()
        chat = self._current()
        if chat is not None:
            self._escalate(chat)

    def escalate_this(self) -> None:
        chat = next(c for c in self.chats() if c.id == self.event.id)
        self.want(Spend(f"escalate:{self.me}"))
        self._escalate(chat)

    def _escalate(self, chat: Chat) -> None:
        self.want(*first.by_hand(chat, self.me, self.now, self.facts))
        self.say("escalate.done", {"alias": chat.alias})

    def escalate_which(self) -> None:
        self.answered()
        self.say("escalate.which", buttons=self.switches("escalate"), ref=f"escalate:{self.me}")

    def ack(self) -> None:
        staff = self.staff()
        self.want(Send("case", self.event.id or "", Acknowledge(self.me, staff.name if staff else "")))

    def decline(self) -> None:
        self.want(Send("case", self.event.id or "", Decline(self.me)))

    def take(self) -> None:
        self.change(current=None)
        self.want(Send("case", self.event.id or "", Take(self.me)))

    def resolve(self) -> None:
        self.want(Send("case", self.event.id or "", Resolve(self.me)))

    def own_danger(self) -> None:
        """A helper in danger themselves: the crisis answer has been given before the table was asked."""
        self.answered()

    # --- everywhere ---------------------------------------------------------------------------------------------------

    def hand_over(self) -> None:
        """An exercise handed to the current student."""
        name = self.event.object
        chat = next((c for c in self.chats() if c.id == self.event.id), None)
        if chat is None or name not in menus.EXERCISES:
            self.stale()
            return
        self.want(Say(f"exercise.{name}", to=chat.student, chat=chat.id), Toast("hand.done"))

    def start(self) -> None:
        self.answered()
        staff = self.staff()
        role = staff.role if staff else "supporter"
        self.say(f"desk.hello.{role}", {"name": staff.name if staff and role != "supporter" else ""},
                 ((Button("menu:own", "menu.own"),),))  # fmt: skip

    def show_help(self) -> None:
        self.answered()
        staff = self.staff()
        self.say(f"help.{staff.role if staff else 'supporter'}")

    def ask_language(self) -> None:
        self.answered()
        self.say("language.ask", buttons=menus.languages())

    def set_language(self) -> None:
        code = self.event.object
        if code not in menus.LANGUAGES:
            self.stale()
            return
        self.want(SetLanguage(self.me, code))
        self.say("language.set")

    def export(self) -> None:
        self.answered()
        self.want(Export(self.me))

    def forget(self) -> None:
        """A roster entry is the coordinator's to take away."""
        self.answered()
        self.say("erase.staff")

    def unknown(self) -> None:
        self.settle(Fate.REFUSED)
        self.say("command.unknown")

    def stale(self) -> None:
        self.want(Toast("button.stale"))

    def chat_over(self) -> None:
        self._debrief()
        self.change(ending=self.thing.ending + 1)
        if self.thing.current == self.event.chat:
            self.change(current=None)
        if self.thing.own_chat == self.event.chat:
            self.change(own_chat=None)
        if self.thing.asked == f"note:{self.event.chat}":
            self.change(asked=None)
        if not self.chats() and self.thing.held:
            for message in self.thing.held:
                self.want(Settle(message, Fate.REFUSED))
            self.change(held=())
            self.want(Spend(f"hold:{self.me}"))
            self.say("line.over")

    def _debrief(self) -> None:
        """After a hard chat: a kind word, and a rest within one tap."""
        chat = self.facts.chat(self.event.chat)
        staff = self.staff()
        if chat is None or staff is None or staff.role != "supporter" or self.event.reason in ("revoked", "rest"):
            return
        case = self.facts.open_case(chat.student) or self.facts.last_case(chat.student)
        if case is not None and case.raised_at >= chat.opened_at:
            self.say("desk.debrief", {"minutes": PAUSE // MINUTE})

    def landed(self) -> None:
        newest = max(self.thing.ended_at or 0, self.event.at)
        self.change(ending=max(0, self.thing.ending - 1), ended_at=newest)

    def came_back(self) -> None:
        self.say("desk.back")
