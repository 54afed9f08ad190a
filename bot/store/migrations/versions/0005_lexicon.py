"""The edited lexicon and its versions, marks of cases, and who must not see a case."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("cases", sa.Column("rules", sa.Text(), server_default=sa.text("'[]'"), nullable=False))
    op.create_table(
        "lexicon_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lexicon_drafts"),
    )
    op.create_index("ix_lexicon_drafts_proposed_at", "lexicon_drafts", ["proposed_at"], unique=False)
    op.create_table(
        "lexicon_versions",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("overlay", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("restores", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("forced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_lexicon_versions"),
    )
    op.create_index("ix_lexicon_versions_fingerprint", "lexicon_versions", ["fingerprint"], unique=False)
    op.create_table(
        "lexicon_examples",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lexicon_examples"),
    )
    op.create_index("ix_lexicon_examples_added_at", "lexicon_examples", ["added_at"], unique=False)
    op.create_table(
        "marks",
        sa.Column("case_id", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("episode", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("is_right", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("lexicon", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "episode", "actor", name="pk_marks"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_marks_created_at", "marks", ["created_at"], unique=False)
    op.create_table(
        "withheld",
        sa.Column("student_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["people.id"], name="fk_withheld_student_id"),
        sa.PrimaryKeyConstraint("student_id", "kind", "value", name="pk_withheld"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("withheld", "marks", "lexicon_examples", "lexicon_versions", "lexicon_drafts"):
        op.drop_table(table)
    op.drop_column("cases", "rules")
