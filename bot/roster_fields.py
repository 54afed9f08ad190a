"""The columns of the roster and what each may hold: one set of rules for the CSV file and for the admin API.

Every message is for whoever filled in the field, says what to write instead, and never quotes what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from bot.refusals import FieldError, Invalid

COLUMNS = (
    "role", "name", "language", "gender", "site", "topics", "capacity", "telegram", "whatsapp", "email",
    "certified_until",
)  # fmt: skip
"""In the order of the file (contract: Roster CSV)."""
ROLES = ("supporter", "counselor", "coordinator")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
FORMULA = ("=", "+", "-", "@")
EMAIL = re.compile(r"[^@\s,;|]{1,64}@[^@\s,;|]+\.[^@\s,;|.]+")
USUAL_CHATS, MOST_CHATS = 3, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person of the roster, as a coordinator writes it. `language` is in order of preference, never empty.
    `certified_until` is the last day on which the certificate counts."""

    role: str
    name: str
    language: tuple[str, ...] = ("id",)
    gender: str | None = None
    site: str | None = None
    topics: tuple[str, ...] = ()
    capacity: int = USUAL_CHATS
    telegram: str | None = None
    whatsapp: str | None = None
    email: str | None = None
    certified_until: date | None = None


def _text(longest: int) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        text = " ".join(str(value).split()) if value is not None else ""
        if len(text) > longest:
            raise ValueError(f"is longer than {longest} characters")
        if not text.isprintable():
            raise ValueError("holds characters that cannot be shown")
        if text.startswith(FORMULA):
            raise ValueError("must not begin with =, +, - or @: a spreadsheet would take it for a formula")
        return text or None

    return check


def _items(value: object) -> list[str]:
    """A list as the file writes it (split by |) or as JSON has it."""
    parts = value if isinstance(value, list | tuple) else str(value or "").split("|")
    return [" ".join(str(part).split()) for part in parts if str(part).strip()]


def _role(value: object) -> str:
    role = str(value or "").strip().lower()
    if role not in ROLES:
        raise ValueError(f"must be one of {', '.join(ROLES)}")
    return role


def _name(value: object) -> str:
    name = _text(80)(value)
    if name is None:
        raise ValueError("is required")
    return name


def _language(value: object) -> tuple[str, ...]:
    tags = [tag.lower() for tag in _items(value)]
    if not all(LANGUAGE.fullmatch(tag) for tag in tags):
        raise ValueError("must be language tags such as id or id|en")
    if len(tags) > 8:
        raise ValueError("holds more than 8 languages")
    return tuple(dict.fromkeys(tags)) or ("id",)


def _topics(value: object) -> tuple[str, ...]:
    topics = [topic.lower() for topic in _items(value)]
    if len(topics) > 30:
        raise ValueError("holds more than 30 topics")
    if any(len(topic) > 40 or "|" in topic or not topic.isprintable() for topic in topics):
        raise ValueError("must be topics of at most 40 characters each, without |")
    if any(topic.startswith(FORMULA) for topic in topics):
        raise ValueError("must not begin with =, +, - or @: a spreadsheet would take it for a formula")
    return tuple(dict.fromkeys(topics))


def _capacity(value: object) -> int:
    text = str(value).strip() if value is not None else ""
    if not text:
        return USUAL_CHATS
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or not 0 <= int(text) <= MOST_CHATS:
        raise ValueError(f"must be a whole number from 0 to {MOST_CHATS}: how many chats at once")
    return int(text)


GENDERS: Mapping[str, str] = {
    **dict.fromkeys(("female", "f", "p", "perempuan", "wanita", "woman"), "female"),
    **dict.fromkeys(("male", "m", "l", "laki-laki", "lelaki", "pria", "man"), "male"),
}
"""How people write it -> what a student's wish is compared with."""


def _gender(value: object) -> str | None:
    """Any word is kept; the two that a student can wish for are brought to one form."""
    word = _text(20)(value)
    return None if word is None else GENDERS.get(word.casefold(), word.casefold())


def _telegram(value: object) -> str | None:
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text) or int(text) >= 2**63:
        raise ValueError("must be the numeric Telegram id, not an @name or a phone number")
    return text


def _whatsapp(value: object) -> str | None:
    """Digits without +, or WhatsApp's own id of the person (contract: Precisely, Webhooks)."""
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    if re.fullmatch(r"\+?[0-9 ().-]+", text):
        digits = re.sub(r"[^0-9]", "", text)
        if not 7 <= len(digits) <= 15 or digits.startswith("0"):
            raise ValueError("must be a number with its country code, such as 6281234567890")
        return digits
    if not re.fullmatch(r"[A-Za-z]{2}\.[A-Za-z0-9.]{1,125}", text):
        raise ValueError("must be digits with the country code and without +, or WhatsApp's id of the person")
    return text


def _email(value: object) -> str | None:
    text = str(value).strip() if value is not None else ""
    if text and (len(text) > 254 or not EMAIL.fullmatch(text) or text.startswith(FORMULA)):
        raise ValueError("must be an e-mail address")
    return text or None


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day such as 2027-06-30") from None
    if not 2000 <= day.year <= 2200:
        raise ValueError("must be a day between 2000 and 2200")
    return day


RULES: Mapping[str, Callable[[object], Any]] = {
    "role": _role,
    "name": _name,
    "language": _language,
    "gender": _gender,
    "site": _text(80),
    "topics": _topics,
    "capacity": _capacity,
    "telegram": _telegram,
    "whatsapp": _whatsapp,
    "email": _email,
    "certified_until": _day,
}


def checked(values: Mapping[str, object]) -> dict[str, Any]:
    """The values in their one form. Raises Invalid with every field at fault; an unknown column is one."""
    errors: list[FieldError] = []
    kept: dict[str, Any] = {}
    for column, value in values.items():
        rule = RULES.get(column)
        if rule is None:
            errors.append(FieldError(column, f"is not a column of the roster ({', '.join(COLUMNS)})"))
            continue
        try:
            kept[column] = rule(value)
        except ValueError as error:
            errors.append(FieldError(column, str(error)))
    if errors:
        raise Invalid(errors)
    return kept


def entry(values: Mapping[str, object]) -> Entry:
    """A whole entry; what is not given takes its default. Raises Invalid."""
    return Entry(**checked({"role": None, "name": None, **values}))


def as_columns(of: Entry) -> dict[str, str]:
    """The entry as the file writes it."""
    written: dict[str, str] = {}
    for each in fields(Entry):
        value = getattr(of, each.name)
        if value is None:
            written[each.name] = ""
        elif isinstance(value, tuple):
            written[each.name] = "|".join(value)
        else:
            written[each.name] = value.isoformat() if isinstance(value, date) else str(value)
    return {column: written[column] for column in COLUMNS}
