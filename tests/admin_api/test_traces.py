"""The path of one message, for coordinators."""

from __future__ import annotations

from bot.store.db import Tx
from flows.effects import Class
from tests.admin_api.desk import NOW, Desk, problem
from tests.admin_api.things import add_student, alias_of, person_of


async def test_a_trace_shows_what_a_message_caused_and_no_word_of_it(desk: Desk) -> None:
    from bot import outbox, people
    from bot.outbox.payload import Relayed

    helper = await desk.staff()
    person = await person_of(desk, helper["id"])
    student = await add_student(desk)

    def job(tx: Tx) -> int:
        tx.cause = int(
            tx.value(
                "INSERT INTO inbox (channel, external_id, received_at) VALUES ('telegram', 'x', :now) RETURNING id",
                now=NOW,
            )
        )
        tx.run(
            "INSERT INTO messages (id, person_id, inbox_id, kind, level, fate, sent_at, created_at)"
            " VALUES (:id, :student, :inbox, 'text', 1, 'relayed', :now, :now)",
            id=NOW << 21 | 5, student=student, inbox=tx.cause, now=NOW,
        )  # fmt: skip
        people.find_or_create(tx, "telegram", "801", language="id", now=NOW, ids=desk.ids)
        tx.run("UPDATE addresses SET person_id = :person WHERE channel = 'telegram'", person=person)
        outbox.enqueue(
            tx, person=person, cls=Class.ORDINARY, payload=Relayed(text="kata rahasia", alias="x"), now=NOW + 5
        )
        return tx.cause

    number = await desk.do(job)
    answer = await desk.ask("GET", f"/traces/{number}")
    assert "rahasia" not in answer.text
    shown = answer.json()
    assert (shown["id"], shown["alias"], shown["level"]) == (number, await alias_of(desk, student), "distress")
    [row] = shown["rows"]
    assert row["queued_at"] == "2026-11-18T18:06:40.005000+07:00"
    assert (row["role"], row["kind"], row["delivery_class"], row["status"]) == (
        "supporter", "relay", "ordinary", "pending",
    )  # fmt: skip
    problem(await desk.ask("GET", "/traces/nobody"), 404)
    problem(await desk.ask("GET", f"/traces/{number}", role="counselor"), 403)
