"""Messages, and their way in and out."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer

from bot.store.tables.base import (
    COUNTED,
    KEYED,
    Table,
    counted,
    key_part,
    moment,
    name_key,
    number,
    only_where,
    plain,
    sealed,
    yes_no,
)


class Messages(Table, table=True):
    """What somebody wrote or sent. `id` is made by the program and rises with time."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_person", "person_id", "created_at"),
        only_where("ix_messages_address", "address_id", "id", where="address_id IS NOT NULL", unique=False),
        only_where("ix_messages_chat", "chat_id", "id", where="chat_id IS NOT NULL", unique=False),
        only_where("ix_messages_owner", "owner_id", where="owner_id IS NOT NULL", unique=False),
    )
    id: int = key_part(BigInteger)
    person_id: int = moment()
    address_id: int | None = moment(null=True)
    inbox_id: int | None = moment(null=True)
    chat_id: str | None = plain(null=True)
    request_id: str | None = plain(null=True)
    kind: str = plain()
    body: bytes | None = sealed(null=True)
    owner_id: int | None = moment(null=True)
    media: bytes | None = sealed(null=True)
    level: int = number(default="0")
    category: str = plain(default="'none'")
    about: str = plain(default="'unknown'")
    lexicon: str = plain(default="''")
    fate: str | None = plain(null=True)
    external_id: str | None = plain(null=True)
    quote_of: int | None = moment(null=True)
    original_id: int | None = moment(null=True)
    sent_at: int = moment()
    created_at: int = moment()


class Blobs(Table, table=True):
    """Media that a web page uploaded, sealed under its owner's key."""

    __tablename__ = "blobs"
    id: str = name_key()
    owner_id: int = moment(index=True)
    data: bytes = sealed()
    mime: str = plain(default="''")
    size: int = number()
    created_at: int = moment(index=True)


class Copies(Table, table=True):
    """A platform's message (what came in, or a copy we sent) and ours: for quotes and edits."""

    __tablename__ = "copies"
    __table_args__ = (
        only_where("ix_copies_message", "message_id", where="message_id IS NOT NULL", unique=False),
        only_where("ix_copies_outbox", "outbox_id", where="outbox_id IS NOT NULL", unique=False),
        KEYED,
    )
    address_id: int = key_part(BigInteger)
    external_id: str = key_part()
    message_id: int | None = moment(null=True)
    chat_id: str | None = plain(null=True)
    outbox_id: int | None = moment(null=True)


class Inbox(Table, table=True):
    """Every inbound ever taken in, once (M1)."""

    __tablename__ = "inbox"
    __table_args__ = (Index("uq_inbox_external", "channel", "external_id", unique=True), COUNTED)
    id: int = counted()
    channel: str = plain()
    external_id: str = plain()
    person_id: int | None = moment(null=True)
    received_at: int = moment()
    state: str = plain(default="'done'")


class Aside(Table, table=True):
    """What could not be processed and waits for a human (M6)."""

    __tablename__ = "aside"
    __table_args__ = (Index("ix_aside_state", "state", "created_at"), COUNTED)
    id: int = counted()
    inbox_id: int | None = moment(null=True)
    channel: str = plain()
    external_id: str = plain()
    person_id: int | None = moment(null=True)
    payload: bytes = sealed()
    reason: str = plain()
    level: int | None = number(null=True)
    attempts: int = number(default="0")
    state: str = plain(default="'open'")
    created_at: int = moment()
    decided_at: int | None = moment(null=True)
    decided_by: str | None = plain(null=True)


class Mail(Table, table=True):
    """What it means for another person's dialog: handled next, in the order of each person."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_person", "person_id", "id"), COUNTED)
    id: int = counted()
    kind: str = plain()
    person_id: int = moment()
    event: str = plain()
    attempts: int = number(default="0")
    created_at: int = moment()
    cause: int | None = moment(null=True)


class Outbox(Table, table=True):
    """What is to be sent, in order for each recipient and class. `status` 0 pending, 1 sent, 2 refused, 3 withdrawn,
    4 failed. `cause`, here and below: the inbound that it comes from."""

    __tablename__ = "outbox"
    __table_args__ = (
        only_where("ix_outbox_pending", "address_id", "cls", "id", where="status = 0", unique=False),
        only_where("ix_outbox_ref", "ref", where="ref IS NOT NULL", unique=False),
        only_where("ix_outbox_message", "message_id", where="message_id IS NOT NULL", unique=False),
        only_where("ix_outbox_chat", "chat_id", where="chat_id IS NOT NULL", unique=False),
        only_where("ix_outbox_case", "case_id", where="case_id IS NOT NULL", unique=False),
        Index("ix_outbox_address", "address_id", "id"),
        only_where("ix_outbox_cause", "cause", where="cause IS NOT NULL", unique=False),
        only_where("ix_outbox_owner", "owner_id", where="owner_id IS NOT NULL", unique=False),
        COUNTED,
    )
    id: int = counted()
    person_id: int = moment()
    address_id: int = moment()
    cls: int = number(default="1")
    kind: str = plain()
    payload: bytes | None = sealed(null=True)
    owner_id: int | None = moment(null=True)
    ref: str | None = plain(null=True)
    notice: str | None = plain(null=True)
    chat_id: str | None = plain(null=True)
    case_id: str | None = plain(null=True)
    message_id: int | None = moment(null=True)
    status: int = number(default="0")
    has_buttons: bool = yes_no("false")
    attempts: int = number(default="0")
    external_id: str | None = plain(null=True)
    reason: str | None = plain(null=True)
    created_at: int = moment()
    sent_at: int | None = moment(null=True)
    delivered_at: int | None = moment(null=True)
    cause: int | None = moment(null=True)


class Lanes(Table, table=True):
    """One row while a recipient has something pending of a class; its lease keeps the order (M3)."""

    __tablename__ = "lanes"
    __table_args__ = (Index("ix_lanes_due", "cls", "next_at"), KEYED)
    address_id: int = key_part(BigInteger)
    cls: int = key_part(Integer)
    next_at: int = moment(default="0")
    lease_until: int = moment(default="0")
    holder: str | None = plain(null=True)
    attempts: int = number(default="0")


class Leases(Table, table=True):
    """Who, of several processes, does what only one may do; and which processes live."""

    __tablename__ = "leases"
    name: str = name_key()
    holder: str = plain()
    until_at: int = moment()


class Brakes(Table, table=True):
    """Until when a platform is sent nothing ordinary, by any process."""

    __tablename__ = "brakes"
    channel: str = name_key()
    until_at: int = moment()


class Timers(Table, table=True):
    """What is due later. One for each (kind, target, name)."""

    __tablename__ = "timers"
    __table_args__ = (Index("ix_timers_due", "due_at"), KEYED)
    kind: str = key_part()
    target: str = key_part()
    name: str = key_part()
    due_at: int = moment()
    event: str = plain()
    crisis: bool = yes_no("false")
    cause: int | None = moment(null=True)
