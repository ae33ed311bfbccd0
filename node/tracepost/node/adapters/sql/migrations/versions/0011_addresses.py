"""The address book: whom we write to on paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "address",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
    )
