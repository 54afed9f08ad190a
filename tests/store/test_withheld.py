"""Whom a student keeps away, on both databases."""

from __future__ import annotations

from bot import facts, people, withheld
from bot.store import entities
from bot.store.db import Store, Tx
from flows.snapshot import Case
from tests.store.test_facts import NOW, asked, member, person, queued

_STAFF = "SELECT id FROM staff WHERE person_id = :person"
_OUTBOX = (
    "INSERT INTO outbox (person_id, address_id, cls, kind, payload, case_id, created_at) "
    "VALUES (:person, 1, 0, 'speech', :payload, :case, 1)"
)


async def test_a_person_or_a_site_is_kept_away_and_let_in_again(store: Store) -> None:
    def job(tx: Tx) -> None:
        rini, tuti, joko = (member(tx, role="counselor", site=site) for site in ("FK", "FK", "FT"))
        request = queued(tx)
        student = request.student
        entities.insert(tx, Case(id="c1", student=student, alias="x", opened_at=1))
        for one in (rini, joko):
            tx.run(_OUTBOX, person=one, payload=b"x", case="c1")
        ask = asked(tx)
        assert not withheld.anybody(tx) and ask.withheld(student) == frozenset()
        withheld.add(tx, student, "person", tx.value(_STAFF, person=joko), NOW)
        withheld.add(tx, student, "person", tx.value(_STAFF, person=joko), NOW)
        assert withheld.anybody(tx) and ask.withheld(student) == {joko}
        assert ask.never_again(student) == [joko]
        assert tx.value("SELECT count(*) FROM outbox WHERE status = 0 AND person_id = :joko", joko=joko) == 0
        assert tx.value("SELECT count(*) FROM outbox WHERE status = 0 AND person_id = :rini", rini=rini) == 1
        withheld.add(tx, student, "site", "FK", NOW)
        assert ask.withheld(student) == {rini, tuti, joko}
        late = member(tx, role="counselor", site="FK")
        assert late in ask.withheld(student), "whoever joins the site later too"
        assert withheld.kept_from(tx, "c1", tx.value(_STAFF, person=tuti))
        assert [one.never for one in facts.waiting(tx, NOW)] == [frozenset((rini, tuti, joko, late))]
        withheld.clear(tx, student)
        assert not ask.withheld(student) and not withheld.kept_from(tx, "c1", tx.value(_STAFF, person=tuti))

    await store.write(job)


async def test_it_goes_along_when_two_addresses_are_one_persons_and_away_with_them(store: Store) -> None:
    def job(tx: Tx) -> None:
        joko = tx.value(_STAFF, person=member(tx, role="counselor"))
        one, other = person(tx), person(tx)
        withheld.add(tx, one, "person", joko, NOW)
        withheld.add(tx, one, "site", "FK", NOW)
        withheld.add(tx, other, "site", "FK", NOW)
        withheld.move(tx, one, other)
        assert tx.value("SELECT count(*) FROM withheld WHERE student_id = :id", id=one) == 0
        assert tx.value("SELECT count(*) FROM withheld WHERE student_id = :id", id=other) == 2
        people.erase(tx, other, NOW)
        assert not withheld.anybody(tx)

    await store.write(job)
