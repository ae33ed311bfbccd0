"""Mail of ours may be proved by a later log than that in whose epoch it has its number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("sent_mail", sa.Column("log_epoch", sa.BigInteger(), nullable=False, server_default="1"))
