"""Settings: where they come from, and that a wrong one is named without being told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings, SettingsError, load_settings, unknown_names
from bot.store.keys import key_text, new_key
from flows.facts import Policy

KEYS = key_text([new_key()])


@pytest.fixture(autouse=True)
def no_settings_of_this_machine() -> Iterator[None]:
    """The environment without any setting, put back afterwards."""
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    for name in kept:
        del os.environ[name]
    yield
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        del os.environ[name]
    os.environ.update(kept)


def load(tmp_path: Path, env: dict[str, str] | None = None, file: str = "") -> Settings:
    path = tmp_path / ".env"
    path.write_text(file)
    os.environ.update({PREFIX + name: value for name, value in (env or {}).items()})
    return load_settings(path)


def test_the_defaults_are_the_contracts(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.store_url == "sqlite:///sebaya.db"
    assert (settings.timezone, settings.locale, settings.telegram_mode) == ("Asia/Jakarta", "id", "polling")
    assert (settings.whatsapp_template, settings.retention_days) == ("sebaya_continue", 365)
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.policy() == Policy()
    assert settings.keys == ()
    assert load_settings(tmp_path / "nowhere.env").store_url == settings.store_url


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, {"OFFER_SECONDS": "20"}, "SEBAYA_OFFER_SECONDS=30\nSEBAYA_OFFER_BREADTH=5\n")
    assert (settings.offer_seconds, settings.offer_breadth) == (20, 5)


def test_also_when_it_is_empty(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {"TELEGRAM_TOKEN": "", "OFFER_SECONDS": "", "TIMEZONE": "", "TELEGRAM_WEBHOOK_SECRET": ""},
        "SEBAYA_TELEGRAM_TOKEN=1:abc\nSEBAYA_OFFER_SECONDS=30\nSEBAYA_TIMEZONE=Asia/Makassar\n"
        "SEBAYA_TELEGRAM_WEBHOOK_SECRET=0123456789abcdef\n",
    )
    assert settings.telegram_token.get_secret_value() == ""
    assert settings.telegram_webhook_secret.get_secret_value() == ""
    assert (settings.offer_seconds, settings.timezone) == (45, "Asia/Jakarta")


def test_seconds_become_the_policys_milliseconds(tmp_path: Path) -> None:
    env = {"ESCALATION_ACK_SECONDS": "5", "CASE_ACTION_SECONDS": "7", "OFFER_SECONDS": "9", "OFFER_BREADTH": "2"}
    policy = load(tmp_path, env).policy()
    assert (policy.ack, policy.case_action, policy.offer, policy.breadth) == (5_000, 7_000, 9_000, 2)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://u:sesame@h/d", "must begin with"),
        ("DATABASE_URL", "sqlite:///", "sqlite:///relative"),
        ("SECRET_KEYS", "sesame", "key 1"),
        ("TIMEZONE", "Asia/Sesame", "time zone"),
        ("TELEGRAM_MODE", "sesame", "polling"),
        ("TELEGRAM_API_URL", "https://h.example/sesame", "without a path"),
        ("TELEGRAM_API_URL", "sesame", "URL"),
        ("WHATSAPP_API_URL", "https://u:sesame@h.example", "password"),
        ("PUBLIC_URL", "ftp://sesame.example", "URL"),
        ("TELEGRAM_WEBHOOK_SECRET", "sesame!", "letters, digits"),
        ("ESCALATION_WEBHOOK_URL", "http://sesame.example/x", "https"),
        ("OFFER_SECONDS", "sesame", "integer"),
        ("OFFER_BREADTH", "0", "greater"),
        ("LOCALE", "sesame!", "language"),
    ],
)
def test_a_wrong_setting_is_named_and_not_told(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(tmp_path, {name: value})
    text = str(error.value)
    assert text.startswith(f"SEBAYA_{name} ") and said in text and "\n" not in text
    assert "sesame" not in text.lower()
    assert error.value.__suppress_context__


def test_several_wrong_settings_are_several_lines(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        load(tmp_path, {"TIMEZONE": "x", "OFFER_SECONDS": "x"})
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, None),
        ({"TELEGRAM_TOKEN": "1:a"}, None),  # polling needs no secret
        ({"TELEGRAM_MODE": "webhook"}, None),  # the channel is off
        (
            {"TELEGRAM_TOKEN": "1:a", "TELEGRAM_MODE": "webhook", "PUBLIC_URL": "https://s.example"},
            "TELEGRAM_WEBHOOK_SECRET",
        ),
        ({"TELEGRAM_TOKEN": "1:a", "TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": "x" * 16}, "PUBLIC_URL"),
        (
            {"TELEGRAM_TOKEN": "1:a", "TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": "x" * 16,
             "PUBLIC_URL": "http://s.example"}, "PUBLIC_URL",
        ),
        (
            {"TELEGRAM_TOKEN": "1:a", "TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": "x" * 16,
             "PUBLIC_URL": "http://127.0.0.1:8000"}, None,
        ),
        ({"WHATSAPP_TOKEN": "t", "WHATSAPP_PHONE_ID": "1", "WHATSAPP_VERIFY_TOKEN": "v"}, "WHATSAPP_APP_SECRET"),
        (
            {"WHATSAPP_TOKEN": "t", "WHATSAPP_PHONE_ID": "1", "WHATSAPP_VERIFY_TOKEN": "v", "WHATSAPP_APP_SECRET": "s"},
            None,
        ),
        ({"ESCALATION_WEBHOOK_URL": "https://hook.example/x"}, "ESCALATION_WEBHOOK_SECRET"),
        ({"SILENCE_WARN_SECONDS": "400"}, "SILENCE_MOVE_SECONDS"),
        ({"SECRET_KEYS": ""}, "SECRET_KEYS"),
    ],
)  # fmt: skip
def test_what_is_unsafe_does_not_serve(tmp_path: Path, env: dict[str, str], said: str | None) -> None:
    settings = load(tmp_path, {"SECRET_KEYS": KEYS, **env})
    if said is None:
        settings.check_serve()
    else:
        with pytest.raises(SettingsError, match=f"^SEBAYA_{said} "):
            settings.check_serve()


def test_no_secret_shows_in_a_print(tmp_path: Path) -> None:
    url = "postgresql://u:sesame@h/d"
    settings = load(tmp_path, {"SECRET_KEYS": KEYS, "TELEGRAM_TOKEN": "1:sesame", "DATABASE_URL": url})
    assert "sesame" not in repr(settings) + str(settings) and KEYS not in repr(settings)


def test_mistyped_names_are_found(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("SEBAYA_TELEGRAM_TOKN=x\nSEBAYA_LOCALE=id\nOTHER=1\n")
    assert unknown_names(path, {"SEBAYA_OFER_SECONDS": "1", "PATH": "/bin"}) == [
        "SEBAYA_OFER_SECONDS",
        "SEBAYA_TELEGRAM_TOKN",
    ]
