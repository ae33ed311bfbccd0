"""The table of what was looked through for marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "indexed_wrap",
        sa.Column("statement_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("envelope_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("statement_number", "desk", "envelope_id", name="pk_indexed_wrap"),
    )
