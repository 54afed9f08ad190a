"""People and their addresses: found again, never doubled, unreachable and back, erased without a trace of a word."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot import aliases, people
from bot.ids import CountedIds, RandomIds
from bot.store import entities
from bot.store.db import Store, Tx, open_store
from bot.store.migrate import migrate
from bot.store.seal import open_seal
from flows.snapshot import Case, Chat, Request, Student
from tests.store.conftest import KEY

PHONE = "6281234567890"


def arrive(tx: Tx, channel: str = "whatsapp", external: str = PHONE) -> people.Address:
    return people.find_or_create(tx, channel, external, language="id", now=5, ids=RandomIds())


async def test_the_same_address_is_the_same_person(store: Store) -> None:
    first = await store.write(arrive)
    again = await store.write(arrive)
    assert first.fresh and not again.fresh
    assert (first.id, first.person) == (again.id, again.person)
    assert (await store.write(lambda tx: arrive(tx, "telegram"))).person != first.person
    assert await store.read(lambda tx: people.external(tx, first.id)) == ("whatsapp", PHONE)
    assert await store.read(lambda tx: people.external(tx, 999)) is None
    assert await store.read(lambda tx: people.find(tx, "whatsapp", "1")) is None


async def test_a_person_may_have_several_addresses(store: Store) -> None:
    first = await store.write(arrive)
    second = await store.write(lambda tx: people.add_address(tx, first.person, "telegram", "77", now=6))
    found = await store.read(lambda tx: people.find(tx, "telegram", "77"))
    assert found is not None and (found.id, found.person) == (second, first.person)


async def test_simultaneous_first_messages_make_one_person(url: str) -> None:
    """Through two processes, as Telegram may deliver them."""
    stores = [open_store(url), open_store(url)]
    for store in stores:
        await open_seal(store, [KEY])
    found = await asyncio.gather(*(stores[n % 2].write(arrive) for n in range(12)))
    assert len({address.person for address in found}) == 1
    assert sum(address.fresh for address in found) == 1
    assert await stores[0].read(lambda tx: tx.value("SELECT count(*) FROM people")) == 1
    for store in stores:
        await store.close()


async def test_unreachable_when_the_last_address_is_lost(store: Store) -> None:
    first = await store.write(arrive)
    second = await store.write(lambda tx: people.add_address(tx, first.person, "telegram", "77", now=6))

    def job(tx: Tx) -> None:
        assert people.reachable(tx, first.person, 7)
        assert not people.lost(tx, first.id, 7)  # the other one still reaches
        assert people.reachable(tx, first.person, 7)
        assert people.lost(tx, second, 8)
        assert not people.lost(tx, second, 9)  # told once
        assert not people.reachable(tx, first.person, 9)
        person = entities.person(tx, first.person)
        assert person is not None and person.unreachable_at == 8
        assert people.regained(tx, second, 10)
        assert not people.regained(tx, second, 11)
        assert people.reachable(tx, first.person, 11)
        people.lost(tx, second, 12)
        people.heard(tx, second, first.person, 13, window_until=99)
        assert people.reachable(tx, first.person, 14)
        row = tx.one("SELECT last_in_at, window_until FROM addresses WHERE id = :id", id=second)
        assert row is not None and list(row) == [13, 99]
        assert not people.lost(tx, 999, 15) and not people.regained(tx, 999, 15)

    await store.write(job)


async def test_an_ended_session_reaches_nobody(store: Store) -> None:
    ids = CountedIds()

    def job(tx: Tx) -> None:
        web = people.find_or_create(tx, "web", "session", language="id", now=5, ids=ids, expires_at=100)
        assert people.reachable(tx, web.person, 99) and not people.reachable(tx, web.person, 100)
        other = arrive(tx)
        tx.run("UPDATE addresses SET revoked_at = 6 WHERE id = :id", id=other.id)
        assert not people.reachable(tx, other.person, 7)
        found = people.find(tx, "whatsapp", PHONE)
        assert found is not None and found.revoked

    await store.write(job)


async def test_aliases_are_unique_and_never_reused(store: Store) -> None:
    first = await store.write(arrive)
    alias = await store.read(lambda tx: tx.value("SELECT alias FROM people WHERE id = :id", id=first.person))
    assert len(alias.split()) == 2
    assert await store.read(lambda tx: people.by_alias(tx, f" {alias.upper()} ")) == first.person
    await store.write(lambda tx: people.erase(tx, first.person, 9))
    assert await store.read(lambda tx: people.by_alias(tx, alias)) is None

    class Stubborn(CountedIds):
        """Wishes for the taken alias first."""

        def pick(self, choices):
            wished = [word for word in alias.split() if word in choices]
            return wished[0] if self._next() <= 6 and wished else super().pick(choices)

    ids = Stubborn()
    other = await store.write(lambda tx: people.create(tx, language="id", now=9, ids=ids))
    taken = await store.read(lambda tx: [row[0] for row in tx.all("SELECT alias FROM aliases")])
    assert len(taken) == len(set(taken)) == 2
    assert await store.read(lambda tx: tx.value("SELECT alias FROM people WHERE id = :id", id=other)) != alias


async def test_a_third_word_when_the_pairs_are_given(memory: Store) -> None:
    pairs = [{"alias": f"{noun} {manner}"} for noun in aliases.NOUNS for manner in aliases.MANNERS]

    def fill(tx: Tx) -> None:
        person = people.create(tx, language="id", now=1, ids=CountedIds())
        tx.many(
            "INSERT INTO aliases (alias, person_id, created_at) VALUES (:alias, :person, 1) ON CONFLICT DO NOTHING",
            [{**pair, "person": person} for pair in pairs],
        )

    await memory.write(fill)
    assert len((await memory.read(lambda tx: aliases.choose(tx, RandomIds()))).split()) == 3


def test_alias_words_are_words() -> None:
    for words in (aliases.NOUNS, aliases.MANNERS):
        assert len(set(words)) == len(words)
        assert all(word.isalpha() and word == word.capitalize() for word in words)
    assert not set(aliases.NOUNS) & set(aliases.MANNERS)
    assert len(aliases.NOUNS) * len(aliases.MANNERS) > 5_000
    assert max(map(len, aliases.NOUNS)) + 2 * max(map(len, aliases.MANNERS)) + 2 <= 30


BODY = "kanari-isi-pesan aku takut pulang"
NAME = "Kanari Rini Wijaya"


def story(tx: Tx) -> tuple[int, int]:
    """A student and a counselor with everything that holds words, names or addresses."""
    student = arrive(tx)
    helper = arrive(tx, "telegram", "555000111")
    ids = CountedIds()
    ani, rini = student.person, helper.person
    entities.save_student(tx, Student(person=ani, alias="Awan Teduh"))
    tx.run(
        "INSERT INTO staff (id, person_id, role, alias, name, email, created_at, updated_at) "
        "VALUES ('s1', :rini, 'counselor', 'Daun Hijau', :name, :email, 1, 1)",
        rini=rini, name=tx.seal(rini, NAME, "staff.name"), email=tx.seal(rini, "kanari@example.org", "staff.email"),
    )  # fmt: skip
    entities.insert(tx, Request(id="r1", student=ani, state="matched"))
    entities.insert(tx, Chat(id="c1", request="r1", student=ani, helper=rini, role="counselor", helper_alias=NAME))
    entities.insert(tx, Case(id="k1", student=ani, alias="Awan Teduh"))
    entities.set_words(tx, "k1", ani, BODY, "1")
    tx.run(
        "INSERT INTO messages (id, person_id, kind, body, owner_id, sent_at, created_at) "
        "VALUES (:id, :ani, 'text', :body, :ani, 1, 1)",
        id=ids.message(1), ani=ani, body=tx.seal(ani, BODY, "messages.body"),
    )  # fmt: skip
    tx.run(
        "INSERT INTO outbox (person_id, address_id, kind, payload, owner_id, created_at) "
        "VALUES (:rini, :address, 'relay', :payload, :ani, 1)",
        rini=rini, address=helper.id, payload=tx.seal(ani, BODY, "outbox.payload"), ani=ani,
    )  # fmt: skip
    tx.run(
        "INSERT INTO notes (id, case_id, by_person, body, owner_id, created_at) "
        "VALUES ('n1', 'k1', :rini, :body, :ani, 1)",
        rini=rini, body=tx.seal(ani, BODY, "notes.body"), ani=ani,
    )  # fmt: skip
    tx.run(
        "INSERT INTO blobs (id, owner_id, data, size, created_at) VALUES ('b1', :ani, :data, 1, 1)",
        ani=ani, data=tx.seal(ani, BODY, "blobs.data"),
    )  # fmt: skip
    tx.run("INSERT INTO lanes (address_id, cls) VALUES (:address, 1)", address=student.id)
    tx.run("INSERT INTO copies (address_id, external_id) VALUES (:address, '77')", address=student.id)
    return ani, rini


def contents(path: Path | str) -> bytes:
    return Path(path).read_bytes()


CANARIES = [b"kanari-isi", b"takut pulang", b"Kanari Rini", b"kanari@", PHONE.encode(), b"555000111"]


async def test_the_file_holds_no_body_name_or_address(tmp_path: Path) -> None:
    path = tmp_path / "canary.db"
    migrate(f"sqlite:///{path}", 0)
    store = open_store(f"sqlite:///{path}")
    await open_seal(store, [KEY])
    await store.write(story)
    wal = contents(f"{path}-wal")
    assert b"Awan Teduh" in wal  # so the search would find something
    await store.checkpoint()
    raw = contents(path)
    assert b"Awan Teduh" in raw
    assert [canary for canary in CANARIES if canary in wal or canary in raw] == []
    await store.close()


async def test_erasing_leaves_no_byte_of_what_was_sealed(tmp_path: Path) -> None:
    path = tmp_path / "erased.db"
    migrate(f"sqlite:///{path}", 0)
    store = open_store(f"sqlite:///{path}")
    await open_seal(store, [KEY])
    ani, _ = await store.write(story)

    def sealed(tx: Tx) -> list[bytes]:
        key = tx.value("SELECT key FROM people WHERE id = :a", a=ani)
        return [bytes(tx.value("SELECT body FROM messages")), bytes(key)]

    traces = await store.read(sealed)
    await store.checkpoint()
    assert all(trace in contents(path) for trace in traces)
    await store.write(lambda tx: people.erase(tx, ani, 9))
    await store.checkpoint()
    everything = contents(path) + contents(f"{path}-wal")
    assert [trace for trace in traces if trace in everything] == []
    await store.close()


async def test_erasing_takes_a_student_out_everywhere_and_leaves_the_others(store: Store) -> None:
    ani, _ = await store.write(story)
    await store.write(lambda tx: people.erase(tx, ani, 9))

    def job(tx: Tx) -> None:
        assert people.find(tx, "whatsapp", PHONE) is None
        for text in (
            "SELECT count(*) FROM messages WHERE body IS NOT NULL",
            "SELECT count(*) FROM outbox WHERE payload IS NOT NULL OR status = 0",
            "SELECT count(*) FROM notes WHERE body IS NOT NULL",
            "SELECT count(*) FROM cases WHERE words IS NOT NULL",
            "SELECT count(*) FROM blobs",
            "SELECT count(*) FROM lanes",
            "SELECT count(*) FROM copies",
        ):
            assert tx.value(text) == 0, text
        person = entities.person(tx, ani)
        assert person is not None and person.erased and person.student is None
        assert entities.get(tx, Case, "k1") is not None  # the record that something happened stays, without words
        chat = entities.get(tx, Chat, "c1")
        assert chat is not None and chat.helper_alias == NAME
        assert people.find(tx, "telegram", "555000111") is not None

    await store.read(job)
    back = await store.write(arrive)
    assert back.fresh and back.person != ani  # a known phone comes back as somebody new


async def test_erasing_a_helper_removes_them_from_the_roster(store: Store) -> None:
    _, rini = await store.write(story)
    await store.write(lambda tx: people.erase(tx, rini, 9))
    row = await store.read(lambda tx: tx.one("SELECT name, email, status, version FROM staff"))
    assert row is not None and list(row) == [None, None, "removed", 2]


@pytest.mark.parametrize("count", [50])
async def test_message_ids_rise_with_time(count: int) -> None:
    ids = RandomIds()
    now = 1_795_000_000_000
    made = [ids.message(now + n // 10 - (5 if n == 30 else 0)) for n in range(count)]
    assert made == sorted(set(made)) and made[-1] < 2**63
    assert RandomIds().message(now + 3_600_000) > made[-1]
    assert len({ids.id() for _ in range(count)}) == count and all(len(ids.id()) == 16 for _ in range(count))
