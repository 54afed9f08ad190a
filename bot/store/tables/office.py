"""What coordinators keep: shifts, invitations, tokens, the directory, settings, the audit."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text

from bot.store.tables.base import COUNTED, Table, column, counted, moment, name_key, number, person, plain, sealed


class Shifts(Table, table=True):
    """When somebody is available."""

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_time", "starts_at", "ends_at"),)
    id: str = name_key()
    staff_id: str = column(Text, ForeignKey("staff.id"), index=True)
    rank: str = plain(default="'primary'")
    starts_at: int = moment()
    ends_at: int = moment()
    created_at: int = moment()
    updated_at: int = moment()
    version: int = number(default="1")


class Invitations(Table, table=True):
    """A single-use code to join the roster; only its hash is kept."""

    __tablename__ = "invitations"
    id: str = name_key()
    role: str = plain()
    name: bytes | None = sealed(null=True)
    code_hash: str = plain(unique=True)
    created_at: int = moment()
    expires_at: int = moment()
    used_at: int | None = moment(null=True)
    used_by: int | None = person(null=True)
    revoked_at: int | None = moment(null=True)
    site: str | None = plain(null=True)
    topics: str = plain(default="'[]'")


class Tokens(Table, table=True):
    """Bearer tokens of the admin API; only their hashes are kept."""

    __tablename__ = "tokens"
    id: str = name_key()
    name: str = plain()
    role: str = plain()
    hash: str = plain(unique=True)
    created_at: int = moment()
    last_used_at: int | None = moment(null=True)
    revoked_at: int | None = moment(null=True)


class Resources(Table, table=True):
    """The help directory. Dates are ISO texts; `status` reported, unconfirmed, confirmed or retired."""

    __tablename__ = "resources"
    __table_args__ = (Index("ix_resources_status", "status"),)
    id: str = name_key()
    name: str = plain()
    kind: str = plain()
    contact: str = plain()
    area: str = plain(default="'ID'")
    what_for: str = plain(default="''")
    hours: str = plain(default="''")
    language: str = plain(default="'id'")
    source: str = plain(default="''")
    checked_on: str | None = plain(null=True)
    valid_until: str | None = plain(null=True)
    status: str = plain(default="'unconfirmed'")
    created_at: int = moment()
    updated_at: int = moment()
    version: int = number(default="1")


class SettingRows(Table, table=True):
    """What coordinators set while the service runs."""

    __tablename__ = "settings"
    key: str = name_key()
    value: str = plain()
    updated_at: int = moment()
    version: int = number(default="1")


class Audit(Table, table=True):
    """Who did what; every row carries a keyed hash over itself and the row before (P5)."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_object", "object", "id"), COUNTED)
    id: int = counted()
    at: int = moment(index=True)
    actor: str = plain()
    action: str = plain()
    object: str = plain()
    detail: str = plain(default="'{}'")
    hash: str = plain()
