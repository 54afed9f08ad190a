"""Shifts, gaps and duty."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import Field

from admin_api.schemas.base import GivenMoment, Id, Input, ListQuery, Moment, Output, Version, one_of
from admin_api.schemas.staff import Role

Rank = Literal["primary", "backup"]
NOTHING = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that was left out; only what was given is looked at."""
STAFF = "The id of a supporter, counselor or coordinator."


class NewShift(Input):
    """A shift to be planned. Shifts may overlap."""

    staff: str = Field(max_length=40, description=STAFF, examples=["k3J9sQ2mXw7Tb1Za"])
    rank: Rank = Field("primary", description="Who is paged first among those on duty.")
    starts_at: GivenMoment = Field(description="The person goes on duty.")
    ends_at: GivenMoment = Field(
        description="The person goes off duty; at most 7 days later.", examples=["2026-11-22T02:00:00+07:00"]
    )


class ShiftChange(Input):
    """What to change; a field that is left out stays."""

    rank: Rank = Field("primary", description="Who is paged first among those on duty.")
    starts_at: GivenMoment = Field(NOTHING, description="The person goes on duty.")
    ends_at: GivenMoment = Field(NOTHING, description="The person goes off duty.")


class Shift(Output):
    """A planned time of duty."""

    id: Id
    staff: str = Field(description=STAFF, examples=["k3J9sQ2mXw7Tb1Za"])
    role: str = one_of(Role, "The person's role.", examples=["counselor"])
    rank: str = one_of(Rank, "Who is paged first among those on duty.")
    starts_at: Moment = Field(description="The person goes on duty.")
    ends_at: Moment = Field(description="The person goes off duty.")
    created_at: Moment = Field(description="When the shift was planned.")
    updated_at: Moment = Field(description="When it last changed.")
    version: Version


class ShiftQuery(ListQuery):
    """Filters of the rota. Sort by starts_at, ends_at, created_at."""

    staff: str | None = Field(None, max_length=40, description="Only this person's.")
    role: Role | None = Field(None, description="Only shifts of people with this role.")
    rank: Rank | None = Field(None, description="Only shifts of this rank.")
    since: GivenMoment | None = Field(None, alias="from", description="Only shifts that end after this time.")
    until: GivenMoment | None = Field(None, alias="to", description="Only shifts that begin before this time.")


class GapQuery(Input):
    """The time to look at."""

    since: GivenMoment | None = Field(None, alias="from", description="From here on; now, if left out.")
    until: GivenMoment | None = Field(None, alias="to", description="Up to here; 7 days later, if left out.")
    role: Role = Field("counselor", description="Whose absence is looked for.")


class Gap(Output):
    """A time in which nobody of the role is planned."""

    starts_at: Moment = Field(description="Nobody from here on.")
    ends_at: Moment = Field(description="Somebody again, or the end of the time asked for.")
    hours: float = Field(description="How long.", examples=[6.5])


class Duty(Output):
    """Whether somebody is on duty, and how much they carry."""

    staff: str = Field(description=STAFF, examples=["k3J9sQ2mXw7Tb1Za"])
    role: str = one_of(Role, "The person's role.", examples=["supporter"])
    alias: str = Field(description="What students see of a supporter.", examples=["Awan Teduh"])
    site: str | None = Field(description="Faculty, campus or school.", examples=["FMIPA"])
    on: bool = Field(description="Whether they are on duty.", examples=[True])
    since: Moment | None = Field(description="Since when.")
    paused_until: Moment | None = Field(description="No new offers before this time; null if not paused.")
    rank: str | None = Field(description="Of the shift that runs now; null if on by their own word.", examples=[None])
    load: int = Field(description="Open chats.", examples=[1])
    capacity: int = Field(description="How many chats at once.", examples=[2])
    reachable: bool = Field(description="False if every channel says that nobody is there.", examples=[True])


class DutyChange(Input):
    """On or off."""

    on: bool = Field(description="true puts the person on duty, false off.", examples=[True])


class DutyQuery(ListQuery):
    """Filters of duty. Sort by since, role, alias."""

    on: bool | None = Field(True, description="Only people on duty (true, the default) or off duty (false).")
    role: Role | None = Field(None, description="Only people of this role.")
    site: str | None = Field(None, max_length=80, description="Only people of this site.")
