"""Everything that can happen to a helper, in every state, with none, one or two chats. No line ever goes to anybody but
the student of one of their own open chats; every line has one fate; every tap is answered; whoever is suspended can do
nothing any more; and danger of their own is heard in every state."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from flows.crisis import case as cases
from flows.crisis.assessment import NOTHING, About, Assessment, Category, Hit, Level
from flows.dialogs.helper.states import Being
from flows.dialogs.helper.step import step
from flows.effects import Amend, Create, Export, Fate, Relay, Say, Send, Settle, Toast
from flows.events import (
    Accept,
    Acknowledge,
    Back,
    ChatOver,
    Command,
    Decline,
    DutySet,
    Edited,
    EndNoticeLanded,
    Gone,
    Pass,
    Pressed,
    Quote,
    Resolve,
    Revoked,
    Said,
    Shown,
    Take,
    TakenBack,
    Tick,
    Unrelayable,
)
from flows.snapshot import Case, Chat, Desk
from tests.flows.world import START, World, reread

ANA, BAYU, SARI = 1, 2, 3
ONE, TWO, OLD, CASE, MESSAGE = "chat000000000001", "chat000000000002", "chat000000000000", "case000000000001", 77
NOW = START + 10_000
OWN = Assessment(
    Level.HIGH, Category.suicide, About.self,
    hits=(Hit("id-own", "aku mau mati", 0, 12, Level.HIGH, Category.suicide),),
)  # fmt: skip
COMMANDS = (
    "on", "off", "pause", "queue", "escalate", "note", "end", "report", "start", "help", "language", "danger",
    "mydata", "forget", "unknown", "menu",
)  # fmt: skip


def texts(assessment: Assessment = NOTHING) -> list[Any]:
    quotes = (None, Quote(ONE, 5), Quote(TWO, 5), Quote(OLD, 5), Quote(None), Quote(known=False))
    text = "aku mau mati" if assessment.crisis else "halo"
    return [
        *(Said(MESSAGE, text, at, assessment, quote) for quote in quotes for at in (START - 60_000, NOW)),
        *(Shown(MESSAGE, "photo", text, NOW, assessment, quote) for quote in quotes),
        Edited(MESSAGE, 5, text, NOW, assessment, ONE, ANA),
        Edited(MESSAGE, 5, text, NOW, assessment, TWO, BAYU),
        Edited(MESSAGE, 5, text, NOW, assessment, OLD, ANA),
        Edited(MESSAGE, 66, text, NOW, assessment),
        Edited(MESSAGE, None, text, NOW, assessment),
    ]


ORDERS = [
    Unrelayable(MESSAGE, "contact", NOW),
    *(Command(name, argument, MESSAGE, NOW) for name in COMMANDS for argument in ("", "iseng")),
]
PRESSES = [
    *(Pressed(verb, what, id) for verb, what in (
        ("offer", "accept"), ("offer", "pass"), ("chat", "switch"), ("chat", "end"), ("chat", "note"),
        ("chat", "escalate"), ("case", "ack"), ("case", "decline"), ("case", "take"), ("case", "resolve"),
        ("hand", "breathing"), ("hand", "x"),
    ) for id in (ONE, TWO, OLD, CASE, None)),
    *(Pressed(verb, what) for verb, what in (
        ("own", "send"), ("own", "rest"), ("lang", "en"), ("lang", "xx"), ("data", "export"), ("menu", "danger"),
        ("nonsense", "x"),
    )),
]  # fmt: skip
INTERNAL = [
    ChatOver(ONE, "student"), ChatOver(OLD, "helper"), Revoked(), DutySet(True), DutySet(False),
    EndNoticeLanded(NOW), Tick("rest"), Gone(), Back(), TakenBack(66), TakenBack(5),
]  # fmt: skip


def world(role: str, chats: int, active: bool, certified: bool) -> World:
    made = World()
    made.flows["case"] = cases.step
    made.person(ANA)
    made.person(BAYU)
    made.helper(SARI, role, certified_until=START * 2 if certified else None, active=active)
    old = Chat(id=OLD, request="r", student=ANA, helper=SARI, alias="Awan", helper_alias="Bukit", state="ended")
    made.things["chat"][OLD] = old
    for id, student in ((ONE, ANA), (TWO, BAYU))[:chats]:
        made.things["chat"][id] = replace(old, id=id, student=student, state="open", opened_at=START)
    made.things["case"][CASE] = Case(id=CASE, student=BAYU, alias="Danau", opened_at=START, asking=(SARI,))
    return made


def desks() -> list[tuple[Desk, World]]:
    found = []
    for role, state, chats, certified in product(
        ("supporter", "counselor", "coordinator"), Being, (0, 1, 2), (True, False)
    ):
        active = state is not Being.GONE
        facts = world(role, chats, active, certified)
        plain = Desk(person=SARI, state=state.value)
        found += [(plain, facts), (replace(plain, held=(66,), own=(67,), own_chat=ONE), facts)]
        found += [(replace(plain, current=TWO, current_at=START, ended_at=START - 30_000), facts)]
        found += [(replace(plain, asked=f"note:{ONE}", ending=1), facts)]
    return found


DESKS = desks()
STATES = {state.value for state in Being}
ENDED = Being.GONE.value


def answers(effects: Any) -> bool:
    return any(
        (isinstance(e, Say) and e.to in (None, SARI)) or isinstance(e, Toast | Export)
        or (isinstance(e, Send) and isinstance(e.event, Accept | Pass | Acknowledge | Decline | Take | Resolve))
        or (isinstance(e, Send) and e.kind == "chat")
        for e in effects
    )  # fmt: skip


def theirs(facts: World) -> dict[str, int]:
    return {chat.id: chat.student for chat in facts.open_chats(SARI)}


@pytest.mark.parametrize("assessment", [NOTHING, OWN], ids=["calm", "own danger"])
def test_a_line_goes_to_one_student_of_an_open_chat_or_to_nobody(assessment: Assessment) -> None:
    for (desk, facts), event in product(DESKS, texts(assessment)):
        after = step(desk, event, NOW, facts)
        what = (desk, event, sorted(theirs(facts)))
        fates = [e for e in after.effects if isinstance(e, Settle) and e.message == MESSAGE]
        assert len(fates) <= 1, what
        relays = [e for e in after.effects if isinstance(e, Relay | Amend) and e.message == MESSAGE]
        assert len(relays) <= 1, what
        for relay in relays:
            assert theirs(facts).get(relay.chat) == relay.to, what
            assert desk.state != ENDED, what
            assert fates[0].fate is Fate.RELAYED and fates[0].chat == relay.chat, what
            quote = getattr(event, "quote", None)
            if quote is not None and quote.chat is not None:
                assert relay.chat == quote.chat, what
        if not relays:
            assert not fates or fates[0].fate is not Fate.RELAYED, what
            kept = desk.asked is not None or isinstance(event, Edited)
            assert kept or answers(after.effects), what  # held, refused or noted: and told


def test_a_line_of_somebody_with_two_chats_is_never_guessed() -> None:
    plain = [(d, f) for d, f in DESKS if len(theirs(f)) == 2 and d.current is None and d.asked is None]
    for (desk, facts), event in product(plain, texts()):
        if isinstance(event, Said | Shown) and (event.quote is None or event.quote.chat is None):
            after = step(desk, event, NOW, facts)
            assert not any(isinstance(e, Relay) for e in after.effects), (desk, event)


def test_a_line_written_before_an_end_was_known_waits() -> None:
    for desk, facts in DESKS:
        if desk.state == ENDED or len(theirs(facts)) != 1 or desk.asked is not None:
            continue
        early = Said(MESSAGE, "halo", START, NOTHING)
        for ending, ended_at in ((1, None), (0, START + 1_000)):
            waiting = replace(desk, ending=ending, ended_at=ended_at, own=(), current=None)
            after = step(waiting, early, NOW, facts)
            assert after.snapshot.held[-1:] == (MESSAGE,), waiting
        late = step(replace(desk, ending=0, ended_at=START), early, NOW, facts)
        assert any(isinstance(e, Relay) for e in late.effects), "the same second is not before"


def test_commands_are_answered_and_never_relayed() -> None:
    for (desk, facts), event in product(DESKS, ORDERS):
        after = step(desk, event, NOW, facts)
        assert not any(isinstance(e, Relay | Amend) for e in after.effects), (desk, event)
        told_before = desk.state == ENDED and desk.asked == "refused"
        assert answers(after.effects) or told_before, (desk, event)


def test_every_tap_is_answered() -> None:
    for (desk, facts), event in product(DESKS, PRESSES):
        after = step(desk, event, NOW, facts)
        assert after.snapshot.state in STATES
        assert answers(after.effects), (desk, event)


def test_own_danger_opens_a_case_in_every_state() -> None:
    for (desk, facts), event in product(
        DESKS, [*texts(OWN), Command("danger", "", MESSAGE, NOW), Pressed("menu", "danger")]
    ):
        effects = step(desk, event, NOW, facts).effects
        opened = [e.what for e in effects if isinstance(e, Create) and isinstance(e.what, Case)]
        assert [(case.student, case.about) for case in opened] == [(SARI, "helper")], (desk, event)
        assert not any(isinstance(e, Relay) and e.message == MESSAGE for e in effects), (desk, event)


def test_whoever_is_suspended_can_do_nothing_any_more() -> None:
    gone = [(desk, facts) for desk, facts in DESKS if desk.state == ENDED]
    for (desk, facts), event in product(gone, [*texts(), *ORDERS, *PRESSES]):
        if (isinstance(event, Command) and event.name == "danger") or event == Pressed("menu", "danger"):
            continue  # danger is heard of everybody
        after = step(desk, event, NOW, facts)
        assert after.snapshot.state == ENDED
        for effect in after.effects:
            assert isinstance(effect, Settle | Say | Toast), (event, effect)
            if isinstance(effect, Say):
                assert effect.to in (None, SARI) and effect.key == "desk.suspended", (event, effect)


def test_a_supporter_is_on_duty_only_with_a_certificate() -> None:
    for desk, facts in DESKS:
        staff = facts.staff(SARI)
        assert staff is not None
        for event in (Command("on", "", MESSAGE, NOW), DutySet(True)):
            after = step(desk, event, NOW, facts).snapshot
            may = staff.active and (staff.role != "supporter" or staff.certified_until is not None)
            if not may and desk.state != "on":
                assert after.state != "on", desk
            if may and desk.state != "on":
                assert after.state == "on", desk


def test_whatever_happens_to_a_helper_is_survived() -> None:
    for (desk, facts), event in product(DESKS, INTERNAL):
        after = step(desk, event, NOW, facts)
        assert after.snapshot.state in STATES
        assert reread(after.snapshot) == after.snapshot


def test_a_suspension_ends_every_chat_and_settles_every_line() -> None:
    for desk, facts in DESKS:
        effects = step(desk, Revoked(), NOW, facts).effects
        ended = [e.id for e in effects if isinstance(e, Send) and e.kind == "chat"]
        assert sorted(map(str, ended)) == sorted(theirs(facts)), desk
        settled = {e.message: e.fate for e in effects if isinstance(e, Settle)}
        assert settled == dict.fromkeys((*desk.held, *desk.own), Fate.REFUSED), desk
