"""Everything that a case says is in the catalogues of both languages, and every placeholder is filled."""

from __future__ import annotations

import re
from itertools import product

import pytest

from bot.words import Words
from flows.crisis.assessment import About, Category, Level
from flows.effects import Say
from flows.events import Acknowledge, Acted, Back, Decline, Hit, OwnerLost, Placed, Reopen, Resolve, StudentGone, Take
from tests.flows.crisis_room import MINUTE, STUDENT, SUPPORTER, case, crisis, room, supported
from tests.flows.world import World

A, B, OFF, COORDINATOR = 11, 12, 21, 31


def stories() -> list[Say]:
    """What was said in stories that together bring out every key."""
    said: list[Say] = []

    def keep(world: World) -> World:
        said.extend(one.say for one in world.said)
        world.said.clear()
        return world

    variants: list[dict[str, object]] = [
        {},
        {"source": "danger", "words": ""},
        {"source": "hand", "words": ""},
        {"source": "aside", "words": ""},
        {"source": "semantic"},
        {"about": "helper", "source": "helper"},
        {"subject": About.friend},
    ]
    for category, level, duty, given in product(Category, (Level.HIGH, Level.IMMINENT), (0, 2), variants):
        world = room(duty=duty)
        supported(world)
        world.people[STUDENT].pranks = 2
        id = crisis(world, level, category, **given)  # type: ignore[arg-type]  # a table of keyword arguments
        world.give("case", id, StudentGone())
        world.advance(60 * MINUTE)
        world.give("case", id, Back())
        keep(world)
    for event in (Acknowledge(A), Acknowledge(COORDINATOR), Acknowledge(None), Take(A), Take(COORDINATOR)):
        world = room()
        supported(world)
        id = crisis(world)
        world.give("case", id, event)
        crisis(world)
        world.give("case", id, Acknowledge(B))
        world.give("case", id, Acknowledge(event.by))
        world.give("case", id, Reopen(B))
        world.advance(60 * MINUTE)
        world.give("case", id, Take(B))
        world.give("case", id, Take(B))
        world.give("case", id, Hit(Level.HIGH, Category.abuse, 9))
        world.give("case", id, StudentGone())
        world.give("case", id, StudentGone(erased=True))
        world.give("case", id, Take(A))
        world.give("case", id, Resolve(COORDINATOR))
        world.give("case", id, Resolve(COORDINATOR))
        keep(world)
    for by in (A, COORDINATOR):
        world = room()
        supported(world)
        id = crisis(world)
        world.give("case", id, Decline(A))
        world.give("case", id, Acknowledge(SUPPORTER))
        world.give("case", id, Resolve(by))
        world.give("case", id, Reopen(B))
        world.give("case", id, Acknowledge(B))
        world.give("case", id, OwnerLost(B))
        world.give("case", id, Acted(A))
        crisis(world, Level.IMMINENT)
        world.give("case", id, StudentGone(erased=True))
        keep(world)
    world = room()
    crisis(world)
    world.give("case", crisis(world), Placed(9))
    keep(world)
    world = room()
    supported(world)
    world.people[STUDENT].pranks = 2
    id = crisis(world, category=Category.abuse, about="helper", source="danger")
    world.give("case", id, StudentGone(erased=True))
    world.give("case", id, Hit(Level.IMMINENT, Category.abuse, 9))
    keep(world)
    world = room()
    supported(world, helper=41, role="counselor")
    world.duty(41, False)
    id = crisis(world)
    world.give("case", id, Take(41))
    keep(world)
    assert case(world).state == "taken"
    return said


SAID = stories()
WORDS = Words(strict=True)
KEYS = WORDS.keys()


@pytest.mark.parametrize("language", ["id", "en"])
def test_everything_said_has_words_and_nothing_is_left_open(language: str) -> None:
    assert len(SAID) > 1_000
    for say in SAID:
        text = WORDS.text(language, say.key, say.args, say.private)
        assert text and not re.search(r"\{[a-z_0-9]+\}|@[a-z]+\.", text), (say.key, text)
        assert "\n\n\n" not in text and not text.endswith("\n"), (say.key, text)
        for row in say.buttons:
            for button in row:
                assert WORDS.text(language, button.key, button.args)


def test_the_stories_bring_out_every_key_that_belongs_to_a_case() -> None:
    spoken = {say.key for say in SAID}
    nested = {str(value)[1:] for say in SAID for value in say.args.values() if str(value).startswith("@")}
    mine = {
        key
        for key in KEYS
        if key.partition(".")[0] in ("page", "case", "safety")
        or key.startswith(("crisis.answer", "crisis.came", "crisis.taken", "crisis.seen"))
    }
    assert not mine - spoken - nested


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_bot_keeps_its_voice(language: str) -> None:
    """To somebody in danger: no clinical word, no danger named first, no empty comfort, and numbers."""
    for say in SAID:
        if say.to != STUDENT:
            continue
        text = WORDS.text(language, say.key, say.args, say.private).lower()
        for word in ("bunuh", "suicid", "pasien", "patient", "kasus", "gejala", "tenang saja", "jangan sedih", "!"):
            assert word not in text, (say.key, word)
        if not say.key.startswith(("crisis.came", "crisis.taken")):
            assert "119 ext 8" in text, say.key


def test_nobody_on_duty_is_never_answered_by_a_promise_to_call() -> None:
    for key in (key for key in KEYS if key.startswith("crisis.answer") and key.endswith(".nobody")):
        assert "sedang memanggil" not in WORDS.text("id", key, {"numbers": ""})
        assert "am calling" not in WORDS.text("en", key, {"numbers": ""})
        calling = key.removesuffix("nobody") + "calling"
        assert "sedang memanggil" in WORDS.text("id", calling, {"numbers": ""})
        assert "am calling" in WORDS.text("en", calling, {"numbers": ""})
