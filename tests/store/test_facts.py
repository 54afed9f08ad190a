"""The lookups that the flows ask, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import facts, people
from bot.facts import SqlFacts
from bot.ids import CountedIds
from bot.store import entities
from bot.store.db import Store, Tx
from flows.facts import Facts, Policy
from flows.snapshot import Case, Chat, Desk, Offer, OfferState, Request, RequestState
from flows.support import matching

ZONE = ZoneInfo("Asia/Jakarta")
NOW = int(datetime(2026, 11, 21, 14, 30, 12, 345_000, UTC).timestamp() * 1000)  # 21:30 in Jakarta
MINUTE = 60_000
HOUR = 60 * MINUTE
IDS = CountedIds()


def asked(tx: Tx, now: int = NOW, **more: Any) -> SqlFacts:
    def text(language: str, key: str, args: object = None) -> str:
        return f"{language}:{key}:{args}"

    return SqlFacts(tx=tx, policy=Policy(), now=now, ids=IDS, zone=ZONE, text=text, **more)


def test_it_answers_the_flows_protocol() -> None:
    for name, wanted in vars(Facts).items():
        if name.startswith("_"):
            continue
        if not callable(wanted):  # an attribute
            assert hasattr(SqlFacts, name), name
            continue
        parameters = list(signature(wanted).parameters)
        assert list(signature(getattr(SqlFacts, name)).parameters) == parameters, name


def person(tx: Tx, address: bool = True) -> int:
    made = people.create(tx, language="id", now=1, ids=IDS)
    if address:
        people.add_address(tx, made, "telegram", f"t{made}", now=1)
    return made


def member(tx: Tx, role: str = "supporter", *, on: int | None = None, address: bool = True, **more: Any) -> int:
    """A roster entry; `on`: on duty since then."""
    made = person(tx, address)
    values: dict[str, Any] = {
        "status": "active", "site": None, "gender": None, "topics": "[]", "languages": "[]", "capacity": 2,
        "certified_until": NOW + HOUR, **more,
    }  # fmt: skip
    tx.run(
        "INSERT INTO staff (id, person_id, role, alias, name, language, languages, gender, site, topics, capacity, "
        "status, certified_until, created_at, updated_at) VALUES (:id, :person, :role, :alias, :name, 'id', "
        ":languages, :gender, :site, :topics, :capacity, :status, :certified_until, 1, 1)",
        id=f"s{made}", person=made, role=role, alias=f"Alias {made}", name=tx.seal(made, f"Nama {made}", "staff.name"),
        **values,
    )  # fmt: skip
    if on is not None:
        entities.save_desk(tx, Desk(person=made, state="on", duty_since=on))
    return made


def shift(tx: Tx, helper: int, rank: str, starts: int, ends: int) -> None:
    tx.run(
        "INSERT INTO shifts (id, staff_id, rank, starts_at, ends_at, created_at, updated_at) "
        "VALUES (:id, :staff, :rank, :starts, :ends, 1, 1)",
        id=IDS.id(), staff=f"s{helper}", rank=rank, starts=starts, ends=ends,
    )  # fmt: skip


def queued(tx: Tx, opened_at: int = NOW, **more: Any) -> Request:
    request = Request(id=IDS.id(), student=person(tx), opened_at=opened_at, **more)
    entities.insert(tx, request)
    return request


def chat(tx: Tx, helper: int, **more: Any) -> Chat:
    request = queued(tx, state=RequestState.MATCHED)
    made = Chat(id=IDS.id(), request=request.id, student=request.student, helper=helper, **more)
    entities.insert(tx, made)
    return made


async def test_rota_order(store: Store) -> None:
    def job(tx: Tx) -> None:
        own = member(tx, "counselor", on=NOW - 900)
        backup = member(tx, "counselor", on=NOW - 800)
        primary = member(tx, "counselor", on=NOW - 100)
        early = member(tx, "counselor", on=NOW - 500)
        shift(tx, primary, "primary", NOW - HOUR, NOW + HOUR)
        shift(tx, backup, "backup", NOW - HOUR, NOW + HOUR)
        shift(tx, own, "primary", NOW - 2 * HOUR, NOW)  # over since this millisecond
        shift(tx, early, "primary", NOW + 1, NOW + HOUR)  # not yet
        member(tx, "counselor")  # off
        found = asked(tx).on_duty("counselor")
        assert [(each.staff.person, each.rota) for each in found] == [(primary, 0), (backup, 1), (own, 2), (early, 2)]

    await store.write(job)


async def test_who_does_not_count_as_on_duty(store: Store) -> None:
    def job(tx: Tx) -> None:
        there = member(tx, on=1)
        member(tx, on=1, status="suspended")
        member(tx, on=1, status="removed")
        member(tx, on=1, address=False)
        paused = member(tx, on=1)
        entities.save_desk(tx, Desk(person=paused, state="paused", duty_since=1, paused_until=NOW + 1))
        resting = member(tx, on=1)
        entities.save_desk(tx, Desk(person=resting, state="on", duty_since=1, paused_until=NOW + 1))
        rested = member(tx, on=2)
        entities.save_desk(tx, Desk(person=rested, state="on", duty_since=2, paused_until=NOW))
        gone = member(tx, on=1)
        address = people.find(tx, "telegram", f"t{gone}")
        assert address is not None and people.lost(tx, address.id, NOW)
        erased = member(tx, on=1)
        people.erase(tx, erased, NOW)
        member(tx, "counselor", on=1)
        assert [each.staff.person for each in asked(tx).on_duty("supporter")] == [there, rested]
        ask = asked(tx)
        assert not ask.reachable(gone) and ask.reachable(there)
        back = member(tx, on=3)
        old = people.find(tx, "telegram", f"t{back}")
        assert old is not None and people.lost(tx, old.id, NOW)
        assert back not in [each.staff.person for each in ask.on_duty("supporter")]
        people.add_address(
            tx, back, "telegram", "a new account", now=NOW
        )  # by the coordinator; they need not write first
        assert back in [each.staff.person for each in ask.on_duty("supporter")]
        found = entities.person(tx, back)
        assert found is not None and found.unreachable_at is None
        entities.save_desk(tx, Desk(person=back, state="off"))
        tx.run("UPDATE staff SET status = 'suspended' WHERE person_id = :back", back=back)
        assert {each.person for each in ask.all_staff("supporter")} == {there, paused, resting, rested}

    await store.write(job)


async def test_load_counts_open_chats_only(store: Store) -> None:
    def job(tx: Tx) -> None:
        helper = member(tx, on=1, capacity=3)
        first = chat(tx, helper, opened_at=5)
        second = chat(tx, helper, opened_at=4)
        entities.save(tx, replace(chat(tx, helper), state="ended"))
        ask = asked(tx)
        (found,) = ask.on_duty("supporter")
        assert (found.load, found.staff.capacity, found.desk) == (2, 3, Desk(person=helper, state="on", duty_since=1))
        assert [each.id for each in ask.open_chats(helper)] == [second.id, first.id]
        assert ask.open_chat_of(first.student) == first and ask.open_chat_of(helper) is None

    await store.write(job)


async def test_a_roster_entry_and_whose_name_is_shown(store: Store) -> None:
    def job(tx: Tx) -> None:
        counselor = member(
            tx, "counselor", languages='["id","jv"]', topics='["kekerasan"]', gender="female", site="Kampus A"
        )
        supporter = member(tx, status="suspended")
        found = asked(tx).staff(counselor)
        assert found is not None
        assert (found.name, found.alias, found.languages, found.topics) == (
            f"Nama {counselor}", f"Alias {counselor}", ("id", "jv"), ("kekerasan",),
        )  # fmt: skip
        assert (found.gender, found.site, found.active, found.reachable) == ("female", "Kampus A", True, True)
        other = asked(tx).staff(supporter)
        assert other is not None
        assert (other.name, other.active, other.languages) == (f"Alias {supporter}", False, ("id",))  # P1
        tx.run("UPDATE staff SET status = 'removed' WHERE person_id = :p", p=supporter)
        assert asked(tx).staff(supporter) is None
        assert asked(tx).staff(10**15) is None

    await store.write(job)


async def test_places_in_the_queue(store: Store) -> None:
    def job(tx: Tx) -> None:
        late = queued(tx, NOW - MINUTE)
        early = queued(tx, NOW - 2 * MINUTE)
        grave = queued(tx, NOW, risk=2)
        aged = queued(tx, NOW - 2 * matching.AGEING, risk=0)
        same = [queued(tx, NOW - 3 * MINUTE) for _ in range(2)]
        queued(tx, NOW - HOUR, kind="counselor")
        queued(tx, NOW - HOUR, state=RequestState.LEFT)
        order = [aged, grave, *sorted(same, key=lambda r: r.id), early, late]
        ask = asked(tx)
        assert [ask.position(request.id) for request in order] == [1, 2, 3, 4, 5, 6]
        # The same order in which the matching round serves them.
        assert sorted(order, key=lambda r: matching.urgency(r, NOW)) == [aged, grave, *order[2:]]
        assert [w.request.id for w in facts.waiting(tx, NOW) if w.request.kind == "peer"] == [r.id for r in order]

    await store.write(job)


def local(day: int, hour: int, minute: int) -> int:
    there = datetime(2026, 11, 21, hour, minute, tzinfo=ZONE) - timedelta(days=day)
    return int(there.timestamp() * 1000)


def waited(tx: Tx, opened_at: int, wait: int, **more: Any) -> None:
    queued(tx, opened_at, matched_at=opened_at + wait, state=RequestState.MATCHED, **more)


async def test_the_estimate_is_the_median_at_this_hour(store: Store) -> None:
    def job(tx: Tx) -> None:
        for day, wait in ((0, 1), (1, 2), (7, 4), (29, 60)):
            waited(tx, local(day, 21, 5), wait * MINUTE)
        for _ in range(9):
            waited(tx, local(1, 20, 59), 99 * MINUTE)  # another hour
            waited(tx, local(1, 22, 0), 99 * MINUTE)
            waited(tx, local(31, 21, 5), 99 * MINUTE)  # too long ago
            waited(tx, local(1, 21, 6), 99 * MINUTE, previous="c0")  # went on from another chat
            queued(tx, local(2, 21, 5), state=RequestState.LEFT)
        assert asked(tx).estimate() is None  # four are too few
        waited(tx, local(3, 21, 59), 3 * MINUTE)
        assert asked(tx).estimate() == 3 * MINUTE
        assert asked(tx, NOW + 2 * HOUR).estimate() is None

    await store.write(job)


async def test_the_next_shift_of_a_supporter(store: Store) -> None:
    def job(tx: Tx) -> None:
        assert asked(tx).next_duty() is None
        shift(tx, member(tx, "counselor"), "primary", NOW + 1, NOW + HOUR)
        shift(tx, member(tx, status="suspended"), "primary", NOW + 1, NOW + HOUR)
        ani = member(tx)
        shift(tx, ani, "primary", NOW - HOUR, NOW + HOUR)
        assert asked(tx).next_duty() is None
        shift(tx, ani, "primary", NOW + 3 * HOUR, NOW + 4 * HOUR)
        shift(tx, ani, "backup", NOW + 2 * HOUR, NOW + 4 * HOUR)
        assert asked(tx).next_duty() == NOW + 2 * HOUR

    await store.write(job)


async def test_cases(store: Store) -> None:
    def job(tx: Tx) -> None:
        ani, budi, rini = person(tx), person(tx), member(tx, "counselor")
        old = Case(id="k0", student=ani, alias="A", state="resolved", resolved_at=5, owner=rini)
        newer = Case(id="k1", student=ani, alias="A", state="resolved", resolved_at=9)
        paging = Case(id="k2", student=ani, alias="A", level=2, opened_at=3, asking=(rini, 77))
        grave = Case(id="k3", student=budi, alias="B", level=3, opened_at=4)
        taken = Case(id="k4", student=rini, alias="R", about="helper", state="taken", owner=rini, opened_at=1)
        for case in (old, newer, paging, grave, taken):
            entities.insert(tx, case)
        ask = asked(tx)
        assert (ask.open_case(ani), ask.last_case(ani), ask.case("k3")) == (paging, newer, grave)
        assert (ask.last_case(budi), ask.open_case(10**15), ask.case("k9")) == (None, None, None)
        assert ask.paging_cases() == [grave, paging]
        assert ask.owned_cases(rini) == [taken, paging]
        assert ask.owned_cases(7) == []  # 7 is in nobody's 77
        assert ask.words("k2") == ""
        entities.set_words(tx, "k2", ani, "kata-katanya sendiri", "1")
        assert ask.words("k2") == "kata-katanya sendiri"
        people.erase(tx, ani, NOW)
        assert (ask.words("k2"), ask.words("k9")) == ("", "")

    await store.write(job)


async def test_offers_and_requests(store: Store) -> None:
    def job(tx: Tx) -> None:
        ani, budi = member(tx), member(tx)
        request = queued(tx)
        second = Offer(id="o2", request=request.id, helper=ani, created_at=2)
        first = Offer(id="o1", request=request.id, helper=budi, created_at=1)
        entities.insert(tx, second)
        entities.insert(tx, first)
        entities.insert(tx, Offer(id="o0", request=request.id, helper=budi, state=OfferState.EXPIRED))
        ask = asked(tx)
        assert ask.open_offers(request.id) == [first, second]
        assert (ask.offer("o2"), ask.request(request.id), ask.offer("o9")) == (second, request, None)
        assert ask.open_request_of(request.student) == request
        entities.save(tx, replace(request, state=RequestState.MATCHED))
        assert ask.open_request_of(request.student) is None
        assert ask.chat("c9") is None

    await store.write(job)


async def test_what_is_known_of_people(store: Store) -> None:
    def job(tx: Tx) -> None:
        ani, budi, citra = person(tx), person(tx), person(tx)
        tx.run("UPDATE people SET language = 'en', pranks = 3 WHERE id = :ani", ani=ani)
        pair = "INSERT INTO pairings (student_id, helper_id, again, created_at) VALUES (:s, :h, :again, 1)"
        tx.many(pair, [{"s": ani, "h": citra, "again": False}, {"s": ani, "h": budi, "again": True}])
        ask = asked(tx)
        assert (ask.language(ani), ask.language(budi), ask.language(10**15)) == ("en", "id", "id")
        assert (ask.pranks(ani), ask.pranks(budi)) == (3, 0)
        assert ask.never_again(ani) == [citra]
        found = entities.person(tx, ani)
        assert found is not None and ask.alias(ani) == found.alias
        assert ask.label("en", "menu.peer", {"n": 1}) == "en:menu.peer:{'n': 1}"
        assert len(ask.new_id()) == 16

    await store.write(job)


async def test_lines_that_wait_to_be_handed_over(store: Store) -> None:
    def job(tx: Tx) -> None:
        ani = person(tx)
        line = (
            "INSERT INTO messages (id, person_id, kind, fate, original_id, sent_at, created_at) "
            "VALUES (:id, :person, 'text', :fate, :original, 1, :at)"
        )
        for at, fate, original in (
            (10, "held", None), (11, "relayed", None), (12, "answered", None), (12, "refused", None), (13, "held", 7),
            (9, "held", None), (14, None, None),
        ):  # fmt: skip
            tx.run(line, id=IDS.message(at), person=ani, fate=fate, original=original, at=at)
        assert asked(tx).lines_since(ani, 10) == 2
        assert asked(tx).lines_since(ani, 0) == 3

    await store.write(job)


async def test_the_queue_as_the_matching_round_sees_it(store: Store) -> None:
    def job(tx: Tx) -> None:
        ani, budi, citra = (member(tx, on=n) for n in range(3))
        request, other = queued(tx, NOW - 5), queued(tx, NOW - 4)
        for id, helper, state, at in (
            ("o1", ani, "expired", 10), ("o2", ani, "passed", 20), ("o3", budi, "passed", 10), ("o4", budi, "open", 30),
            ("o5", citra, "withdrawn", 5),
        ):  # fmt: skip
            entities.insert(tx, Offer(id=id, request=request.id, helper=helper, state=state, created_at=at))
        pair = "INSERT INTO pairings (student_id, helper_id, again, created_at) VALUES (:s, :h, :again, 1)"
        tx.run(pair, s=request.student, h=citra, again=False)
        tx.run(pair, s=request.student, h=ani, again=True)
        tx.run(pair, s=other.student, h=ani, again=False)
        entities.insert(tx, Case(id="k1", student=other.student, alias="A"))
        first, second = facts.waiting(tx, NOW)
        assert (first.request, second.request) == (request, other)
        assert first.alias == asked(tx).alias(request.student)
        assert first.open == {budi}
        assert first.offered == {ani: (2, 20, True), budi: (2, 30, False), citra: (1, 5, False)}
        assert (first.never, first.again, first.paged) == ({citra}, {ani}, False)
        assert (second.open, second.offered, second.never, second.paged) == (frozenset(), {}, {ani}, True)
        assert [w.request for w in facts.waiting(tx, NOW, limit=1)] == [request]
        found = {r.duty.staff.person: (r.offers, r.last_offer) for r in facts.ready(tx, NOW, "supporter")}
        assert found == {ani: (0, 20), budi: (1, 30), citra: (0, 5)}
        assert facts.ready(tx, NOW, "counselor") == []

    await store.write(job)


async def test_an_empty_queue(memory: Store) -> None:
    assert await memory.read(lambda tx: facts.waiting(tx, NOW)) == []
    assert await memory.read(lambda tx: facts.ready(tx, NOW, "supporter")) == []


# --- numbers ----------------------------------------------------------------------------------------------------------


def entry(tx: Tx, name: str, what: str, **more: Any) -> None:
    values: dict[str, Any] = {
        "kind": "phone", "area": "ID", "checked_on": "2026-10-01", "valid_until": None, "status": "reported", **more,
    }  # fmt: skip
    tx.run(
        "INSERT INTO resources (id, name, kind, contact, area, what_for, checked_on, valid_until, status, created_at, "
        "updated_at) VALUES (:id, :name, :kind, :name, :area, :what, :checked_on, :valid_until, :status, 1, 1)",
        id=IDS.id(), name=name, what=what, **values,
    )  # fmt: skip


def only(tx: Tx, *entries: tuple[str, str, dict[str, Any]]) -> None:
    tx.run("DELETE FROM resources")
    for name, what, more in entries:
        entry(tx, name, what, **more)


PAST, FUTURE = {"valid_until": "2026-11-20"}, {"valid_until": "2026-11-21"}


def names(found: Any) -> list[str]:
    return [f"{number.name}{' (expired)' if number.expired else ''}" for number in found]


async def test_the_directory_of_a_new_store(store: Store) -> None:
    def job(tx: Tx) -> None:
        ask = asked(tx)
        assert [(n.contact, n.checked) for n in ask.numbers("suicide")] == [
            ("119 ext 8", "2025-12-20"), ("https://www.healing119.id", "2025-08-07"),
        ]  # fmt: skip
        assert [n.contact for n in ask.numbers("abuse")][:2] == ["129", "+628111129129"]
        assert "119 ext 8" in [n.contact for n in ask.numbers("sexual_abuse")]
        shown = {n.contact for n in ask.directory()}
        assert "0800-1500-119" in shown and "112" not in shown and "110" not in shown
        jakarta = asked(tx, area="ID-JK")
        assert "0800-1500-119" in [n.contact for n in jakarta.numbers("suicide")]
        assert "0800-1500-119" not in [n.contact for n in ask.numbers("suicide")]
        assert "0800-1500-119" not in [n.contact for n in asked(tx, area="ID-PA").directory()]

    await store.write(job)


async def test_what_is_shown_first(memory: Store) -> None:
    def job(tx: Tx) -> None:
        only(
            tx, ("page", "suicide", {"kind": "web"}), ("national", "mental health", {}), ("campus", "mental health",
            {"area": "Kampus A"}), ("elsewhere", "mental health", {"area": "Kampus B"}), ("police", "emergency", {}),
            ("asked", "suicide", {"status": "confirmed"}), ("waiting", "suicide", {"status": "unconfirmed"}),
            ("closed", "suicide", {"status": "retired"}), ("taskforce", "violence", {}), ("old", "suicide", PAST),
            ("today", "suicide", {**FUTURE, "kind": "whatsapp"}),
        )  # fmt: skip
        ask = asked(tx)
        assert names(ask.numbers("suicide", "Kampus A")) == ["campus", "asked", "national", "today", "page", "police"]
        assert names(ask.numbers("none")) == ["asked", "national", "today", "page", "police"]
        assert names(ask.numbers("abuse"))[0] == "taskforce"
        assert names(ask.numbers("violence_to_others"))[0] == "police"
        assert "elsewhere" not in names(ask.directory("Kampus A"))
        assert names(ask.directory("Kampus A"))[0] == "campus"
        assert not {"waiting", "closed", "old"} & set(names(ask.directory()))

    await memory.write(job)


@pytest.mark.parametrize(
    ("entries", "category", "shown"),
    [
        ([("old", "suicide", {**PAST, "checked_on": "2025-01-01"}), ("newer", "suicide", PAST)],
         "suicide", ["newer (expired)"]),
        ([("city", "suicide", {**PAST, "area": "ID-JK"}), ("country", "suicide", {**PAST, "checked_on": "2020-01-01"})],
         "suicide", ["country (expired)"]),
        ([("violence", "violence", PAST), ("mind", "suicide", {})], "abuse", ["mind"]),
        ([("violence", "violence", {}), ("mind", "suicide", PAST)], "suicide", ["mind (expired)", "violence"]),
        ([("violence", "violence", {})], "suicide", ["violence"]),
        ([("city", "suicide", {**PAST, "area": "ID-JK"})], "suicide", ["city (expired)"]),
        ([("violence", "violence", PAST), ("waiting", "suicide", {"status": "unconfirmed"})],
         "suicide", ["violence (expired)"]),
        ([("waiting", "suicide", {"status": "unconfirmed"})], "suicide", ["waiting"]),
        ([("closed", "suicide", {"status": "retired"})], "suicide", ["Healing119 (Kementerian Kesehatan) (expired)"]),
        ([], "sexual_abuse", ["SAPA 129 (KemenPPPA) (expired)"]),
    ],
)  # fmt: skip
async def test_a_crisis_never_lacks_a_number(
    memory: Store, entries: list[Any], category: str, shown: list[str]
) -> None:
    def job(tx: Tx) -> None:
        only(tx, *entries)
        found = asked(tx, area="ID-JK").numbers(category)
        assert names(found) == shown
        assert all(number.contact for number in found)

    await memory.write(job)


async def test_a_day_ends_where_the_students_are(memory: Store) -> None:
    def job(tx: Tx) -> None:
        only(tx, ("tonight", "suicide", {"valid_until": "2026-11-21"}), ("always", "suicide", {}))
        last = int(datetime(2026, 11, 21, 23, 59, tzinfo=ZONE).timestamp() * 1000)
        assert "tonight" in names(asked(tx, last).numbers("suicide"))
        assert "tonight" not in names(asked(tx, last + 2 * MINUTE).numbers("suicide"))

    await memory.write(job)


async def test_what_should_be_asked_again(memory: Store) -> None:
    from bot import directory

    def job(tx: Tx) -> None:
        only(
            tx, ("expired", "x", PAST), ("soon", "x", {"valid_until": "2026-12-01"}),
            ("fine", "x", {"valid_until": "2027-06-01"}),
            ("unchecked", "x", {"checked_on": None}), ("ancient", "x", {"checked_on": "2023-09-21"}),
            ("waiting", "x", {"status": "unconfirmed"}),
        )  # fmt: skip
        today = directory.day(NOW, ZONE)
        assert {row["name"] for row in directory.to_check(tx, today)} == {"expired", "soon", "unchecked", "ancient"}

    await memory.write(job)
