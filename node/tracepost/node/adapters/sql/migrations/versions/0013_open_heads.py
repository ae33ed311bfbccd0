"""Heads of other logs that are yet to be proved, and evidence against logs that contradict themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "peer_head_open",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("brought_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", name="pk_peer_head_open"),
    )
    op.create_index("ix_peer_head_open_member", "peer_head_open", ["member", "seen_at"])
    op.create_index("ix_peer_head_open_brought_by", "peer_head_open", ["brought_by", "seen_at"])
    op.create_table(
        "log_contradiction",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_log_contradiction"),
    )
    op.create_index("ix_log_contradiction_origin", "log_contradiction", ["origin"])
