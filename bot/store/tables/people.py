"""The store itself, people, their addresses and the roster."""

from __future__ import annotations

from sqlalchemy import Index

from bot.store.tables.base import (
    COUNTED,
    KEYED,
    Table,
    counted,
    moment,
    name_key,
    number,
    only_where,
    person,
    plain,
    sealed,
    yes_no,
)


class Meta(Table, table=True):
    """Facts about the store itself: wrapped keys, the head of the audit chain, whether it is a demonstration's."""

    __tablename__ = "meta"
    key: str = name_key()
    value: bytes = sealed()


class People(Table, table=True):
    """A person, whatever their addresses and roles. `key` null: erased."""

    __tablename__ = "people"
    __table_args__ = (only_where("ix_people_duty", "duty_since", where="on_duty", unique=False), COUNTED)
    id: int = counted()
    alias: str = plain(unique=True)
    language: str = plain()
    key: bytes | None = sealed(null=True)
    student: str | None = plain(null=True)
    desk: str | None = plain(null=True)
    on_duty: bool = yes_no("false")
    duty_since: int | None = moment(null=True)
    paused_until: int | None = moment(null=True)
    unreachable_at: int | None = moment(null=True)
    pranks: int = number(default="0")
    created_at: int = moment()
    seen_at: int = moment()
    erased_at: int | None = moment(null=True)
    version: int = number(default="1")


class Aliases(Table, table=True):
    """Every alias ever given; kept after erasing, so that none is given twice."""

    __tablename__ = "aliases"
    __table_args__ = (KEYED,)
    alias: str = name_key()
    person_id: int = person()
    created_at: int = moment()


class Addresses(Table, table=True):
    """One channel identity of a person. `lookup` finds it, and so does `also` where the platform knows the same account
    by a second id; `sealed` is what is sent to (both ids, the first known first). `window_until`: how long the platform
    lets us write freely; `invited_at`: when the person was last invited to open that window again."""

    __tablename__ = "addresses"
    __table_args__ = (
        Index("uq_addresses_lookup", "channel", "lookup", unique=True),
        only_where("uq_addresses_also", "channel", "also", where="also IS NOT NULL"),
        only_where("ix_addresses_revoked_at", "revoked_at", where="revoked_at IS NOT NULL", unique=False),
        COUNTED,
    )
    id: int = counted()
    person_id: int = person(index=True)
    channel: str = plain()
    lookup: bytes = sealed()
    also: bytes | None = sealed(null=True)
    sealed: bytes = sealed()
    reachable: bool = yes_no("true")
    unreachable_at: int | None = moment(null=True)
    last_in_at: int | None = moment(null=True)
    window_until: int | None = moment(null=True)
    invited_at: int | None = moment(null=True)
    expires_at: int | None = moment(null=True)
    remembered: bool = yes_no("false")
    revoked_at: int | None = moment(null=True)
    created_at: int = moment()


class Links(Table, table=True):
    """A short-lived code by which a person joins a further address to their own; only its hash is kept."""

    __tablename__ = "links"
    code_hash: str = name_key()
    person_id: int = person(index=True)
    created_at: int = moment()
    expires_at: int = moment()
    used_at: int | None = moment(null=True)


class Staff(Table, table=True):
    """The roster: supporters, counselors, coordinators."""

    __tablename__ = "staff"
    __table_args__ = (Index("ix_staff_role", "role", "status"),)
    id: str = name_key()
    person_id: int = person(unique=True)
    role: str = plain()
    alias: str = plain()
    name: bytes | None = sealed(null=True)
    email: bytes | None = sealed(null=True)
    language: str = plain(default="'id'")
    languages: str = plain(default="'[]'")
    gender: str | None = plain(null=True)
    site: str | None = plain(null=True)
    topics: str = plain(default="'[]'")
    capacity: int = number(default="1")
    status: str = plain(default="'active'")
    certified_until: int | None = moment(null=True)
    created_at: int = moment()
    updated_at: int = moment()
    version: int = number(default="1")
