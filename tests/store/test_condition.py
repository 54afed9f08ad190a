"""How a deployment stands: found on both databases, said in one sentence each."""

from __future__ import annotations

import base64
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import leases, people
from bot.app import App, build
from bot.clock import system_clock
from bot.condition import AHEAD, LITTLE_BYTES, SKEWED, Disk, disk, standing, stuck
from bot.ids import CountedIds
from bot.settings import load_settings
from bot.store.db import Store, Tx
from tests.store.conftest import KEY

ZONE = ZoneInfo("Asia/Jakarta")


async def test_a_quiet_store_has_nothing_to_say(store: Store) -> None:
    now = system_clock()
    assert await store.read(lambda tx: stuck(tx, now)) == []
    found = await store.read(lambda tx: standing(tx, now, ZONE, ""))
    assert (found.on_duty, found.next_gap, found.numbers, found.expired) == (0, 0, 2, False)
    assert (found.processes, found.leases, found.retained) == (0, (), None)
    assert abs(found.skew) < SKEWED


async def test_what_should_have_happened_is_said(store: Store) -> None:
    now = system_clock()

    def job(tx: Tx) -> None:
        tx.run(
            "INSERT INTO timers (kind, target, name, due_at, event) VALUES ('x', 'x', 'x', :late, '{}')",
            late=now - 300_000,
        )
        person = people.find_or_create(tx, "telegram", "7", language="id", now=now, ids=CountedIds())
        for cls, age, reason in ((0, 90_000, None), (1, 700_000, None), (1, 9_000_000, "window")):
            tx.run(
                "INSERT INTO outbox (person_id, address_id, cls, kind, reason, created_at)"
                " VALUES (:person, :address, :cls, 'say', :reason, :at)",
                person=person.person, address=person.id, cls=cls, reason=reason, at=now - age,
            )  # fmt: skip

    await store.write(job)
    assert await store.read(lambda tx: stuck(tx, now)) == [
        "timers are 5 minutes late: no worker serves this database, or it cannot keep up",
        "the oldest crisis message has waited 90 s to be sent: see the log",
        "the oldest ordinary message has waited 11 minutes to be sent: see the log",
    ]


async def test_a_wrong_clock_is_seen_where_there_are_two(store: Store) -> None:
    now = system_clock() + 90_000
    said = await store.read(lambda tx: stuck(tx, now))
    if store.dialect == "sqlite":
        assert said == []
    else:
        [sentence] = said
        assert sentence.startswith("this machine's clock is ")
        assert sentence.endswith(" s ahead of the database's: set it right (NTP)")


async def test_shifts_processes_and_leases_are_seen(store: Store) -> None:
    now = system_clock()

    def job(tx: Tx) -> None:
        person = people.create(tx, language="id", now=now, ids=CountedIds())
        tx.run(
            "INSERT INTO staff (id, person_id, role, alias, certified_until, created_at, updated_at)"
            " VALUES ('s', :person, 'counselor', 'x', NULL, 0, 0)",
            person=person,
        )
        tx.run(
            "INSERT INTO shifts (id, staff_id, starts_at, ends_at, created_at, updated_at)"
            " VALUES ('h', 's', :start, :end, 0, 0)",
            start=now - 1_000, end=now + 3_600_000,
        )  # fmt: skip
        tx.run("UPDATE people SET on_duty = true, duty_since = 0")
        for name in ("process:a", "process:b", "telegram.polling"):
            leases.take(tx, name, name, tx.moment(now))

    await store.write(job)
    found = await store.read(lambda tx: standing(tx, now, ZONE, ""))
    assert (found.on_duty, found.next_gap) == (1, 3_600_000)
    assert (found.processes, found.leases) == (2, ("telegram.polling",))
    await store.write(lambda tx: tx.run("UPDATE shifts SET ends_at = :end", end=now + AHEAD + 1))
    assert (await store.read(lambda tx: standing(tx, now, ZONE, ""))).next_gap == AHEAD


def test_the_disk_of_a_file_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "sebaya.db"
    file.write_bytes(b"x" * 1_000)
    file.with_name("sebaya.db-wal").write_bytes(b"x" * 10)
    found = disk(f"sqlite:///{file}")
    assert found is not None
    assert found.used == 1_010
    assert 0 < found.free <= found.total
    assert disk("sqlite://") is None
    assert disk("postgresql://db/sebaya") is None
    assert disk(f"sqlite:///{tmp_path / 'nowhere' / 'sebaya.db'}") is None


@pytest.mark.parametrize(
    ("free", "total", "little"),
    [(LITTLE_BYTES - 1, 10**12, True), (10**10, 10**12, True), (10**11, 10**12, False)],
)
def test_a_disk_is_nearly_full_in_bytes_or_in_share(free: int, total: int, little: bool) -> None:
    assert Disk(free, total, 0).little is little


async def test_readyz_names_what_is_late_and_stays_ready(store: Store, url: str) -> None:
    settings = load_settings(None, database_url=url, secret_keys=base64.urlsafe_b64encode(KEY).decode())
    app: App = await build(settings, channels={})
    late = system_clock() - 200_000
    await app.store.write(
        lambda tx: tx.run(
            "INSERT INTO timers (kind, target, name, due_at, event) VALUES ('x', 'x', 'x', :late, '{}')", late=late
        )
    )
    ok, reasons = await app.ready()
    assert not ok  # it was never started
    assert reasons[0] == "the workers are not running"
    assert reasons[1].startswith("timers are 3 minutes late")
    await app.stop()
