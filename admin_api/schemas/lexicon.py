"""The crisis lexicon: entries, texts tried, proposals, dry runs, versions, examples and marks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from admin_api.schemas.base import (
    Category,
    GivenMoment,
    Id,
    Input,
    LevelWord,
    ListQuery,
    Moment,
    Output,
    one_of,
)
from bot.lexicon import examples
from bot.lexicon.entries import Kind, Origin
from bot.rules.changes import Changes

State = Literal["open", "published", "withdrawn"]
Actor = Annotated[str, Field(description="As the audit names them.", examples=["token:k3J9sQ2mXw7Tb1Za"])]
Reason = Annotated[str, Field(max_length=500, description="Why, without names.", examples=["called in vain"])]
Number = Annotated[int, Field(description="Counted from 1; 0 is the lexicon as shipped.", examples=[3])]
Fingerprint = Annotated[
    str, Field(description="What messages and cases name as the rules that judged.", examples=["5a90e0f4aabb6d15"])
]


class EntryQuery(ListQuery):
    """Filters of the lexicon."""

    kind: Kind | None = Field(None, description="Only rules, word classes or fixed expressions.")
    language: str | None = Field(None, max_length=3, description="Only of this language.", examples=["id"])
    category: Category | None = Field(None, description="Only rules of this category.")
    level: LevelWord | None = Field(None, description="Only rules of this level.")
    origin: Origin | None = Field(None, description="Only as shipped, edited, added or out of force.")
    text: str | None = Field(None, max_length=100, description="Only with this in its name, words or examples.")


class Entry(Output):
    """A rule, a word class or a fixed expression that means something else."""

    id: str = Field(description="`rule:<id>`, `idiom:<id>` or `class:<language>/<name>`.", examples=["rule:voices"])
    kind: str = one_of(Kind, "What it is.")
    language: str = Field(description="In whose lexicon it stands.", examples=["id"])
    name: str = Field(description="Its own name.", examples=["voices"])
    origin: str = one_of(Origin, "As shipped, edited, added, or out of force.")
    category: str | None = Field(description="Of a rule.", examples=["suicide"])
    level: str | None = Field(description="Of a rule.", examples=["high"])
    force: str | None = Field(description="How easily a rule is a figure of speech.", examples=["plain"])
    about: str | None = Field(description="Whom a rule speaks of, where the words say so.", examples=[None])
    when: list[str] = Field(description="Its patterns.")
    matches: list[str] = Field(description="Texts on which it must act.")
    does_not_match: list[str] = Field(description="Texts on which it must not.")
    words: list[str] = Field(description="A class's words as shipped.")
    added: list[str] = Field(description="Words added by editing.")
    verbs: list[str] = Field(description="Roots whose forms belong to a class.")


class Version(Output):
    """A published version of the lexicon."""

    number: Number
    hash: str = Field(description="SHA-256 of everything edited.")
    fingerprint: Fingerprint
    proposal: str | None = Field(description="The proposal that was published, if one was.")
    restores: int | None = Field(description="The version that was brought back, if one was.", examples=[None])
    reason: Reason
    forced: bool = Field(description="Whether it silences imminent texts of the project, or pages in masses.")
    proposed_by: Actor
    published_by: Actor
    published_at: Moment = Field(description="When.")
    in_force: bool = Field(description="Whether this process screens with it now.")


class EntryShown(Entry):
    """One entry, and where it comes from."""

    version: Version | None = Field(description="The version since which it stands so; null for what is as shipped.")


class TryIt(Input):
    """A text to try. It is neither stored nor logged."""

    text: str = Field(min_length=1, max_length=4000, description="What somebody might write.")


class Hit(Output):
    """A rule that fired."""

    rule: str = Field(description="Its id; `net` for the recall net.", examples=["voices"])
    level: LevelWord = Field(description="What it was given in the end.")
    category: str = Field(description="What it speaks of.", examples=["suicide"])
    words: str = Field(description="The words that fired, as written.")
    start: int = Field(description="Where they begin, in characters.")
    end: int = Field(description="Where they end.")


class Tried(Output):
    """What triage makes of a text."""

    level: LevelWord = Field(description="How grave.")
    category: str = Field(description="What kind of danger.")
    about: str = Field(description="Whom it speaks of.", examples=["self"])
    hits: list[Hit] = Field(description="The rules that fired, gravest first.")
    modifiers: list[str] = Field(description="What lowered or raised a hit.", examples=[["laughter"]])
    read_as: str = Field(description="The text as the normalizer understood it.")
    net: list[str] = Field(description="What weighed most where only the recall net heard something.")
    fingerprint: Fingerprint
    version: Number


class Wanted(Input):
    """Changes to try."""

    changes: Changes = Field(description="What to change, in this order.")


class NewProposal(Wanted):
    """Changes to propose, with the reason."""

    reason: str = Field(min_length=3, max_length=500, description="Why, without names.", examples=["called in vain"])


class ProposalQuery(ListQuery):
    """Filters of proposals."""

    state: State | None = Field(None, description="Only in this state.")


class Proposal(Output):
    """A proposed change."""

    id: Id
    state: str = one_of(State, "open until it is published or withdrawn.")
    base: int = Field(description="The version that it was proposed on.", examples=[0])
    changes: Changes = Field(description="What it changes.")
    reason: Reason
    proposed_by: Actor
    proposed_at: Moment = Field(description="When.")
    decided_by: str | None = Field(description="Who published or withdrew it.", examples=[None])
    decided_at: Moment | None = Field(description="When.")


class Publication(Input):
    """How to publish. May be left out, with the body."""

    reason: str = Field("", max_length=500, description="Why; the proposal's reason where it is left out.")
    force: bool = Field(
        False,
        description="Although it would be refused: coordinators only, with a reason.",
    )


class Rollback(Input):
    """Why an earlier version comes back."""

    reason: str = Field(min_length=3, max_length=500, description="Why, without names.", examples=["missed somebody"])


class VersionQuery(ListQuery):
    """Filters of versions."""

    fingerprint: str | None = Field(None, max_length=64, description="Only the one that calls itself so.")


class Figures(Output):
    """How a lexicon fares on the labelled lines. The project's lines were read by the authors of its rules: compare the
    figures, do not quote them."""

    lines: int = Field(description="Labelled texts.")
    recall_high: float | None = Field(description="Share of high and imminent texts that page.", examples=[0.97])
    recall_imminent: float | None = Field(description="Share of imminent texts that page.", examples=[0.99])
    precision: float | None = Field(description="Share of pages that are right.", examples=[0.96])
    flags_per_1000: float = Field(description="Pages in 1,000 generated everyday sentences.", examples=[3.0])
    us_per_message: float = Field(description="Microseconds of computing a message.", examples=[95.0])


class Moved(Output):
    """A text that would be judged otherwise."""

    text: str = Field(description="The text.")
    origin: str = one_of(Literal["shipped", "marked", "example"], "A line of the project, one kept here, or a rule's.")
    language: str = Field(description="Its language, where known.")
    label: LevelWord = Field(description="What it should be.")
    before: LevelWord = Field(description="What it is now.")
    after: LevelWord = Field(description="What it would be.")
    rules_before: list[str] = Field(description="The rules that fire now.")
    rules_after: list[str] = Field(description="The rules that would fire.")


class DryRun(Output):
    """What a change would do. Lists are cut at 200; counts are whole."""

    before: Figures = Field(description="The rules in force.")
    after: Figures = Field(description="The rules with the changes.")
    fires: int = Field(description="Texts that would page and do not now.")
    falls_silent: int = Field(description="Texts that page now and would not.")
    other_level: int = Field(description="Texts whose level would change otherwise.")
    moved: list[Moved] = Field(description="All of these, what is lost first.")
    silenced: list[str] = Field(description="Imminent texts that would page nobody: publishing is refused.")
    broken: list[str] = Field(description="Examples of rules that would not hold any more.")


class NewExample(Input):
    """A text to keep for dry runs, exactly as its reader has confirmed it."""

    text: str = Field(min_length=3, max_length=examples.LONGEST, description="Without identities.")
    language: str = Field("id", pattern=r"^[a-z]{2,3}$", description="Its language.", examples=["id"])
    label: LevelWord = Field(description="What it should be assessed as.")
    category: Category = Field("none", description="What kind of danger.")
    confirmed: Literal[True] = Field(description="That you have read it and nobody can be known by it.")


class Example(Output):
    """A kept text."""

    id: Id
    text: str = Field(description="Without identities.")
    language: str = Field(description="Its language.", examples=["id"])
    label: LevelWord = Field(description="What it should be assessed as.")
    category: str = Field(description="What kind of danger.", examples=["suicide"])
    added_by: Actor
    added_at: Moment = Field(description="When.")


class ExampleQuery(ListQuery):
    """Filters of examples."""

    label: LevelWord | None = Field(None, description="Only of this level.")
    category: Category | None = Field(None, description="Only of this category.")
    language: str | None = Field(None, max_length=3, description="Only of this language.")


class Suggestion(Output):
    """The words of a case without links, addresses and digits, to be read before they are kept."""

    text: str = Field(description="Take out names that you find in it, then POST it to /lexicon/examples.")


class MarksQuery(Input):
    """Of what time."""

    since: GivenMoment | None = Field(None, description="Marks made at or after this; the last 90 days otherwise.")
    until: GivenMoment | None = Field(None, description="Marks made before this; until now otherwise.")


class Count(Output):
    """Marks of one rule or category."""

    name: str = Field(description="Which; `(button)` where no rule had fired.", examples=["voices"])
    right: int = Field(description="Pages found right.")
    wrong: int = Field(description="Pages found wrong.")
    precision: float = Field(description="The share that was right.", examples=[0.8])


class Marks(Output):
    """What counselors said of pages. A page on which several rules fired counts for each."""

    marks: int = Field(description="How many.")
    by_rule: list[Count] = Field(description="Most often wrong first.")
    by_category: list[Count] = Field(description="Most often wrong first.")


class NewMark(Input):
    """Whether a page was right."""

    right: bool = Field(description="Whether somebody was rightly called.")
    note: str = Field("", max_length=1000, description="Kept among the case's notes, sealed under the student's key.")


class Mark(Output):
    """What was said of an episode of a case."""

    case: Id
    episode: int = Field(description="Of which episode.", examples=[1])
    right: bool = Field(description="Whether the page was right.")
    level: LevelWord = Field(description="The case's level.")
    category: str = Field(description="The case's category.", examples=["suicide"])
    rules: list[str] = Field(description="The rules that had fired.")
    fingerprint: Fingerprint
    created_at: Moment = Field(description="When.")
