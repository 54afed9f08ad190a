"""Audit, settings and the roster file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictBool, StrictInt

from admin_api.schemas.base import GivenMoment, Input, ListQuery, Moment, Output, Version


class AuditEntry(Output):
    """Somebody did something. Ids and words of the contract only."""

    id: int = Field(description="Counts up.", examples=[42])
    at: Moment = Field(description="When.")
    actor: str = Field(description="Who: token:<id>, staff:<id>, cli or system.", examples=["token:k3J9sQ2mXw7Tb1Za"])
    action: str = Field(description="What.", examples=["staff.suspend"])
    object: str = Field(description="To what.", examples=["staff:Za1bT7wXm2Qs9J3k"])
    detail: dict[str, Any] = Field(description="More of it.", examples=[{"role": "supporter"}])


class AuditQuery(ListQuery):
    """Filters of the audit. Sort by id."""

    actor: str | None = Field(None, max_length=80, description="Only by this actor.")
    action: str | None = Field(None, max_length=80, description="Only this action.")
    object: str | None = Field(None, max_length=120, description="Only to this object.")
    since: GivenMoment | None = Field(None, alias="from", description="Only at or after this time.")
    until: GivenMoment | None = Field(None, alias="to", description="Only before this time.")


class AuditCheck(Output):
    """Whether the record can be trusted: each entry carries a hash over itself and the one before."""

    intact: bool = Field(description="False: somebody changed or removed an entry outside Sebaya.", examples=[True])
    entries: int = Field(description="How many were checked.", examples=[42])
    broken_at: int | None = Field(description="The first entry that does not fit.", examples=[None])


class Setting(Output):
    """A setting as it counts now."""

    key: str = Field(description="Its name.", examples=["offer_seconds"])
    value: bool | int | str = Field(description="What counts now.", examples=[45])
    source: Literal["environment", "api"] = Field(description="Where the value comes from (defaults included).")
    adjustable: bool = Field(description="Whether PATCH may change it while the service runs.", examples=[True])
    unit: str | None = Field(description="What a figure counts.", examples=["seconds"])
    minimum: int | None = Field(description="The least value.", examples=[10])
    maximum: int | None = Field(description="The greatest value.", examples=[600])
    description: str = Field(description="What it does.", examples=["How long an offer stays open."])
    updated_at: Moment | None = Field(description="When it was last adjusted.")
    version: Version


class SettingChange(Input):
    """The new value; null lets the environment's value count again."""

    value: StrictBool | StrictInt | None = Field(description="Within the bounds.", examples=[60])


class RosterProblem(Output):
    """A row that was refused."""

    line: int = Field(description="Its line; the header is line 1.", examples=[4])
    errors: list[dict[str, str]] = Field(
        description="What is wrong, by column.", examples=[[{"field": "role", "message": "must be one of ..."}]]
    )


class RosterResult(Output):
    """What a roster file did."""

    added: int = Field(description="New people.", examples=[12])
    changed: int = Field(description="People whose entry changed.", examples=[1])
    unchanged: int = Field(description="People who already stood there just so.", examples=[30])
    refused: list[RosterProblem] = Field(description="Rows refused; empty unless `partial`.")


class SettingQuery(Input):
    """Filters of settings. They stand on one page."""

    adjustable: bool | None = Field(None, description="Only those that PATCH may change (true) or may not (false).")


class RosterQuery(Input):
    """How a roster file is imported."""

    partial: bool = Field(False, description="Import the good rows though others are refused.")
