"""Everything that can happen to a student, in every state and circumstance: about 20,000 steps. Nobody meets silence,
every line has one fate, danger is heard in every state, and no line goes to anybody but the helper of the open chat."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from flows.crisis import case as cases
from flows.crisis.assessment import NOTHING, About, Assessment, Category, Level
from flows.dialogs.student.states import Doing
from flows.dialogs.student.step import step
from flows.effects import Amend, Class, Create, Export, Fate, Join, Relay, Say, Send, Settle, Toast
from flows.events import (
    Back,
    CaseOver,
    ChatOver,
    Command,
    Edited,
    Gone,
    Hit,
    Matched,
    Pressed,
    Quote,
    RequestOver,
    Said,
    Shown,
    TakenBack,
    Tick,
    Unrelayable,
)
from flows.snapshot import Case, Chat, Request, Student
from tests.flows.world import START, World, reread

ANA, SARI, RINI = 1, 2, 3
CHAT, OLD, REQUEST, MESSAGE = "chat000000000001", "chat000000000000", "request000000001", 77
DANGER = Assessment(Level.HIGH, Category.suicide, About.self)
COMMANDS = ("start", "menu", "help", "language", "danger", "end", "report", "mydata", "forget", "unknown", "on", "note")
BUTTONS = (
    "consent:yes", "consent:no", "age:18-21", "age:under-18", "age:7", "menu:peer", "menu:counselor", "menu:exercises",
    "menu:info", "menu:near", "menu:data", "menu:danger", "menu:open", "menu:own", "topic:study", "topic:x", "heavy:0",
    "heavy:10", "heavy:11", "heavy:x", "wish:female", "wish:x", "skip:topic", "skip:heavy", "skip:wish", "skip:note",
    "skip:rate", "skip:again", "skip:x", "queue:stay", "queue:leave", "rate:yes", "rate:x", "again:yes", "again:no",
    "lang:en", "lang:xx", "exercise:breathing", "exercise:x", "info:sleep", "info:x", "data:export", "data:forget",
    "erase:yes", "erase:no", "offer:accept", "case:ack", "nonsense:x",
)  # fmt: skip


def texts(assessment: Assessment) -> list[Any]:
    return [
        Said(MESSAGE, "1", START, assessment),
        Said(MESSAGE, "aku capek", START, assessment),
        Said(MESSAGE, "aku capek", START, assessment, Quote(OLD, 5)),
        Shown(MESSAGE, "photo", "", START, assessment),
        Shown(MESSAGE, "voice", "keterangan", START, assessment),
        Unrelayable(MESSAGE, "contact", START, assessment),
        Edited(MESSAGE, None, "baru", START, assessment),
        Edited(MESSAGE, 5, "baru", START, assessment, OLD, SARI),
        Edited(MESSAGE, 6, "baru", START, assessment, CHAT, SARI),
        *(Command(name, "", MESSAGE, START, assessment) for name in COMMANDS),
        Command("start", "ABCD-EFGH-1234-5678", MESSAGE, START, assessment),
    ]


PRESSES = [
    *(Pressed(*data.split(":")) for data in BUTTONS),
    *(Pressed("chat", what, id) for what in ("end", "switch") for id in (CHAT, OLD, None)),
]
INTERNAL = [
    Matched(CHAT), ChatOver(CHAT, "student"), ChatOver(CHAT, "silence", REQUEST), ChatOver(OLD, "helper"),
    RequestOver(REQUEST), RequestOver("other"), CaseOver("case000000000001"), Tick("x"), Gone(), Back(),
    TakenBack(5),
]  # fmt: skip


def world(case: str | None = None, chat: bool = False, request: bool = False, duty: bool = True) -> World:
    """Ana, Sari who is on duty or not, and what is open between them."""
    made = World()
    made.flows["case"] = cases.step
    made.person(ANA)
    made.helper(SARI, "supporter", duty=duty, certified_until=START * 2)
    made.helper(RINI, "counselor", duty=duty)
    made.things["chat"][OLD] = Chat(
        id=OLD, request="r", student=ANA, helper=SARI, alias="Awan", helper_alias="Bukit", state="ended"
    )
    if chat:
        made.things["chat"][CHAT] = replace(made.things["chat"][OLD], id=CHAT, state="open")
    if request:
        made.things["request"][REQUEST] = Request(id=REQUEST, student=ANA, opened_at=START)
    if case is not None:
        id = "case000000000001"
        made.things["case"][id] = Case(id=id, student=ANA, alias="Awan", state=case, opened_at=START)
    return made


def students() -> list[tuple[Student, World]]:
    """Every state with every circumstance that is possible in it."""
    found = []
    for state, (consent, age), case, duty in product(
        Doing,
        ((None, None), (True, None), (True, "18-21"), (True, "under-18"), (False, None), (False, "18-21")),
        (None, "paging", "resolved"),
        (True, False),
    ):
        chatting = state is Doing.CHATTING
        waiting = state is Doing.WAITING
        after = state in (Doing.AFTER_HEAVY, Doing.AFTER_RATE, Doing.AFTER_AGAIN)
        student = Student(
            person=ANA,
            alias="Awan",
            state=state.value,
            consent=consent,
            age=age,
            chat=CHAT if chatting else OLD if after else None,
            request=REQUEST if waiting else None,
            asked="erase" if case == "paging" else None,
        )
        found.append((student, world(case, chatting, waiting, duty)))
    return found


STUDENTS = students()
STATES = {state.value for state in Doing}


def answers(effects: Any) -> bool:
    """Whether the person sees something of this step."""
    return any(
        (isinstance(e, Say) and e.to in (None, ANA)) or isinstance(e, Toast | Export | Join)
        or (isinstance(e, Send) and e.kind in ("chat", "request", "case"))
        for e in effects
    )  # fmt: skip


@pytest.mark.parametrize("assessment", [NOTHING, DANGER], ids=["calm", "danger"])
def test_every_line_has_exactly_one_fate_and_goes_to_the_helper_alone(assessment: Assessment) -> None:
    for (student, facts), event in product(STUDENTS, texts(assessment)):
        after = step(student, event, START + 1, facts)
        what = (student.state, student.consent, student.age, event)
        assert after.snapshot.state in STATES
        fates = list(dict.fromkeys(e for e in after.effects if isinstance(e, Settle) and e.message == MESSAGE))
        assert len(fates) <= 1, what
        fate = fates[0].fate if fates else Fate.ANSWERED  # what the shell writes down where nothing else is said
        assert fates or answers(after.effects), what
        relays = [e for e in after.effects if isinstance(e, Relay | Amend)]
        assert bool(relays) == (fate is Fate.RELAYED), what
        for relay in relays:
            assert (student.state, relay.chat, relay.to) == ("chatting", CHAT, SARI), what
        if isinstance(event, Command):
            assert fate in (Fate.ANSWERED, Fate.REFUSED), what
            assert answers(after.effects), what


def test_danger_is_heard_in_every_state_before_anything_else() -> None:
    loud = [*texts(DANGER), Pressed("menu", "danger"), Command("danger", "", MESSAGE, START)]
    for (student, facts), event in product(STUDENTS, loud):
        after = step(student, event, START + 1, facts)
        what = (student.state, event)
        opened = [n for n, e in enumerate(after.effects) if isinstance(e, Create) and isinstance(e.what, Case)]
        raised = [n for n, e in enumerate(after.effects) if isinstance(e, Send) and isinstance(e.event, Hit)]
        assert len(opened) + len(raised) == 1, what
        told = [n for n, e in enumerate(after.effects) if isinstance(e, Say) and e.cls is Class.CRISIS and e.to == ANA]
        if opened:
            assert told and told[0] < opened[0], what  # the words and numbers first
            said = after.effects[told[0]]
            assert isinstance(said, Say) and "numbers" in said.args, what
        assert not any(isinstance(e, Relay) and n < (opened or raised)[0] for n, e in enumerate(after.effects)), what


def test_calm_words_open_no_case() -> None:
    for (student, facts), event in product(STUDENTS, [e for e in texts(NOTHING) if getattr(e, "name", "") != "danger"]):
        effects = step(student, event, START + 1, facts).effects
        assert not any(isinstance(e, Create) and isinstance(e.what, Case) for e in effects), (student.state, event)
        assert not any(isinstance(e, Send) and isinstance(e.event, Hit) for e in effects), (student.state, event)


def test_every_tap_is_answered() -> None:
    for (student, facts), event in product(STUDENTS, PRESSES):
        after = step(student, event, START + 1, facts)
        assert after.snapshot.state in STATES
        assert answers(after.effects), (student.state, event)


def test_every_calm_text_is_answered_outside_a_chat() -> None:
    for student, facts in STUDENTS:
        if student.state in ("chatting", "waiting"):
            continue  # relayed; or kept, and told so once a minute
        for event in texts(NOTHING)[:6]:
            assert answers(step(student, event, START + 1, facts).effects), (student.state, event)


def test_whatever_happens_to_a_student_is_survived() -> None:
    for (student, facts), event in product(STUDENTS, INTERNAL):
        after = step(student, event, START + 1, facts)
        assert after.snapshot.state in STATES
        assert reread(after.snapshot) == after.snapshot


def test_peers_stay_closed_without_consent_and_for_minors() -> None:
    """In the states before the intake, which nobody enters without consent and a known age."""
    early = {"new", "consenting", "declined", "telling_age", "choosing"}
    for (student, facts), event in product(STUDENTS, [*PRESSES, *texts(DANGER)]):
        if student.state not in early or (student.consent and student.age == "18-21"):
            continue
        for effect in step(student, event, START + 1, facts).effects:
            if isinstance(effect, Create) and isinstance(effect.what, Request):
                assert effect.what.kind == "counselor", (student, event)
