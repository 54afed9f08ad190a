"""The semantic net and its reviews, from the command line."""

from __future__ import annotations

import pytest

from bot import doctor, people
from bot.ids import CountedIds
from bot.semantic.needs import trouble
from bot.settings import load_settings
from bot.store.db import Tx
from tests.cli.conftest import House

NOW = 1_795_000_000_000
ADD = """INSERT INTO reviews (id, person_id, message_id, score, state, head, created_at)
VALUES (:id, :person, :message, 612, :state, 'semantic-test', :now)"""


def test_serve_and_doctor_say_what_is_missing(house: House) -> None:
    if trouble() is None:
        pytest.skip("the wheel of the semantic net is installed here")
    house.write_env(SEMANTIC="on")
    done = house.do("serve", "--port", "0")
    assert done.status == 1
    assert "SEBAYA_SEMANTIC is on" in done.err and "sebaya[semantic]" in done.err
    assert len(done.err.strip().splitlines()) == 1
    found = list(doctor.of_settings(load_settings(house.env), house.env))
    (wrong,) = [each for each in found if each.about == "SEBAYA_SEMANTIC"]
    assert wrong.state is doctor.State.broken and "sebaya[semantic]" in wrong.mend


def test_reviews_are_listed_without_words(house: House) -> None:
    assert house.do("reviews", "list").out == "No review waits.\n"
    assert house.do("reviews", "list", "--all").out == "There are no reviews.\n"

    def job(tx: Tx) -> None:
        person = people.create(tx, language="id", now=NOW, ids=CountedIds())
        for number, state in enumerate(("open", "dismissed")):
            tx.run(ADD, id=f"review-{state}", person=person, message=number, state=state, now=NOW)

    house.write(job)
    waiting = house.do("reviews", "list").out
    assert "review-open" in waiting and "0.61" in waiting and "dismissed" not in waiting
    assert "dismissed" in house.do("reviews", "list", "--all").out
