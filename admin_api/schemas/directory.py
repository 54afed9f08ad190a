"""The help directory."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from admin_api.schemas.base import Id, Input, ListQuery, Moment, Output, Version, one_of

Status = Literal["reported", "unconfirmed", "confirmed", "retired"]


class NewResource(Input):
    """A place of help to be added."""

    name: str = Field(min_length=1, max_length=120, description="What it is called.", examples=["Healing119"])
    kind: str = Field(
        min_length=1, max_length=40, description="How it is reached: phone, whatsapp, web, place ...",
        examples=["phone"],
    )  # fmt: skip
    contact: str = Field(min_length=1, max_length=200, description="Number, address or link.", examples=["119 ext 8"])
    area: str = Field("ID", max_length=120, description="Where it helps: ID for all of Indonesia.", examples=["ID"])
    what_for: str = Field("", max_length=200, description="What it helps with.", examples=["suicide, mental health"])
    hours: str = Field("", max_length=120, description="When somebody answers.", examples=["24 h"])
    language: str = Field("id", max_length=40, description="Languages spoken.", examples=["id"])
    source: str = Field("", max_length=300, description="Who says so.", examples=["called by the unit"])
    checked_on: date | None = Field(None, description="The last check; shown with the number.", examples=["2026-11-01"])
    valid_until: date | None = Field(None, description="The last day on which it is shown.", examples=["2027-02-01"])
    status: Status = Field("unconfirmed", description="Unconfirmed and retired entries are shown to nobody.")

    def given(self) -> dict[str, Any]:
        """Days as ISO texts, as the store keeps them."""
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in super().given().items()}


class ResourceChange(NewResource):
    """What to change; a field that is left out stays, null empties a day."""

    name: str = Field("", min_length=1, max_length=120, description="What it is called.", examples=["Healing119"])
    kind: str = Field("", min_length=1, max_length=40, description="How it is reached.", examples=["phone"])
    contact: str = Field(
        "", min_length=1, max_length=200, description="Number, address or link.", examples=["119 ext 8"]
    )


class Confirmation(Input):
    """Somebody has checked the entry. May be left out, with the body: today, for 90 days."""

    checked_on: date | None = Field(None, description="When it was checked; today, if left out.")
    valid_until: date | None = Field(None, description="The last day on which it is shown.")


class Resource(Output):
    """A place of help."""

    id: Id
    name: str = Field(description="What it is called.", examples=["Healing119"])
    kind: str = Field(description="How it is reached.", examples=["phone"])
    contact: str = Field(description="Number, address or link.", examples=["119 ext 8"])
    area: str = Field(description="Where it helps.", examples=["ID"])
    what_for: str = Field(description="What it helps with.", examples=["suicide, mental health"])
    hours: str = Field(description="When somebody answers.", examples=["24 h"])
    language: str = Field(description="Languages spoken.", examples=["id"])
    source: str = Field(description="Who says so.", examples=["called by the unit"])
    checked_on: date | None = Field(description="The last check; shown with the number.", examples=["2026-11-01"])
    valid_until: date | None = Field(description="The last day on which it is shown.", examples=["2027-02-01"])
    status: str = one_of(Status, "Unconfirmed and retired entries are shown to nobody.", examples=["confirmed"])
    created_at: Moment = Field(description="When the entry was made.")
    updated_at: Moment = Field(description="When it last changed.")
    version: Version


class ResourceQuery(ListQuery):
    """Filters of the directory. Sort by name, created_at, checked_on, valid_until."""

    status: Status | None = Field(None, description="Only of this status.")
    kind: str | None = Field(None, max_length=40, description="Only reached this way.")
    area: str | None = Field(None, max_length=120, description="Only for this area.")
    language: str | None = Field(None, max_length=40, description="Only in this language.")
    expiring_by: date | None = Field(None, description="Only entries that are shown no longer than this day.")
