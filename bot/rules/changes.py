"""Proposed changes of the lexicon, one by one, and the overlay that they make of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.rules.documents import Document, Id, MaskText, RulesError, RuleText, Strict
from bot.rules.overlay import (
    AddedWords,
    ClassName,
    EditedIdiom,
    EditedRule,
    EntryId,
    Example,
    Examples,
    Language,
    Overlay,
    Pattern,
    Word,
)

MOST_CHANGES = 50


class RuleIn(RuleText):
    """A rule with at least one example on either side."""

    when: Annotated[list[Pattern], Field(min_length=1, max_length=120)] = Field(
        description="Patterns: words, <classes>, `..3` for up to three words between.", examples=[["<wish> ..2 <die>"]]
    )
    matches: Examples = Field(description="Texts on which it must fire.", examples=[["pengen nyusul ibu"]])
    does_not_match: Examples = Field(description="Texts on which it must not.", examples=[["nyusul ibu ke pasar"]])


class IdiomIn(MaskText):
    """A fixed expression, a grave text that must still be heard beside it, and one that it makes harmless."""

    when: Annotated[list[Pattern], Field(min_length=1, max_length=120)] = Field(
        description="Patterns of the expression.", examples=[["mati lampu|listrik"]]
    )
    matches: Examples = Field(description="Grave texts that must still page.", examples=[["aku mau mati"]])
    does_not_match: Examples = Field(description="Texts that must page nobody.", examples=[["mati lampu lagi"]])


LANGUAGE = Field(description="The language of whose lexicon it is.", examples=["id"])
ENTRY = Field(description="Which one: `rule:<id>`, `idiom:<id>`, `class:<language>/<name>`.", examples=["rule:voices"])


class SetRule(Strict):
    """Add a rule, or put one in place of the rule of its id."""

    do: Literal["rule"] = Field(description="rule")
    language: Language = LANGUAGE
    rule: RuleIn = Field(description="The rule as it shall be.")


class SetIdiom(Strict):
    """Add a fixed expression that means something else, or change one."""

    do: Literal["idiom"] = Field(description="idiom")
    language: Language = LANGUAGE
    idiom: IdiomIn = Field(description="The expression as it shall be.")


class SetWords(Strict):
    """Add words to a class, or take back ones that were added (those of the files stay)."""

    do: Literal["words"] = Field(description="words")
    language: Language = LANGUAGE
    name: ClassName = Field(description="The class.", examples=["wish"])
    add: Annotated[list[Word], Field(max_length=200)] = Field([], description="Words or phrases to add.")
    remove: Annotated[list[Word], Field(max_length=200)] = Field([], description="Added ones to take back.")
    matches: Annotated[list[Example], Field(max_length=40)] = Field(
        [], description="Texts that must page with the new words; at least one."
    )
    does_not_match: Annotated[list[Example], Field(max_length=40)] = Field(
        [], description="Texts that must page nobody; at least one."
    )


class Switch(Strict):
    """Put a rule or idiom of the files out of force, or into it again."""

    do: Literal["disable", "enable"] = Field(description="disable or enable")
    entry: EntryId = ENTRY


class Restore(Strict):
    """Take back everything edited of one entry: as shipped, or gone where it was added."""

    do: Literal["restore"] = Field(description="restore")
    entry: EntryId = ENTRY


Change = Annotated[SetRule | SetIdiom | SetWords | Switch | Restore, Field(discriminator="do")]
Changes = Annotated[list[Change], Field(min_length=1, max_length=MOST_CHANGES)]
CHANGES: TypeAdapter[list[Change]] = TypeAdapter(Changes)


def apply(documents: Sequence[Document], overlay: Overlay, changes: Sequence[Change]) -> Overlay:
    """The overlay with these changes, in their order. Raises RulesError naming the change that cannot be made."""
    draft = _Draft(documents, overlay)
    for number, change in enumerate(changes):
        try:
            draft.take(change)
        except RulesError as error:
            raise RulesError(f"changes.{number}: {error}") from None
    return draft.done()


class _Draft:
    def __init__(self, documents: Sequence[Document], overlay: Overlay) -> None:
        self.rules, self.idioms = dict(overlay.rules), dict(overlay.idioms)
        self.words, self.disabled = dict(overlay.words), set(overlay.disabled)
        self.shipped: dict[str, str] = {}
        for document in documents:
            self.shipped |= {f"rule:{rule.id}": document.language for rule in document.rules}
            self.shipped |= {f"idiom:{mask.id}": document.language for mask in document.masks}

    def done(self) -> Overlay:
        return Overlay(rules=self.rules, idioms=self.idioms, words=self.words, disabled=sorted(self.disabled))

    def take(self, change: Change) -> None:
        if isinstance(change, SetRule):
            self._own(f"rule:{change.rule.id}", change.language)
            self.rules[change.rule.id] = EditedRule(language=change.language, **change.rule.model_dump())
        elif isinstance(change, SetIdiom):
            self._own(f"idiom:{change.idiom.id}", change.language)
            self.idioms[change.idiom.id] = EditedIdiom(language=change.language, **change.idiom.model_dump())
        elif isinstance(change, SetWords):
            self._words(change)
        elif isinstance(change, Switch):
            self._switch(change)
        else:
            self._restore(change.entry)

    def _own(self, entry: str, language: str) -> None:
        """An id means one entry of one language; whoever edits what is out of force puts it into force."""
        known = self.shipped.get(entry, language)
        if known != language:
            raise RulesError(f"{entry}: language: this id is taken in the language {known!r}")
        self.disabled.discard(entry)

    def _words(self, change: SetWords) -> None:
        key = f"{change.language}/{change.name}"
        before = self.words.get(key)
        kept = list(before.words) if before else []
        for word in change.remove:
            if word not in kept:
                raise RulesError(f"class:{key}: remove: only words that were added by editing can be taken back")
            kept.remove(word)
        fresh = [word for word in dict.fromkeys(change.add) if word not in kept]
        if not fresh and not change.remove:
            raise RulesError(f"class:{key}: add: there is nothing new")
        if fresh and not (change.matches and change.does_not_match):
            raise RulesError(f"class:{key}: give at least one text under matches and one under does_not_match")
        if not kept and not fresh:
            self.words.pop(key, None)
            return
        held = before.matches if before else []
        spared = before.does_not_match if before else []
        self.words[key] = AddedWords(
            language=change.language,
            name=change.name,
            words=[*kept, *fresh],
            # What a removed word was for is not known: examples go with the removal, new ones come with words.
            matches=list(dict.fromkeys([*([] if change.remove else held), *change.matches])),
            does_not_match=list(dict.fromkeys([*spared, *change.does_not_match])),
        )

    def _switch(self, change: Switch) -> None:
        if change.entry not in self.shipped:
            raise RulesError(f"{change.entry}: only a rule or idiom of the files; restore takes an added one away")
        if change.do == "disable":
            self.disabled.add(change.entry)
        elif change.entry in self.disabled:
            self.disabled.remove(change.entry)
        else:
            raise RulesError(f"{change.entry}: is in force already")

    def _restore(self, entry: str) -> None:
        kind, _, name = entry.partition(":")
        table: dict[Id, EditedRule] | dict[Id, EditedIdiom] | dict[str, AddedWords]
        table = {"rule": self.rules, "idiom": self.idioms}.get(kind, self.words)  # type: ignore[assignment]  # one of three
        was_off = entry in self.disabled
        self.disabled.discard(entry)
        if table.pop(name, None) is None and not was_off:
            raise RulesError(f"{entry}: nothing of it is edited")
