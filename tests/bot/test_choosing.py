"""Choices where few can be shown: three buttons, ten rows, or numbers to type."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.base import Abilities, Outgoing
from bot.choosing import TYPED
from bot.outbox.payload import Invite, Speech
from bot.render import Target, render
from bot.words import Words, units
from flows.dialogs.student import menus
from flows.effects import Button, Rows
from tests.flows.world import World

WORDS = Words(strict=True)
PLAIN = Abilities(per_row=1, label=20, reply_buttons=3, edits=False, removes_buttons=False)


def shown(rows: Rows, key: str = "menu.ask", language: str = "id", **args: Any) -> tuple[Outgoing, ...]:
    return render(Speech(key=key, args=args, buttons=rows), WORDS, Target(language, PLAIN))


def data(out: Outgoing) -> list[str]:
    return [choice.data for row in out.buttons for choice in row]


def one(label: str, data: str) -> Button:
    return Button(data, "button.alias", {"alias": label})


ALL_MENUS = {
    "consent": menus.consent(), "ages": menus.ages(), "menu": menus.menu(False), "topics": menus.topics(),
    "heavies": menus.heavies("heavy"), "wishes": menus.wishes(()), "chosen": menus.wishes(("female", "english")),
    "note": menus.note(), "leave": menus.leave(), "waiting": menus.waiting(), "nobody": menus.nobody(),
    "exercises": menus.exercises(), "infos": menus.infos(), "languages": menus.languages(), "rate": menus.rate(),
    "again": menus.again(), "erase": menus.erase(), "sure": menus.erase(2), "data": menus.data(),
    "danger": menus.danger(), "to_menu": menus.to_menu(),
}  # fmt: skip


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", ALL_MENUS)
def test_every_menu_fits_and_every_choice_can_be_made(name: str, language: str) -> None:
    (out,) = shown(ALL_MENUS[name], language=language)
    choices = [choice for row in out.buttons for choice in row]
    wanted = [button.data for row in ALL_MENUS[name] for button in row]
    if out.menu:
        assert 1 <= len(choices) <= 10 and units(out.menu) <= 20
        assert all(units(choice.label) <= 24 and units(choice.note) <= 72 for choice in choices)
    else:
        assert 1 <= len(choices) <= 3 and all(units(choice.label) <= 20 for choice in choices)
        assert len({choice.label for choice in choices}) == len(choices)
    world = World(labels={b.key: WORDS.text(language, b.key, b.args) for row in ALL_MENUS[name] for b in row})
    world.labels["heavy.n"] = "{n}"
    for missing in set(wanted) - {choice.data for choice in choices}:
        label = next(b for row in ALL_MENUS[name] for b in row if b.data == missing)
        typed = missing.removeprefix("heavy:") if missing.startswith("heavy:") else WORDS.text(language, label.key)
        assert menus.typed(typed, ALL_MENUS[name], world, language) == missing  # type: ignore[arg-type]  # World answers like Facts
        assert typed in out.text


def test_the_scale_is_ten_rows_and_zero_is_typed() -> None:
    (out,) = shown(menus.heavies("heavy"), "intake.heavy")
    assert data(out) == [f"heavy:{n}" for n in range(1, 11)]
    assert 'Ketik 0 kalau ringan sekali, atau ketik "Lewati"' in out.text


def test_more_than_a_list_holds_is_numbered_text_where_a_number_may_be_typed() -> None:
    rows = tuple((one(f"Topik {n}", f"topic:{n}"),) for n in range(1, 13))
    (out,) = shown(rows)
    assert not out.buttons and out.text.endswith("11. Topik 11\n12. Topik 12")
    assert "1. Topik 1\n" in out.text


def test_more_than_a_list_holds_is_two_lists_where_nobody_may_type() -> None:
    rows = tuple((one(f"Awan {n}", f"chat:switch:{n}"),) for n in range(13))
    first, second = shown(rows)
    assert [*data(first), *data(second)] == [f"chat:switch:{n}" for n in range(13)]
    assert first.menu and len(data(first)) == 10 and second.text == "Pilihan lainnya:"


def test_labels_that_are_long_or_alike_become_rows_with_their_whole_text() -> None:
    long = "Sebuah pilihan yang panjang sekali namanya"
    (out,) = shown(((one(long, "x:1"),), (one("Ya", "x:2"),)))
    assert out.menu == "Pilih di sini" and out.buttons[0][0].note == long
    assert units(out.buttons[0][0].label) <= 24 and out.buttons[1][0].note == ""
    (out,) = shown(((one("Ya", "x:1"),), (one("Ya", "x:2"),)))
    assert out.menu  # two buttons of one name cannot be told apart


def test_a_long_text_keeps_every_character_and_its_choices_at_the_end() -> None:
    words = "Kalimat yang pendek. " * 300
    *heads, last = render(
        Speech(key="button.alias", private={"alias": words}, buttons=menus.consent()), WORDS, Target("id", PLAIN)
    )
    assert "".join(out.text for out in (*heads, last)) == words
    assert all(units(out.text) <= 4096 and not out.buttons for out in heads)
    assert units(last.text) <= 1024 and data(last) == ["consent:yes", "consent:no"]


def test_a_quote_stands_on_the_first_part() -> None:
    payload = Speech(key="button.alias", private={"alias": "Kata. " * 500}, buttons=menus.consent())
    first, *_, last = render(payload, WORDS, Target("id", PLAIN, quote_id="wamid.A"))
    assert (first.quote_id, last.quote_id) == ("wamid.A", "")


def test_spent_buttons_and_channels_with_many_are_left_alone() -> None:
    spent = render(Speech(key="menu.ask", buttons=menus.consent()), WORDS, Target("id", PLAIN, buttons=False))
    assert not spent[0].buttons
    many = render(Speech(key="menu.ask", buttons=menus.heavies("heavy")), WORDS, Target("id", Abilities()))
    assert sum(len(row) for row in many[0].buttons) == 12 and not many[0].menu


def test_an_invitation_is_a_template_in_the_persons_language() -> None:
    assert render(Invite(), WORDS, Target("en", PLAIN)) == (Outgoing("template", language="en"),)


def test_every_verb_that_may_be_typed_is_one_of_the_flows() -> None:
    verbs = {button.data.partition(":")[0] for rows in ALL_MENUS.values() for row in rows for button in row}
    assert verbs >= TYPED
