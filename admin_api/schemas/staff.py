"""Supporters, counselors and coordinators, in the roster's columns."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from admin_api.schemas.base import Id, Input, ListQuery, Moment, Output, Version, one_of

Role = Literal["supporter", "counselor", "coordinator"]
Status = Literal["active", "suspended", "removed"]


class _Columns(Input):
    role: Role | None = Field(
        None, description="May be left out; must be this resource's role.", examples=["supporter"]
    )
    language: str | list[str] | None = Field(
        None, description="Languages spoken, best first: `id`, `id|en` or a list.", examples=["id|en"]
    )
    gender: str | None = Field(
        None, description="`female` and `male` are what a student can wish for; any other word is kept.",
        examples=["female"],
    )  # fmt: skip
    site: str | None = Field(None, description="Faculty, campus or school.", examples=["FMIPA"])
    topics: list[str] | None = Field(
        None, description="What they are good at; `kekerasan` is paged first for violence.", examples=[["kuliah"]]
    )
    capacity: int | None = Field(None, ge=0, le=20, description="How many chats at once; 3 if left out.", examples=[2])
    telegram: str | None = Field(None, description="The numeric Telegram id.", examples=["700100200"])
    whatsapp: str | None = Field(
        None, description="Digits with the country code and without +, or WhatsApp's id.", examples=["6281200000000"]
    )
    email: str | None = Field(None, description="For the coordinator's eyes only.", examples=["kak@contoh.example"])
    certified_until: date | None = Field(
        None, description="The last day of the certificate; without one a supporter is offered nothing.",
        examples=["2027-06-30"],
    )  # fmt: skip


class NewStaff(_Columns):
    """A person to be added to the roster."""

    name: str = Field(description="Their name. Students see a counselor's, never a supporter's.", examples=["Rini"])


class StaffChange(_Columns):
    """What to change; a field that is left out stays, null empties it."""

    name: str | None = Field(None, description="Their name.", examples=["Rini"])
    status: Status | None = Field(
        None, description="`suspended` acts within a second on every channel, button and token.", examples=["suspended"]
    )


class Staff(Output):
    """A person of the roster. `name`, `email`, `telegram` and `whatsapp` are masked for all but coordinators."""

    id: Id
    role: str = one_of(Role, "What they are here.")
    name: str = Field(description="Their name, or a mask.", examples=["Rini"])
    alias: str = Field(description="What students see of a supporter.", examples=["Awan Teduh"])
    language: str = Field(description="Languages spoken, best first, split by |.", examples=["id|en"])
    gender: str | None = Field(description="As the roster has it.", examples=["female"])
    site: str | None = Field(description="Faculty, campus or school.", examples=["FMIPA"])
    topics: list[str] = Field(description="What they are good at.", examples=[["kuliah"]])
    capacity: int = Field(description="How many chats at once.", examples=[2])
    telegram: str | None = Field(description="The numeric Telegram id, or a mask.", examples=["700100200"])
    whatsapp: str | None = Field(description="The WhatsApp number or id, or a mask.", examples=[None])
    email: str | None = Field(description="The e-mail address, or a mask.", examples=[None])
    certified_until: date | None = Field(description="The last day of the certificate.", examples=["2027-06-30"])
    status: str = one_of(Status, "Only active people are offered or paged anything.", examples=["active"])
    on_duty: bool = Field(description="Whether they are on duty now.", examples=[False])
    created_at: Moment = Field(description="When they joined the roster.")
    updated_at: Moment = Field(description="When the entry last changed.")
    version: Version


class StaffQuery(ListQuery):
    """Filters of the roster. Sort by created_at, updated_at, alias, site, status, certified_until."""

    status: Status | None = Field(None, description="Only people of this status.")
    site: str | None = Field(None, max_length=80, description="Only people of this site.")
    topic: str | None = Field(None, max_length=40, description="Only people with this topic.")
    language: str | None = Field(None, max_length=12, description="Only people who speak this language.")
    on_duty: bool | None = Field(None, description="Only people who are (true) or are not (false) on duty.")
    certified_before: date | None = Field(
        None, description="Only people whose certificate ends before this day, or who have none."
    )
