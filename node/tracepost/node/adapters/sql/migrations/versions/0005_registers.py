"""The tables of extracts of the State's own records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "register",
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("content_mac", sa.LargeBinary(), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(), nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "source", name="pk_register"),
    )
    op.create_table(
        "register_record",
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "source", "generation", "number", name="pk_register_record"),
    )
    op.create_table(
        "register_mark",
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("keyed_hash", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "desk", "keyed_hash", "source", "generation", "number", name="pk_register_mark"
        ),
    )
    op.create_index(
        "ix_register_mark_desk_source_generation", "register_mark", ["desk", "source", "generation"]
    )
