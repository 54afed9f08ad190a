"""A second id of one account, invitations back, delivery, and codes that join two addresses of one person."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def where(condition: str) -> dict[str, Any]:
    """A partial index on both dialects."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.add_column("addresses", sa.Column("also", sa.LargeBinary(), nullable=True))
    op.add_column("addresses", sa.Column("invited_at", sa.BigInteger(), nullable=True))
    op.create_index("uq_addresses_also", "addresses", ["channel", "also"], unique=True, **where("also IS NOT NULL"))
    op.add_column("outbox", sa.Column("delivered_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "links",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_links_person_id"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_links"),
    )
    op.create_index("ix_links_person_id", "links", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("links")
    op.drop_column("outbox", "delivered_at")
    op.drop_index("uq_addresses_also", table_name="addresses")
    op.drop_column("addresses", "invited_at")
    op.drop_column("addresses", "also")
