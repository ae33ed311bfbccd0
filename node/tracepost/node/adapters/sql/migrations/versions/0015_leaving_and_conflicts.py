"""Certificates of who left count no more; what conflicts with a statement is found, to be deleted with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("officer", sa.Column("shut_before", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE officer SET shut_before = left_at")
    op.add_column("statement_conflict", sa.Column("envelope_id", sa.LargeBinary(), nullable=True))
    op.create_index("ix_statement_conflict_other", "statement_conflict", ["other"])
