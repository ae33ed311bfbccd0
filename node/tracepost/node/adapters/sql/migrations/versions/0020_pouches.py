"""Mail that goes and comes as files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "pouch",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("envelopes", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("head_size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member", "way", "number", name="pk_pouch"),
    )
    op.create_table(
        "pouch_part",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("member", "number", "part", name="pk_pouch_part"),
    )
    op.create_table(
        "pouched",
        sa.Column("envelope_id", sa.LargeBinary(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("envelope_id", "member", name="pk_pouched"),
    )
    op.create_index("ix_pouched_member_number", "pouched", ["member", "number"])
    op.create_table(
        "pouched_word",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "kind", "key", name="pk_pouched_word"),
    )
