"""The table of desks that are put on a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "case_desk",
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("put_by", sa.String(), nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_off_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("thread", "desk", name="pk_case_desk"),
    )
    op.create_index("ix_case_desk_desk_thread", "case_desk", ["desk", "thread"])
