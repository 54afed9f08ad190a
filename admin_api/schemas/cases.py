"""Cases, their actions, and what only counselors read of them."""

from __future__ import annotations

from typing import Literal

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
    Version,
    one_of,
)
from bot.cases_admin import LONGEST_NOTE

About = Literal["student", "helper"]
Rung = Literal["duty", "all", "coordinators"]
State = Literal["paging", "acknowledged", "taken", "resolved"]


class Case(Output):
    """An escalation. Its words are read at `/cases/{id}/words`, by counselors only."""

    id: Id
    alias: str = Field(description="The alias of the person in danger.", examples=["Kancil Biru"])
    about: str = one_of(About, "Whether a student or a helper is in danger.")
    state: str = one_of(State, "paging goes on until a named person has it.", examples=["paging"])
    level: LevelWord = Field(description="How grave.", examples=["high"])
    category: str = one_of(Category, "What kind of danger.", examples=["suicide"])
    source: str = Field(
        description="What opened it: text, danger, helper, aside, semantic, hand or api.", examples=["text"]
    )
    opened_at: Moment = Field(description="When it opened.")
    raised_at: Moment = Field(description="When its level last rose.")
    episode: int = Field(description="1, and one more for each reopening.", examples=[1])
    rung: str = one_of(Rung, "Who is being paged.", examples=["duty"])
    lap: int = Field(description="How often the whole ladder has been climbed.", examples=[0])
    paged: list[str] = Field(description="Ids of the roster: paged in this climb.", examples=[["k3J9sQ2mXw7Tb1Za"]])
    asking: list[str] = Field(description="Ids of the roster: paged, and neither acknowledged nor declined.")
    told_at: Moment | None = Field(description="When the student was told that nobody has answered yet.")
    owner: str | None = Field(description="Who has it: an id of the roster.", examples=[None])
    acknowledged_at: Moment | None = Field(description="When somebody acknowledged it.")
    acted_at: Moment | None = Field(description="When the owner last wrote, noted or took it.")
    reminded_at: Moment | None = Field(description="When the owner was reminded.")
    resolved_at: Moment | None = Field(description="When it was resolved.")
    outcome: str | None = Field(description="How it ended, in one word or line.", examples=[None])
    chat: str | None = Field(description="The open chat of the person, if there is one.", examples=[None])
    version: Version


class CaseQuery(ListQuery):
    """Filters of cases. Sort by opened_at, raised_at, resolved_at, level."""

    state: State | None = Field(None, description="Only in this state.")
    open: bool | None = Field(None, description="Only unresolved (true) or resolved (false) ones.")
    level: LevelWord | None = Field(None, description="Only of this level.")
    category: Category | None = Field(None, description="Only of this category.")
    owner: str | None = Field(None, max_length=40, description="Only of this person of the roster.")
    opened_after: GivenMoment | None = Field(None, description="Only opened at or after this time.")
    opened_before: GivenMoment | None = Field(None, description="Only opened before this time.")


class TakeIt(Input):
    """Who takes the case. May be left out, with the body, where the token's name is that of a counselor."""

    counselor: str | None = Field(
        None, max_length=40, description="Coordinators only: the id of the counselor who takes it.",
        examples=["k3J9sQ2mXw7Tb1Za"],
    )  # fmt: skip


class NewNote(Input):
    """What shall be remembered about a case. Kept sealed under the student's key."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTE, description="The note.", examples=["Sudah ditelepon."])


class Note(Output):
    """A note about a case."""

    id: Id
    by: str | None = Field(description="Who noted it: an id of the roster, null for another token.")
    text: str = Field(description="The note.", examples=["Sudah ditelepon."])
    created_at: Moment = Field(description="When.")


class NoteTaken(Output):
    """That a note was kept; its text is read by counselors."""

    id: Id
    created_at: Moment = Field(description="When.")


class Resolution(Input):
    """How it ended. May be left out, with the body."""

    outcome: str = Field("", max_length=200, description="In one word or line, without names.", examples=["dirujuk"])


class Words(Output):
    """The words that opened a case."""

    words: str = Field(description="The writer's own; empty where a button opened it.", examples=["..."])
    lexicon: str = Field(description="The version of the rules that judged.", examples=["id-2026.11"])
