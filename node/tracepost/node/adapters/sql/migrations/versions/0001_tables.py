"""The tables of version 0.1.0."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT_BY_BYTES = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Go to this revision."""
    _create_log()
    _create_statements()
    _create_bodies_and_keys()
    _create_sent_mail()
    _create_received_mail()
    _create_cases()
    _create_peers()
    _create_papers()
    _create_office()


def _create_log() -> None:
    op.create_table(
        "log_entry",
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("preimage", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "number", name="pk_log_entry"),
    )
    op.create_table(
        "log_block",
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "level", "block", name="pk_log_block"),
    )
    op.create_table(
        "log_head",
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("epoch", "size", name="pk_log_head"),
    )


def _create_statements() -> None:
    op.create_table(
        "statement",
        sa.Column("number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("iss", sa.String(), nullable=False),
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("in_reply_to", sa.LargeBinary(), nullable=True),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("iat", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("in_effect", sa.Boolean(), nullable=False),
        sa.Column("envelope_id", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("admin_json", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_statement"),
        sa.UniqueConstraint("digest", name="uq_statement_digest"),
        sa.UniqueConstraint("iss", "jti", name="uq_statement_iss_jti"),
    )
    op.create_index("ix_statement_thread", "statement", ["thread"])
    op.create_table(
        "statement_conflict",
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("other", sa.LargeBinary(), nullable=False),
        sa.Column("iss", sa.String(), nullable=False),
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kept", "other", name="pk_statement_conflict"),
    )
    op.create_index("ix_statement_conflict_seen_at", "statement_conflict", ["seen_at"])


def _create_bodies_and_keys() -> None:
    op.create_table(
        "body",
        sa.Column("number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("slots", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_body"),
    )
    op.create_table(
        "own_body",
        sa.Column("number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_own_body"),
        sa.UniqueConstraint("id", name="uq_own_body_id"),
    )
    op.create_table(
        "wrap",
        sa.Column("statement_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("envelope_id", sa.LargeBinary(), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(), nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("statement_number", "desk", "envelope_id", name="pk_wrap"),
    )
    op.create_table(
        "storage_epoch",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_storage_epoch"),
    )
    op.create_table(
        "blind_entry",
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("keyed_hash", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "keyed_hash", "statement", "path", name="pk_blind_entry"),
    )
    op.create_index("ix_blind_entry_statement", "blind_entry", ["statement"])


def _create_sent_mail() -> None:
    op.create_table(
        "counter",
        sa.Column("to_member", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("lane", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("to_member", "via", "lane", "epoch", name="pk_counter"),
    )
    op.create_table(
        "sent_mail",
        sa.Column("number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("to_member", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("deliver_by", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("statement_number", sa.BigInteger(), nullable=False),
        sa.Column("log_number", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_sent_mail"),
        sa.UniqueConstraint("id", name="uq_sent_mail_id"),
        sa.UniqueConstraint(
            "to_member", "via", "lane", "epoch", "seq", name="uq_sent_mail_to_member_via_lane_epoch_seq"
        ),
    )
    op.create_index(
        "ix_sent_mail_state_to_member_via_lane_epoch_seq",
        "sent_mail",
        ["state", "to_member", "via", "lane", "epoch", "seq"],
    )
    op.create_index("ix_sent_mail_statement_number", "sent_mail", ["statement_number"])
    op.create_table(
        "receipt",
        sa.Column("envelope_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_member", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("log_number", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("envelope_id", "kind", "from_member", name="pk_receipt"),
    )


def _create_received_mail() -> None:
    op.create_table(
        "received_mail",
        sa.Column("number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("from_member", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("deliver_by", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("statement_number", sa.BigInteger(), nullable=False),
        sa.Column("log_number", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("waiting_for", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_received_mail"),
        sa.UniqueConstraint("id", name="uq_received_mail_id"),
    )
    op.create_index(
        "ix_received_mail_from_member_via_lane_epoch_seq",
        "received_mail",
        ["from_member", "via", "lane", "epoch", "seq"],
    )
    op.create_index("ix_received_mail_state_from_member", "received_mail", ["state", "from_member"])
    op.create_index("ix_received_mail_statement_number", "received_mail", ["statement_number"])
    op.create_index("ix_received_mail_waiting_for", "received_mail", ["waiting_for"])
    op.create_table(
        "refused_mail",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("from_member", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("log_number", sa.BigInteger(), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refused_mail"),
    )


def _create_cases() -> None:
    op.create_table(
        "case_record",
        sa.Column("thread", _TEXT_BY_BYTES, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_event_at", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.String(), nullable=False),
        sa.Column("file_numbers", sa.String(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("thread", name="pk_case_record"),
    )
    op.create_index("ix_case_record_last_event_at_thread", "case_record", ["last_event_at", "thread"])
    op.create_index(
        "ix_case_record_state_last_event_at_thread", "case_record", ["state", "last_event_at", "thread"]
    )
    op.create_table(
        "case_key",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", _TEXT_BY_BYTES, nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "thread", name="pk_case_key"),
    )


def _create_peers() -> None:
    op.create_table(
        "peer_head",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_peer_head"),
    )
    op.create_table(
        "peer_head_split",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", "root", name="pk_peer_head_split"),
    )
    op.create_table(
        "peer_contact",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("last_contact", sa.BigInteger(), nullable=False),
        sa.Column("last_problem", sa.String(), nullable=False),
        sa.Column("last_problem_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member", name="pk_peer_contact"),
    )


def _create_papers() -> None:
    op.create_table(
        "directory_entry",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("compact", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("member", name="pk_directory_entry"),
    )
    op.create_table(
        "certificate",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_certificate"),
        sa.UniqueConstraint("sha256", name="uq_certificate_sha256"),
    )
    op.create_table(
        "revocation_list",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "sha256", name="pk_revocation_list"),
    )
    op.create_table(
        "trust_list",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_trust_list"),
    )


def _create_office() -> None:
    op.create_table(
        "draft_answer",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("draft_mac", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("submission", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_draft_answer"),
    )
    op.create_table(
        "audit_event",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("log_number", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["subject"])
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting"),
    )
