"""What WhatsApp asks of the store, on both databases: accounts, held lines, statuses, codes."""

from __future__ import annotations

import pytest

from bot import accounts, linking, people
from bot.channels.base import Inbound, Kind, Sent, Status, status_id
from bot.ids import RandomIds
from bot.inbound import first_time
from bot.outbox import Dispatcher, Relayed, enqueue, holding, statuses
from bot.store.db import Store, Tx
from bot.words import Words
from flows.effects import Class
from tests.bot.fakes import FakeChannel, FakeClock, FakeTold, column

HOUR = 3_600_000
DAY = 24 * HOUR


async def person(store: Store, name: str, now: int = 1) -> people.Address:
    def job(tx: Tx) -> people.Address:
        return people.find_or_create(tx, "whatsapp", name, language="id", now=now, ids=RandomIds())

    return await store.write(job)


async def heard(store: Store, address: people.Address, now: int) -> None:
    def job(tx: Tx) -> None:
        people.heard(tx, address.id, address.person, now, now + DAY)
        holding.reopen(tx, "whatsapp", address.id, now)

    await store.write(job)


async def test_two_ids_of_one_account_and_a_number_given_out_again(store: Store) -> None:
    first = await person(store, "62811")
    await store.write(lambda tx: accounts.learn(tx, "whatsapp", "ID.1", "62811"))
    found = await store.read(lambda tx: [people.find(tx, "whatsapp", name) for name in ("ID.1", "62811")])
    assert [one.id for one in found if one] == [first.id, first.id]
    await store.write(lambda tx: accounts.learn(tx, "whatsapp", "ID.2", "62811"))
    second = await person(store, "ID.2")
    await store.write(lambda tx: accounts.learn(tx, "whatsapp", "ID.2", "62811"))
    owner = await store.read(lambda tx: people.find(tx, "whatsapp", "62811"))
    assert owner is not None and owner.person == second.person != first.person
    assert await store.read(lambda tx: people.external(tx, first.id)) == ("whatsapp", "ID.1")
    assert await store.read(lambda tx: people.external(tx, second.id)) == ("whatsapp", "ID.2 62811")


async def test_moving_and_owning_keep_both_ids(store: Store) -> None:
    ana, sari = await person(store, "ID.1"), await person(store, "ID.9")
    assert await store.write(lambda tx: accounts.moved(tx, "whatsapp", ("ID.1",), ("ID.2", "62822")))
    assert not await store.write(lambda tx: accounts.moved(tx, "whatsapp", ("ID.1",), ("ID.3",)))
    await store.write(lambda tx: accounts.own(tx, "whatsapp", ana.id, sari.person, "62822"))
    assert await store.read(lambda tx: people.external(tx, ana.id)) == ("whatsapp", "62822 ID.2")
    found = await store.read(lambda tx: people.find(tx, "whatsapp", "ID.2"))
    assert found is not None and found.person == sari.person


async def test_lines_wait_and_leave_in_order(store: Store) -> None:
    """Held, invited once, told of each; nothing leaves until the person writes, and then everything in order."""
    clock, told, channel = FakeClock(), FakeTold(), FakeChannel("whatsapp")
    ana = await person(store, "ID.1", clock.now)
    await heard(store, ana, clock.now)
    sender = Dispatcher(store, Words(), {"whatsapp": channel}, told, clock=clock, jitter=lambda: 1.0)

    async def line(text: str, cls: Class = Class.ORDINARY) -> None:
        await store.write(lambda tx: enqueue(tx, person=ana.person, cls=cls, payload=Relayed(text=text), now=clock.now))
        await sender.drain()

    await line("sebelum")
    clock.advance(DAY)
    for text in ("satu", "dua", "tiga"):
        await line(text)
    await line("penting", Class.CRISIS)
    clock.advance(3 * DAY)
    await sender.drain()
    assert [out.kind for _, out in channel.sent] == ["text", "template"]
    assert len(told.waiting) == 4 and told.refusals == []
    assert set(await column(store, "SELECT next_at FROM lanes")) == {holding.PARKED}
    await heard(store, ana, clock.now)
    await sender.drain()
    assert channel.texts("ID.1") == ["sebelum", "", "penting", "satu", "dua", "tiga"]
    assert set(await column(store, "SELECT status FROM outbox")) == {1}
    assert await column(store, "SELECT COUNT(*) FROM lanes") == [0]


async def test_a_failure_is_taken_in_also_when_it_comes_first(store: Store) -> None:
    clock, told, channel = FakeClock(), FakeTold(), FakeChannel("whatsapp")
    ana = await person(store, "ID.1", clock.now)
    await heard(store, ana, clock.now)
    sender = Dispatcher(store, Words(), {"whatsapp": channel}, told, clock=clock, jitter=lambda: 1.0)
    failed = Inbound("whatsapp", status_id("wamid.A", "failed", "other"), "ID.1", Kind.SEEN, 1,
                     status=Status("wamid.A", "failed", "other"))  # fmt: skip

    def arrives(tx: Tx) -> bool:
        fresh = first_time(tx, failed, None, clock.now)
        return statuses.seen(tx, failed, clock.now, told) if fresh else False

    assert not await store.write(arrives)  # before the answer to our own request
    channel.script["ID.1"].append(Sent("wamid.A"))
    await store.write(
        lambda tx: enqueue(tx, person=ana.person, cls=Class.ORDINARY, payload=Relayed(text="x"), now=clock.now)
    )
    await sender.drain()
    assert [reason for _, reason in told.refusals] == ["other"]
    assert not await store.write(arrives)  # and once more
    assert len(told.refusals) == 1
    assert await column(store, "SELECT status FROM outbox") == [2]


@pytest.mark.parametrize(("reason", "status"), [("window", 0), ("limit", 0), ("undeliverable", 2), ("other", 2)])
async def test_what_a_failure_makes_of_a_row(store: Store, reason: str, status: int) -> None:
    clock, told, channel = FakeClock(), FakeTold(), FakeChannel("whatsapp")
    ana = await person(store, "ID.1", clock.now)
    await heard(store, ana, clock.now - HOUR)
    sender = Dispatcher(store, Words(), {"whatsapp": channel}, told, clock=clock, jitter=lambda: 1.0)
    await store.write(
        lambda tx: enqueue(tx, person=ana.person, cls=Class.ORDINARY, payload=Relayed(text="x"), now=clock.now)
    )
    await sender.drain()
    id = str((await column(store, "SELECT external_id FROM outbox"))[0])
    said = Inbound("whatsapp", "s", "ID.1", Kind.SEEN, 1, status=Status(id, "failed", reason))
    assert await store.write(lambda tx: statuses.seen(tx, said, clock.now, told))
    assert await column(store, "SELECT status FROM outbox") == [status]
    reachable = await column(store, "SELECT reachable FROM addresses")
    assert bool(reachable[0]) == (reason != "undeliverable")
    if reason == "limit":
        assert await column(store, "SELECT next_at FROM lanes") == [clock.now + 1_000]
    if reason == "window":
        assert await column(store, "SELECT window_until FROM addresses") == [clock.now]
    assert [why for _, why in told.refusals] == ([reason] if status == 2 else [])


async def test_a_code_is_kept_as_a_hash_and_good_once(store: Store) -> None:
    ana = await person(store, "ID.1")
    code = await store.write(lambda tx: linking.make(tx, ana.person, 1_000, 600_000))
    assert await store.read(lambda tx: linking.who(tx, code.lower().replace("-", ""), 600_999)) == ana.person
    assert await store.read(lambda tx: linking.who(tx, code, 601_000)) is None
    assert code.replace("-", "") not in str(await column(store, "SELECT code_hash FROM links"))
    assert not await store.read(lambda tx: linking.storied(tx, ana.person))
