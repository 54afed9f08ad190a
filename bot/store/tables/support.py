"""Requests, offers, chats, cases, and what is remembered of them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text

from bot.store.tables.base import (
    KEYED,
    Table,
    column,
    moment,
    name_key,
    number,
    only_where,
    person,
    plain,
    sealed,
    yes_no,
)


class Requests(Table, table=True):
    """flows.snapshot.Request."""

    __tablename__ = "requests"
    __table_args__ = (
        only_where("uq_requests_waiting", "student", where="state = 'waiting'"),
        only_where("ix_requests_queue", "risk", "opened_at", where="state = 'waiting'", unique=False),
    )
    id: str = name_key()
    student: int = person(index=True)
    state: str = plain()
    kind: str = plain()
    topic: str | None = plain(null=True)
    heavy: int | None = number(null=True)
    wishes: str = plain()
    language: str = plain()
    site: str | None = plain(null=True)
    risk: int = number()
    opened_at: int = moment(index=True)
    matched_at: int | None = moment(null=True)
    previous: str | None = plain(null=True)
    avoid: str = plain()
    round: int = number()
    shown_position: int | None = number(null=True)
    left_message: bool = yes_no("false")
    version: int = number(default="1")


class Offers(Table, table=True):
    """flows.snapshot.Offer."""

    __tablename__ = "offers"
    __table_args__ = (
        only_where("uq_offers_accepted", "request", where="state = 'accepted'"),
        Index("ix_offers_helper", "helper", "created_at"),
        only_where("ix_offers_open", "helper", where="state = 'open'", unique=False),
    )
    id: str = name_key()
    request: str = column(Text, ForeignKey("requests.id"), index=True)
    helper: int = person()
    state: str = plain()
    created_at: int = moment()
    expires_at: int = moment()
    round: int = number()
    version: int = number(default="1")


class Chats(Table, table=True):
    """flows.snapshot.Chat."""

    __tablename__ = "chats"
    __table_args__ = (
        only_where("uq_chats_open", "student", where="state = 'open'"),
        only_where("ix_chats_helper_open", "helper", "opened_at", where="state = 'open'", unique=False),
    )
    id: str = name_key()
    request: str = column(Text, ForeignKey("requests.id"), index=True)
    student: int = person(index=True)
    helper: int = person(index=True)
    role: str = plain()
    alias: str = plain()
    helper_alias: str = plain()
    case_id: str | None = plain(null=True)
    state: str = plain()
    reason: str | None = plain(null=True)
    opened_at: int = moment(index=True)
    ended_at: int | None = moment(null=True)
    since: int = moment()
    student_at: int = moment()
    helper_at: int = moment()
    unanswered_at: int | None = moment(null=True)
    warned_at: int | None = moment(null=True)
    watched: bool = yes_no("false")
    version: int = number(default="1")


class Cases(Table, table=True):
    """flows.snapshot.Case, with the words that opened it, sealed under the person's key."""

    __tablename__ = "cases"
    __table_args__ = (
        only_where("uq_cases_open", "student", where="state <> 'resolved'"),
        only_where("ix_cases_unresolved", "opened_at", where="state <> 'resolved'", unique=False),
    )
    id: str = name_key()
    student: int = person(index=True)
    alias: str = plain()
    about: str = plain()
    state: str = plain()
    level: int = number()
    category: str = plain()
    source: str = plain()
    message: int | None = moment(null=True)
    opened_at: int = moment(index=True)
    raised_at: int = moment()
    episode: int = number()
    rung: str = plain()
    lap: int = number()
    paging_since: int = moment()
    paged: str = plain()
    asking: str = plain()
    told_at: int | None = moment(null=True)
    owner: int | None = person(null=True, index=True)
    acknowledged_at: int | None = moment(null=True)
    acted_at: int | None = moment(null=True)
    reminded_at: int | None = moment(null=True)
    resolved_at: int | None = moment(null=True)
    outcome: str | None = plain(null=True)
    words: bytes | None = sealed(null=True)
    words_version: str = plain(default="''")
    rules: str = plain(default="'[]'")
    version: int = number(default="1")


class Pairings(Table, table=True):
    """Whom a student wished to meet again, or never again."""

    __tablename__ = "pairings"
    __table_args__ = (KEYED,)
    student_id: int = person(primary_key=True, autoincrement=False)
    helper_id: int = person(primary_key=True, autoincrement=False)
    again: bool = yes_no("false")
    created_at: int = moment()


class Feedback(Table, table=True):
    """What a student said at the end of a chat."""

    __tablename__ = "feedback"
    chat_id: str = name_key()
    student_id: int = person(index=True)
    heavy_before: int | None = number(null=True)
    heavy_after: int | None = number(null=True)
    helpful: int | None = number(null=True)
    created_at: int = moment(index=True)


class Reports(Table, table=True):
    """One side of a chat reported the other."""

    __tablename__ = "reports"
    id: str = name_key()
    chat_id: str = plain(index=True)
    by_id: int = person()
    about_id: int = person(index=True)
    created_at: int = moment(index=True)
    state: str = plain(default="'open'")


class Notes(Table, table=True):
    """What counselors and supporters noted."""

    __tablename__ = "notes"
    id: str = name_key()
    case_id: str | None = plain(null=True, index=True)
    chat_id: str | None = plain(null=True, index=True)
    by_person: int | None = person(null=True)
    body: bytes | None = sealed(null=True)
    owner_id: int = person(index=True)
    created_at: int = moment()
