"""Where everything comes from: the inbound that caused a row, kept with what it left for later."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = ("outbox", "mail", "timers")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("cause", sa.BigInteger(), nullable=True))
    known = sa.text("cause IS NOT NULL")
    op.create_index("ix_outbox_cause", "outbox", ["cause"], sqlite_where=known, postgresql_where=known)
    op.create_index("ix_blobs_created_at", "blobs", ["created_at"])  # retention reads the blobs by their age


def downgrade() -> None:
    op.drop_index("ix_blobs_created_at", "blobs")
    op.drop_index("ix_outbox_cause", "outbox")
    for table in TABLES:
        op.drop_column(table, "cause")
