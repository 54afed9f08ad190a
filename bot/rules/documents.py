"""One lexicon document, checked: the shape of `crisis.toml`, of the admin API and of a stored version alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from flows.crisis.assessment import About, Category

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
Phrases = str  # phrases parted by commas or line ends
ForceWord = Literal["topic", "light", "plain", "hard"]


class RulesError(Exception):
    """The crisis rules cannot be used. The message names the file and the fault, in one sentence."""


class Strict(BaseModel):
    """Unknown fields are refused; a value, once made, stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleText(Strict):
    """A rule as a counselor writes it."""

    id: Id = Field(description="Its name: small letters, digits, hyphens.", examples=["nyusul-ibu"])
    category: Category = Field(description="What kind of danger it speaks of.", examples=["suicide"])
    level: Literal["distress", "high", "imminent"] = Field(description="How grave: high and imminent page a counselor.")
    force: ForceWord = Field("plain", description="How easily it is a figure of speech: a hard one is an act.")
    about: About | None = Field(None, description="Whom it speaks of, where the words say so.", examples=["friend"])
    when: Annotated[list[str], Field(min_length=1)] = Field(
        description="Patterns: words, <classes>, `..3` for up to three words between.", examples=[["<wish> ..2 <die>"]]
    )
    matches: list[str] = Field([], description="Texts on which it must fire.", examples=[["pengen nyusul ibu"]])
    does_not_match: list[str] = Field([], description="Texts on which it must not.", examples=[["nyusul ibu ke pasar"]])


class ModifierText(Strict):
    """What lowers a hit to distress, or raises it to imminent."""

    id: Id
    when: Annotated[list[str], Field(min_length=1)]
    forces: list[ForceWord] = ["topic", "light", "plain", "hard"]
    categories: list[Category] = []
    within: Annotated[int, Field(ge=0, le=32)] = 24
    before: bool = False
    about: About | None = None
    spare: list[str] = []


class MaskText(Strict):
    """A fixed expression that means something else; the words inside it fire nothing."""

    id: Id = Field(description="Its name: small letters, digits, hyphens.", examples=["mati-lampu"])
    when: Annotated[list[str], Field(min_length=1)] = Field(
        description="Patterns of the expression.", examples=[["mati lampu|listrik"]]
    )


class SpellingText(Strict):
    """How words are spelt in this language."""

    same: dict[str, Phrases] = {}
    wholes: Phrases = ""
    cores: Phrases = ""
    fillers: Phrases = ""
    uncut: Phrases = ""
    real: Phrases = ""
    emoji: dict[str, str] = {}


class Document(Strict):
    """One language's rules. Classes of one name are joined across languages."""

    name: str = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    spelling: SpellingText = SpellingText()
    classes: dict[str, Phrases] = {}
    verbs: dict[str, Phrases] = {}
    common: list[str] = []
    frequent: Phrases = ""
    rules: list[RuleText] = []
    raises: list[ModifierText] = []
    lowers: list[ModifierText] = []
    masks: list[MaskText] = []


def parse_document(name: str, raw: Mapping[str, Any]) -> Document:
    """`raw` as a checked document called `name`. Raises RulesError naming the field at fault."""
    try:
        return Document.model_validate({**raw, "name": name})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise RulesError(f"{name}: {place}: {first['msg']}") from error
