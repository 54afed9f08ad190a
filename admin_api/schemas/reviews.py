"""What the semantic net wants a counselor to look at."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from admin_api.schemas.base import Id, ListQuery, Moment, Output, one_of

State = Literal["open", "dismissed", "opened"]
Side = Literal["student", "helper"]


class Review(Output):
    """A text that the rules let pass and the semantic net did not, without a word of it."""

    id: Id
    alias: str = Field(description="The alias of who wrote it.", examples=["Kancil Biru"])
    score: float = Field(description="How sure the net is, from 0 to 1.", examples=[0.71])
    state: str = one_of(State, "open until a counselor has decided.")
    created_at: Moment = Field(description="When the net asked.")
    decided_at: Moment | None = Field(description="When it was decided.")
    decided_by: str | None = Field(
        description="Who decided; system: the net opened the case by itself.", examples=["token:k3J9sQ2mXw7Tb1Za"]
    )
    case: str | None = Field(description="The case it became.", examples=[None])


class Line(Output):
    """A line of the student's story."""

    by: str = one_of(Side, "Whose line it is.")
    text: str = Field(description="The words.", examples=["..."])
    at: Moment = Field(description="When it was written.")
    asked: bool = Field(description="Whether this is the line in question.")


class ReviewInContext(Review):
    """A review with the lines around it; none where they were erased meanwhile."""

    lines: list[Line] = Field(description="Oldest first.")


class ReviewQuery(ListQuery):
    """Filters of reviews. Sort by created_at, score."""

    state: State | None = Field(None, description="Only in this state.")
