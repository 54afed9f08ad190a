"""What all resources share: strict inputs, lists, times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bot.lists import LARGEST, Ask, Page

T = TypeVar("T")
R = TypeVar("R")

Moment = Annotated[datetime, Field(examples=["2026-11-21T18:00:00+07:00"])]
"""A time as it goes out: with the offset of the deployment's zone."""
GivenMoment = Annotated[AwareDatetime, Field(examples=["2026-11-21T18:00:00+07:00"])]
"""A time as it comes in: it must say its offset."""
Id = Annotated[str, Field(description="Opaque and unguessable, 16 characters.", examples=["k3J9sQ2mXw7Tb1Za"])]
Version = Annotated[int, Field(description="Rises with every change; the ETag carries it.", examples=[3])]
LevelWord = Literal["none", "distress", "high", "imminent"]
Category = Literal[
    "suicide", "self_harm", "abuse", "sexual_abuse", "violence_to_others", "eating_disorder", "substance", "none"
]  # fmt: skip


class Input(BaseModel):
    """Something that a client sends. Unknown fields are refused: a misspelt one must not pass for a change."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    def given(self) -> dict[str, Any]:
        """The fields that the client wrote, null included; what it left out stays as it is."""
        return self.model_dump(exclude_unset=True)


class Output(BaseModel):
    """Something that a client is shown."""


class ListQuery(Input):
    """The parameters that every list takes. Unknown ones are refused."""

    limit: int = Field(50, ge=1, le=LARGEST, description="Items on one page.")
    cursor: str | None = Field(
        None, max_length=500, description="`next_cursor` of the page before; leave it out for the first page."
    )
    sort: str | None = Field(
        None, max_length=40, description="The field to sort by; `-` before it turns the order around."
    )

    def ask(self, **filters: object) -> Ask:
        """What to ask of the listing; `filters` where a field's name or value differs from the listing's."""
        own = self.model_dump(exclude={"limit", "cursor", "sort"})
        return Ask(self.limit, self.cursor, self.sort, {**own, **filters})


def one_of(words: Any, description: str, *, examples: Sequence[object] | None = None) -> Any:
    """A field that goes out: one of the words of a Literal, shown in the document and not checked again (what the store
    holds is shown as it is)."""
    choices = list(get_args(words))
    return Field(description=description, examples=list(examples or choices[:1]), json_schema_extra={"enum": choices})


class Listed(Output, Generic[T]):
    """One page of a list."""

    items: list[T] = Field(description="The items, in the order asked for.")
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null on the last one.", examples=[None]
    )


def listed(found: Page[R], show: Callable[[R], T]) -> Listed[T]:
    """A page as it goes out."""
    items: Sequence[T] = [show(item) for item in found.items]
    return Listed(items=list(items), next_cursor=found.next_cursor)
