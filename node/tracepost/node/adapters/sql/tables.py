"""What a node keeps, and by which keys it is found.

Only types that SQLite and PostgreSQL share. A table's columns stand in the order in
which rows are inserted (`serving.storage.rows`). There are no foreign keys: rows that
belong together are written in one transaction, and checking each of them again would
cost the hot path an index walk apiece.

Bodies have a table of their own, so that lists never read past them. A digest is a
random key: each index over one dirties a page per row when the store is large, which
was measured to cost as much as the row itself. So a statement and an envelope have one
such index each and a number, and what belongs to them is found by the number.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from tracepost.serving.storage.evidence_store import define_log_tables
from tracepost.serving.storage.leases import define_lease_table
from tracepost.serving.storage.pouch_book import PouchTables

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# In SQLite only a column of type INTEGER is the place of the row in the file.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
# PostgreSQL compares text by language; beginnings are looked up by bytes.
_TEXT_BY_BYTES = String().with_variant(String(collation="C"), "postgresql")
# Of a statement; what others wrote is never looked for by its desk.
_IS_OURS = text("direction = 'OURS'")

LOG = define_log_tables(METADATA)

STATEMENT = Table(
    "statement",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("iss", String, nullable=False),
    Column("jti", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("thread", String, nullable=False, index=True),
    Column("in_reply_to", LargeBinary),
    Column("desk", String, nullable=False),
    Column("iat", BigInteger, nullable=False),
    Column("direction", String, nullable=False),
    Column("in_effect", Boolean, nullable=False),
    Column("envelope_id", LargeBinary, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("admin_json", LargeBinary, nullable=False),
    UniqueConstraint("iss", "jti"),
    Index(None, "desk", "direction", "number", sqlite_where=_IS_OURS, postgresql_where=_IS_OURS),
)

STATEMENT_CONFLICT = Table(
    "statement_conflict",
    METADATA,
    Column("kept", LargeBinary, primary_key=True),
    Column("other", LargeBinary, primary_key=True, index=True),
    Column("iss", String, nullable=False),
    Column("jti", String, nullable=False),
    Column("seen_at", BigInteger, nullable=False, index=True),
    Column("envelope_id", LargeBinary),
)

# Envelopes of ours, received ones and our own bodies share these numbers.
BODY = Table(
    "body",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("header", LargeBinary, nullable=False),
    Column("slots", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # Of a part whose end stands apart (`ends`).
    Column("slots_end", LargeBinary),
    Column("body_end", LargeBinary),
)

SENT = Table(
    "sent_mail",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("id", LargeBinary, nullable=False, unique=True),
    Column("to_member", String, nullable=False),
    Column("via", String, nullable=False),
    Column("lane", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("deliver_by", BigInteger, nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("statement_number", BigInteger, nullable=False, index=True),
    Column("log_number", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("log_epoch", BigInteger, nullable=False, server_default="1"),
    UniqueConstraint("to_member", "via", "lane", "epoch", "seq"),
    Index(None, "state", "to_member", "via", "lane", "epoch", "seq"),
)

# Bodies of ours that no envelope carries.
OWN_BODY = Table(
    "own_body",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("id", LargeBinary, nullable=False, unique=True),
)

COUNTER = Table(
    "counter",
    METADATA,
    Column("to_member", String, primary_key=True),
    Column("via", String, primary_key=True, index=True),
    Column("lane", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("next_seq", BigInteger, nullable=False),
)

WATERMARK = Table(
    "watermark",
    METADATA,
    Column("from_member", String, primary_key=True),
    Column("to_member", String, primary_key=True),
    Column("via", String, primary_key=True),
    Column("lane", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("proof", LargeBinary, nullable=False),
)

# Mail that went or came as files. Of one that went: which head of our log it showed.
POUCHES = PouchTables.define(METADATA)
POUCHED = POUCHES.pouched

RECEIPT = Table(
    "receipt",
    METADATA,
    Column("envelope_id", LargeBinary, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("from_member", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("log_number", BigInteger, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("proof", LargeBinary, nullable=False),
)

RECEIVED = Table(
    "received_mail",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("id", LargeBinary, nullable=False, unique=True),
    Column("from_member", String, nullable=False),
    Column("via", String, nullable=False),
    Column("lane", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("deliver_by", BigInteger, nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("statement_number", BigInteger, nullable=False, index=True),
    Column("log_number", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("waiting_for", LargeBinary, index=True),
    Column("received_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    # Not unique: a sender that uses a number twice is shown by the gap report, not refused here.
    Index(None, "from_member", "via", "lane", "epoch", "seq"),
    Index(None, "state", "from_member"),
)

REFUSED = Table(
    "refused_mail",
    METADATA,
    Column("id", LargeBinary, primary_key=True),
    Column("from_member", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("log_number", BigInteger, nullable=False),
    Column("refused_at", BigInteger, nullable=False),
)

WRAP = Table(
    "wrap",
    METADATA,
    Column("statement_number", BigInteger, primary_key=True, autoincrement=False),
    Column("desk", String, primary_key=True),
    # Of the envelope that brought the keys; empty for what we wrote. Behind a number it dirties no page of its own.
    Column("envelope_id", LargeBinary, primary_key=True),
    Column("epoch_id", LargeBinary, nullable=False),
    Column("wrap", LargeBinary, nullable=False),
)

STORAGE_EPOCH = Table(
    "storage_epoch",
    METADATA,
    Column("id", LargeBinary, primary_key=True),
    Column("member", String, nullable=False),
    Column("desk", String, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

BLIND_ENTRY = Table(
    "blind_entry",
    METADATA,
    Column("desk", String, primary_key=True),
    Column("keyed_hash", LargeBinary, primary_key=True),
    Column("statement", LargeBinary, primary_key=True, index=True),
    Column("path", String, primary_key=True),
)

# Wraps whose statements were looked through for marks; with the key of `wrap`.
INDEXED_WRAP = Table(
    "indexed_wrap",
    METADATA,
    Column("statement_number", BigInteger, primary_key=True, autoincrement=False),
    Column("desk", String, primary_key=True),
    Column("envelope_id", LargeBinary, primary_key=True),
)

REGISTER = Table(
    "register",
    METADATA,
    Column("desk", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("imported_at", BigInteger, nullable=False),
    Column("imported_by", String, nullable=False),
    Column("content_mac", LargeBinary, nullable=False),
    Column("epoch_id", LargeBinary, nullable=False),
    Column("wrap", LargeBinary, nullable=False),
)

REGISTER_RECORD = Table(
    "register_record",
    METADATA,
    Column("desk", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("generation", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

REGISTER_MARK = Table(
    "register_mark",
    METADATA,
    Column("desk", String, primary_key=True),
    Column("keyed_hash", LargeBinary, primary_key=True),
    Column("source", String, primary_key=True),
    Column("generation", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Index(None, "desk", "source", "generation"),
)

CASE = Table(
    "case_record",
    METADATA,
    Column("thread", _TEXT_BY_BYTES, primary_key=True),
    Column("state", String, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("last_event_at", BigInteger, nullable=False),
    Column("members", String, nullable=False),
    Column("file_numbers", String, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Index(None, "last_event_at", "thread"),
    Index(None, "state", "last_event_at", "thread"),
)

# What a case is found by, beside its thread: members, and file numbers in folded case.
CASE_KEY = Table(
    "case_key",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("value", _TEXT_BY_BYTES, primary_key=True),
    Column("thread", String, primary_key=True),
)

# Desks that are on every case have no rows here.
CASE_DESK = Table(
    "case_desk",
    METADATA,
    Column("thread", String, primary_key=True),
    Column("desk", String, primary_key=True),
    Column("put_by", String, nullable=False),
    Column("put_at", BigInteger, nullable=False),
    Column("taken_off_at", BigInteger),
    Index(None, "desk", "thread"),
)

PEER_HEAD = Table(
    "peer_head",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("member", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", String, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

PEER_HEAD_SPLIT = Table(
    "peer_head_split",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("size", BigInteger, primary_key=True),
    Column("root", LargeBinary, primary_key=True),
    Column("member", String, nullable=False),
    Column("note", String, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

PEER_HEAD_OPEN = Table(
    "peer_head_open",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("size", BigInteger, primary_key=True),
    Column("member", String, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", String, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("brought_by", String, nullable=False),
    Index("ix_peer_head_open_member", "member", "seen_at"),
    Index("ix_peer_head_open_brought_by", "brought_by", "seen_at"),
)
"""Heads under which something was believed, until they are proved to be of one log with the believed head."""

LOG_CONTRADICTION = Table(
    "log_contradiction",
    METADATA,
    Column("sha256", LargeBinary, primary_key=True),
    Column("origin", String, nullable=False),
    Column("member", String, nullable=False),
    Column("found_at", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("ix_log_contradiction_origin", "origin"),
)

PEER_CONTACT = Table(
    "peer_contact",
    METADATA,
    Column("member", String, primary_key=True),
    Column("last_contact", BigInteger, nullable=False),
    Column("last_problem", String, nullable=False),
    Column("last_problem_at", BigInteger, nullable=False),
)

DIRECTORY_ENTRY = Table(
    "directory_entry",
    METADATA,
    Column("member", String, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("compact", String, nullable=False),
)

CERTIFICATE = Table(
    "certificate",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("member", String, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
)

REVOCATION_LIST = Table(
    "revocation_list",
    METADATA,
    Column("member", String, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    # RFC 5280, 5.2.3: up to 20 bytes, as 40 hexadecimal digits.
    Column("number", String, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
)

TRUST_LIST = Table(
    "trust_list",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Texts and documents of at most 64 KiB, a few a year: they need no table of their own.
POLICY = Table(
    "policy",
    METADATA,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
    Column("set_sha256", LargeBinary, nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("log_number", BigInteger),
    Column("document", String, nullable=False),
    Column("text", String, nullable=False),
    Column("words", LargeBinary, nullable=False),
)

OFFICER = Table(
    "officer",
    METADATA,
    Column("number", String, primary_key=True),
    Column("desks", String, nullable=False),
    Column("certificate_sha256", LargeBinary, nullable=False),
    # RFC 5280, 4.1.2.2: up to 20 bytes each; hexadecimal, parted by spaces.
    Column("serials", String, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("left_at", BigInteger, nullable=False),
    Column("successor", String, nullable=False),
    Column("shut_before", BigInteger, nullable=False, server_default="0"),
)

DEPUTY = Table(
    "deputy",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("officer", String, nullable=False),
    Column("desk", String, nullable=False),
    Column("from_day", String, nullable=False),
    Column("until_day", String, nullable=False),
    Column("proposed_by", String, nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("approved_by", String, nullable=False),
    Column("approved_at", BigInteger, nullable=False),
    Column("ended_by", String, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
)

PASSKEY = Table(
    "passkey",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("officer", String, nullable=False),
    Column("certificate_sha256", LargeBinary, nullable=False),
    # Hexadecimal, one behind the other, blanks between.
    Column("serials", String, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("endorsed_at", BigInteger, nullable=False),
    Column("text", String, nullable=False),
)

EMERGENCY = Table(
    "emergency",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("desk", String, nullable=False),
    Column("officer", String, nullable=False),
    # Digests one behind the other, 32 bytes each.
    Column("statements", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("words", LargeBinary, nullable=False),
)

DELETION = Table(
    "deletion",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("desk", String, nullable=False),
    Column("officer", String, nullable=False),
    # Digests one behind the other, 32 bytes each.
    Column("statements", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("words", LargeBinary, nullable=False),
)

CASE_OFFICER = Table(
    "case_officer",
    METADATA,
    Column("thread", String, primary_key=True),
    Column("officer", String, nullable=False, index=True),
    Column("assigned_by", String, nullable=False),
    Column("assigned_at", BigInteger, nullable=False),
)

RELEASE = Table(
    "release",
    METADATA,
    Column("statement", LargeBinary, primary_key=True),
    Column("thread", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("to", String, nullable=False),
    Column("desk", String, nullable=False),
    Column("deciding_desk", String, nullable=False),
    Column("officer", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("lane", BigInteger, nullable=False),
    Column("exercise", Boolean, nullable=False),
    Column("deliver_by", BigInteger, nullable=False),
    Column("written_at", BigInteger, nullable=False, index=True),
    Column("until", BigInteger, nullable=False),
    Column("conditions", LargeBinary, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("forwarded", LargeBinary, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("log_number", BigInteger),
    Column("words", LargeBinary, nullable=False),
)

RELEASE_LETTER = Table(
    "release_letter",
    METADATA,
    Column("statement", LargeBinary, primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("to_member", String, nullable=False),
    Column("slots", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("attachments", LargeBinary),
)

DRAFT_ANSWER = Table(
    "draft_answer",
    METADATA,
    Column("owner", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("draft_mac", LargeBinary, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("submission", LargeBinary, nullable=False),
)

AUDIT_EVENT = Table(
    "audit_event",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("outcome", String, nullable=False),
    Column("log_number", BigInteger),
)

SETTING = Table(
    "setting",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

# The files that envelopes name; the files themselves lie beside the database.
ATTACHMENT = Table(
    "attachment",
    METADATA,
    Column("envelope_id", LargeBinary, primary_key=True),
    Column("address", LargeBinary, primary_key=True),
    Column("direction", String, nullable=False),
    Column("statement", LargeBinary, nullable=False, index=True),
    Column("member", String, nullable=False),
    Column("via", String, nullable=False),
    Column("deliver_by", BigInteger, nullable=False),
    Column("passage", String, nullable=False),
    Column("size", BigInteger),
    Column("reason", String, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index(None, "passage", "direction"),
)

# Which statement stands inside which other: whoever holds that one holds it too.
ENCLOSURE = Table(
    "enclosure",
    METADATA,
    Column("statement", LargeBinary, primary_key=True),
    Column("carrier", LargeBinary, primary_key=True),
)

TOMBSTONE = Table(
    "tombstone",
    METADATA,
    Column("statement", LargeBinary, primary_key=True),
    Column("iss", String, nullable=False),
    Column("jti", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("deleted_at", BigInteger, nullable=False),
    Column("deleted_by", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("log_number", BigInteger, nullable=False),
    # Member that is still to be told; empty: none.
    Column("owed_to", String, nullable=False, index=True),
)

# The last day, YYYY-MM-DD, on which a statement may be kept.
KEEPING = Table(
    "keeping",
    METADATA,
    Column("statement", LargeBinary, primary_key=True),
    Column("until", String, nullable=False, index=True),
)

# Whom we write to on paper.
ADDRESS = Table(
    "address",
    METADATA,
    Column("id", String, primary_key=True),
    Column("entry", LargeBinary, nullable=False),
)

# Which process does what only one may do at a time; until when, in milliseconds of the database's clock.
LEASE = define_lease_table(METADATA)

# Files with the sealed parts of old cases, and what lies in them; each under a key of its own.
ARCHIVE = Table(
    "archive",
    METADATA,
    Column("name", String, primary_key=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("envelopes", BigInteger, nullable=False),
    Column("archived_at", BigInteger, nullable=False),
)

ARCHIVED_BODY = Table(
    "archived_body",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("archive", String, nullable=False, index=True),
    Column("place", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("key", LargeBinary, nullable=False),
)

# What waits at a desk of ours and was opened by none of its officers; a row without desk is not in effect yet.
WAITING_ITEM = Table(
    "waiting_item",
    METADATA,
    Column("desk", String, primary_key=True),
    Column("item", String, primary_key=True),
    Column("thread", String, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("told_at", BigInteger, nullable=False),
    Index("ix_waiting_item_case", "desk", "thread"),
    Index("ix_waiting_item_step", "desk", "step", "told_at"),
)

# What is to be told of it to whom, until it went.
TELLING = Table(
    "telling",
    METADATA,
    Column("id", String, primary_key=True),
    Column("desk", String, nullable=False),
    Column("to", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("deputy", Boolean, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("tries", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
)
