"""`sebaya ledger check`."""

from __future__ import annotations

import json

from bot.store import entities
from bot.store.db import Tx
from flows.snapshot import Chat, Request
from tests.cli.conftest import House
from tests.cli.test_by_hand import STORY, student


def test_a_store_in_order_has_no_exception(house: House) -> None:
    student(house, "halo", STORY)
    done = house.do("ledger", "check")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("2 inbound, 2 messages")
    assert done.out.endswith("Every law holds.\n")


def test_an_exception_is_named_by_its_law_and_id_and_without_a_word(house: House) -> None:
    student(house, STORY)
    id = house.read(lambda tx: int(tx.value("SELECT id FROM messages")))
    house.write(lambda tx: tx.run("UPDATE messages SET fate = NULL"))
    done = house.do("ledger", "check")
    assert done.status == 1
    assert f"M2: a message has no final state (1): {id}" in done.out
    assert STORY not in done.out
    machine = json.loads(house.do("ledger", "check", "--json").out)
    assert machine["exceptions"] == [{"law": "M2", "says": "a message has no final state", "ids": [str(id)]}]
    assert machine["counts"]["messages"] == 1


def test_a_line_that_was_withdrawn_and_kept_for_nobody_is_an_exception(house: House) -> None:
    student(house, STORY)
    id, person = house.read(lambda tx: tuple(tx.one("SELECT id, person_id FROM messages") or ()))

    def lose(tx: Tx) -> None:
        entities.insert(tx, Request(id="r" * 16, student=person, state="matched"))
        entities.insert(tx, Chat(id="c" * 16, request="r" * 16, student=person, helper=person, state="ended"))
        tx.run("UPDATE messages SET fate = 'relayed', chat_id = :chat, created_at = 0", chat="c" * 16)
        tx.run("UPDATE outbox SET message_id = :id, status = 3", id=id)

    house.write(lose)
    wrong = f"M2: a line was withdrawn from its recipient and kept for nobody (1): {id}"
    assert wrong in house.do("ledger", "check").out
    house.write(lambda tx: tx.run("UPDATE messages SET fate = 'held', chat_id = NULL"))
    assert wrong not in house.do("ledger", "check").out
