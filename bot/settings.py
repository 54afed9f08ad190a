"""The settings of a deployment: environment variables with the prefix SEBAYA_, then the file .env, then the defaults.

A variable that is set wins over the file also when it is set to nothing; nothing means the default. Every error names
the setting and says what to do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.store.keys import KeyTextError, parse_keys
from flows.facts import MINUTE, SECOND, Policy

PREFIX = "SEBAYA_"
TELEGRAM_API = "https://api.telegram.org"
WHATSAPP_API = "https://graph.facebook.com"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class SettingsError(Exception):
    """Settings are missing or unsafe: one sentence a line, each beginning with the setting's name."""


class Settings(BaseSettings):
    """Every setting, named as in the environment without the prefix, in lower case. `load_settings` makes one."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=None,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=False,
    )

    # the deployment
    database_url: SecretStr = SecretStr("sqlite:///sebaya.db")
    secret_keys: SecretStr = SecretStr("")
    public_url: str = ""
    timezone: str = "Asia/Jakarta"
    locale: str = "id"
    area: str = ""  # ISO 3166-2 of where the students are ("ID-JK"): which regional numbers are shown in a crisis
    retention_days: int = Field(365, ge=1, le=36_500)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "text"] = "auto"

    # channels
    telegram_token: SecretStr = SecretStr("")
    telegram_api_url: str = TELEGRAM_API
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr = SecretStr("")
    whatsapp_token: SecretStr = SecretStr("")
    whatsapp_phone_id: str = ""
    whatsapp_app_secret: SecretStr = SecretStr("")
    whatsapp_verify_token: SecretStr = SecretStr("")
    whatsapp_api_url: str = WHATSAPP_API
    whatsapp_template: str = "sebaya_continue"

    # crisis
    escalation_ack_seconds: int = Field(60, ge=1, le=3_600)
    case_action_seconds: int = Field(600, ge=1, le=86_400)
    escalation_webhook_url: str = ""
    escalation_webhook_secret: SecretStr = SecretStr("")

    # support
    offer_seconds: int = Field(45, ge=1, le=3_600)
    offer_breadth: int = Field(3, ge=1, le=50)
    silence_warn_seconds: int = Field(180, ge=1, le=86_400)
    silence_move_seconds: int = Field(300, ge=1, le=86_400)
    minors_meet_peers: bool = False
    ask_place: bool = False
    semantic: Literal["on", "off"] = "off"  # the second reading of triage; needs the extra sebaya[semantic]

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_the_default(cls, values: Any) -> Any:
        if isinstance(values, dict):
            return {name: value for name, value in values.items() if not (isinstance(value, str) and not value.strip())}
        return values

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: SecretStr) -> SecretStr:
        from bot.store.errors import StoreError

        text = url.get_secret_value()
        if text.startswith("sqlite:"):
            from bot.store.db import sqlite_path

            try:
                sqlite_path(text)
            except StoreError as error:
                raise ValueError(str(error).removeprefix("SEBAYA_DATABASE_URL ")) from None
        elif not text.startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return url

    @field_validator("secret_keys")
    @classmethod
    def _keys(cls, keys: SecretStr) -> SecretStr:
        try:
            parse_keys(keys.get_secret_value())
        except KeyTextError as error:
            raise ValueError(f"{error}; make one with `sebaya keys new`") from None
        return keys

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is not a time zone that this machine knows, like Asia/Jakarta, Asia/Makassar") from None
        return name

    @field_validator("locale")
    @classmethod
    def _language(cls, code: str) -> str:
        if not _LANGUAGE.fullmatch(code):
            raise ValueError("must be a language code like id or en")
        return code

    @field_validator("public_url", "telegram_api_url", "whatsapp_api_url")
    @classmethod
    def _root(cls, url: str) -> str:
        parts = _http(url)
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must be a root without a path, like https://sebaya.example.org")
        return url.rstrip("/")

    @field_validator("escalation_webhook_url")
    @classmethod
    def _hook(cls, url: str) -> str:
        parts = _http(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("must be https")
        return url

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _secret(cls, secret: SecretStr) -> SecretStr:
        if not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("must be 1 to 256 letters, digits, _ or -")
        return secret

    @property
    def zone(self) -> ZoneInfo:
        """Where days and hours are counted."""
        return ZoneInfo(self.timezone)

    @property
    def keys(self) -> tuple[bytes, ...]:
        """SECRET_KEYS, newest first; none when unset."""
        return parse_keys(self.secret_keys.get_secret_value())

    @property
    def store_url(self) -> str:
        """DATABASE_URL in plain, for the store only: it may hold a password."""
        return self.database_url.get_secret_value()

    def policy(self) -> Policy:
        """What the flows may know of all this."""
        return Policy(
            ack=self.escalation_ack_seconds * SECOND,
            case_action=self.case_action_seconds * SECOND,
            offer=self.offer_seconds * SECOND,
            breadth=self.offer_breadth,
            silence_warn=self.silence_warn_seconds * SECOND,
            silence_move=self.silence_move_seconds * SECOND,
            switch=10 * MINUTE,
            minors_meet_peers=self.minors_meet_peers,
            ask_place=self.ask_place,
        )

    def check_store(self) -> None:
        """Raise SettingsError unless a store can be opened and sealed."""
        if not self.keys:
            raise SettingsError(
                f"{PREFIX}SECRET_KEYS is not set: set it to url-safe base64 of 32 random bytes "
                "(`sebaya keys new` makes one)"
            )

    def check_serve(self) -> None:
        """Raise SettingsError unless every channel that is on can be served safely."""
        self.check_store()
        wrong = list(self._unsafe())
        if wrong:
            raise SettingsError("\n".join(wrong))

    def _unsafe(self) -> list[str]:
        wrong: list[str] = []
        if self.telegram_token.get_secret_value() and self.telegram_mode == "webhook":
            if not self.telegram_webhook_secret.get_secret_value():
                wrong.append(
                    "TELEGRAM_WEBHOOK_SECRET is not set: webhook mode needs random letters and digits, best 32 or more"
                )
            if not self.public_url:
                wrong.append("PUBLIC_URL is not set: webhook mode needs the https address at which Telegram reaches us")
            elif not self.public_url.startswith("https://") and urlsplit(self.public_url).hostname not in _LOOPBACK:
                wrong.append("PUBLIC_URL must be https in webhook mode")
        if self.whatsapp_token.get_secret_value():
            wrong.extend(
                f"{name.upper()} is not set: WhatsApp needs it as soon as WHATSAPP_TOKEN is set"
                for name in ("whatsapp_phone_id", "whatsapp_app_secret", "whatsapp_verify_token")
                if not _plain(getattr(self, name))
            )
        if self.escalation_webhook_url and not self.escalation_webhook_secret.get_secret_value():
            wrong.append("ESCALATION_WEBHOOK_SECRET is not set: calls to ESCALATION_WEBHOOK_URL are signed with it")
        if self.semantic == "on":
            from bot.semantic.needs import trouble

            if missing := trouble():
                wrong.append(f"SEMANTIC {missing}")
        if self.silence_move_seconds < self.silence_warn_seconds:
            wrong.append("SILENCE_MOVE_SECONDS is shorter than SILENCE_WARN_SECONDS: nobody would be warned")
        return [PREFIX + each for each in wrong]


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _http(url: str) -> Any:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL that begins with https://")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password")
    return parts


def load_settings(env_file: Path | None = Path(".env"), **given: Any) -> Settings:
    """The settings of the environment, `env_file` and the defaults; `given` ones win over all.

    Raises SettingsError: a line for each setting that is wrong, never its value.
    """
    try:
        return Settings(_env_file=env_file, **given)
    except ValidationError as error:
        lines = (_line(dict(problem)) for problem in error.errors(include_input=False, include_url=False))
        raise SettingsError("\n".join(lines)) from None


def _line(problem: Mapping[str, Any]) -> str:
    name = PREFIX + str(problem["loc"][0]).upper() if problem["loc"] else "The settings"
    said = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name} {said[:1].lower()}{said[1:]}"


def unknown_names(env_file: Path | None = Path(".env"), environ: Mapping[str, str] | None = None) -> list[str]:
    """Names with our prefix, in the environment or the file, that are no setting: probably mistyped."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    names = set(os.environ if environ is None else environ)
    if env_file is not None and env_file.is_file():
        from dotenv import dotenv_values

        names |= set(dotenv_values(env_file))
    return sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known)
