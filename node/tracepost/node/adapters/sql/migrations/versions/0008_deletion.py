"""The tables of what is enclosed in what, of statements that were deleted, and of days after which they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "enclosure",
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("carrier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("statement", "carrier", name="pk_enclosure"),
    )
    op.create_table(
        "tombstone",
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("iss", sa.String(), nullable=False),
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("log_number", sa.BigInteger(), nullable=False),
        sa.Column("owed_to", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("statement", name="pk_tombstone"),
    )
    op.create_index("ix_tombstone_owed_to", "tombstone", ["owed_to"])
    op.create_table(
        "keeping",
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("statement", name="pk_keeping"),
    )
    op.create_index("ix_keeping_until", "keeping", ["until"])
