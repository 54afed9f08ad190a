"""What Sebaya says: message key and arguments become text, from the gettext catalogues locales/<lang>/bot.po.

A msgid is a message key ("student.welcome.hello"), a msgstr the text with {placeholders}. An entry with a
msgid_plural (the same key again) has plural forms, chosen by the argument `n`. A placeholder may name a form:
{checked:date} takes an ISO date or ms, {at:time} and {at:moment} (weekday and time) take ms UTC and are shown
in the site's time zone. A public argument of the form "@some.key" speaks the text of that key, so that a
topic's name can stand in a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from gettext import c2py
from pathlib import Path
from zoneinfo import ZoneInfo

Args = Mapping[str, str | int]

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)(?::([a-z]+))?\}")
KEY = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*\Z")
FORMS = frozenset({"date", "time", "moment"})
FALLBACK = "generic.fallback"
LOCALES = Path(__file__).resolve().parent.parent / "locales"

# Spoken only when the catalogues themselves are broken: a person is never met with silence (M6).
LAST_WORDS = {
    "id": "Maaf, ada gangguan di pihak kami. Ketik /bantuan untuk melihat pilihan, atau /darurat kalau kamu "
    "dalam bahaya.",
    "en": "Sorry, something went wrong on our side. Type /help to see the choices, or /danger if you are in danger.",
}


class WordsError(Exception):
    """A catalogue that cannot be used, or (strict) a key or argument that is missing; names it."""


@dataclass(frozen=True)
class Catalogue:
    """One language: the texts by key, each one string or its plural forms in order."""

    language: str
    texts: Mapping[str, str | tuple[str, ...]]
    plural_rule: Callable[[int], int]


def read_catalogue(path: Path, language: str) -> Catalogue:
    """The catalogue of a .po file. Fuzzy, obsolete and empty entries are left out, as gettext does.
    Raises WordsError."""
    from babel.messages.pofile import PoFileError, read_po

    try:
        with path.open("rb") as file:
            found = read_po(file, locale=language, abort_invalid=True)
        rule = c2py(found.plural_expr)
    except (PoFileError, ValueError, OSError) as error:
        raise WordsError(f"{path.parent.name}/{path.name} cannot be read: {error}") from error
    texts: dict[str, str | tuple[str, ...]] = {}
    for message in found:
        key = message.id if isinstance(message.id, str) else message.id[0]
        said = message.string
        if key and not message.fuzzy and said and (isinstance(said, str) or all(said)):
            texts[key] = said if isinstance(said, str) else tuple(said)
    return Catalogue(language, texts, rule)


_NAMED = re.compile(r"(?:(?<=^)|(?<=\n)|(?<=, ))@([a-z][a-z0-9_.+-]*)")
"""An argument, or an item of a list in one, that stands for another entry of the catalogue."""


class Words:
    """All languages that have a catalogue.

    `strict` (tests) raises WordsError where a running service falls back: to the default language, to any
    other, and at last to a safe general text. Each fall is counted in `missed` under "language:key".
    """

    def __init__(
        self,
        locales: Path = LOCALES,
        *,
        default: str = "id",
        timezone: str = "Asia/Jakarta",
        strict: bool = False,
    ) -> None:
        self._locales = locales
        self._catalogues = {
            path.parent.name: read_catalogue(path, path.parent.name) for path in sorted(locales.glob("*/bot.po"))
        }
        if default not in self._catalogues:
            raise WordsError(
                f"there is no catalogue {default}/bot.po: restore it, or set SEBAYA_LOCALE to one that exists"
            )
        self.default = default
        self.timezone = ZoneInfo(timezone)
        self.strict = strict
        self.missed: Counter[str] = Counter()

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages spoken, the default one first."""
        return (self.default, *(name for name in self._catalogues if name != self.default))

    def keys(self) -> frozenset[str]:
        """Every key that any language has."""
        return frozenset().union(*(catalogue.texts for catalogue in self._catalogues.values()))

    def has(self, key: str) -> bool:
        """Whether any language has this key."""
        return any(key in catalogue.texts for catalogue in self._catalogues.values())

    def language(self, tag: str) -> str:
        """The spoken language nearest to a platform's tag ("en-GB", "in"), else the default."""
        name = tag.replace("_", "-").partition("-")[0].lower()
        name = {"in": "id"}.get(name, name)  # the withdrawn code for Indonesian, still sent by old phones
        return name if name in self._catalogues else self.default

    def text(self, lang: str, key: str, args: Args | None = None, private: Args | None = None) -> str:
        """Entry `key` in `lang` with its arguments. `private` ones are a person's words: not looked up."""
        language, said = self._find(self.language(lang), key)
        given = args or {}
        if not isinstance(said, str):
            catalogue = self._catalogues[language]
            number = given.get("n", 0)
            said = said[min(catalogue.plural_rule(abs(int(number))), len(said) - 1)]
        if "{" not in said:
            return said

        def fill(match: re.Match[str]) -> str:
            name, form = match[1], match[2]
            if private and name in private:
                return self._shown(language, private[name], form)
            if name not in given:
                self._miss(language, f"{key} lacks the argument {name}")
                return ""
            value = given[name]
            if isinstance(value, str) and "@" in value:
                rest = {k: v for k, v in given.items() if k != name}
                return _NAMED.sub(lambda m: self.text(language, m[1], rest) if self.has(m[1]) else m[0], value)
            return self._shown(language, value, form)

        return PLACEHOLDER.sub(fill, said)

    def plural(self, lang: str, key: str, n: int, args: Args | None = None) -> str:
        """Entry `key` in the plural form for `n`, which also fills {n}."""
        return self.text(lang, key, {**(args or {}), "n": n})

    def _find(self, language: str, key: str) -> tuple[str, str | tuple[str, ...]]:
        said = self._catalogues[language].texts.get(key)
        if said is not None:
            return language, said
        self._miss(language, key)
        for wanted in (key, FALLBACK):
            for other in (language, *self.languages):
                found = self._catalogues[other].texts.get(wanted)
                if found is not None:
                    return other, found
        return language, LAST_WORDS.get(language, LAST_WORDS["id"])

    def _miss(self, language: str, what: str) -> None:
        if self.strict:
            raise WordsError(f"{language}: {what}" + ("" if " " in what else " is not in the catalogue"))
        self.missed[f"{language}:{what.partition(' ')[0]}"] += 1

    def _shown(self, language: str, value: str | int, form: str | None) -> str:
        if form is None:
            return str(value)
        from babel.dates import format_date, format_datetime, format_time

        if isinstance(value, int):
            moment = datetime.fromtimestamp(value / 1000, UTC).astimezone(self.timezone)
            day = moment.date()
        else:
            try:
                day = date.fromisoformat(value[:10])
            except ValueError:
                return value
            moment = datetime(day.year, day.month, day.day, tzinfo=self.timezone)
        clock = "HH.mm" if language == "id" else "HH:mm"
        if form == "time":
            return format_time(moment, clock, locale=language)
        if form == "moment":
            return format_datetime(moment, f"EEEE {clock}", locale=language)
        return format_date(day, "d MMMM y", locale=language)


# --- checking -----------------------------------------------------------------------------------------------

TEXT_UNITS = 4096
"""Longest message, in UTF-16 units (Telegram Bot API, WhatsApp Cloud API)."""
LABEL_UNITS = 60
"""Longest button label that a phone still shows in one line."""
BUTTON_UNITS = 20
"""Longest title of a WhatsApp reply button; keys `button.*` keep to it."""

_MSGID = re.compile(r'^msgid "((?:[^"\\]|\\.)+)"', re.MULTILINE)


def units(text: str) -> int:
    """Length in UTF-16 code units, the measure of Telegram; never less than the number of characters."""
    return len(text) + sum(char > "\uffff" for char in text)


def check_catalogues(locales: Path = LOCALES) -> list[str]:
    """Everything wrong with the catalogues below `locales`, one sentence each naming language and key: keys
    missing or empty in one language, fuzzy or double entries, placeholders that differ between languages,
    missing plural forms, labels and texts longer than the platforms take."""
    problems: list[str] = []
    read: dict[str, Catalogue] = {}
    for path in sorted(locales.glob("*/bot.po")):
        language = path.parent.name
        try:
            read[language] = read_catalogue(path, language)
        except WordsError as error:
            problems.append(str(error))
            continue
        problems += [f"{language}: {problem}" for problem in _entry_problems(path, language)]
    if not read and not problems:
        return ["there is no catalogue at all"]
    keys = sorted({key for catalogue in read.values() for key in catalogue.texts})
    for key in keys:
        problems += [f"{lang}: {key} is missing" for lang, one in read.items() if key not in one.texts]
        fields = {lang: _fields(one.texts[key]) for lang, one in read.items() if key in one.texts}
        if len(set(fields.values())) > 1:
            told = "; ".join(f"{lang} {', '.join(sorted(names)) or 'none'}" for lang, names in fields.items())
            problems.append(f"{key}: placeholders differ: {told}")
    for language, catalogue in read.items():
        for key, said in catalogue.texts.items():
            problems += [f"{language}: {key} {problem}" for problem in _text_problems(key, said)]
    return problems


def _fields(said: str | tuple[str, ...]) -> frozenset[str]:
    forms = (said,) if isinstance(said, str) else said
    found = {match[1] for form in forms for match in PLACEHOLDER.finditer(form)}
    return frozenset(found | ({"n"} if not isinstance(said, str) else set()))


def _entry_problems(path: Path, language: str) -> list[str]:
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        found = read_po(file, locale=language)
    times = Counter(_MSGID.findall(path.read_text("utf-8")))
    problems = [f"{key} stands twice" for key, count in times.items() if count > 1]
    for message in found:
        key = message.id if isinstance(message.id, str) else message.id[0]
        if not key:
            continue
        if message.fuzzy:
            problems.append(f"{key} is fuzzy: look at it and remove the mark")
        said = message.string
        if not said or not (isinstance(said, str) or all(said)):
            problems.append(f"{key} is empty")
        elif not isinstance(said, str) and len(said) != found.num_plurals:
            problems.append(f"{key} has {len(said)} plural forms instead of {found.num_plurals}")
        if not KEY.match(key):
            problems.append(f"{key} is not a key: lower case words joined by dots")
        if not isinstance(message.id, str) and len(set(message.id)) > 1:
            problems.append(f"{key}: msgid_plural is the same key again")
    return problems


def _limit(key: str, said: str) -> int:
    if said.endswith((".", "!", "?")):  # a sentence about a button, not its label
        return TEXT_UNITS
    if key.startswith("button."):
        return BUTTON_UNITS
    return LABEL_UNITS if ".button." in key or key.startswith("label.") or ".label." in key else TEXT_UNITS


def _text_problems(key: str, said: str | tuple[str, ...]) -> list[str]:
    problems: list[str] = []
    for form in (said,) if isinstance(said, str) else said:
        length, limit = units(PLACEHOLDER.sub("", form)), _limit(key, form)
        if length > limit:
            problems.append(f"is {length} long, at most {limit} fit")
        if form != form.strip():
            problems.append("begins or ends with a space, which platforms cut")
        left = PLACEHOLDER.sub("", form)
        if "{" in left or "}" in left:
            problems.append("has a brace that is no placeholder")
        asked = {match[2] for match in PLACEHOLDER.finditer(form) if match[2]}
        problems += [f"asks for the unknown form {name}" for name in sorted(asked - FORMS)]
    return problems
