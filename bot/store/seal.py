"""The one seam through which bodies, addresses and names are encrypted at rest (P2).

Every person has a data key of their own, kept in `people.key` wrapped by the newest of SECRET_KEYS; destroying it is
erasing them. What belongs to nobody is sealed under the service key, and addresses are found by a keyed hash under
the lookup key; both lie wrapped in `meta`, so that changing SECRET_KEYS changes neither. AES-256-GCM throughout; what
is sealed is bound to its table, column and owner, so that it cannot be moved to another place.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.store.errors import StoreError
from bot.store.keys import KEY_BYTES

if TYPE_CHECKING:
    from bot.store.db import Store, Tx

FORM = b"\x01"
NONCE = 12
ID = 4
CACHED_KEYS = 4096
REWRAP_BATCH = 500


class SealError(StoreError):
    """Something sealed cannot be opened. Never names what."""


class Erased(SealError):
    """The key has been destroyed: its owner is erased."""


class WrongKeys(SealError):
    """SECRET_KEYS does not hold the key that this store was sealed with."""


class KeyRing:
    """SECRET_KEYS, newest first: the newest wraps, each unwraps what it has wrapped."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise WrongKeys("SEBAYA_SECRET_KEYS is not set: set it to url-safe base64 of 32 random bytes")
        self._keys = {_id(key): AESGCM(key) for key in reversed(keys)}
        self._newest = _id(keys[0])

    def wrap(self, key: bytes, place: str) -> bytes:
        """A data key as it may lie in the store, bound to `place`."""
        nonce = os.urandom(NONCE)
        return FORM + self._newest + nonce + self._keys[self._newest].encrypt(nonce, key, place.encode())

    def unwrap(self, wrapped: bytes, place: str) -> bytes:
        """The data key. Raises WrongKeys, or SealError where the wrapping was tampered with."""
        name, nonce, sealed = wrapped[1 : 1 + ID], wrapped[1 + ID : 1 + ID + NONCE], wrapped[1 + ID + NONCE :]
        key = self._keys.get(name)
        if key is None:
            raise WrongKeys(
                f"SEBAYA_SECRET_KEYS lacks the key {name.hex()} that this store was sealed with: "
                "put it back behind the newest one, separated by a comma"
            )
        try:
            return key.decrypt(nonce, sealed, place.encode())
        except (InvalidTag, ValueError):
            raise SealError("a wrapped key has been changed or moved") from None

    def newest(self, wrapped: bytes) -> bool:
        """Whether the newest key wrapped this."""
        return wrapped[1 : 1 + ID] == self._newest


def _id(key: bytes) -> bytes:
    return hashlib.sha256(b"sebaya key id " + key).digest()[:ID]


class Seal:
    """Seals and opens, under the key of a person or of the service. Shared by all threads."""

    def __init__(self, ring: KeyRing, service: bytes, lookup: bytes) -> None:
        self._ring = ring
        self._service = AESGCM(service)
        self._lookup = hmac.new(lookup, digestmod="sha256")
        self._chain = hmac.digest(service, b"sebaya audit chain", "sha256")
        self._opened = lru_cache(CACHED_KEYS)(self._unwrap)

    def lookup(self, channel: str, address: str) -> bytes:
        """What finds an address without telling it."""
        started = self._lookup.copy()  # a third of the price of beginning with the key each time
        started.update(f"{channel}:{address}".encode())
        return started.digest()

    def chain(self, data: bytes) -> str:
        """A keyed hash for the audit chain: nobody without the keys of this store can forge a link."""
        return hmac.digest(self._chain, data, "sha256").hex()

    def seal(self, tx: Tx, owner: int | None, data: str | bytes, context: str) -> bytes:
        """Seal `data` for `context` ("table.column") under the key of person `owner`, or of the service for None.
        Raises Erased where the owner's key is gone."""
        nonce = os.urandom(NONCE)
        plain = data.encode() if isinstance(data, str) else data
        return FORM + nonce + self._key(tx, owner).encrypt(nonce, plain, _bound(context, owner))

    def unseal(self, tx: Tx, owner: int | None, sealed: bytes, context: str) -> bytes:
        """What was sealed. Raises Erased where the owner's key is gone, SealError where it was sealed for another place
        or changed."""
        key = self._key(tx, owner)
        try:
            return key.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], _bound(context, owner))
        except (InvalidTag, ValueError):
            raise SealError(f"what lies in {context} was changed, or sealed for another place") from None

    def new_key(self, person: int) -> bytes:
        """A fresh data key for a person, wrapped, for `people.key`."""
        return self._ring.wrap(os.urandom(KEY_BYTES), _place(person))

    def prime(self, tx: Tx, person: int, wrapped: bytes | None) -> None:
        """Spare this transaction a lookup: this is what `people.key` holds."""
        tx.memo["key", person] = wrapped

    def destroy(self, tx: Tx, person: int) -> None:
        """Destroy a person's key, and with it all that was sealed under it."""
        tx.run("UPDATE people SET key = NULL, version = version + 1 WHERE id = :person", person=person)
        self.prime(tx, person, None)
        tx.after(self._opened.cache_clear)

    def rewrap(self, tx: Tx, after: int, batch: int = REWRAP_BATCH) -> tuple[int, int | None]:
        """Wrap by the newest key the data keys of up to `batch` people above id `after`, where an older one has: how
        many, and the id to go on from (None at the end)."""
        rows = tx.all(
            "SELECT id, key FROM people WHERE id > :after AND key IS NOT NULL ORDER BY id LIMIT :batch FOR UPDATE",
            after=after,
            batch=batch,
        )
        changed = 0
        for person, wrapped in rows:
            if not self._ring.newest(wrapped):
                again = self._ring.wrap(self._ring.unwrap(wrapped, _place(person)), _place(person))
                tx.run("UPDATE people SET key = :key WHERE id = :person", key=again, person=person)
                changed += 1
        return changed, rows[-1][0] if len(rows) == batch else None

    def _key(self, tx: Tx, owner: int | None) -> AESGCM:
        if owner is None:
            return self._service
        memo = tx.memo
        if ("key", owner) not in memo:
            memo["key", owner] = tx.value("SELECT key FROM people WHERE id = :owner", owner=owner)
        wrapped = memo["key", owner]
        if wrapped is None:
            raise Erased("the key has been destroyed")
        return self._opened(owner, wrapped)

    def _unwrap(self, owner: int, wrapped: bytes) -> AESGCM:
        return AESGCM(self._ring.unwrap(wrapped, _place(owner)))


def _bound(context: str, owner: int | None) -> bytes:
    return f"{context}:{owner or 0}".encode()


def _place(person: int) -> str:
    return f"people.key:{person}"


_SERVICE, _LOOKUP = "key.service", "key.lookup"


async def open_seal(store: Store, keys: Sequence[bytes]) -> Seal:
    """The seal of a store, made at its first start, and given to the store for all its transactions.

    Raises WrongKeys, in one sentence, where `keys` (SECRET_KEYS, newest first) are not those of this store.
    """
    ring = KeyRing(keys)
    found = await store.read(_kept)
    if len(found) < 2:
        found = await store.write(lambda tx: _make(tx, ring))
    seal = Seal(ring, ring.unwrap(found[_SERVICE], _SERVICE), ring.unwrap(found[_LOOKUP], _LOOKUP))
    store.use(seal)
    return seal


def _kept(tx: Tx) -> dict[str, bytes]:
    return {row[0]: bytes(row[1]) for row in tx.all("SELECT key, value FROM meta WHERE key LIKE 'key.%'")}


def _make(tx: Tx, ring: KeyRing) -> dict[str, bytes]:
    for name in (_SERVICE, _LOOKUP):
        tx.run(
            "INSERT INTO meta (key, value) VALUES (:name, :value) ON CONFLICT DO NOTHING",
            name=name,
            value=ring.wrap(os.urandom(KEY_BYTES), name),
        )
    return _kept(tx)


async def rewrap_all(store: Store, keys: Sequence[bytes]) -> int:
    """Wrap everything by the newest of `keys`, so that the older ones may go; how many data keys were changed.

    First put the new key in front of SECRET_KEYS and restart what serves; then this; then take the old key away.
    """
    seal, ring = await open_seal(store, keys), KeyRing(keys)
    changed, after = 0, 0
    while True:
        count, following = await store.write(partial(seal.rewrap, after=after))
        changed += count
        if following is None:
            break
        after = following
    return changed + await store.write(lambda tx: _rewrap_meta(tx, ring))


def _rewrap_meta(tx: Tx, ring: KeyRing) -> int:
    changed = 0
    for name, wrapped in _kept(tx).items():
        if not ring.newest(wrapped):
            again = ring.wrap(ring.unwrap(wrapped, name), name)
            tx.run("UPDATE meta SET value = :value WHERE key = :name", value=again, name=name)
            changed += 1
    return changed
