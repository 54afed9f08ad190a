"""`sebaya token`."""

from __future__ import annotations

import pytest

from bot import tokens
from bot.store.db import Tx
from tests.cli.conftest import House


def made(house: House, role: str = "coordinator", name: str = "Pak Joko") -> str:
    done = house.do("token", "create", "--role", role, "--name", name)
    assert done.status == 0
    return done.out.split()[-1]


@pytest.mark.parametrize("role", tokens.ROLES)
def test_the_last_word_is_a_token_that_opens(house: House, role: str) -> None:
    secret = made(house, role)
    found = house.read(lambda tx: tokens.verify(tx, secret))
    assert found is not None
    assert (found.role, found.name) == (role, "Pak Joko")


def test_a_list_shows_no_secret(house: House) -> None:
    secret = made(house)
    done = house.do("token", "list")
    assert done.status == 0
    assert "Pak Joko" in done.out
    assert secret[10:] not in done.out


def test_a_revoked_token_opens_nothing(house: House) -> None:
    secret = made(house)
    id = house.read(lambda tx: str(tx.value("SELECT id FROM tokens")))
    assert house.do("token", "revoke", id).status == 0
    assert house.read(lambda tx: tokens.verify(tx, secret)) is None


def test_an_id_that_begins_with_a_hyphen_is_no_option(house: House) -> None:
    secret = made(house)

    def rename(tx: Tx) -> None:
        tx.run("UPDATE tokens SET id = '-hAbc_defghijklm'")

    house.write(rename)
    assert house.do("token", "revoke", "-hAbc_defghijklm").status == 0
    assert house.read(lambda tx: tokens.verify(tx, secret)) is None


def test_an_unknown_token_cannot_be_revoked(house: House) -> None:
    done = house.do("token", "revoke", "nothing")
    assert (done.status, done.err) == (1, "There is no such token.\n")


def test_an_unknown_role_is_unusable(house: House) -> None:
    done = house.do("token", "create", "--role", "king", "--name", "X")
    assert done.status == 2
    assert "coordinator, counselor, supporter, read-only" in done.err
    assert house.read(lambda tx: tx.value("SELECT count(*) FROM tokens")) == 0


def test_the_making_stands_in_the_audit(house: House) -> None:
    made(house)
    assert house.read(lambda tx: tuple(tx.all("SELECT actor, action FROM audit")[0])) == ("cli", "token.create")
