"""Hostile but otherwise real mail: real keys, real sealing, real log entries, one thing wrong.

    forger = Forger(street["xaa"], street["xab"])
    parcel = forger.pack(forger.sign(request()))
    parcel.exercise = True                              # the one thing
    envelope = await forger.post(parcel)                # numbered, logged and queued in the outbox of xaa

`Forger` is a member's node in wrong hands: its log vouches for what it sends, so the mail is
*refused* with a receipt. `flip` and `replaced` are what happens on the way: nobody vouches, and the
mail is *turned away*. `Books` are the tables of a node's SQLite file, to see what bad input left.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from google.protobuf.message import Message

from fakes.house import House
from tracepost.node.handlers.case.naming import named_in
from tracepost.node.handlers.sealed.compartments import cut
from tracepost.node.papers import EntryView
from tracepost.node.ports.store import Tx
from tracepost.node.records.mail import Queue, QueuedMail
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol import schema, statement
from tracepost.protocol.envelope import Address, Lane, Road, build_envelope
from tracepost.protocol.evidence import Entry, prepare_line, sent_on
from tracepost.protocol.ids import (
    DIRECT,
    DeskId,
    EnvelopeId,
    MemberId,
    StatementDigest,
    ThreadId,
    encode_b64,
    new_uuid7,
)
from tracepost.protocol.schema import Field, JsonValue, Sensitivity
from tracepost.protocol.sealing import (
    Compartment,
    DeskPublicKey,
    EpochBook,
    SealedBody,
    pack_compartment,
    seal_body,
    seal_slots,
)
from tracepost.protocol.statement import Claims, Disclosure, KeySigner, Statement
from tracepost.wire.v1 import share_pb2
from tracepost.wire.v1.envelope_pb2 import Envelope

PARTS = ("header", "slots", "body", "proof")

_DAY = 86400


# ── what bad input left ──────────────────────────────────────────────────────────────

_COUNTED = frozenset({"body"})  # large, and never rewritten: their number tells enough

Rows = Counter[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Books:
    """All tables of one SQLite file at one moment, each a multiset of rows."""

    tables: dict[str, Rows]

    def since(self, before: Books) -> dict[str, list[tuple[Any, ...]]]:
        """Return the rows that are new, or gone, by table; tables without a change are left out."""
        changed = {}
        for name, rows in self.tables.items():
            earlier = before.tables.get(name, Rows())
            if rows != earlier:
                changed[name] = [*(rows - earlier).elements(), *(earlier - rows).elements()]
        return changed


def read_books(path: Path) -> Books:
    """Read the store at `path` as another process would: whoever has written, it must be committed."""
    with closing(_open(path)) as connection:
        connection.execute("BEGIN")  # all tables as they are at one moment
        names = [n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return Books({name: _read_table(connection, name) for name in names})


def audit_trail(path: Path) -> list[tuple[str, str, str, str]]:
    """Return (actor, action, subject, outcome) of every audit event, in order."""
    with closing(_open(path)) as connection:
        query = "SELECT actor, action, subject, outcome FROM audit_event ORDER BY number"
        return [tuple(row) for row in connection.execute(query)]


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60, isolation_level=None)


def _read_table(connection: sqlite3.Connection, name: str) -> Rows:
    columns = "count(*)" if name in _COUNTED else "*"
    return Counter(tuple(row) for row in connection.execute(f'SELECT {columns} FROM "{name}"'))


# ── on the way ───────────────────────────────────────────────────────────────────────


def flip(data: bytes, bit: int) -> bytes:
    """Return `data` with one bit turned; `bit` counts from the first of the first byte."""
    place, mask = bit // 8, 1 << (bit % 8)
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


def replaced(envelope: Envelope, **parts: bytes) -> Envelope:
    """Return a copy of `envelope` with other parts."""
    copy = Envelope()
    copy.CopyFrom(envelope)
    for name, value in parts.items():
        setattr(copy, name, value)
    return copy


def unnamed(certificate: x509.Certificate) -> bytes:
    """Return a certificate (DER) with an issuer whose name is no UTF-8."""
    [attribute] = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(attribute.value).encode()
    return certificate.public_bytes(Encoding.DER).replace(name, b"\xff" * len(name))


# ── in wrong hands ───────────────────────────────────────────────────────────────────


@dataclass
class Parcel:
    """All that an envelope is made of before it is sealed; a test changes one thing.

    `entitled` and `desk_keys` are the addressee's desks in the order of slots; `rewrite` gets the
    sealed body and what is returned travels (slots and header are made for it).
    """

    compartments: list[Compartment]
    entitled: list[frozenset[int]]
    desk_keys: list[DeskPublicKey]
    digest: StatementDigest
    from_member: MemberId
    to_member: MemberId
    deliver_by: int
    exercise: bool = False
    lane: Lane = Lane.ROUTINE
    via: str = DIRECT
    plaintexts: Callable[[list[bytes]], list[bytes]] = field(default=lambda plain: plain)
    rewrite: Callable[[SealedBody], SealedBody] = field(default=lambda sealed: sealed)
    slots: Callable[[bytes], bytes] = field(default=lambda slots: slots)
    attachments: tuple[bytes, ...] = ()
    log_entry: Callable[[Address, EnvelopeId, StatementDigest, int], Entry] = field(default=sent_on)


class Forger:
    """The node of `house`, in wrong hands, writing to `to`."""

    def __init__(self, house: House, to: House) -> None:
        self.house = house
        self.to = to

    @property
    def signer(self) -> KeySigner:
        """The member's own statement key."""
        return self.house.identities.signer

    def entry(self) -> EntryView:
        """The addressee's directory entry as the sender holds it."""
        entry = self.house.papers.entry(self.to.member)
        assert entry is not None
        return entry

    def claims(self, kind: str, **changes: Any) -> Claims:
        """Return honest claims with `changes`."""
        now = self.house.clock()
        honest: dict[str, Any] = {
            "iss": self.house.member,
            "aud": (self.to.member,),
            "iat": now,
            "jti": new_id(),
            "kind": kind,
            "thread": ThreadId(new_id()),
            "in_reply_to": None,
            "desk": DeskId("poc"),
            "purpose": "PURPOSE_CRIMINAL_INVESTIGATION",
            "legal_basis": "LEGAL_BASIS_ITI",
        }
        return Claims(**(honest | changes))

    def sign(self, message: Message, *, signer: KeySigner | None = None, **changes: Any) -> Statement:
        """Return `message` signed, whether it obeys the schema's rules or not; `changes` are of claims."""
        fields = schema.flatten(message)
        return self.sign_fields(schema.kind_of(message), fields, signer=signer, **changes)

    def sign_fields(
        self, kind: str, fields: Sequence[Field], *, signer: KeySigner | None = None, **changes: Any
    ) -> Statement:
        """Return any fields of any kind signed, in whatever class they say that they have."""
        claims = self.claims(kind, **changes)
        return statement.sign(claims, fields, signer or self.signer, os.urandom, _any_class)

    def pack(self, signed: Statement, **changes: Any) -> Parcel:
        """Return `signed` cut for the addressee's desks as an honest node cuts it."""
        entry = self.entry()
        made = cut(signed, {}, self.house.rooms.sealer.readings(entry, named_in(signed)))
        honest: dict[str, Any] = {
            "compartments": list(made.compartments),
            "entitled": list(made.entitled),
            "desk_keys": [d.public_key for d in entry.desks],
            "digest": signed.digest,
            "from_member": self.house.member,
            "to_member": self.to.member,
            "deliver_by": self.house.clock() + 30 * _DAY,
            "exercise": signed.claims.exercise,
        }
        return Parcel(**(honest | changes))

    async def post(self, parcel: Parcel) -> Envelope:
        """Number, log and queue what `parcel` makes; return it as the outbox gives it to the courier."""
        body, slots = _seal(parcel, self.house.clock())
        mail = await self.house.store.write(lambda tx: self._queue(tx, parcel, body, slots))
        line = await self.house.store.read(lambda tx: tx.log.lines([mail.log_number])[mail.log_number])
        [proof] = self.house.store.evidence.prove([(mail.log_number, line)])
        return Envelope(header=mail.header, slots=slots, body=body, proof=proof)

    def _queue(self, tx: Tx, parcel: Parcel, body: bytes, slots: bytes) -> QueuedMail:
        now = self.house.clock()
        queue = Queue(parcel.to_member, parcel.via, parcel.lane)
        run = tx.outbox.take_numbers(queue, 1)
        road = Road(parcel.via, run.epoch, run.first)
        address = Address(
            parcel.from_member, parcel.to_member, parcel.deliver_by, parcel.lane, road, parcel.exercise
        )
        header, name = build_envelope(address, slots, body, parcel.attachments)
        entry = parcel.log_entry(address, name, parcel.digest, now)
        [number] = tx.log.append([prepare_line(entry, os.urandom)])
        mail = QueuedMail(
            name,
            queue,
            run.epoch,
            run.first,
            parcel.deliver_by,
            parcel.digest,
            number,
            now,
            header,
            slots,
            body,
        )
        if parcel.digest not in tx.statements.find([parcel.digest]):
            tx.statements.admit([self._own_record(parcel.digest, name, now)])
        tx.outbox.queue([mail])
        return mail

    def _own_record(self, digest: StatementDigest, name: EnvelopeId, now: int) -> StatementRecord:
        return StatementRecord(
            digest=digest,
            iss=self.house.member,
            jti=new_id(),
            kind="forged/1",
            thread=ThreadId(new_id()),
            in_reply_to=None,
            desk=DeskId("poc"),
            iat=now,
            direction=Direction.OURS,
            in_effect=False,
            envelope_id=name,
            stored_at=now,
            admin_json=b"{}",
        )


def exhibit_of(signed: Statement, house: House) -> share_pb2.Exhibit:
    """Return what another member shows of `signed`: the part for the daemon's own desk."""
    shown = [d.encoded for d in signed.disclosures if d.sensitivity is Sensitivity.ADMINISTRATIVE]
    return share_pb2.Exhibit(
        jws=signed.jws,
        issuer_certificates=[house.identities.statement.der],
        statement_digest=encode_b64(signed.digest),
        administrative_disclosures=shown,
    )


def new_id() -> str:
    """Return a new UUIDv7 in text."""
    return new_uuid7(1, os.urandom(10))


def _any_class(_kind: str, _path: str) -> None:
    """Know no path: then every class is allowed to it."""


def _seal(parcel: Parcel, now: int) -> tuple[bytes, bytes]:
    plain = parcel.plaintexts([pack_compartment(c) for c in parcel.compartments])
    sealed = parcel.rewrite(seal_body(plain, os.urandom))
    slots = seal_slots(
        parcel.from_member,
        parcel.to_member,
        list(zip(parcel.desk_keys, parcel.entitled, strict=True)),
        sealed,
        parcel.digest,
        epochs=EpochBook(),
        now=now,
        random=os.urandom,
    )
    return sealed.body, parcel.slots(slots)


# ── statements with one thing wrong ──────────────────────────────────────────────────


def resign(signed: Statement, signer: KeySigner, change: Callable[[dict[str, Any]], None]) -> Statement:
    """Return the statement with its payload changed and signed again: whoever holds the key may do so."""
    header, payload, _ = signed.jws.split(".")
    document = orjson.loads(_decode(payload))
    change(document)
    segment = _encode(orjson.dumps(document))
    text = f"{header}.{segment}"
    return dataclasses.replace(
        signed,
        jws=f"{text}.{_encode(signer.sign(text.encode('ascii')))}",
        digest=statement.statement_digest(segment),
    )


def disclose(path: str, value: JsonValue, sensitivity: Sensitivity, *, salt: str = "") -> Disclosure:
    """Return a new disclosure; nobody has signed it yet."""
    content = [salt or _encode(os.urandom(16)), path, value]
    return Disclosure(_encode(orjson.dumps(content)), path, value, sensitivity)


def add_signed(signed: Statement, signer: KeySigner, *added: Disclosure, counted: bool = True) -> Statement:
    """Return the statement with further disclosures in their groups; the groups count them, if `counted`."""
    touched = {d.sensitivity for d in added} if counted else set[Sensitivity]()
    kept = [d for d in signed.disclosures if not (d.is_counter and d.sensitivity in touched)]
    numbers = Counter(d.sensitivity for d in (*kept, *added) if not d.is_counter)
    new = [*added, *(disclose(statement.COUNTER_PATH, numbers[c], c) for c in touched)]

    def change(payload: dict[str, Any]) -> None:
        for one in new:
            group = payload["message"].setdefault(one.sensitivity.value, {"_sd": []})["_sd"]
            group.append(_digest(one.encoded))
        for group in payload["message"].values():
            group["_sd"] += [_encode(os.urandom(32)) for _ in range(-len(group["_sd"]) % 8)]
            group["_sd"].sort()

    return dataclasses.replace(resign(signed, signer, change), disclosures=(*kept, *new))


def _digest(encoded: str) -> str:
    return _encode(hashlib.sha256(encoded.encode("ascii")).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
