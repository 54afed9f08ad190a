"""What counselors have changed of the shipped lexicon: one value, kept as canonical JSON, laid over the files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from bot.rules.bounds import ALL_WORDS, PHRASE, WORDS, Cost, TooMuch
from bot.rules.documents import Document, Id, MaskText, RulesError, RuleText, Strict
from bot.rules.spell import listed

LONGEST = 1_000_000
"""Bytes of an overlay's JSON."""
Example = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
Examples = Annotated[list[Example], Field(min_length=1, max_length=40)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
ClassName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}(\.[a-z]{1,10})?$")]
Pattern = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=PHRASE, strip_whitespace=True, to_lower=True)]
EntryId = Annotated[str, StringConstraints(pattern=r"^(rule|idiom|class):[a-z][a-z0-9_./-]{1,80}$")]


class EditedRule(RuleText):
    """A rule that is new, or stands in place of the shipped one of its id."""

    language: Language
    when: Annotated[list[Pattern], Field(min_length=1, max_length=120)]
    matches: Examples
    does_not_match: Examples


class EditedIdiom(MaskText):
    """A fixed expression that means something else. `matches` are grave texts beside it that must go on being heard,
    `does_not_match` texts that nobody is to be paged for any more."""

    language: Language
    when: Annotated[list[Pattern], Field(min_length=1, max_length=120)]
    matches: Examples
    does_not_match: Examples


class AddedWords(Strict):
    """Words added to a class of a language; `matches` and `does_not_match` say what they are for."""

    language: Language
    name: ClassName
    words: Annotated[list[Word], Field(min_length=1, max_length=1000)]
    matches: list[Example] = Field(default_factory=list)
    does_not_match: list[Example] = Field(default_factory=list)


class Overlay(Strict):
    """Everything edited. Keys are ids of rules and idioms, `<language>/<name>` for classes; `disabled` holds entries
    ("rule:..." or "idiom:...") of the files that are out of force."""

    rules: dict[Id, EditedRule] = Field(default_factory=dict)
    idioms: dict[Id, EditedIdiom] = Field(default_factory=dict)
    words: dict[str, AddedWords] = Field(default_factory=dict)
    disabled: list[EntryId] = Field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.rules or self.idioms or self.words or self.disabled)

    def canonical(self) -> str:
        """The one way to write it."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.canonical().encode()).hexdigest()


SHIPPED = Overlay()
"""Nothing edited: the files as they are."""


def read_overlay(text: str) -> Overlay:
    """A stored overlay. Raises RulesError."""
    try:
        return Overlay.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "overlay"
        raise RulesError(f"the edited lexicon: {place}: {first['msg']}") from None


def check_bounds(overlay: Overlay) -> None:
    """Raises RulesError naming the entry where a pattern cannot be read, or more is edited than is allowed."""
    cost = Cost()
    for kind, entries in (("rule", overlay.rules), ("idiom", overlay.idioms)):
        for id, entry in entries.items():
            try:
                cost.add(entry.when)
            except ValueError as error:
                raise RulesError(f"{kind}:{id}: when: {error}") from None
    words = 0
    for key, added in overlay.words.items():
        words += len(added.words)
        for word in added.words:
            if len(word.split()) > WORDS or listed(word) != [" ".join(word.split())]:
                raise RulesError(f"class:{key}: words: each has {WORDS} words at most, and no comma")
    if words > ALL_WORDS:
        raise RulesError(f"{words} words are added to classes; {ALL_WORDS} are allowed")
    if len(overlay.canonical().encode()) > LONGEST:
        raise RulesError(f"everything edited takes more than {LONGEST} bytes")


def lay_over(documents: Sequence[Document], overlay: Overlay) -> list[Document]:
    """The documents with what was edited. Raises RulesError naming the entry that fits nowhere."""
    check_bounds(overlay)
    by_language = {document.language: document for document in documents}
    for kind, entries in (("rule", overlay.rules), ("idiom", overlay.idioms), ("class", overlay.words)):
        for id, entry in entries.items():
            if entry.language not in by_language:
                raise RulesError(f"{kind}:{id}: language: there is no lexicon of the language {entry.language!r}")
    known = {f"rule:{rule.id}" for document in documents for rule in document.rules}
    known |= {f"idiom:{mask.id}" for document in documents for mask in document.masks}
    for entry_id in overlay.disabled:
        if entry_id not in known:
            raise RulesError(f"{entry_id}: is disabled, and there is no such entry in the shipped lexicon")
    names = {name for document in documents for table in (document.classes, document.verbs) for name in table}
    names |= {f"{name}.di" for document in documents for name in document.verbs}
    for key, added in overlay.words.items():
        if added.name not in names:
            raise RulesError(f"class:{key}: there is no class {added.name!r}")
    return [_edited(document, overlay) for document in documents]


def _edited(document: Document, overlay: Overlay) -> Document:
    language = document.language
    off = set(overlay.disabled)
    rules = [
        _plain(RuleText, overlay.rules[rule.id]) if _replaces(overlay.rules, rule.id, language) else rule
        for rule in document.rules
        if f"rule:{rule.id}" not in off
    ]
    shipped = {rule.id for rule in document.rules}
    rules += [_plain(RuleText, rule) for id, rule in sorted(overlay.rules.items())
              if rule.language == language and id not in shipped]  # fmt: skip
    masks = [
        _plain(MaskText, overlay.idioms[mask.id]) if _replaces(overlay.idioms, mask.id, language) else mask
        for mask in document.masks
        if f"idiom:{mask.id}" not in off
    ]
    fixed = {mask.id for mask in document.masks}
    masks += [_plain(MaskText, idiom) for id, idiom in sorted(overlay.idioms.items())
              if idiom.language == language and id not in fixed]  # fmt: skip
    classes = dict(document.classes)
    for _, added in sorted(overlay.words.items()):
        if added.language == language:
            classes[added.name] = ", ".join(filter(None, [classes.get(added.name, ""), *added.words]))
    return document.model_copy(update={"rules": rules, "masks": masks, "classes": classes})


def _replaces(edited: Mapping[str, EditedRule] | Mapping[str, EditedIdiom], id: str, language: str) -> bool:
    return id in edited and edited[id].language == language


def _plain(kind: type[RuleText] | type[MaskText], entry: EditedRule | EditedIdiom) -> object:
    return kind.model_validate({name: getattr(entry, name) for name in kind.model_fields})


__all__ = ["SHIPPED", "AddedWords", "EditedIdiom", "EditedRule", "Overlay", "TooMuch", "check_bounds", "lay_over"]
