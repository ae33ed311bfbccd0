"""The newest signed word on how many numbers were given on each road."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "watermark",
        sa.Column("from_member", sa.String(), nullable=False),
        sa.Column("to_member", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("lane", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("from_member", "to_member", "via", "lane", "epoch", name="pk_watermark"),
    )
