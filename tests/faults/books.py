"""What a member's store says when its process is gone, read by plain SQL and reckoned with our own arithmetic.

    book = read_book("xaa", engine_url, is_relay=False)
    book.root(12)           # RFC 6962, over the first twelve entries, recomputed from salts and preimages

No code of the product that writes these tables is used to read them: a fault that writes and reads wrongly in
the same way would not be seen.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import create_engine, text

from tracepost.wire.v1.envelope_pb2 import LogProof

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One entry of a log: its number in it, its leaf hash, what it says; which log it is, and its row in the store."""

    number: int
    leaf: bytes
    says: Row
    epoch: int
    row: int

    @classmethod
    def of(cls, number: int, salt: bytes, preimage: bytes, epoch: int = 1, row: int = -1) -> Line:
        """Return the entry as it was stored; a salted one is hidden behind a digest, a clear one is itself."""
        data = hashlib.sha256(salt + preimage).digest() if salt else preimage
        leaf = hashlib.sha256(b"\x00" + data).digest()
        return cls(number, leaf, json.loads(preimage), epoch, number if row < 0 else row)


@dataclass(frozen=True)
class Receipt:
    """A receipt that a sender keeps: the entry that it proves, its place, and under which signed head."""

    envelope: str
    kind: str
    from_member: str
    verdict: str
    number: int
    leaf: bytes
    note: str


@dataclass(frozen=True)
class Book:
    """Everything that a member keeps and that a rule asks for. Digests are hexadecimal.

    Args:
        statements: of a node, in the order in which they were stored.
        sent: envelopes of ours, in the order of dispatch.
        received: envelopes of others, in the order of arrival; of a relay those that it took.
        lines: its logs, one after the other; a store that is put back begins a new one.
        heads: log and size → root, as it was stored.
        notes: signed heads that it keeps, its own and those of others.
        put_off: envelopes that it could not take when they came, as its audit trail has them.
        given_back: envelopes that it had when its disk was lost: since then they stand in another order.
        rewritten: logs of which it says something else than it said before its disk was lost.
    """

    member: str
    is_relay: bool
    statements: Sequence[Row] = ()
    sent: Sequence[Row] = ()
    received: Sequence[Row] = ()
    receipts: Sequence[Receipt] = ()
    lines: Sequence[Line] = ()
    heads: Mapping[tuple[int, int], bytes] = field(default_factory=dict)
    notes: Sequence[str] = ()
    put_off: frozenset[str] = frozenset()
    given_back: frozenset[str] = frozenset()
    rewritten: frozenset[int] = frozenset()

    @cached_property
    def logs(self) -> dict[int, list[Line]]:
        """Entries by the epoch of their log."""
        logs: defaultdict[int, list[Line]] = defaultdict(list)
        for line in self.lines:
            logs[line.epoch].append(line)
        return dict(logs)

    @cached_property
    def roots(self) -> dict[int, list[bytes]]:
        """The root over the first n entries of each log, for every n."""
        return {
            epoch: list(compute_roots([line.leaf for line in lines])) for epoch, lines in self.logs.items()
        }

    @cached_property
    def by_digest(self) -> dict[str, Row]:
        """Statements by digest."""
        return {row["digest"]: row for row in self.statements}

    @cached_property
    def line_at(self) -> dict[tuple[int, int], Line]:
        """Entries by log and number."""
        return {(line.epoch, line.number): line for line in self.lines}

    @cached_property
    def says_at(self) -> defaultdict[int, list[Row]]:
        """What its logs say, by number: each of them has one."""
        return _says_by((line.number, line) for line in self.lines)

    @cached_property
    def says_in(self) -> defaultdict[int, list[Row]]:
        """What its store says, by row; what stood in the same row of a disk that was lost, beside it."""
        return _says_by((line.row, line) for line in self.lines)

    def after(self, lost: Book) -> Book:
        """Return this book with what stood, when a disk was lost, in the logs that had been begun by then."""
        logs = {epoch: max(lost.logs.get(epoch, []), ours, key=len) for epoch, ours in self.logs.items()}
        wrong = {epoch for epoch, ours in self.logs.items() if not _agree(ours, lost.logs.get(epoch, []))}
        return replace(
            self,
            lines=[line for epoch in sorted(logs) for line in logs[epoch]],
            heads={**lost.heads, **self.heads},
            notes=[*lost.notes, *self.notes],
            put_off=self.put_off | lost.put_off,
            given_back=self.given_back | {row["id"] for row in (*lost.sent, *lost.received)},
            rewritten=self.rewritten | wrong,
        )


def _says_by(lines: Iterable[tuple[int, Line]]) -> defaultdict[int, list[Row]]:
    said: defaultdict[int, list[Row]] = defaultdict(list)
    for number, line in lines:
        said[number].append(line.says)
    return said


def _agree(one: Sequence[Line], other: Sequence[Line]) -> bool:
    """Say whether one log goes on where the other ends."""
    return all(here == there for here, there in zip(one, other, strict=False))


def read_book(member: str, url: str, *, is_relay: bool) -> Book:
    """Return what the store at `url` says."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:

            def ask(question: str) -> list[Row]:
                return [dict(row) for row in connection.execute(text(question)).mappings()]

            book = _read_relay(member, ask) if is_relay else _read_node(member, ask)
    finally:
        engine.dispose()
    return book


def compute_roots(leaves: Sequence[bytes]) -> Iterable[bytes]:
    """Yield the Merkle tree hash (RFC 6962, 2.1) of the first 0, 1, 2 … of `leaves`."""
    peaks: list[tuple[int, bytes]] = []
    yield hashlib.sha256().digest()
    for leaf in leaves:
        height, node = 0, leaf
        while peaks and peaks[-1][0] == height:
            node = _parent(peaks.pop()[1], node)
            height += 1
        peaks.append((height, node))
        root = peaks[-1][1]
        for _, left in reversed(peaks[:-1]):
            root = _parent(left, root)
        yield root


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _read_node(member: str, ask: Any) -> Book:
    statements = [
        {
            "digest": base64.urlsafe_b64encode(bytes(row["digest"])).rstrip(b"=").decode(),
            "iss": row["iss"],
            "jti": row["jti"],
            "kind": row["kind"],
            "thread": row["thread"],
            "in_reply_to": _b64(row["in_reply_to"]),
            "in_effect": bool(row["in_effect"]),
            "ours": row["direction"] == "OURS",
            "reference": _reference(row["admin_json"]),
        }
        for row in ask(
            "SELECT digest, iss, jti, kind, thread, in_reply_to, in_effect, direction,"
            " admin_json FROM statement ORDER BY number"
        )
    ]
    columns = "id, via, lane, epoch, seq, statement, state, log_number"
    sent = ask(f"SELECT {columns}, log_epoch, to_member AS peer FROM sent_mail ORDER BY number")
    received = ask(f"SELECT {columns}, from_member AS peer FROM received_mail ORDER BY number")
    return Book(
        member,
        is_relay=False,
        statements=statements,
        sent=[_mail(row) for row in sent],
        received=[_mail(row) for row in received],
        receipts=[_receipt(row) for row in ask(_RECEIPTS)],
        lines=_lines(ask),
        heads=_heads(ask),
        notes=[*_own_notes(ask), *(row["note"] for row in ask("SELECT note FROM peer_head"))],
        put_off=frozenset(row["subject"] for row in ask(_PUT_OFF)),
    )


_PUT_OFF: Final = "SELECT subject FROM audit_event WHERE action = 'defer'"
_RECEIPTS: Final = "SELECT envelope_id, kind, from_member, verdict, log_number, proof FROM receipt"


def _read_relay(member: str, ask: Any) -> Book:
    mail = ask(
        "SELECT envelope_id AS id, from_member, to_member AS peer, lane, epoch, seq, state, log_number"
        " FROM mail ORDER BY arrival"
    )
    return Book(
        member,
        is_relay=True,
        received=[{**row, "id": bytes(row["id"]).hex(), "via": member} for row in mail],
        lines=_lines(ask),
        heads=_heads(ask),
        notes=_own_notes(ask),
    )


def _reference(admin_json: object) -> str:
    """Return the file number that the author gave a statement: a campaign writes the draft's key there."""
    fields = json.loads(bytes(admin_json))["fields"]  # type: ignore[call-overload]
    return str(next((value for path, _, value in fields if path == "file_number"), ""))


def _mail(row: Row) -> Row:
    return {**row, "id": bytes(row["id"]).hex(), "statement": _b64(row["statement"])}


def _receipt(row: Row) -> Receipt:
    proof = LogProof.FromString(bytes(row["proof"]))
    line = Line.of(row["log_number"], proof.salt, proof.preimage)
    return Receipt(
        envelope=bytes(row["envelope_id"]).hex(),
        kind=row["kind"],
        from_member=row["from_member"],
        verdict=row["verdict"],
        number=row["log_number"],
        leaf=line.leaf,
        note=proof.checkpoint,
    )


def _lines(ask: Any) -> list[Line]:
    lines, first = list[Line](), 0
    for row in ask("SELECT epoch, number, salt, preimage FROM log_entry ORDER BY epoch, number"):
        if lines and lines[-1].epoch != row["epoch"]:  # a new log, in the rows that follow
            first = lines[-1].row + 1
        salt, preimage = bytes(row["salt"]), bytes(row["preimage"])
        lines.append(Line.of(row["number"] - first, salt, preimage, row["epoch"], row["number"]))
    return lines


def _heads(ask: Any) -> dict[tuple[int, int], bytes]:
    rows = ask("SELECT epoch, size, root FROM log_head")
    return {(row["epoch"], row["size"]): bytes(row["root"]) for row in rows}


def _own_notes(ask: Any) -> list[str]:
    return [row["note"] for row in ask("SELECT note FROM log_head WHERE note IS NOT NULL")]


def _b64(value: object) -> str:
    return base64.urlsafe_b64encode(bytes(value)).rstrip(b"=").decode() if value else ""  # type: ignore[call-overload]
