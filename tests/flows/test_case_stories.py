"""What a case means to each person, story by story (law C3 and the contract's crisis paragraphs)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.crisis import case as cases
from flows.crisis.assessment import About, Category, Level
from flows.effects import Audit, Class, Create, HandOver, Hook, Say
from flows.events import (
    Acknowledge,
    Acted,
    Back,
    CaseOver,
    Decline,
    End,
    Hit,
    Leave,
    Matched,
    OwnerLost,
    Raise,
    Reopen,
    Resolve,
    StudentGone,
    Take,
)
from flows.snapshot import Chat
from tests.flows.crisis_room import (
    MINUTE,
    SECOND,
    STUDENT,
    SUPPORTER,
    case,
    crisis,
    hooks,
    pages,
    room,
    supported,
    told,
    waiting,
)
from tests.flows.world import HEALING, START, World

A, B, OFF, COORDINATOR = 11, 12, 21, 31


def last(world: World, person: int) -> Say:
    return [one.say for one in world.said if one.to == person][-1]


def acknowledged(**more: int) -> tuple[World, str]:
    world = room(**more)
    id = crisis(world)
    world.give("case", id, Acknowledge(A))
    return world, id


# --- the opening ----------------------------------------------------------------------------------------------------


def test_the_answer_comes_first_then_the_case_the_page_and_the_timers() -> None:
    world = room()
    crisis(world)
    kinds = [type(effect).__name__ for _, effect in world.log]
    assert kinds[0] == "Say" and kinds[1] == "Create"
    assert told(world) == [(0, "crisis.answer.calling")]
    assert {name for _, _, name in world.timers} == {"climb", "tell"}
    assert all(timer.crisis for timer in world.timers.values())
    created = world.wanted(Create)[0].what
    assert created == case(world)
    assert created.asking == (A,) and created.rung == "duty"


def test_numbers_and_their_date_stand_in_every_hard_message() -> None:
    world = room()
    crisis(world)
    world.advance(120 * SECOND)
    for one in (said for said in world.said if said.to == STUDENT):
        assert one.say.args["numbers"] == "Healing119: 119 ext 8 (dicek 20 month.12 2025)", one.key
        assert one.say.cls is Class.CRISIS


def test_an_expired_number_is_shown_as_such_when_it_is_the_last() -> None:
    world = room()
    world.shown = [replace(HEALING, expired=True)]
    crisis(world)
    assert "terakhir dicek" in str(last(world, STUDENT).args["numbers"])


@pytest.mark.parametrize(
    ("given", "calling", "nobody"),
    [
        ({}, "crisis.answer.calling", "crisis.answer.nobody"),
        ({"level": Level.IMMINENT}, "crisis.answer.imminent.calling", "crisis.answer.imminent.nobody"),
        (
            {"level": Level.IMMINENT, "category": Category.violence_to_others},
            "crisis.answer.calling",
            "crisis.answer.nobody",
        ),
        ({"source": "danger"}, "crisis.answer.danger.calling", "crisis.answer.danger.nobody"),
        ({"source": "hand"}, "crisis.answer.hand.calling", "crisis.answer.hand.nobody"),
        ({"source": "aside"}, "crisis.answer.calling", "crisis.answer.nobody"),
        ({"subject": About.friend}, "crisis.answer.friend.calling", "crisis.answer.friend.nobody"),
        ({"category": Category.abuse}, "crisis.answer.abuse.calling", "crisis.answer.abuse.nobody"),
        ({"category": Category.sexual_abuse}, "crisis.answer.abuse.calling", "crisis.answer.abuse.nobody"),
        ({"about": "helper"}, "crisis.answer.helper.calling", "crisis.answer.helper.nobody"),
    ],
)
def test_the_first_answer_fits_who_speaks_and_is_honest_about_the_duty(
    given: dict[str, object], calling: str, nobody: str
) -> None:
    for duty, key in ((1, calling), (0, nobody)):
        world = room(duty=duty)
        crisis(world, **given)  # type: ignore[arg-type]  # a table of keyword arguments
        assert told(world) == [(0, key)]


def test_a_page_quotes_the_words_verbatim_and_only_sealed() -> None:
    world = room()
    crisis(world, words="capek {hidup} @page.high “ya”")
    page = last(world, A)
    assert page.key == "page.high"
    assert dict(page.private) == {"words": "capek {hidup} @page.high “ya”"}
    assert "capek" not in str(page.args)
    assert page.about == STUDENT and page.cls is Class.CRISIS
    assert page.case == case(world).id and page.ref == f"case:{case(world).id}"
    assert [button.data for button in page.buttons[0]] == [
        f"case:ack:{case(world).id}",
        f"case:decline:{case(world).id}",
    ]
    assert all(len(button.data.encode()) <= 64 for button in page.buttons[0])


def test_later_pages_quote_what_the_store_kept() -> None:
    world = room()
    crisis(world, words="capek hidup")
    world.advance(60 * SECOND)
    assert dict(last(world, B).private) == {"words": "capek hidup"}


@pytest.mark.parametrize("category", [Category.abuse, Category.sexual_abuse])
def test_a_page_of_violence_quotes_nothing(category: str) -> None:
    world = room()
    crisis(world, category=category, words="dia memukul")
    world.advance(300 * SECOND)
    seen = [one.say for one in world.said if one.key.startswith("page.")]
    assert len(seen) > 3
    assert all(page.key == "page.high.wordless" and not page.private for page in seen)
    assert all("@page.why.violence" in page.args.values() for page in seen)


def test_a_page_says_what_was_told_the_pranks_and_the_chat() -> None:
    world = room()
    supported(world)
    world.people[STUDENT].pranks = 3
    crisis(world, source="danger", words="")
    page = last(world, A)
    assert page.key == "page.high.wordless"
    lines = [page.args[f"note{n}"] for n in range(1, 5)]
    assert lines == ["@page.why.danger", "@page.told.numbers", "@page.in-chat", "@page.pranks"]
    assert page.args["more"] == "@page.more.4" and page.args["pranks"] == 3
    world.advance(120 * SECOND)
    world.advance(1 * SECOND)
    assert "@page.told.unanswered" not in page.args.values()
    world.advance(60 * SECOND)
    assert "@page.told.unanswered" in last(world, COORDINATOR).args.values()


def test_a_crisis_raises_the_request_that_waits_and_cards_the_supporter() -> None:
    world = room()
    waiting(world)
    supported(world)
    id = crisis(world)
    assert [letter.event for letter in world.unsent] == [Raise(Level.HIGH)]
    card = last(world, SUPPORTER)
    assert (card.key, card.cls, card.buttons, card.chat) == ("safety.card", Class.CRISIS, (), "chat-before")
    world.give("case", id, Hit(Level.IMMINENT, Category.suicide, 9))
    assert [letter.event for letter in world.unsent] == [Raise(Level.HIGH), Raise(Level.IMMINENT)]
    assert world.heard(SUPPORTER) == ["safety.card"]


def test_a_counselor_in_the_chat_can_have_the_case_from_the_card_or_by_writing() -> None:
    world = room()
    supported(world, helper=41, role="counselor")
    world.duty(41, False)
    id = crisis(world)
    card = last(world, 41)
    assert card.key == "safety.card.counselor"
    assert [button.data for button in card.buttons[0]] == [f"case:ack:{id}"]
    world.give("case", id, Acted(41))
    assert (case(world).state, case(world).owner, case(world).acted_at) == ("acknowledged", 41, START)
    world.advance(60 * MINUTE)
    assert len(pages(world)) == 1
    assert told(world)[1:] == [(0, "crisis.came")]


def test_a_supporter_who_writes_does_not_stop_the_paging() -> None:
    world = room()
    supported(world)
    id = crisis(world)
    for person in (SUPPORTER, COORDINATOR, None):
        world.give("case", id, Acted(person))
        assert case(world).state == "paging"


def test_a_case_about_a_helper_shows_their_students_nothing() -> None:
    world = room()
    world.helper(STUDENT, "supporter", duty=True)
    supported(world)
    crisis(world, about="helper", source="helper")
    assert "@page.why.helper" in last(world, A).args.values()
    assert world.heard(SUPPORTER) == []


# --- nobody answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ack", "at"), [(60, 120), (10, 20), (90, 120), (600, 120)])
def test_the_student_is_told_the_truth_in_time(ack: int, at: int) -> None:
    world = room(ack=ack)
    crisis(world)
    world.advance((at - 1) * SECOND)
    assert told(world) == [(0, "crisis.answer.calling")]
    world.advance(1 * SECOND)
    assert told(world)[1:] == [(at, "crisis.unanswered")]
    assert case(world).told_at == world.now


def test_a_long_wait_is_not_a_silence_nor_a_flood() -> None:
    world = room()
    crisis(world)
    world.advance(48 * 60 * MINUTE)
    assert told(world)[1:] == [
        (120, "crisis.unanswered"),
        (120 + 15 * 60, "crisis.still"),
        (120 + 75 * 60, "crisis.still"),
        (120 + 315 * 60, "crisis.still"),
    ]
    assert hooks(world)[-1] > 47.7 * 3600


def test_overdue_timers_tell_and_page_at_once_after_a_long_night() -> None:
    world = room()
    crisis(world)
    world.sleep(20 * 60 * MINUTE)
    world.wake()
    assert told(world)[1:] == [(72_000, "crisis.unanswered")]
    assert pages(world)[1:] == [(72_000, B)]


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


@pytest.mark.parametrize(("name", "key"), [("Bu Tuti", "crisis.came"), ("", "crisis.came.unnamed")])
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


# --- an owner who does nothing, or is lost --------------------------------------------------------------------------


def test_an_idle_owner_is_reminded_once_then_the_ladder_starts_again() -> None:
    world, _ = acknowledged(act=600)
    world.advance(600 * SECOND)
    assert world.heard(A).count("case.remind") == 1 and len(pages(world)) == 1
    world.advance(119 * SECOND)
    assert case(world).state == "acknowledged"
    world.advance(1 * SECOND)
    assert told(world)[2:] == [(720, "crisis.again")]
    assert "numbers" in last(world, STUDENT).args
    assert pages(world)[1:] == [(720, B)]
    assert world.heard(A)[-1] == "case.lapsed" and world.heard(A).count("case.remind") == 1
    assert (case(world).state, case(world).owner) == ("paging", None)
    world.advance(120 * SECOND)
    assert told(world)[-1] == (840, "crisis.unanswered")


@pytest.mark.parametrize("event", [Acted(A), Take(A), Resolve(A), Acted(None)])
def test_an_owner_who_acted_is_left_in_peace(event: Acted | Take | Resolve) -> None:
    world, id = acknowledged()
    world.advance(605 * SECOND)
    world.give("case", id, event)
    world.advance(120 * MINUTE)
    assert len(pages(world)) == 1


def test_somebody_elses_note_does_not_speak_for_the_owner() -> None:
    world, id = acknowledged()
    world.give("case", id, Acted(B))
    world.advance(720 * SECOND)
    assert case(world).state == "paging"


@pytest.mark.parametrize("taken", [False, True])
def test_a_lost_owner_restarts_the_ladder_at_once_and_the_student_is_told(taken: bool) -> None:
    world, id = acknowledged()
    if taken:
        world.give("case", id, Take(A))
    world.advance(30 * SECOND)
    world.change(A, active=False)
    world.give("case", id, OwnerLost(A))
    assert told(world)[-1] == (30, "crisis.again")
    assert pages(world)[1:] == [(30, B)]
    assert "@page.lost" in last(world, B).args.values()
    world.give("case", id, OwnerLost(A))
    assert len(pages(world)) == 2, "told twice, lost once"
    world.advance(120 * SECOND)
    assert told(world)[-1] == (150, "crisis.unanswered")


def test_a_refused_page_counts_against_the_owner_only_if_nothing_else_reaches_them() -> None:
    world, id = acknowledged()
    world.give("case", id, Decline(A, unreachable=True))
    assert case(world).state == "acknowledged"
    world.change(A, reachable=False)
    world.give("case", id, Decline(A, unreachable=True))
    assert case(world).state == "paging" and told(world)[-1][1] == "crisis.again"


def test_losing_somebody_who_is_only_asked_calls_the_next() -> None:
    world = room()
    id = crisis(world)
    world.change(A, reachable=False)
    world.give("case", id, OwnerLost(A))
    assert pages(world) == [(0, A), (0, B)] and told(world)[1:] == []
    world.give("case", id, OwnerLost(OFF))
    assert len(pages(world)) == 2


def test_an_owner_may_hand_it_back_until_they_hold_the_chat() -> None:
    world, id = acknowledged()
    world.give("case", id, Decline(A))
    assert pages(world)[1:] == [(0, B)] and told(world)[-1][1] == "crisis.again"
    assert world.heard(A)[-1] == "case.declined"
    world.give("case", id, Take(B))
    world.give("case", id, Decline(B))
    assert case(world).state == "taken" and last(world, B).key == "case.yours"
    world.give("case", id, Decline(A))
    assert last(world, A).key == "case.taken-by"


# --- the student cannot be reached ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("erased", "word"), [(False, "gone"), (True, "erased")])
def test_owner_and_supporter_are_told_when_the_student_goes(erased: bool, word: str) -> None:
    world, id = acknowledged()
    supported(world)
    world.give("case", id, StudentGone(erased))
    assert last(world, A).key == f"case.{word}" and last(world, A).cls is Class.CRISIS
    assert last(world, SUPPORTER).key == f"safety.{word}"
    count = len(world.said)
    world.give("case", id, StudentGone(erased))
    world.give("case", id, StudentGone(False))
    assert len(world.said) == count, "the news is told once"


def test_the_ladder_is_told_and_its_next_pages_say_so() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, StudentGone())
    assert last(world, A).key == "case.gone"
    world.advance(60 * SECOND)
    assert "@page.unreachable" in last(world, B).args.values()
    world.give("case", id, Back())
    assert last(world, A).key == last(world, B).key == "case.back"
    assert case(world).outcome is None
    world.give("case", id, StudentGone())
    world.advance(60 * SECOND)
    world.give("case", id, Back())
    assert told(world)[-2:] == [(120, "crisis.unanswered"), (120, "crisis.unanswered")], "the first met nobody"


def test_after_an_erasure_paging_goes_on_without_anything_of_theirs() -> None:
    world = room()
    id = crisis(world)
    world.give("case", id, StudentGone(erased=True))
    world.people[STUDENT].erased = True  # the world refuses whatever is still sealed under the key
    heard = world.heard(STUDENT)
    world.advance(10 * MINUTE)
    assert last(world, B).key == "page.high.wordless"
    assert "@page.erased" in last(world, B).args.values()
    assert world.heard(STUDENT) == heard
    world.give("case", id, Take(B))
    assert case(world).state == "taken" and world.things["chat"] == {}
    world.give("case", id, Resolve(B))
    assert world.heard(STUDENT) == heard and case(world).outcome == "erased"
    assert [letter for letter in world.unsent if letter.kind == "student"] == []


# --- the end, and the next episode ----------------------------------------------------------------------------------


def test_resolve_ends_the_episode_for_everybody() -> None:
    world, id = acknowledged()
    world.give("case", id, Resolve(A, "rujukan"))
    assert (case(world).state, case(world).outcome, case(world).resolved_at) == ("resolved", "rujukan", world.now)
    assert not world.timers and not world.buttons
    assert last(world, A).key == "case.resolved"
    assert [letter.event for letter in world.unsent] == [CaseOver(id)]
    assert "rujukan" not in str(world.wanted(Audit)), "what somebody wrote is no audit detail"
    for event in (Acknowledge(B), Take(B), Resolve(B), Decline(B)):
        world.give("case", id, event)
        assert case(world).state == "resolved" and last(world, B).key == "case.closed"


def test_somebody_else_may_resolve_and_the_owner_is_told() -> None:
    world, id = acknowledged()
    world.give("case", id, Resolve(COORDINATOR))
    assert (last(world, A).key, last(world, A).args["name"]) == ("case.resolved-by", "Kak Sari 0")


def test_resolved_before_anybody_answered_still_names_somebody_and_tells_the_student() -> None:
    world = room()
    id = crisis(world, Level.IMMINENT)
    world.give("case", id, Resolve(A))
    assert told(world)[1:] == [(0, "crisis.seen")]
    assert (case(world).owner, case(world).acknowledged_at) == (A, START)
    assert last(world, B).key == "case.resolved-by"


def test_a_later_hit_reopens_the_case_and_pages_anew() -> None:
    world, id = acknowledged()
    world.give("case", id, Take(A))
    world.give("case", id, Resolve(A))
    world.advance(24 * 60 * MINUTE)
    assert crisis(world, words="lagi") == id
    again = case(world)
    assert (again.episode, again.state, again.owner, again.acted_at) == (2, "paging", None, None)
    day = 24 * 3600
    assert told(world)[-1] == (day, "crisis.answer.calling")
    assert pages(world)[1:] == [(day, A)]
    assert "@page.reopened" in last(world, A).args.values()
    world.advance(120 * SECOND)
    assert told(world)[-1] == (day + 120, "crisis.unanswered")


def test_reopening_by_hand_tells_the_student_why_somebody_comes() -> None:
    world, id = acknowledged()
    world.give("case", id, Reopen(A))
    assert case(world).state == "acknowledged" and last(world, A).key == "case.still-open"
    world.give("case", id, Resolve(A))
    world.give("case", id, Reopen(B))
    assert case(world).state == "paging" and case(world).episode == 2
    assert told(world)[-1] == (0, "crisis.reopened")
    assert "numbers" in last(world, STUDENT).args


def test_the_outside_hook_carries_no_text() -> None:
    world = room(duty=0, off=0)
    id = crisis(world, Level.IMMINENT)
    assert world.wanted(Hook) == [Hook(id, "imminent", "suicide", 0)]
