"""The tables of a relay: envelope-level data and public papers, nothing that was ever opened."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
)

from tracepost.serving.storage.evidence_store import define_log_tables
from tracepost.serving.storage.leases import define_lease_table
from tracepost.serving.storage.pouch_book import PouchTables

SCHEMA_VERSION = 1

METADATA = MetaData()

LOG = define_log_tables(METADATA)

_Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows itself only in INTEGER

STORE = Table(
    "store",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""What is known by a number: what version the tables have, when the store took what was written again."""

MAIL = Table(
    "mail",
    METADATA,
    Column("arrival", _Number, primary_key=True, autoincrement=True),
    Column("envelope_id", LargeBinary, nullable=False, unique=True),
    Column("from_member", String, nullable=False),
    Column("to_member", String, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("deliver_by", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("log_number", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Index("mail_waiting", "to_member", "state", "lane", "arrival"),
    Index("mail_ending", "state", "deliver_by"),
    sqlite_autoincrement=True,  # a number is never given twice, also after pruning: streams count by it
)
"""One row per envelope in the order of arrival; it stays as a tombstone when the mail has gone."""

PARTS = Table(
    "mail_parts",
    METADATA,
    Column("envelope_id", LargeBinary, primary_key=True),
    Column("header", LargeBinary, nullable=False),
    Column("slots", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
)
"""The sealed bytes, for as long as the mail waits."""

ATTACHMENTS = Table(
    "attachment",
    METADATA,
    Column("envelope_id", LargeBinary, primary_key=True),
    Column("address", LargeBinary, primary_key=True),
    Column("from_member", String, nullable=False),
    Column("to_member", String, nullable=False),
    Column("deliver_by", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("ended", SmallInteger, nullable=False),
    Index("attachment_ending", "ended", "deliver_by"),
)
"""What envelopes name: who may bring it and who may fetch it; `size` is 0 until it is announced."""

RECEIPTS = Table(
    "receipt_due",
    METADATA,
    Column("envelope_id", LargeBinary, primary_key=True),
    Column("sender", String, nullable=False),
    Column("addressee", String, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Index("receipt_due_sender", "sender"),
)
"""Delivery receipts until their senders have stored them."""

EXPIRIES = Table(
    "expiry_due",
    METADATA,
    Column("envelope_id", LargeBinary, primary_key=True),
    Column("sender", String, nullable=False),
    Column("expired_at", BigInteger, nullable=False),
    Index("expiry_due_sender", "sender"),
)
"""Notices of expiry until their senders have stored them."""

MARKS = Table(
    "road_mark",
    METADATA,
    Column("from_member", String, primary_key=True),
    Column("to_member", String, primary_key=True),
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("proof", LargeBinary, nullable=False),
    Index("road_mark_to", "to_member"),
)
"""The newest word of a member on how many numbers it gave on a road by this relay."""

USAGE = Table(
    "usage",
    METADATA,
    Column("member", String, primary_key=True),
    Column("side", SmallInteger, primary_key=True),
    Column("envelopes", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
"""What waits now, counted per sender and per mailbox."""

WATCHED = Table(
    "watched_member",
    METADATA,
    Column("member", String, primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
    Column("unseen_told", BigInteger, nullable=False),
    Column("waiting_told", BigInteger, nullable=False),
)
"""When a member's node was seen last, and when its technical contact was told that it was not."""

ANNOUNCEMENTS = Table(
    "announcement",
    METADATA,
    Column("member", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
)
"""The newest announcement of every member, as it came, without the trust list."""

REVOCATION_LISTS = Table(
    "revocation_list",
    METADATA,
    Column("sha256", LargeBinary, primary_key=True),
    Column("member", String, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""Revocation lists that were verified; none is forgotten, so that a restart un-revokes nobody."""

TRUST_LISTS = Table(
    "trust_list",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("fingerprint", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""Trust lists that were accepted, each by the one before."""

HEADS = Table(
    "peer_head",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
)
"""The believed head of each log, as relays kept it before notes were kept with it; only read."""

BELIEVED = Table(
    "believed_head",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", String, nullable=False),
)
"""The longest head of each log that was proved to continue the ones before, with its signed note."""

CONTRADICTIONS = Table(
    "log_contradiction",
    METADATA,
    Column("sha256", LargeBinary, primary_key=True),
    Column("origin", String, nullable=False),
    Column("found_at", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""Evidence that the log of a member contradicts itself: that member's mail is not carried any more."""

POUCHES = PouchTables.define(METADATA)
"""Pouches that the operator made for a member or took in; of our own the head of our log that they showed."""

LEASE = define_lease_table(METADATA)
"""Which process of the relay works, where several may open one database."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("member", String, nullable=False),
    Column("action", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", String, nullable=False),
    sqlite_autoincrement=True,
)
"""Calls and refusals; never what was in an envelope."""
