"""The table of attachments, and those of mail that waits for an officer's word."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "attachment",
        sa.Column("envelope_id", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("deliver_by", sa.BigInteger(), nullable=False),
        sa.Column("passage", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("envelope_id", "address", name="pk_attachment"),
    )
    op.create_index("ix_attachment_statement", "attachment", ["statement"])
    op.create_index("ix_attachment_passage_direction", "attachment", ["passage", "direction"])
    op.add_column("release_letter", sa.Column("attachments", sa.LargeBinary(), nullable=True))
