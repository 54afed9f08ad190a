"""What a student's dialog can answer: one method for each reply and guard that the table names."""

from __future__ import annotations

from flows.dialogs.student import menus
from flows.dialogs.student.states import Doing
from flows.effects import (
    Amend,
    Args,
    Erase,
    Export,
    Fate,
    Feedback,
    Relay,
    Remember,
    Report,
    Rows,
    Say,
    Send,
    SetLanguage,
    Settle,
    Spend,
    Toast,
)  # fmt: skip
from flows.events import Back, Edited, End, Gone, Leave, Line, Said, Shown, StudentGone, Tick, Widen
from flows.facts import MINUTE
from flows.snapshot import Request, Student
from flows.support.request import open_request
from flows.work import Work

KEPT_EVERY = MINUTE
QUESTIONS: dict[str, str] = {
    Doing.CONSENTING: "welcome.consent",
    Doing.TELLING_AGE: "welcome.age",
    Doing.TOPIC: "intake.topic",
    Doing.HEAVY: "intake.heavy",
    Doing.WISH: "intake.wish",
    Doing.NOTE: "intake.note",
    Doing.AFTER_HEAVY: "after.heavy",
    Doing.AFTER_RATE: "after.rate",
    Doing.AFTER_AGAIN: "after.again",
}


def choices(student: Student, state: str, minor: bool) -> Rows:
    """The buttons under the question that this state asks."""
    match state:
        case Doing.CONSENTING | Doing.DECLINED:
            return menus.consent()
        case Doing.TELLING_AGE:
            return menus.ages()
        case Doing.TOPIC:
            return menus.topics()
        case Doing.HEAVY:
            return menus.heavies("heavy")
        case Doing.WISH:
            return menus.wishes(student.wishes)
        case Doing.NOTE:
            return menus.note()
        case Doing.WAITING:
            return menus.waiting()
        case Doing.AFTER_HEAVY:
            return menus.heavies("heavy")
        case Doing.AFTER_RATE:
            return menus.rate()
        case Doing.AFTER_AGAIN:
            return menus.again()
        case Doing.CHOOSING:
            return menus.menu(minor)
        case _:
            return ()


class StudentWork(Work[Student]):
    """Guards are free of effects; replies append effects and may change the snapshot, never its state."""

    in_crisis: bool = False

    # --- small helpers ------------------------------------------------------------------------------------------------

    def say(self, key: str, args: Args | None = None, buttons: Rows = (), ref: str | None = None) -> None:
        self.want(Say(key, args or {}, buttons, ref=ref))

    def ask(self, state: str, args: Args | None = None) -> None:
        """Ask the question of a state, with its buttons."""
        self.say(QUESTIONS[state], args, choices(self.thing, state, self.minor()), ref=f"ask:{self.thing.person}")

    def settle(self, fate: Fate) -> None:
        message = getattr(self.event, "message", None)
        if message is None:
            return
        student = self.thing
        self.want(Settle(message, fate, request=student.request, chat=self._chat_id(fate), owner=student.person))

    def _chat_id(self, fate: Fate) -> str | None:
        return self.thing.chat if fate is Fate.RELAYED else None

    def numbers(self, category: str = "none") -> str:
        from flows.crisis.numbers import numbers_text

        return numbers_text(self.facts, category, self.thing.site, self.thing.language)

    # --- guards -------------------------------------------------------------------------------------------------------

    def minor(self) -> bool:
        return self.thing.age == "under-18" and not self.facts.policy.minors_meet_peers

    def crisis(self) -> bool:
        return self.in_crisis

    def known_age(self) -> bool:
        return self.event.object in menus.AGES

    def consented(self) -> bool:
        return self.thing.consent is True

    def known_age_already(self) -> bool:
        return self.thing.age is not None

    def needs_age(self) -> bool:
        return self.thing.consent is True and self.thing.age is None

    def has_chat(self) -> bool:
        return self.facts.open_chat_of(self.thing.person) is not None

    def my_chat(self) -> bool:
        """The event speaks of the chat that this student is in."""
        return bool(self.event.chat == self.thing.chat)

    def my_request(self) -> bool:
        return bool(self.event.request == self.thing.request)

    def is_reoffered(self) -> bool:
        return self.my_chat() and self.event.request is not None

    def asked_heavy(self) -> bool:
        return bool(self.event.object.isdigit() and 0 <= int(self.event.object) <= 10)

    def known_topic(self) -> bool:
        return self.event.object in menus.TOPICS

    def known_wish(self) -> bool:
        return self.event.object in menus.WISHES

    def skips(self) -> bool:
        """A skip button of the question that is open now, not of an earlier one."""
        step = {
            Doing.TOPIC: "topic",
            Doing.HEAVY: "heavy",
            Doing.WISH: "wish",
            Doing.NOTE: "note",
            Doing.AFTER_HEAVY: "heavy",
            Doing.AFTER_RATE: "rate",
            Doing.AFTER_AGAIN: "again",
        }.get(Doing(self.state))
        return bool(step == self.event.object)

    def erasing(self) -> bool:
        return self.thing.asked in ("erase", "erase-case")

    def case_first(self) -> bool:
        """Erasing with an open case: the student is told that a counselor is looking for them, and asked once more."""
        return self.thing.asked == "erase" and self.facts.open_case(self.thing.person) is not None

    def edits_received(self) -> bool:
        e: Edited = self.event
        return e.original is not None and e.to is not None and e.chat == self.thing.chat

    def edits_over(self) -> bool:
        """The original belongs to a chat that is over: its new words go to nobody."""
        e: Edited = self.event
        return e.chat is not None and (self.state != Doing.CHATTING or e.chat != self.thing.chat)

    # --- welcome ------------------------------------------------------------------------------------------------------

    def welcome(self) -> None:
        """Three short messages: who reads along, what stays confidential and what does not, where help is at once."""
        self.settle(Fate.HELD if isinstance(self.event, Said | Shown) else Fate.ANSWERED)
        self.say("welcome.hello")
        self.say("welcome.limits")
        self.say(
            "welcome.consent",
            {"numbers": self.numbers()},
            menus.consent(),
            ref=f"ask:{self.thing.person}",
        )

    def welcome_unheard(self) -> None:
        """The first thing is a voice note or a picture: nobody has heard it, and that is said first."""
        self.unheard()
        self.welcome()

    def ask_consent(self) -> None:
        self.settle(Fate.HELD if isinstance(self.event, Said) else Fate.ANSWERED)
        self.say("welcome.consent", {"numbers": self.numbers()}, menus.consent(), ref=f"ask:{self.thing.person}")

    def consent(self) -> None:
        self.change(consent=True)
        self.want(Spend(f"ask:{self.thing.person}"))
        if self.thing.age is None:
            self.ask(Doing.TELLING_AGE)
        else:
            self.open_menu()

    def ask_age(self) -> None:
        self.ask(Doing.TELLING_AGE)

    def decline(self) -> None:
        self.change(consent=False)
        self.want(Spend(f"ask:{self.thing.person}"))
        self.declined()

    def declined(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say(
            "welcome.declined",
            {"numbers": self.numbers()},
            (*menus.consent(), *menus.danger()),
            ref=f"ask:{self.thing.person}",
        )

    def take_age(self) -> None:
        self.change(age=self.event.object)
        self.want(Spend(f"ask:{self.thing.person}"))
        if self.minor():
            self.say("menu.minor", {"numbers": self.numbers()}, choices(self.thing, Doing.CHOOSING, True))
        else:
            self.open_menu()

    # --- menu ---------------------------------------------------------------------------------------------------------

    def open_menu(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("menu.ask", buttons=menus.menu(self.minor()), ref=f"ask:{self.thing.person}")

    def keep_and_offer(self) -> None:
        """Words typed at the menu are the beginning of a story: they are kept for whoever accepts."""
        self.settle(Fate.HELD)
        if self.flooded():
            return
        self.say("menu.kept", buttons=menus.menu(self.minor()), ref=f"ask:{self.thing.person}")

    def unheard(self) -> None:
        """Nobody can screen this: say so, and where danger is answered."""
        self.settle(Fate.HELD)
        if not self.flooded():
            self.say("media.unheard", {"numbers": self.numbers()}, menus.danger())

    def not_relayed(self) -> None:
        self.settle(Fate.REFUSED)
        self.say("media.identity")

    def flooded(self) -> bool:
        """Whether the last minute held so many lines that answering each would only add noise. Every line is still
        assessed and kept (C1)."""
        recent = tuple(t for t in self.thing.taps if t > self.now - MINUTE)[-19:]
        self.change(taps=(*recent, self.now))
        return len(recent) >= 10

    def peer_minor(self) -> None:
        self.say("peer.minor", {"numbers": self.numbers()}, menus.menu(True))

    def start_peer(self) -> None:
        self._start("peer")

    def start_counselor(self) -> None:
        self._start("counselor")

    def _start(self, kind: str) -> None:
        self.change(kind=kind, topic=None, heavy=None, wishes=())
        self.want(Spend(f"ask:{self.thing.person}"))
        self.ask(Doing.TOPIC)

    def show_exercises(self) -> None:
        self.say("exercises.ask", buttons=menus.exercises())

    def show_exercise(self) -> None:
        name = self.event.object
        if name not in menus.EXERCISES:
            self.stale()
            return
        again = menus.leave() if self.state == Doing.WAITING else menus.to_menu()
        self.say(f"exercise.{name}", buttons=() if self.state == Doing.CHATTING else again)

    def show_infos(self) -> None:
        self.say("infos.ask", buttons=menus.infos())

    def show_info(self) -> None:
        name = self.event.object
        if name not in menus.INFO:
            self.stale()
            return
        self.say(f"info.{name}", buttons=() if self.state == Doing.CHATTING else menus.to_menu())

    def show_near(self) -> None:
        from flows.crisis.numbers import directory_text

        text = directory_text(self.facts, self.thing.site, self.thing.language)
        self.say("near.list", {"list": text}, () if self.state == Doing.CHATTING else menus.to_menu())

    def show_data(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("data.ask", buttons=menus.data())

    # --- intake -------------------------------------------------------------------------------------------------------

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

    # --- waiting ------------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """What is typed while waiting is kept and handed over."""
        self.settle(Fate.HELD)
        if self.in_crisis:
            self.lift()
            return
        if self.now - self.thing.told_kept_at >= KEPT_EVERY:
            self.change(told_kept_at=self.now)
            self.say("waiting.kept", buttons=menus.leave())

    def lift(self) -> None:
        request = self.facts.open_request_of(self.thing.person)
        level = int(getattr(getattr(self.event, "assessment", None), "level", 2) or 2)
        if request is not None:
            from flows.events import Raise

            self.want(Send("request", request.id, Raise(max(2, level))))

    def keep_unheard(self) -> None:
        self.settle(Fate.HELD)
        self.say("media.unheard", {"numbers": self.numbers()}, (*menus.danger(), *menus.leave()))

    def stay(self) -> None:
        self.say("waiting.stay", buttons=menus.leave())

    def where(self) -> None:
        self.settle(Fate.ANSWERED)
        request = self.facts.open_request_of(self.thing.person)
        if request is not None:
            self.want(Send("request", request.id, Tick("where")))
        else:
            self.open_menu()

    def leave(self) -> None:
        self.settle(Fate.ANSWERED)
        if self.thing.request:
            self.want(Spend(f"request:{self.thing.request}"), Send("request", self.thing.request, Leave("student")))
        self.change(request=None)
        self.say("waiting.left", buttons=menus.menu(self.minor()))

    def consent_waiting(self) -> None:
        """Consent given while a counselor is being called: may a peer stay with them meanwhile?"""
        self.change(consent=True)
        self.want(Spend(f"ask:{self.thing.person}"))
        if self.thing.age is None:
            self.ask(Doing.TELLING_AGE)
        else:
            self._widen()

    def decline_waiting(self) -> None:
        self.change(consent=False)
        self.want(Spend(f"ask:{self.thing.person}"))
        self.say("crisis.declined", {"numbers": self.numbers()})

    def age_waiting(self) -> None:
        self.change(age=self.event.object)
        self.want(Spend(f"ask:{self.thing.person}"))
        self._widen()

    def _widen(self) -> None:
        if self.thing.request and not self.minor():
            self.want(Send("request", self.thing.request, Widen()))
        self.say("waiting.age", buttons=menus.leave())

    def request_gone(self) -> None:
        self.change(request=None)

    # --- chatting -----------------------------------------------------------------------------------------------------

    def begin_chat(self) -> None:
        """The one line of the bot at the beginning; from here on it is silent except for safety."""
        chat = self.facts.chat(self.event.chat)
        self.want(Spend(f"ask:{self.thing.person}"))
        if self.thing.request:
            self.want(Spend(f"request:{self.thing.request}"))
        self.change(request=None, chat=self.event.chat, heavy_after=None, helpful=None, asked=None)
        case = self.facts.case(chat.case) if chat is not None and chat.case else None
        if chat is not None and (case is None or case.acknowledged_at != chat.opened_at):
            # who took the case in this very step has been named already
            self.say(f"matched.{chat.role}", {"name": chat.helper_alias}, ref=f"chat:{chat.id}")

    def relay(self) -> None:
        """Carry the line to who owns the chat now (M2). The bot itself says nothing."""
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        if chat is None or chat.state != "open":
            self.settle(Fate.HELD)
            return
        self.want(
            Settle(self.event.message, Fate.RELAYED, chat=chat.id, owner=self.thing.person),
            Relay(self.event.message, chat.id, chat.helper, chat.alias),
            Send("chat", chat.id, Line("student", self.now)),
        )

    def amend(self) -> None:
        e: Edited = self.event
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        if chat is not None and e.original is not None and e.to is not None:
            self.want(
                Settle(e.message, Fate.RELAYED, chat=chat.id, owner=self.thing.person),
                Amend(e.message, e.original, chat.id, e.to, chat.alias),
            )

    def edit_over(self) -> None:
        self.settle(Fate.REFUSED)
        self.say("edit.over")

    def keep_edit(self) -> None:
        """New words for a line that nobody has read yet are kept beside it."""
        self.settle(Fate.HELD)

    def chat_start(self) -> None:
        self.settle(Fate.ANSWERED)
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        self.say("chat.still", {"name": chat.helper_alias if chat else ""})

    def end_chat(self) -> None:
        self.settle(Fate.ANSWERED)
        if self.thing.chat:
            self.want(Send("chat", self.thing.chat, End("student", self.thing.person)))

    def report(self) -> None:
        self.settle(Fate.ANSWERED)
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        if chat is None:
            self.say("report.nothing")
            return
        self.want(
            Report(chat.id, self.thing.person, chat.helper),
            Remember(self.thing.person, chat.helper, again=False),
        )
        end: Rows = ()
        if chat.state == "open":
            from flows.effects import Button

            end = ((Button(f"chat:end:{chat.id}", "button.end-chat"),),)
        self.say("report.done", buttons=end, ref=f"chat:{chat.id}")

    def look_back(self) -> None:
        """The chat is over: a gentle end, and how heavy it is now."""
        reason = self.event.reason
        key = "after.goodbye" if reason == "student" else "after.ended"
        self.want(Spend(f"chat:{self.event.chat}"))
        self.say(key)
        self.ask(Doing.AFTER_HEAVY)

    def reoffered(self) -> None:
        """The helper was silent, suspended or out of reach: told truthfully, and the story goes along."""
        reason = self.event.reason
        self.want(Spend(f"chat:{self.event.chat}"))
        self.change(chat=None, request=self.event.request, told_kept_at=self.now)
        minutes = max(1, self.facts.policy.silence_move // MINUTE)
        self.say(f"reoffer.{reason}", {"minutes": minutes}, menus.leave(), ref=f"request:{self.event.request}")

    # --- looking back -------------------------------------------------------------------------------------------------

    def heavy_after(self) -> None:
        self.change(heavy_after=int(self.event.object))
        self.ask(Doing.AFTER_RATE)

    def skip_heavy_after(self) -> None:
        self.ask(Doing.AFTER_RATE)

    def rate(self) -> None:
        self.change(helpful={"yes": 2, "partly": 1, "no": 0}.get(self.event.object))
        self.ask(Doing.AFTER_AGAIN)

    def skip_rate(self) -> None:
        self.ask(Doing.AFTER_AGAIN)

    def again(self) -> None:
        chat = self.facts.chat(self.thing.chat) if self.thing.chat else None
        if chat is not None:
            self.want(Remember(self.thing.person, chat.helper, again=self.event.object == "yes"))
        self.close_feedback()
        self.say("after.never" if self.event.object == "no" else "after.thanks", buttons=menus.to_menu())

    def finish(self) -> None:
        self.close_feedback()
        self.say("after.thanks", buttons=menus.to_menu())

    def close_feedback(self) -> None:
        student = self.thing
        self.want(Spend(f"ask:{student.person}"))
        if student.chat:
            self.want(Feedback(student.chat, student.person, student.heavy, student.heavy_after, student.helpful))
        self.change(chat=None, heavy=None, heavy_after=None, helpful=None)

    def feedback_to_menu(self) -> None:
        """Whoever writes instead of answering is listened to: the questions go."""
        self.close_feedback()
        self.keep_and_offer()

    def feedback_to_start(self) -> None:
        self.close_feedback()
        self.open_menu()

    def feedback_unheard(self) -> None:
        self.close_feedback()
        self.unheard()

    # --- everywhere ---------------------------------------------------------------------------------------------------

    def repeat(self) -> None:
        """A text where a tap was asked: it is kept, and the question stands again."""
        self.settle(Fate.HELD)
        if self.flooded():
            return
        if self.state in QUESTIONS:
            self.ask(Doing(self.state), {"numbers": self.numbers()})
        else:
            self.open_menu()

    def show_help(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("help.student", {"numbers": self.numbers()})

    def ask_language(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("language.ask", buttons=menus.languages())

    def set_language(self) -> None:
        code = self.event.object
        if code not in menus.LANGUAGES:
            self.stale()
            return
        self.change(language=code)
        self.want(SetLanguage(self.thing.person, code))
        self.say("language.set")
        if self.state in (
            Doing.CONSENTING,
            Doing.TELLING_AGE,
            Doing.TOPIC,
            Doing.HEAVY,
            Doing.WISH,
            Doing.NOTE,
        ):
            self.ask(Doing(self.state), {"numbers": self.numbers()})
        elif self.state == Doing.CHOOSING:
            self.say("menu.ask", buttons=menus.menu(self.minor()), ref=f"ask:{self.thing.person}")

    def export(self) -> None:
        self.settle(Fate.ANSWERED)
        self.want(Export(self.thing.person))

    def ask_erase(self) -> None:
        self.settle(Fate.ANSWERED)
        self.change(asked="erase")
        self.say("erase.ask", buttons=menus.erase(), ref=f"erase:{self.thing.person}")

    def ask_erase_again(self) -> None:
        self.change(asked="erase-case")
        self.say("erase.case", buttons=menus.erase(2), ref=f"erase:{self.thing.person}")

    def erase(self) -> None:
        """Who looks for this person is told before the address goes; then the key is destroyed."""
        student = self.thing
        case = self.facts.open_case(student.person)
        if case is not None:
            self.want(Send("case", case.id, StudentGone(erased=True)))
        if student.chat and self.has_chat():
            self.want(Send("chat", student.chat, End("erased", student.person)))
        if student.request:
            self.want(Send("request", student.request, Leave("erased")))
        self.want(Spend(f"erase:{student.person}"))
        self.say("erase.done")
        self.want(Erase(student.person))

    def keep_data(self) -> None:
        self.change(asked=None)
        self.want(Spend(f"erase:{self.thing.person}"))
        self.say("erase.kept")

    def nothing_to_end(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("end.nothing", buttons=menus.menu(self.minor()))

    def nothing_to_report(self) -> None:
        self.settle(Fate.ANSWERED)
        self.say("report.nothing")

    def unknown(self) -> None:
        """A command is never relayed; one that we do not know is answered."""
        self.settle(Fate.REFUSED)
        self.say("command.unknown")

    def stale(self) -> None:
        """A button of an earlier time, or of somebody else: answered, and it does nothing."""
        self.want(Toast("button.stale"))

    def acknowledge_danger(self) -> None:
        """The crisis answer has been given before the flow was asked; the state stays."""
        self.settle(Fate.ANSWERED)
        if self.state == Doing.WAITING:
            self.lift()

    def gone(self) -> None:
        """Whoever looks after this person is told at once: of an open case, everybody who has it; else the helper."""
        student = self.thing
        case = self.facts.open_case(student.person)
        if case is not None:
            self.want(Send("case", case.id, StudentGone()))
        elif student.chat and self.has_chat():
            self.want(Send("chat", student.chat, Gone()))

    def came_back(self) -> None:
        student = self.thing
        case = self.facts.open_case(student.person)
        if case is not None:
            self.want(Send("case", case.id, Back()))
        if student.chat and self.has_chat():
            self.want(Send("chat", student.chat, Back()))

    def case_over(self) -> None:
        self.change(case=None)
