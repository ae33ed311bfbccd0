"""Reckons, after a run with a crash in it, whether anything was lost or doubled, and whether a log forked.

    complaints = reckon(town, Voyage("xaa", "xac", "hub", file_numbers), submissions, mint)
    assert complaints == []

Looked at are only the stores as the disk has them, what the submitting client was told, and every head
that was ever signed (`fakes.witness`). Each complaint is a sentence.

    1  each draft is one statement, one envelope and one case, at the sender and at the receiver
    2  what the client was told is there, under the very digest; and it is delivered
    3  numbers run from 1 without gap or repetition, and arrived as they were given
    4  each log says each thing once
    5  each receipt and each proof of sending proves an entry that stands in its log
    6  all heads of one size are one note; every log continues all of its heads
    7  the relay holds no mail and no receipt, and counts none
    8  nothing that was sealed lies open
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

from fakes.canaries import Mint
from fakes.canary_search import Search
from fakes.town import Town
from fakes.witness import read_heads
from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.evidence import (
    Head,
    LogKey,
    LogVerifier,
    peek_head,
    verify_consistency,
    verify_proof,
)
from tracepost.protocol.ids import encode_b64
from tracepost.serving.storage.engine import open_engines
from tracepost.serving.storage.evidence_store import LogStore, define_log_tables
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.envelope_pb2 import LogProof

_ONCE_PER_ENVELOPE = ("sent/1", "received/1", "custody/1")


@dataclass(frozen=True)
class Voyage:
    """Who sent to whom, by which relay, if by one; and what was to be sent, as file numbers."""

    sender: str
    receiver: str
    via: str
    file_numbers: tuple[str, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """All whose stores are reckoned with."""
        return (self.sender, self.receiver) if not self.via else (self.sender, self.via, self.receiver)


def reckon(town: Town, voyage: Voyage, told: Sequence[desk_pb2.Submission], mint: Mint) -> list[str]:
    """Return what is wrong; nothing, if nothing is. Nobody of the town may be running."""
    return list(
        chain(
            _reckon_drafts(town, voyage),
            _reckon_told(town, voyage, told),
            _reckon_numbers(town, voyage),
            _reckon_entries(town, voyage),
            _reckon_proofs(town, voyage),
            _reckon_heads(town, voyage),
            _reckon_relay(town, voyage),
            _reckon_secrets(town, voyage, mint),
        )
    )


def is_quiet(town: Town, voyage: Voyage, number: int) -> bool:
    """Say whether `number` messages are delivered and nobody owes anybody a receipt; all may be running."""
    sent = town.ask(voyage.sender, "SELECT state FROM sent_mail")
    if len(sent) < number or any(state != "DELIVERED" for (state,) in sent):
        return False
    return not voyage.via or not town.ask(voyage.via, "SELECT envelope_id FROM receipt_due")


# ── 1, 2: what was said is there, once ───────────────────────────────────────────────


def _reckon_drafts(town: Town, voyage: Voyage) -> Iterator[str]:
    wanted = Counter(voyage.file_numbers)
    for member, direction in ((voyage.sender, "OURS"), (voyage.receiver, "THEIRS")):
        rows = town.ask(member, "SELECT admin_json, direction, in_effect FROM statement")
        found = Counter(_file_number(row[0]) for row in rows if row[1] == direction)
        yield from _compare(wanted, found, f"as statements at {member}")
        if not all(row[2] for row in rows):
            yield f"a statement has no effect at {member}"
        cases = town.ask(member, "SELECT file_numbers FROM case_record")
        yield from _compare(wanted, Counter(json.loads(row[0])[0] for row in cases), f"as cases at {member}")
    for member, table in ((voyage.sender, "sent_mail"), (voyage.receiver, "received_mail")):
        count = len(town.ask(member, f"SELECT id FROM {table}"))
        if count != len(voyage.file_numbers):
            yield f"{count} envelopes in {table} of {member} for {len(voyage.file_numbers)} drafts"


def _reckon_told(town: Town, voyage: Voyage, told: Sequence[desk_pb2.Submission]) -> Iterator[str]:
    digests = {
        member: {encode_b64(row[0]) for row in town.ask(member, "SELECT digest FROM statement")}
        for member in (voyage.sender, voyage.receiver)
    }
    states: dict[bytes, str] = dict(town.ask(voyage.sender, "SELECT id, state FROM sent_mail"))
    for submission in told:
        for member, held in digests.items():
            if submission.statement not in held:
                yield f"{submission.idempotency_key} was acknowledged and is lost at {member}"
        for dispatch in submission.dispatches:
            state = states.get(bytes.fromhex(dispatch.envelope_id))
            if state != "DELIVERED":
                yield f"{submission.idempotency_key} was acknowledged and is {state}"


def _compare(wanted: Counter[str], found: Counter[str], what: str) -> Iterator[str]:
    for name, count in (wanted - found).items():
        yield f"{name} is missing {count} times {what}"
    for name, count in (found - wanted).items():
        yield f"{name} is {count} times too many {what}"


def _file_number(admin_json: bytes) -> str:
    fields = {path: value for path, _, value in json.loads(admin_json)["fields"]}
    return str(fields["file_number"])


# ── 3, 4: numbers and entries ────────────────────────────────────────────────────────


def _reckon_numbers(town: Town, voyage: Voyage) -> Iterator[str]:
    columns = "via, lane, epoch, seq, id"
    sent = town.ask(voyage.sender, f"SELECT {columns} FROM sent_mail ORDER BY seq")
    queues: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for via, lane, epoch, seq, _ in sent:
        queues[via, lane, epoch].append(seq)
    for queue, numbers in queues.items():
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"the numbers of queue {queue} are {numbers}"
    received = town.ask(voyage.receiver, f"SELECT {columns} FROM received_mail ORDER BY seq")
    if set(received) != set(sent):
        yield "mail arrived under other numbers than it was given"


def _reckon_entries(town: Town, voyage: Voyage) -> Iterator[str]:
    for member in voyage.members:
        entries = [json.loads(row[0]) for row in town.ask(member, "SELECT preimage FROM log_entry")]
        said = Counter(
            (entry["entry"], entry.get("id") or entry.get("statement"))
            for entry in entries
            if entry["entry"] in (*_ONCE_PER_ENVELOPE, "signed/1")
        )
        for (name, about), count in said.items():
            if count > 1:
                yield f"the log of {member} says {name} of {about} {count} times"


# ── 5, 6: proofs and heads ───────────────────────────────────────────────────────────


def _reckon_proofs(town: Town, voyage: Voyage) -> Iterator[str]:
    ids: set[bytes] = {row[0] for row in town.ask(voyage.sender, "SELECT id FROM sent_mail")}
    receipts = town.ask(voyage.sender, "SELECT envelope_id, from_member, proof, verdict FROM receipt")
    for signer in voyage.members[1:]:
        proved = [row[0] for row in receipts if row[1] == signer]
        # The word of the relay may be overtaken by that of the addressee, and is then not missed.
        missing = ids - set(proved) if signer == voyage.receiver else set()
        if missing or len(proved) != len(set(proved)):
            yield f"{len(ids)} envelopes, {len(proved)} receipts of {signer}"
    for name, signer, proof, verdict in receipts:
        yield from _check_proof(town, signer, proof, name)
        if verdict not in ("", "accepted"):
            yield f"{signer} answered {verdict}"
    arrived = town.ask(voyage.receiver, "SELECT id, proof FROM received_mail JOIN body USING (number)")
    for name, proof in arrived:
        yield from _check_proof(town, voyage.sender, proof, name)


def _check_proof(town: Town, signer: str, proof: bytes, about: bytes) -> Iterator[str]:
    try:
        proved = verify_proof(proof, LogVerifier([town.residents[signer].log_key]))
    except TracepostError as error:
        yield f"a proof of {signer} does not hold: {error}"
        return
    wire = LogProof.FromString(proof)
    question = f"SELECT salt, preimage FROM log_entry WHERE number = {proved.index}"
    if town.ask(signer, question) != [(wire.salt, wire.preimage)]:
        yield f"a proof of {signer} is about another entry than its log has at {proved.index}"
    if getattr(proved.entry, "id", None) != about:
        yield f"a proof of {signer} is about another envelope"


def _reckon_heads(town: Town, voyage: Voyage) -> Iterator[str]:
    notes = set(_all_notes(town, voyage))
    for member in voyage.members:
        verifier = LogVerifier([town.residents[member].log_key])
        heads = [verifier.open(note) for note in notes if peek_head(note).origin.member == member]
        for size, count in Counter(head.size for head in heads).items():
            if count > 1:
                yield f"the log of {member} shows {count} heads of size {size}"
        with _open_log(town, member) as log:
            for head in heads:
                yield from _check_head(log, head)


def _check_head(log: LogStore, head: Head) -> Iterator[str]:
    now = log.head
    if head.size > now.size:
        yield f"the log of {head.origin.member} has lost entries: {head.size} signed, {now.size} there"
        return
    proof = log.prove_consistency(head.size)
    try:
        verify_consistency(head.size, head.root, now.size, now.root, list(proof.path))
    except TracepostError as error:
        yield f"the log of {head.origin.member} does not continue its head of size {head.size}: {error}"


def _all_notes(town: Town, voyage: Voyage) -> Iterator[str]:
    """Yield every head that was signed, that travelled, and that somebody keeps."""
    yield from read_heads(town.heads_path)
    for member in voyage.members:
        yield from (row[0] for row in town.ask(member, "SELECT note FROM log_head WHERE note IS NOT NULL"))
    nodes = [member for member in voyage.members if member != voyage.via]
    for member in nodes:
        for table in ("peer_head", "peer_head_open"):
            yield from (row[0] for row in town.ask(member, f"SELECT note FROM {table}"))
        for table in ("receipt", "body"):
            rows = town.ask(member, f"SELECT proof FROM {table}")
            yield from (LogProof.FromString(row[0]).checkpoint for row in rows if row[0])


@contextmanager
def _open_log(town: Town, member: str) -> Iterator[LogStore]:
    place = town.place(member)
    engines = open_engines(town.store_url(member))
    try:
        yield LogStore(engines, define_log_tables(MetaData()), _read_log_key(place))
    finally:
        engines.dispose()


def _read_log_key(place: Path) -> LogKey:
    plain = place / "keys" / "log.key"
    if plain.exists():
        return LogKey.from_skey(plain.read_text("ascii").strip())
    keys = FileKeyStore(place / "keys", read_machine_secret(place / "keys", {}))
    return LogKey.from_skey(keys.load_machine_keys("log").decode("ascii"))


# ── 7, 8: the relay, and what lies open ──────────────────────────────────────────────


def _reckon_relay(town: Town, voyage: Voyage) -> Iterator[str]:
    if not voyage.via:
        return
    for question, complaint in _EMPTY_AT_RELAY.items():
        count = len(town.ask(voyage.via, question))
        if count:
            yield f"{count} {complaint}"
    kept = len(town.ask(voyage.via, "SELECT envelope_id FROM mail"))
    if kept != len(voyage.file_numbers):
        yield f"{kept} envelopes were in custody for {len(voyage.file_numbers)} drafts"


_EMPTY_AT_RELAY: Mapping[str, str] = {
    "SELECT envelope_id FROM mail WHERE state <> 1": "envelopes are not delivered at the relay",
    "SELECT envelope_id FROM mail_parts": "bodies are left at the relay",
    "SELECT envelope_id FROM receipt_due": "receipts are left at the relay",
    "SELECT member FROM usage WHERE envelopes <> 0 OR bytes <> 0": "counts of waiting mail are wrong",
}


def _reckon_secrets(town: Town, voyage: Voyage, mint: Mint) -> Iterator[str]:
    search = Search(mint)
    for member in voyage.members:
        for find in search.folder(town.place(member), deep=False):
            yield f"{find.canary} lies open at {member} in {find.place}, {find.form}"
