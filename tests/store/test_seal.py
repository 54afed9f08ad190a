"""The one seam: what is sealed can be opened by nobody else, nowhere else, and not after its key is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import people
from bot.ids import CountedIds
from bot.store.db import Store, Tx, open_store
from bot.store.errors import StoreError
from bot.store.keys import KeyTextError, keep_new_key, key_text, new_key, parse_keys
from bot.store.seal import Erased, Seal, SealError, WrongKeys, open_seal, rewrap_all
from tests.store.conftest import KEY, OTHER_KEY

WORDS = "aku capek banget 😭"


def two_people(tx: Tx) -> tuple[int, int]:
    ids = CountedIds()
    return people.create(tx, language="id", now=1, ids=ids), people.create(tx, language="id", now=1, ids=ids)


async def test_opens_for_its_owner_and_place_only(store: Store) -> None:
    ani, budi = await store.write(two_people)

    def job(tx: Tx) -> None:
        sealed = tx.seal(ani, WORDS, "messages.body")
        assert WORDS.encode() not in sealed
        assert tx.unseal(ani, sealed, "messages.body").decode() == WORDS
        assert tx.text(ani, sealed, "messages.body") == WORDS
        for owner, place in ((budi, "messages.body"), (None, "messages.body"), (ani, "messages.media")):
            with pytest.raises(SealError):
                tx.unseal(owner, sealed, place)
        for broken in (sealed[:-1], sealed[:20] + bytes([sealed[20] ^ 1]) + sealed[21:], b"", b"\x01"):
            with pytest.raises(SealError):
                tx.unseal(ani, broken, "messages.body")
        assert tx.seal(ani, WORDS, "messages.body") != sealed  # never twice the same
        service = tx.seal(None, b"\x00\xff", "aside.payload")
        assert tx.unseal(None, service, "aside.payload") == b"\x00\xff"
        with pytest.raises(SealError):
            tx.unseal(ani, service, "aside.payload")
        assert tx.text(ani, None, "messages.body") is None

    await store.read(job)


async def test_a_key_moved_to_another_person_opens_nothing(store: Store) -> None:
    ani, budi = await store.write(two_people)
    sealed = await store.read(lambda tx: tx.seal(ani, WORDS, "messages.body"))
    await store.write(
        lambda tx: tx.run("UPDATE people SET key = (SELECT key FROM people WHERE id = :a) WHERE id = :b", a=ani, b=budi)
    )
    with pytest.raises(SealError):
        await store.read(lambda tx: tx.unseal(budi, sealed, "messages.body"))
    with pytest.raises(SealError):
        await store.read(lambda tx: tx.seal(budi, WORDS, "messages.body"))


async def test_destroying_the_key_is_erasing(store: Store) -> None:
    ani, budi = await store.write(two_people)
    sealed = await store.read(lambda tx: tx.seal(ani, WORDS, "messages.body"))
    other = await store.read(lambda tx: tx.seal(budi, WORDS, "messages.body"))

    def destroy(tx: Tx) -> None:
        assert tx.text(ani, sealed, "messages.body") == WORDS
        tx.keeper.destroy(tx, ani)
        with pytest.raises(Erased):  # already in the same transaction
            tx.seal(ani, "x", "messages.body")

    await store.write(destroy)
    with pytest.raises(Erased):
        await store.read(lambda tx: tx.unseal(ani, sealed, "messages.body"))
    assert await store.read(lambda tx: tx.text(ani, sealed, "messages.body")) is None
    assert await store.read(lambda tx: tx.text(budi, other, "messages.body")) == WORDS


async def test_another_process_sees_the_erasure_at_once(url: str) -> None:
    serving, command = open_store(url), open_store(url)
    for store in (serving, command):
        await open_seal(store, [KEY])
    ani, _ = await serving.write(two_people)
    sealed = await serving.read(lambda tx: tx.seal(ani, WORDS, "messages.body"))
    assert await serving.read(lambda tx: tx.text(ani, sealed, "messages.body")) == WORDS
    await command.write(lambda tx: tx.keeper.destroy(tx, ani))
    assert await serving.read(lambda tx: tx.text(ani, sealed, "messages.body")) is None
    with pytest.raises(Erased):
        await serving.write(lambda tx: tx.seal(ani, WORDS, "messages.body"))
    await serving.close()
    await command.close()


async def test_a_rolled_back_destruction_destroys_nothing(store: Store) -> None:
    ani, _ = await store.write(two_people)

    def job(tx: Tx) -> None:
        tx.keeper.destroy(tx, ani)
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(job)
    assert await store.read(lambda tx: tx.seal(ani, WORDS, "messages.body"))


async def test_keys_are_rotated_without_breaking_anything(url: str) -> None:
    store = open_store(url)
    seal = await open_seal(store, [KEY])
    ani, budi = await store.write(two_people)
    sealed = await store.read(lambda tx: tx.seal(ani, WORDS, "messages.body"))
    service = await store.read(lambda tx: tx.seal(None, WORDS, "aside.payload"))
    lookup = seal.lookup("telegram", "42")
    await store.close()

    both = open_store(url)
    assert await rewrap_all(both, [OTHER_KEY, KEY]) == 4  # two people, service, lookup
    assert await rewrap_all(both, [OTHER_KEY, KEY]) == 0
    await both.close()

    new = open_store(url)
    seal = await open_seal(new, [OTHER_KEY])
    assert await new.read(lambda tx: tx.text(ani, sealed, "messages.body")) == WORDS
    assert await new.read(lambda tx: tx.text(None, service, "aside.payload")) == WORDS
    assert await new.read(lambda tx: tx.seal(budi, "x", "messages.body"))
    assert seal.lookup("telegram", "42") == lookup
    await new.close()

    old = open_store(url)
    with pytest.raises(WrongKeys):
        await open_seal(old, [KEY])
    await old.close()


async def test_rotation_goes_through_everybody_in_batches(memory: Store) -> None:
    ids = CountedIds()
    await memory.write(lambda tx: [people.create(tx, language="id", now=1, ids=ids) for _ in range(7)])
    seal = await open_seal(memory, [OTHER_KEY, KEY])
    assert await memory.write(lambda tx: seal.rewrap(tx, 0, batch=3)) == (3, 3)
    assert await memory.write(lambda tx: seal.rewrap(tx, 3, batch=3)) == (3, 6)
    assert await memory.write(lambda tx: seal.rewrap(tx, 6, batch=3)) == (1, None)


async def test_wrong_keys_are_one_clear_sentence(url: str) -> None:
    store = open_store(url)
    await open_seal(store, [KEY])
    for keys, said in (([OTHER_KEY], "SEBAYA_SECRET_KEYS lacks the key"), ([], "SEBAYA_SECRET_KEYS is not set")):
        with pytest.raises(WrongKeys, match=said) as error:
            await open_seal(store, keys)
        assert "\n" not in str(error.value)
        assert key_text([OTHER_KEY]) not in str(error.value)
    await store.close()


async def test_two_first_starts_agree_on_one_seal(url: str) -> None:
    one, two = open_store(url), open_store(url)
    import asyncio

    seals = await asyncio.gather(open_seal(one, [KEY]), open_seal(two, [KEY]))
    assert seals[0].lookup("web", "x") == seals[1].lookup("web", "x")
    sealed = await one.read(lambda tx: tx.seal(None, "x", "aside.payload"))
    assert await two.read(lambda tx: tx.text(None, sealed, "aside.payload")) == "x"
    await one.close()
    await two.close()


async def test_lookups_keep_channels_and_stores_apart(memory: Store) -> None:
    seal = memory.seal
    assert isinstance(seal, Seal)
    assert seal.lookup("telegram", "42") == seal.lookup("telegram", "42")
    assert len({seal.lookup("telegram", "42"), seal.lookup("web", "42"), seal.lookup("telegram", "43")}) == 3
    other = open_store("sqlite://")
    assert (await open_seal(other, [KEY])).lookup("telegram", "42") != seal.lookup("telegram", "42")
    await other.close()


async def test_nothing_is_sealed_before_there_is_a_seal() -> None:
    store = open_store("sqlite://")
    with pytest.raises(StoreError, match="open_seal"):
        await store.read(lambda tx: tx.seal(None, "x", "aside.payload"))
    await store.close()


def test_keys_as_text() -> None:
    keys = [new_key(), new_key()]
    assert parse_keys(key_text(keys)) == tuple(keys)
    assert parse_keys(f" {key_text(keys).replace('=', '')} , ") == tuple(keys)
    assert parse_keys("") == ()


@pytest.mark.parametrize("text", ["secret", "a" * 43, key_text([b"1" * 16]), key_text([bytes(32)]), "%" * 44, "ä" * 44])
def test_unusable_keys_are_refused_without_being_told(text: str) -> None:
    with pytest.raises(KeyTextError, match="key 2") as error:
        parse_keys(f"{key_text([new_key()])},{text}")
    assert text not in str(error.value)


def test_a_new_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "sebaya.env"
    keep_new_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    first = path.read_text()
    assert len(parse_keys(first.strip().removeprefix("SEBAYA_SECRET_KEYS="))) == 1
    keep_new_key(path)
    assert path.read_text() == first
