"""Who receives a helper's line: the contract's four rules, at their edges."""

from __future__ import annotations

from typing import Any

import pytest

from flows.dialogs.helper.routing import Ask, No, To, Why, before_end, current, route
from flows.events import Quote
from flows.facts import MINUTE
from flows.snapshot import Chat, Desk

NOW = 1_795_270_000_000
LAPSE = 10 * MINUTE


def chat(id: str, student: int, **more: Any) -> Chat:
    return Chat(id=id, request="r", student=student, helper=3, alias="A", helper_alias="B", **more)


ONE, TWO = chat("one", 1), chat("two", 2)
FREE = Desk(person=3, state="on")


def chose(id: str, at: int = NOW, **more: Any) -> Desk:
    return Desk(person=3, state="on", current=id, current_at=at, **more)


@pytest.mark.parametrize(
    ("desk", "quote", "chats", "goes"),
    [
        # 1. a quote decides before everything else
        (FREE, Quote("one"), (ONE, TWO), To(ONE)),
        (chose("two"), Quote("one"), (ONE, TWO), To(ONE)),
        (Desk(person=3, ending=1), Quote("one"), (ONE,), To(ONE)),
        (FREE, Quote("gone"), (ONE, TWO), No(Why.OVER)),
        (FREE, Quote("gone"), (ONE,), No(Why.OVER)),
        (FREE, Quote("gone"), (), No(Why.OVER)),
        (FREE, Quote(known=False), (ONE, TWO), Ask(Why.SEVERAL)),
        (FREE, Quote(None), (ONE, TWO), Ask(Why.SEVERAL)),
        (FREE, Quote(known=False), (ONE,), To(ONE)),
        # 2. one open chat
        (FREE, None, (ONE,), To(ONE)),
        (FREE, None, (), No(Why.NONE)),
        (Desk(person=3, ending=1), None, (ONE,), Ask(Why.BEFORE_END)),
        # 3. the one chosen, while the choice holds
        (chose("two"), None, (ONE, TWO), To(TWO)),
        (chose("gone"), None, (ONE, TWO), Ask(Why.SEVERAL)),
        # 4. otherwise
        (FREE, None, (ONE, TWO), Ask(Why.SEVERAL)),
    ],
)
def test_the_rules_in_their_order(desk: Desk, quote: Quote | None, chats: tuple[Chat, ...], goes: object) -> None:
    assert route(desk, quote, NOW, chats, NOW, LAPSE) == goes


def test_a_choice_holds_for_ten_minutes() -> None:
    chosen = chose("two", NOW)
    assert current(chosen, (ONE, TWO), NOW + LAPSE - 1, LAPSE) == TWO
    assert current(chosen, (ONE, TWO), NOW + LAPSE, LAPSE) is None


def test_a_choice_lapses_when_another_student_has_written_since() -> None:
    chosen = chose("two", NOW)
    assert current(chosen, (chat("one", 1, student_at=NOW), TWO), NOW, LAPSE) == TWO
    assert current(chosen, (chat("one", 1, student_at=NOW + 1), TWO), NOW + 2, LAPSE) is None
    own = chat("two", 2, student_at=NOW + 1)
    assert current(chosen, (ONE, own), NOW + 2, LAPSE) == own, "their own line changes nothing"


def test_before_an_end_is_compared_in_whole_seconds() -> None:
    landed = Desk(person=3, ended_at=NOW + 700)
    second = NOW // 1_000 * 1_000
    assert before_end(landed, second - 1)
    assert not before_end(landed, second)
    assert not before_end(landed, second + 999)
    assert not before_end(FREE, 0)
    assert before_end(Desk(person=3, ending=1, ended_at=NOW - MINUTE), NOW), "one is still on its way"
