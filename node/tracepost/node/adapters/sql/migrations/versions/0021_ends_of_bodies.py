"""Columns for the ends of slots and bodies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    for name in ("slots_end", "body_end"):
        op.add_column("body", sa.Column(name, sa.LargeBinary(), nullable=True))
