"""`sebaya retention` and `sebaya trace`: what a person at a terminal reads."""

from __future__ import annotations

import json

from bot.retention import DAY
from bot.store.db import Tx
from tests.cli.conftest import House


def test_what_is_too_old_is_counted_then_erased(house: House) -> None:
    old = 400 * DAY

    def job(tx: Tx) -> None:
        tx.run(
            "INSERT INTO messages (id, person_id, kind, body, sent_at, created_at)"
            " VALUES (1, 1, 'text', :body, :old, :old)",
            body=tx.seal(None, "rahasia", "messages.body"), old=old,
        )  # fmt: skip

    house.write(job)
    would = house.do("retention", "run", "--dry-run")
    assert would.status == 0
    assert would.out.startswith("Would erase 1 lines that came in: words from before ")
    assert would.out.rstrip().endswith("(365 days).")
    assert house.do("retention", "run").out.startswith("Erased 1 lines that came in")
    done = json.loads(house.do("retention", "run", "--json").out)
    assert (done["rows"]["messages"], done["finished"], done["dry_run"]) == (0, True, False)
    assert house.do("retention", "run").out.startswith("Erased nothing")


def test_a_message_is_followed(house: House) -> None:

    def job(tx: Tx) -> None:
        tx.run("INSERT INTO inbox (id, channel, external_id, received_at) VALUES (41, 'telegram', 'x', 1795000000000)")
        tx.run(
            "INSERT INTO outbox (person_id, address_id, kind, status, created_at, sent_at, cause)"
            " VALUES (1, 1, 'say', 1, 1795000000100, 1795000000350, 41)"
        )
        tx.run(
            "INSERT INTO timers (kind, target, name, due_at, event, cause)"
            " VALUES ('case', 'c', 'climb', 1795000060000, '{}', 41)"
        )

    house.write(job)
    shown = house.do("trace", "41")
    assert shown.status == 0
    for said in ("18:06:40.000", "100 ms", "say #1", "sent 250 ms later", "60 s", "case.climb"):
        assert said in shown.out
    assert json.loads(house.do("trace", "41", "--json").out)["outgoing"][0]["row"] == 1
    missing = house.do("trace", "42")
    assert (missing.status, missing.err) == (
        1, "Nothing came in under this number, and no case of this id sent anything.\n",
    )  # fmt: skip
