"""What a crisis causes at once, and what happens while nobody answers (laws C2 and C3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.crisis.assessment import About, Category, Level
from flows.effects import Class, Create
from flows.events import (
    Acted,
    Hit,
    Raise,
)
from tests.flows.crisis_room import (
    MINUTE,
    SECOND,
    STUDENT,
    SUPPORTER,
    case,
    crisis,
    hooks,
    last,
    pages,
    room,
    supported,
    told,
    waiting,
)
from tests.flows.world import HEALING, START

A, B, OFF, COORDINATOR = 11, 12, 21, 31


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


def test_a_case_opened_by_hand_is_a_case_whatever_triage_said() -> None:
    world = room()
    crisis(world, Level.NONE, source="hand", words="")
    assert case(world).level == Level.HIGH and pages(world) == [(0, A)]


def test_an_expired_number_is_shown_as_such_when_it_is_the_last() -> None:
    world = room()
    world.shown = [replace(HEALING, expired=True)]
    crisis(world)
    assert "terakhir dicek" in str(last(world, STUDENT).args["numbers"])


def answer(variant: str) -> tuple[str, str]:
    return f"crisis.answer.{variant}.calling", f"crisis.answer.{variant}.nobody"


@pytest.mark.parametrize(
    ("given", "calling", "nobody"),
    [
        ({}, "crisis.answer.calling", "crisis.answer.nobody"),
        ({"level": Level.IMMINENT}, "crisis.answer.imminent.calling", "crisis.answer.imminent.nobody"),
        (
            {"level": Level.IMMINENT, "category": Category.violence_to_others},
            "crisis.answer.violence_to_others.calling",
            "crisis.answer.violence_to_others.nobody",
        ),
        ({"level": Level.IMMINENT, "category": Category.substance}, *answer("imminent")),
        *(
            ({"category": category}, *answer(category))
            for category in (
                Category.self_harm,
                Category.eating_disorder,
                Category.substance,
                Category.violence_to_others,
            )
        ),
        ({"level": Level.IMMINENT, "category": Category.sexual_abuse}, *answer("sexual_abuse")),
        ({"category": Category.abuse, "subject": About.friend}, *answer("friend")),
        ({"source": "danger"}, "crisis.answer.danger.calling", "crisis.answer.danger.nobody"),
        ({"source": "hand"}, "crisis.answer.hand.calling", "crisis.answer.hand.nobody"),
        ({"source": "aside"}, "crisis.answer.calling", "crisis.answer.nobody"),
        ({"subject": About.friend}, "crisis.answer.friend.calling", "crisis.answer.friend.nobody"),
        ({"category": Category.abuse}, "crisis.answer.abuse.calling", "crisis.answer.abuse.nobody"),
        ({"category": Category.sexual_abuse}, *answer("sexual_abuse")),
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
        violent = ".abuse." in key or ".sexual_abuse." in key
        assert [button.data for row in last(world, STUDENT).buttons for button in row] == ["hide:list"] * violent


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
