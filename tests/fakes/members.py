"""Members as a relay sees them: a root, a node certificate, a log, sealed envelopes; and their stewards.

    network = Network("xaa", "xab", "hub")
    envelope = network["xaa"].envelope("xab", via="hub")
    receipt = network["xab"].receipt(envelope, "xaa", via="hub")

The sealed parts are random bytes: whoever is blind cannot tell.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections import Counter
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec

from fakes.pki import DAY, DOMAIN, Authority, Issued, make_root
from tracepost.protocol.envelope import (
    SIZE_CLASSES_KIB,
    SLOT_LENGTHS,
    SUITE,
    Address,
    Lane,
    Road,
    build_envelope,
    envelope_id,
    parse_header,
)
from tracepost.protocol.evidence import (
    BlockHashes,
    Entry,
    Frontier,
    ListedKey,
    Origin,
    Prover,
    generate_log_key,
    make_proof,
    prepare_line,
    received_on,
    sent_on,
)
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest
from tracepost.protocol.trustlist import (
    Member,
    MemberType,
    Steward,
    TrustContent,
    encode_content,
    fingerprint_of,
    join,
    sign_part,
)
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import ConsistencyProof, Receipt


class FakeLog:
    """A member's log in memory."""

    def __init__(self, member: MemberId) -> None:
        self.origin = Origin(member, DOMAIN, 1)
        self.key = generate_log_key(self.origin)
        self.frontier = Frontier()
        self.hashes = BlockHashes(lambda _level, _index: b"", 1 << 30)

    def prove(self, *entries: Entry) -> list[bytes]:
        """Append entries and return their proofs under one head."""
        lines = [prepare_line(entry, os.urandom) for entry in entries]
        first = self.frontier.size
        for line in lines:
            self.hashes.add(self.frontier.append(line.leaf))
        prover = Prover(self.frontier.size, self.hashes)
        note = self.key.sign_checkpoint(self.origin, self.frontier.size, self.frontier.root())
        return [
            make_proof(line, first + n, prover.inclusion_path(first + n), note).SerializeToString()
            for n, line in enumerate(lines)
        ]

    def consistency(self, old_size: int) -> ConsistencyProof:
        """Return the proof from the head of `old_size` entries to the newest."""
        prover = Prover(self.frontier.size, self.hashes)
        note = self.key.sign_checkpoint(self.origin, self.frontier.size, self.frontier.root())
        path = prover.consistency_path(old_size)
        return ConsistencyProof(member=self.origin.member, old_size=old_size, path=path, checkpoint=note)


class FakeMember:
    """A member with everything that a relay can check of it."""

    def __init__(self, member: str) -> None:
        self.id = MemberId(member)
        self.root: Authority = make_root(member)
        self.node: Issued = self.root.issue(Role.NODE)
        self.log = FakeLog(self.id)
        self._numbers: Counter[tuple[str, str, Lane]] = Counter()

    def entry(self, member_type: MemberType = MemberType.STATE) -> Member:
        """Return the member's entry in a trust list."""
        return Member(
            id=self.id,
            type=member_type,
            roots=(self.root.der,),
            log_keys=(ListedKey(self.log.key.vkey),),
            competences=(),
            base_policy_sha256=bytes(32),
        )

    def envelope(
        self,
        to: str,
        *,
        via: str,
        lane: Lane = Lane.ROUTINE,
        deliver_by: int | None = None,
        size_kib: int = SIZE_CLASSES_KIB[0],
        from_member: str | None = None,
        prove: Callable[[Address, EnvelopeId], Entry] | None = None,
        attachments: tuple[bytes, ...] = (),
    ) -> Envelope:
        """Return a new envelope; `from_member` and `prove` forge what it claims."""
        self._numbers[to, via, lane] += 1
        address = Address(
            from_member=MemberId(from_member or self.id),
            to_member=MemberId(to),
            deliver_by=int(time.time()) + DAY if deliver_by is None else deliver_by,
            lane=lane,
            road=Road(via, 1, self._numbers[to, via, lane]),
            exercise=False,
        )
        slots, body = os.urandom(SLOT_LENGTHS[SUITE]), os.urandom(size_kib * 1024)
        header, id_ = build_envelope(address, slots, body, attachments)
        statement = StatementDigest(os.urandom(32))
        entry = prove(address, id_) if prove else sent_on(address, id_, statement, int(time.time()))
        (proof,) = self.log.prove(entry)
        return Envelope(header=header, slots=slots, body=body, proof=proof)

    def receipt(self, envelope: Envelope, *, refused: bool = False) -> Receipt:
        """Return our delivery receipt for an envelope."""
        address = parse_header(envelope.header).address
        id_ = envelope_id(envelope.header)
        entry = received_on(
            address,
            id_,
            None if refused else StatementDigest(os.urandom(32)),
            int(time.time()),
            verdict="refused" if refused else "accepted",
        )
        (proof,) = self.log.prove(entry)
        return Receipt(envelope_id=id_, from_member=self.id, to_member=address.from_member, proof=proof)


class Network:
    """Members, the last of whom is the relay, and three stewards."""

    def __init__(self, *members: str) -> None:
        self.members = {member: FakeMember(member) for member in members}
        self.relay = self.members[members[-1]]
        self.steward_keys = {f"steward-{n}": ec.generate_private_key(ec.SECP256R1()) for n in range(3)}
        self.sequence = 0

    def __getitem__(self, member: str) -> FakeMember:
        return self.members[member]

    def content(self, **changes: object) -> TrustContent:
        """Return what a trust list of all members says now."""
        now = int(time.time())
        content = TrustContent(
            sequence=self.sequence,
            issued=now - DAY,
            next_update=now + 30 * DAY,
            hard_expiry=now + 90 * DAY,
            domain=DOMAIN,
            members=tuple(
                member.entry(MemberType.RELAY if member is self.relay else MemberType.STATE)
                for member in self.members.values()
            ),
            stewards=tuple(Steward.of_key(id_, key.public_key()) for id_, key in self.steward_keys.items()),
        )
        return dataclasses.replace(content, **changes)  # type: ignore[arg-type]  # a test knows the fields

    def trust_list(self, *left_out: str, signers: int = 2, **changes: object) -> tuple[bytes, str]:
        """Return the next signed trust list without some members, and its fingerprint."""
        self.sequence += 1
        content = self.content(**changes)
        members = tuple(member for member in content.members if member.id not in left_out)
        payload = encode_content(dataclasses.replace(content, members=members))
        parts = [sign_part(payload, id_, key) for id_, key in list(self.steward_keys.items())[:signers]]
        return join(payload, parts), fingerprint_of(payload)
