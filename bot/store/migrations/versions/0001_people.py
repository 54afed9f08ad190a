"""People, their roster, and what they share."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def where(condition: str) -> dict[str, Any]:
    """A partial index on both dialects."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "people",
        sa.Column("id", counted, autoincrement=True, nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("student", sa.Text(), nullable=True),
        sa.Column("desk", sa.Text(), nullable=True),
        sa.Column("on_duty", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("duty_since", sa.BigInteger(), nullable=True),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("unreachable_at", sa.BigInteger(), nullable=True),
        sa.Column("pranks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("alias", name="uq_people_alias"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_people_duty", "people", ["duty_since"], unique=False, **where("on_duty"))
    op.create_table(
        "addresses",
        sa.Column("id", counted, autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reachable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("unreachable_at", sa.BigInteger(), nullable=True),
        sa.Column("last_in_at", sa.BigInteger(), nullable=True),
        sa.Column("window_until", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("remembered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_addresses_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_addresses_person_id", "addresses", ["person_id"], unique=False)
    op.create_index(
        "ix_addresses_revoked_at", "addresses", ["revoked_at"], unique=False, **where("revoked_at IS NOT NULL")
    )
    op.create_index("uq_addresses_lookup", "addresses", ["channel", "lookup"], unique=True)
    op.create_table(
        "aliases",
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_aliases_person_id"),
        sa.PrimaryKeyConstraint("alias", name="pk_aliases"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("student", sa.BigInteger(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("lap", sa.Integer(), nullable=False),
        sa.Column("paging_since", sa.BigInteger(), nullable=False),
        sa.Column("paged", sa.Text(), nullable=False),
        sa.Column("asking", sa.Text(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acted_at", sa.BigInteger(), nullable=True),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("words_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["people.id"], name="fk_cases_owner"),
        sa.ForeignKeyConstraint(["student"], ["people.id"], name="fk_cases_student"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_index("ix_cases_opened_at", "cases", ["opened_at"], unique=False)
    op.create_index("ix_cases_owner", "cases", ["owner"], unique=False)
    op.create_index("ix_cases_student", "cases", ["student"], unique=False)
    op.create_index("ix_cases_unresolved", "cases", ["opened_at"], unique=False, **where("state <> 'resolved'"))
    op.create_index("uq_cases_open", "cases", ["student"], unique=True, **where("state <> 'resolved'"))
    op.create_table(
        "feedback",
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("heavy_before", sa.Integer(), nullable=True),
        sa.Column("heavy_after", sa.Integer(), nullable=True),
        sa.Column("helpful", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["people.id"], name="fk_feedback_student_id"),
        sa.PrimaryKeyConstraint("chat_id", name="pk_feedback"),
    )
    op.create_index("ix_feedback_created_at", "feedback", ["created_at"], unique=False)
    op.create_index("ix_feedback_student_id", "feedback", ["student_id"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("chat_id", sa.Text(), nullable=True),
        sa.Column("by_person", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_person"], ["people.id"], name="fk_notes_by_person"),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_notes_owner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_case_id", "notes", ["case_id"], unique=False)
    op.create_index("ix_notes_chat_id", "notes", ["chat_id"], unique=False)
    op.create_index("ix_notes_owner_id", "notes", ["owner_id"], unique=False)
    op.create_table(
        "pairings",
        sa.Column("student_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("helper_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("again", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["helper_id"], ["people.id"], name="fk_pairings_helper_id"),
        sa.ForeignKeyConstraint(["student_id"], ["people.id"], name="fk_pairings_student_id"),
        sa.PrimaryKeyConstraint("student_id", "helper_id", name="pk_pairings"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.ForeignKeyConstraint(["about_id"], ["people.id"], name="fk_reports_about_id"),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name="fk_reports_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_about_id", "reports", ["about_id"], unique=False)
    op.create_index("ix_reports_chat_id", "reports", ["chat_id"], unique=False)
    op.create_index("ix_reports_created_at", "reports", ["created_at"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("student", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("heavy", sa.Integer(), nullable=True),
        sa.Column("wishes", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("matched_at", sa.BigInteger(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("avoid", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("shown_position", sa.Integer(), nullable=True),
        sa.Column("left_message", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["student"], ["people.id"], name="fk_requests_student"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("ix_requests_opened_at", "requests", ["opened_at"], unique=False)
    op.create_index("ix_requests_queue", "requests", ["risk", "opened_at"], unique=False, **where("state = 'waiting'"))
    op.create_index("ix_requests_student", "requests", ["student"], unique=False)
    op.create_index("uq_requests_waiting", "requests", ["student"], unique=True, **where("state = 'waiting'"))
    op.create_table(
        "staff",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), server_default=sa.text("'id'"), nullable=False),
        sa.Column("languages", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("topics", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("capacity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("certified_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_staff_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("person_id", name="uq_staff_person_id"),
    )
    op.create_index("ix_staff_role", "staff", ["role", "status"], unique=False)
    op.create_table(
        "chats",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("student", sa.BigInteger(), nullable=False),
        sa.Column("helper", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("helper_alias", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("student_at", sa.BigInteger(), nullable=False),
        sa.Column("helper_at", sa.BigInteger(), nullable=False),
        sa.Column("unanswered_at", sa.BigInteger(), nullable=True),
        sa.Column("warned_at", sa.BigInteger(), nullable=True),
        sa.Column("watched", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["helper"], ["people.id"], name="fk_chats_helper"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_chats_request"),
        sa.ForeignKeyConstraint(["student"], ["people.id"], name="fk_chats_student"),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
    )
    op.create_index("ix_chats_helper", "chats", ["helper"], unique=False)
    op.create_index("ix_chats_helper_open", "chats", ["helper", "opened_at"], unique=False, **where("state = 'open'"))
    op.create_index("ix_chats_opened_at", "chats", ["opened_at"], unique=False)
    op.create_index("ix_chats_request", "chats", ["request"], unique=False)
    op.create_index("ix_chats_student", "chats", ["student"], unique=False)
    op.create_index("uq_chats_open", "chats", ["student"], unique=True, **where("state = 'open'"))
    op.create_table(
        "offers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("helper", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["helper"], ["people.id"], name="fk_offers_helper"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_offers_request"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
    )
    op.create_index("ix_offers_helper", "offers", ["helper", "created_at"], unique=False)
    op.create_index("ix_offers_open", "offers", ["helper"], unique=False, **where("state = 'open'"))
    op.create_index("ix_offers_request", "offers", ["request"], unique=False)
    op.create_index("uq_offers_accepted", "offers", ["request"], unique=True, **where("state = 'accepted'"))


def downgrade() -> None:
    for table in (
        "offers",
        "chats",
        "staff",
        "requests",
        "reports",
        "pairings",
        "notes",
        "feedback",
        "cases",
        "aliases",
        "addresses",
        "people",
        "meta",
    ):
        op.drop_table(table)
