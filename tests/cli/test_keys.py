"""`sebaya keys`."""

from __future__ import annotations

import stat

import pytest

from bot.settings import load_settings
from bot.store.keys import parse_keys
from tests.cli.conftest import House
from tests.cli.test_by_hand import STORY, student


def test_a_new_key_is_the_only_word(house: House) -> None:
    done = house.do("keys", "new")
    assert len(parse_keys(done.out.strip())) == 1
    assert done.out != house.do("keys", "new").out


@pytest.mark.parametrize(
    "before",
    [
        "",
        "SEBAYA_LOCALE=en",
        "SEBAYA_LOCALE=en\n",
        "SEBAYA_SECRET_KEYS=\n",
        'SEBAYA_SECRET_KEYS=""\nSEBAYA_LOCALE=en\n',
    ],
)
def test_a_key_goes_into_a_settings_file(house: House, before: str) -> None:
    path = house.folder / "new.env"
    if before:
        path.write_text(before)
    done = house.do("keys", "new", "--into", str(path))
    assert done.status == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    settings = load_settings(path)
    assert len(settings.keys) == 1
    assert ("en" if "LOCALE" in before else "id") == settings.locale
    assert settings.secret_keys.get_secret_value() not in done.out


def test_a_newer_key_stands_in_front(house: House) -> None:
    house.do("keys", "new", "--into", str(house.env))
    keys = load_settings(house.env).keys
    assert len(keys) == 2
    assert keys[1:] == parse_keys(house.keys)


def test_rotating_lets_the_old_key_go(house: House) -> None:
    alias = student(house, STORY)
    house.do("keys", "new", "--into", str(house.env))
    newest = load_settings(house.env).secret_keys.get_secret_value().split(",")[0]
    done = house.do("keys", "rotate")
    assert done.status == 0
    assert done.out.startswith("3 keys wrapped anew.")  # theirs, the service's, the lookup's
    house.keys = newest
    house.write_env()
    assert STORY in house.do("export", alias).out
    assert house.do("keys", "rotate").out == "0 keys wrapped anew.\n"


def test_without_rotating_the_old_key_is_needed(house: House) -> None:
    student(house, STORY)
    house.do("keys", "new", "--into", str(house.env))
    house.keys = load_settings(house.env).secret_keys.get_secret_value().split(",")[0]
    house.write_env()
    done = house.do("token", "list")
    assert done.status == 1
    assert "SEBAYA_SECRET_KEYS lacks the key" in done.err
