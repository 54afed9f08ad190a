"""Somebody has the case: acknowledged, further lines, the chat taken over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.crisis import case as cases
from flows.crisis.assessment import Category, Level
from flows.effects import Audit, Class, HandOver, Say
from flows.events import (
    Acknowledge,
    Acted,
    End,
    Hit,
    Leave,
    Matched,
    Resolve,
    Take,
)
from flows.snapshot import Chat
from tests.flows.crisis_room import (
    MINUTE,
    SECOND,
    STUDENT,
    SUPPORTER,
    acknowledged,
    case,
    crisis,
    last,
    pages,
    room,
    supported,
    told,
    waiting,
)
from tests.flows.world import START

A, B, OFF, COORDINATOR = 11, 12, 21, 31


# --- somebody has it ------------------------------------------------------------------------------------------------


def test_after_an_acknowledgement_nobody_is_paged_and_everybody_knows() -> None:
    world = room()
    supported(world)
    id = crisis(world)
    world.advance(70 * SECOND)
    world.give("case", id, Acknowledge(B))
    assert (case(world).state, case(world).owner, case(world).asking) == ("acknowledged", B, ())
    assert told(world)[1:] == [(70, "crisis.came")]
    assert last(world, STUDENT).args["name"] == "Bu Rini 1"
    assert last(world, A).key == "case.taken-by" and last(world, A).args["name"] == "Bu Rini 1"
    assert world.buttons == {(B, f"case:{id}"): (f"case:take:{id}", f"case:resolve:{id}")}
    assert world.heard(SUPPORTER) == ["safety.card", "safety.came"]
    assert set(world.timers) == {("case", id, "act")}
    world.advance(599 * SECOND)
    assert len(pages(world)) == 2
    assert Audit(B, "case.acknowledge", f"case:{id}", {"level": "high"}) in world.wanted(Audit)


def test_who_presses_second_is_told_who_has_it() -> None:
    world, id = acknowledged()
    before = case(world)
    world.give("case", id, Acknowledge(B))
    assert case(world) == before
    assert (last(world, B).key, last(world, B).args["name"]) == ("case.taken-by", "Bu Rini 0")
    assert told(world)[1:] == [(0, "crisis.came")]
    world.give("case", id, Acknowledge(A))
    assert case(world) == before and last(world, A).key == "case.yours"


def test_somebody_not_yet_paged_may_acknowledge() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, Acknowledge(OFF))
    assert case(world).owner == OFF


def test_a_coordinator_may_have_it_but_their_name_stays_inside() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, Acknowledge(COORDINATOR))
    assert told(world)[1:] == [(0, "crisis.came.unnamed")]
    assert "Kak Sari" not in str(last(world, STUDENT))
    assert last(world, A).args["name"] == "Kak Sari 0"


@pytest.mark.parametrize(("name", "key"), [("Bu Tuti", "crisis.came.unnamed"), ("", "crisis.came.unnamed")])
def test_the_admin_api_may_acknowledge_by_name(name: str, key: str) -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, Acknowledge(None, name))
    assert case(world).state == "acknowledged"
    assert told(world)[1:] == [(0, key)]
    assert last(world, A).args["name"] == (name or "@case.somebody")
    world.give("case", id, Acknowledge(B))
    assert last(world, B).args["name"] == "@case.somebody"
    world.give("case", id, Hit(Level.HIGH, Category.suicide, 9))
    assert [last(world, person).key for person in (A, B)] == ["case.line", "case.line"]
    world.advance(600 * SECOND)
    assert [last(world, person).key for person in (A, B)] == ["case.remind", "case.remind"]


@pytest.mark.parametrize("event", [Acknowledge(SUPPORTER), Take(SUPPORTER), Resolve(SUPPORTER)])
def test_a_supporter_cannot_have_a_case(event: Acknowledge | Take | Resolve) -> None:
    world = room()
    world.helper(SUPPORTER, "supporter", duty=True)
    id = crisis(world)
    before = case(world)
    world.give("case", id, event)
    assert case(world) == before and world.heard(SUPPORTER) == ["case.refused"]
    world.change(SUPPORTER, active=False)
    world.give("case", id, event)
    assert world.heard(SUPPORTER) == ["case.refused"]


@pytest.mark.parametrize("event", [Acknowledge(A), Take(A), Resolve(A)])
def test_a_suspended_counselor_cannot_have_it_and_hears_nothing(event: Acknowledge | Take | Resolve) -> None:
    world = room()
    id = crisis(world)
    world.change(A, active=False)
    before, heard = case(world), world.heard(A)
    world.give("case", id, event)
    assert case(world) == before and world.heard(A) == heard
    world.give("case", id, Acknowledge(B))
    assert world.heard(A) == heard, "not even who has it (P4)"


def test_nobody_has_the_case_about_themselves() -> None:
    world = room()
    world.helper(STUDENT, "counselor", duty=True, rota=0)
    id = crisis(world, about="helper", source="helper")
    for event in (Acknowledge(STUDENT), Take(STUDENT), Resolve(STUDENT), Acted(STUDENT)):
        world.give("case", id, event)
        assert case(world).state == "paging"
    assert pages(world) == [(0, A)]


# --- further lines --------------------------------------------------------------------------------------------------


def test_before_an_answer_a_further_line_pages_nobody_again() -> None:
    world = room()
    id = crisis(world)
    for level in (Level.HIGH, Level.HIGH):
        world.give("case", id, Hit(level, Category.self_harm, 8))
    assert pages(world) == [(0, A)]
    assert (case(world).level, case(world).category) == (Level.HIGH, Category.suicide)
    crisis(world)
    assert told(world)[1:] == [(0, "crisis.answer.short")]


def test_a_button_without_words_learns_its_category_from_the_next_line() -> None:
    world = room(topics=(B,))
    id = crisis(world, category=Category.none, source="danger", words="")
    world.give("case", id, Hit(Level.HIGH, Category.abuse, 8))
    assert case(world).category == Category.abuse
    world.case_words[id] = "dia memukul"
    world.advance(60 * SECOND)
    assert last(world, B).key == "page.high.wordless"


@pytest.mark.parametrize("taken", [False, True])
def test_every_further_line_reaches_the_owner(taken: bool) -> None:
    world, id = acknowledged()
    if taken:
        world.give("case", id, Take(A))
    world.case_words[id] = "aku capek lagi"
    for level in (Level.HIGH, Level.HIGH):
        world.give("case", id, Hit(level, Category.suicide, 8))
        notice = last(world, A)
        assert (notice.key, dict(notice.private)) == ("case.line", {"words": "aku capek lagi"})
        assert notice.cls is Class.CRISIS and notice.about == STUDENT
    assert len(pages(world)) == 1
    assert [one for one in world.heard(A) if one == "case.line"] == ["case.line"] * 2
    world.give("case", id, Hit(Level.HIGH, Category.abuse, 8))
    assert last(world, A).key == "case.line.wordless" and not last(world, A).private


def test_the_words_at_hand_are_those_of_the_line_itself() -> None:
    world, _ = acknowledged()
    step = cases.step(case(world), Hit(Level.HIGH, Category.suicide, 8), world.now, world, words="baris ini")
    (notice,) = [effect for effect in step.effects if isinstance(effect, Say)]
    assert dict(notice.private) == {"words": "baris ini"}


@pytest.mark.parametrize("taken", [False, True])
def test_a_rise_pages_anew_also_whoever_had_it(taken: bool) -> None:
    world, id = acknowledged()
    if taken:
        world.give("case", id, Take(A))
    world.duty(A, False)
    world.advance(5 * MINUTE)
    crisis(world, Level.IMMINENT)
    assert told(world)[-1] == (300, "crisis.answer.imminent.calling")
    assert pages(world)[1:] == [(300, B), (300, A)]
    assert "@page.raised" in last(world, A).args.values()
    assert (case(world).state, case(world).owner) == ("paging", None)
    world.advance(120 * SECOND)
    assert told(world)[-1] == (420, "crisis.unanswered")
    world.give("case", id, Acted(A))
    assert (case(world).state, case(world).owner) == ("acknowledged", A)


def test_a_rise_before_an_answer_does_not_postpone_the_truth() -> None:
    world = room()
    crisis(world)
    world.advance(100 * SECOND)
    crisis(world, Level.IMMINENT)
    assert case(world).paging_since == START, "the record, too, counts from the first unanswered moment"
    world.advance(20 * SECOND)
    assert told(world)[-1] == (120, "crisis.unanswered")
    world.advance(10 * SECOND)
    id = case(world).id
    world.things["case"][id] = replace(case(world), level=Level.HIGH)
    world.give("case", id, Hit(Level.IMMINENT, Category.suicide, 9))
    world.advance(120 * SECOND)
    assert told(world)[-1] == (250, "crisis.unanswered")


def test_what_the_student_hears_of_a_further_line() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, Acknowledge(A))
    crisis(world)
    assert told(world)[-1][1] == "crisis.answer.held"
    world.give("case", id, Take(A))
    before = told(world)
    crisis(world)
    assert told(world) == before, "the counselor sits in the chat and reads along"
    world.give("case", id, Resolve(A))
    crisis(world, source="danger")
    assert told(world)[-1][1] == "crisis.answer.danger.calling"


# --- taking the chat ------------------------------------------------------------------------------------------------


def test_taking_over_ends_the_supporters_chat_and_opens_the_counselors() -> None:
    world = room()
    supported(world)
    waiting(world)
    id = crisis(world)
    world.give("case", id, Acknowledge(A))
    start = len(world.log)
    world.give("case", id, Take(A))
    (chat,) = [c for c in world.things["chat"].values() if c.case == id]
    assert chat == Chat(
        id=chat.id,
        request="req-before",
        student=STUDENT,
        helper=A,
        role="counselor",
        alias=world.alias(STUDENT),
        helper_alias="Bu Rini 0",
        case=id,
        opened_at=world.now,
    )
    assert world.wanted(HandOver) == [
        HandOver(A, chat.id, STUDENT, since=0, alias=world.alias(STUDENT), read_by_staff=True)
    ]
    sent = [(letter.kind, letter.id, letter.event) for letter in world.unsent[1:]]
    assert sent == [
        ("chat", "chat-before", End("taken", A)),
        ("request", "req-waiting", Leave("taken")),
        ("student", STUDENT, Matched(chat.id)),
    ]
    kinds = [type(effect).__name__ for _, effect in world.log[start:]]
    assert kinds.index("Create") < kinds.index("HandOver")
    assert told(world)[1:] == [(0, "crisis.came")], "who is coming has been said already"
    assert case(world).state == "taken" and not world.timers
    assert last(world, A).key == "case.open"
    world.advance(60 * MINUTE)
    assert len(pages(world)) == 1


def test_taking_without_an_acknowledgement_tells_the_student_and_the_others() -> None:
    world = room()
    id = crisis(world, Level.IMMINENT)
    world.give("case", id, Take(B))
    assert told(world)[1:] == [(0, "crisis.taken")]
    assert world.heard(A)[-1] == "case.taken-by"
    assert world.buttons == {(B, f"case:{id}"): (f"case:resolve:{id}",)}
    assert (case(world).acknowledged_at, case(world).acted_at) == (START, START)


def test_a_colleague_may_take_over_and_the_former_owner_is_told() -> None:
    world, id = acknowledged()
    world.give("case", id, Take(A))
    world.give("case", id, Take(B))
    assert case(world).owner == B
    assert (last(world, A).key, last(world, A).args["name"]) == ("case.taken-over", "Bu Rini 1")
    assert told(world)[1:] == [(0, "crisis.came"), (0, "crisis.taken")]
    assert last(world, STUDENT).args["name"] == "Bu Rini 1"


def test_who_already_holds_the_chat_gets_no_second_one() -> None:
    world = room()
    supported(world, helper=41, role="counselor")
    id = crisis(world)
    world.give("case", id, Take(41))
    assert len(world.things["chat"]) == 1 and world.wanted(HandOver) == []
    assert last(world, 41).key == "case.holding"


def test_a_coordinator_who_takes_is_shown_by_alias() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, Take(COORDINATOR))
    (chat,) = world.things["chat"].values()
    assert chat.helper_alias == world.roster[COORDINATOR].alias
    assert told(world)[1:] == [(0, "crisis.taken.unnamed")]
