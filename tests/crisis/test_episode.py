"""Signs that are mild alone and grave together, sentences sent in pieces, and forgetting."""

from __future__ import annotations

from flows.crisis.assessment import NOTHING, About, Assessment, Category, Hit, Level
from flows.crisis.episode import DAY, ENOUGH, QUIET, Episode, follow, levels, screen_turn
from flows.crisis.screen import Matcher


def sign(rule: str, category: Category = Category.suicide) -> Assessment:
    return Assessment(Level.DISTRESS, category, hits=(Hit(rule, "x", 0, 1, Level.DISTRESS, category),))


def after(*said: Assessment, pace: int = 60_000) -> Episode:
    episode = Episode()
    for number, one in enumerate(said):
        episode = follow(episode, one, 1 + number * pace)
    return episode


def test_a_grave_message_raises_the_episode_and_nothing_lowers_it() -> None:
    grave = Assessment(Level.IMMINENT, Category.abuse)
    episode = after(grave, NOTHING, sign("a"))
    assert (episode.level, episode.category) == (Level.IMMINENT, Category.abuse)


def test_mild_signs_are_grave_together() -> None:
    assert after(sign("a"), sign("b")).level == Level.DISTRESS
    assert after(sign("a"), sign("b"), sign("c")).level == Level.HIGH


def test_the_same_sign_counts_once() -> None:
    assert after(*[sign("a")] * 20).level == Level.DISTRESS


def test_suffering_alone_never_pages() -> None:
    many = [sign(f"s{n}", Category.none) for n in range(ENOUGH + 5)]
    assert after(*many).level == Level.DISTRESS


def test_signs_fade_and_a_quiet_episode_ends() -> None:
    assert after(sign("a"), sign("b"), sign("c"), pace=5 * DAY).level == Level.DISTRESS
    mild = after(sign("a"))
    assert follow(mild, NOTHING, mild.last + QUIET + 1).level == Level.NONE
    grave = after(Assessment(Level.HIGH))
    assert follow(grave, NOTHING, grave.last + 9 * QUIET).level == Level.HIGH


def test_a_sentence_sent_in_pieces_is_heard(matcher: Matcher) -> None:
    assert not screen_turn([], "mati", matcher).crisis
    assert screen_turn(["aku pengen"], "mati", matcher).crisis
    assert screen_turn(["gue mau", "bunuh"], "diri", matcher).crisis


def test_what_was_heard_before_is_not_heard_again(matcher: Matcher) -> None:
    assert not screen_turn(["aku mau bunuh diri"], "oke makasih", matcher).crisis


def test_a_helpers_turn_leaves_the_level(matcher: Matcher) -> None:
    told = ["halo", None, "aku mau bunuh diri", None, "oke"]
    assert [level.word for level in levels(told, matcher)] == ["none", "none", "high", "high", "high"]


def test_one_message_is_one_sign_of_danger() -> None:
    hits = tuple(Hit(f"r{n}", "x", 0, 1, Level.DISTRESS, Category.suicide) for n in range(9))
    joke = Assessment(Level.DISTRESS, Category.suicide, hits=hits)
    assert after(joke).level == Level.DISTRESS
    assert after(joke, joke).level == Level.DISTRESS
    assert after(joke, joke, joke).level == Level.HIGH


def test_homework_is_no_sign_of_the_writers() -> None:
    topic = [
        Assessment(Level.DISTRESS, Category.suicide, About.homework, sign(f"t{n}").hits) for n in range(ENOUGH + 3)
    ]
    assert after(*topic).level == Level.DISTRESS


def test_turns_may_lie_days_apart(matcher: Matcher) -> None:
    turns = ["ngerasa jadi beban", "ga ada yang peduli", "putus asa rasanya"]
    assert levels(turns, matcher, times=[0, DAY, 2 * DAY])[-1] == Level.HIGH
    assert levels(turns, matcher, times=[0, 11 * DAY, 22 * DAY])[-1] == Level.DISTRESS
