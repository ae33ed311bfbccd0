"""What a desk of ours wrote is found by the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    ours = sa.text("direction = 'OURS'")
    op.create_index(
        "ix_statement_desk_direction_number",
        "statement",
        ["desk", "direction", "number"],
        sqlite_where=ours,
        postgresql_where=ours,
    )
