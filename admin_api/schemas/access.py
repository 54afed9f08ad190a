"""Invitations and tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from admin_api.schemas.base import Id, Input, ListQuery, Moment, Output, one_of
from admin_api.schemas.staff import Role

TokenRole = Literal["coordinator", "counselor", "supporter", "read-only"]
InvitationState = Literal["open", "used", "revoked", "expired"]


class NewInvitation(Input):
    """A code for one person to join with, from their own chat app."""

    role: Role = Field(description="What they join as.", examples=["supporter"])
    name: str | None = Field(None, max_length=80, description="Their name, if it is known.", examples=["Bayu"])
    site: str | None = Field(None, max_length=80, description="Faculty, campus or school.", examples=["FMIPA"])
    topics: list[str] = Field([], description="What they are good at.", examples=[["kuliah"]])
    days: int = Field(7, ge=1, le=30, description="How long the code can be used.", examples=[7])


class Invitation(Output):
    """An invitation. Its code is shown once, when it is made."""

    id: Id
    role: str = one_of(Role, "What the person joins as.")
    name: str | None = Field(description="Their name, if it is known.", examples=["Bayu"])
    site: str | None = Field(description="Faculty, campus or school.", examples=["FMIPA"])
    topics: list[str] = Field(description="What they are good at.", examples=[["kuliah"]])
    state: str = one_of(InvitationState, "Only an open one can be used.", examples=["open"])
    created_at: Moment = Field(description="When it was made.")
    expires_at: Moment = Field(description="From then on it cannot be used.")
    used_at: Moment | None = Field(description="When somebody joined with it.")
    revoked_at: Moment | None = Field(description="When it was taken back.")


class MadeInvitation(Invitation):
    """A fresh invitation with its code. Nobody can be shown it again."""

    code: str = Field(description="To be typed to the bot, or opened as a link.", examples=["7KQ2-M9XD-0TBW-4HRC"])


class InvitationQuery(ListQuery):
    """Filters of invitations. Sort by created_at, expires_at, role."""

    state: InvitationState | None = Field(None, description="Only in this state.")
    role: Role | None = Field(None, description="Only for this role.")
    site: str | None = Field(None, max_length=80, description="Only for this site.")


class NewToken(Input):
    """A bearer token to be made."""

    name: str = Field(
        min_length=1, max_length=80, description="Whose it is. A name of the roster ties it to that person.",
        examples=["Rini"],
    )  # fmt: skip
    role: TokenRole = Field(description="What it may do; a supporter's token has no right here.")


class Token(Output):
    """A token without its secret."""

    id: Id
    name: str = Field(description="Whose it is.", examples=["Rini"])
    role: str = one_of(TokenRole, "What it may do.")
    created_at: Moment = Field(description="When it was made.")
    last_used_at: Moment | None = Field(description="When it was last used, to the minute.")
    revoked_at: Moment | None = Field(description="Since when it is refused.")


class MadeToken(Token):
    """A fresh token with its secret. Nobody can be shown it again."""

    token: str = Field(description="Send it as `Authorization: Bearer ...`.", examples=["sebaya_..."])


class TokenQuery(ListQuery):
    """Filters of tokens. Sort by created_at, name, role."""

    role: TokenRole | None = Field(None, description="Only of this role.")
    revoked: bool | None = Field(None, description="Only revoked (true) or live (false) ones.")
