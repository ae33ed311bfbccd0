"""A small world for case files: fictional members with authorities, logs and a trust list.

    world = World("xaa", "xab", relays=("relay",))
    asked = world.sign("xaa", ["xab"], TraceRequest(...))
    filed = world.file(asked, world.post(asked, "xab", via="relay"))
    data = write_casefile(world.case(filed))

Everything is really signed and really logged; only slots and bodies are noise.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.message import Message

from fakes.pki import DOMAIN, Authority, Issued, make_root
from tracepost.protocol.envelope import Address, Lane, Road, build_envelope, parse_header
from tracepost.protocol.evidence import (
    BlockHashes,
    Entry,
    Frontier,
    ListedKey,
    LogKey,
    Opened,
    Origin,
    Prover,
    custody_on,
    generate_log_key,
    make_proof,
    prepare_line,
    received_on,
    sent_on,
)
from tracepost.protocol.identity import Role
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
from tracepost.protocol.schema import Sensitivity, flatten, kind_of
from tracepost.protocol.statement import (
    Claims,
    KeySigner,
    Restriction,
    Statement,
    redact,
    sign,
    to_compact,
)
from tracepost.protocol.trustlist import (
    Member,
    MemberType,
    Steward,
    TrustContent,
    TrustList,
    encode_content,
    fingerprint_of,
    join,
    load_first,
    sign_part,
)
from tracepost.wire.v1.casefile_pb2 import (
    CaseFile,
    FiledDeletion,
    FiledEnvelope,
    FiledReceipt,
    FiledStatement,
)
from tracepost.wire.v1.share_pb2 import Exhibit

NOW = int(time.time())
THREAD = ThreadId("01890000-0000-7000-8000-000000000000")

_JTI = itertools.count(1)


@dataclass
class Log:
    """The log of one member, in memory."""

    key: LogKey
    blocks: BlockHashes = field(default_factory=lambda: BlockHashes(lambda _level, _index: b""))
    frontier: Frontier = field(default_factory=Frontier)

    def prove(self, entry: Entry) -> bytes:
        """Append `entry` and return its serialized proof under the new head."""
        line, index = prepare_line(entry, os.urandom), self.frontier.size
        self.blocks.add(self.frontier.append(line.leaf))
        prover = Prover(self.frontier.size, self.blocks)
        note = self.key.sign_checkpoint(self.key.origin, prover.size, prover.root())
        return make_proof(line, index, prover.inclusion_path(index), note).SerializeToString()


@dataclass
class Party:
    """One member with everything it signs with."""

    authority: Authority
    papers: Issued
    log: Log

    @property
    def signer(self) -> KeySigner:
        """The statement key."""
        return KeySigner(self.papers.key, self.papers.certificate)


class World:
    """Members, their papers, and what they sign and log."""

    def __init__(self, *members: str, relays: Sequence[str] = ()) -> None:
        self.parties = {name: _party(name) for name in (*members, *relays)}
        self._relays = frozenset(relays)
        self._steward = ec.generate_private_key(ec.SECP256R1())
        self.trust_data = self._make_trust_list()
        self.trust: TrustList = load_first(self.trust_data, fingerprint=self.fingerprint)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the trust list."""
        return fingerprint_of(self._payload)

    def sign(
        self,
        issuer: str,
        audience: Sequence[str],
        message: Message,
        *,
        in_reply_to: Statement | None = None,
        at: int = NOW,
        thread: ThreadId = THREAD,
        restrictions: tuple[Restriction, ...] = (),
        exercise: bool = False,
        jti: str = "",
        papers: Issued | None = None,
    ) -> Statement:
        """Return `message` signed by `issuer` for `audience` at unix time `at`."""
        claims = Claims(
            iss=MemberId(issuer),
            aud=tuple(MemberId(one) for one in audience),
            iat=at,
            jti=jti or new_uuid7(at * 1000, next(_JTI).to_bytes(10)),
            kind=kind_of(message),
            thread=thread,
            in_reply_to=in_reply_to.digest if in_reply_to else None,
            desk=DeskId("poc"),
            purpose="PURPOSE_CRIMINAL_INVESTIGATION",
            legal_basis="LEGAL_BASIS_ITI",
            restrictions=restrictions,
            exercise=exercise,
        )
        own = papers or self.parties[issuer].papers
        return sign(claims, flatten(message), KeySigner(own.key, own.certificate), os.urandom)

    def post(
        self,
        statement: Statement,
        to: str,
        *,
        via: str = DIRECT,
        at: int = NOW,
        delivered: bool = True,
        verdict: Literal["accepted", "refused"] = "accepted",
        **changed: object,
    ) -> FiledEnvelope:
        """Return the envelope of `statement` to `to` with the proofs of all logs on its way.

        `changed` replaces single values: exercise, from_member, commitment, seq, custodian, receiver;
        sent_statement and sent_seq in the entry of the sender.
        """
        header, envelope = _header(statement, to, via, changed)
        address = parse_header(header).address
        seq = int(str(changed.get("seq", 1)))
        named = changed.get("sent_statement", statement)
        assert isinstance(named, Statement)
        sent = sent_on(address, envelope, named.digest, at)
        sent = replace(sent, seq=int(str(changed.get("sent_seq", 1))))
        filed = FiledEnvelope(header=header, sent_proof=self.prove(statement.claims.iss, sent))
        if via != DIRECT:
            custody = replace(custody_on(address, envelope, at + 1), seq=seq)
            filed.receipts.append(self._receipt(str(changed.get("custodian", via)), custody))
        if delivered:
            received = received_on(address, envelope, statement.digest, at + 2, verdict=verdict)
            commitment = changed.get("commitment", received.statement)
            assert isinstance(commitment, bytes)
            received = replace(received, statement=commitment, seq=seq)
            filed.receipts.append(self._receipt(str(changed.get("receiver", to)), received))
        return filed

    def file(
        self,
        statement: Statement,
        *envelopes: FiledEnvelope,
        parts: Iterable[bytes] = (),
        hide: Iterable[Sensitivity] = (),
    ) -> FiledStatement:
        """Return the statement for a file, without the classes to `hide` (their counters stay)."""
        hidden = set(hide)
        shown = redact(statement, lambda one: one.sensitivity not in hidden or one.is_counter)
        return FiledStatement(sd_jwt=to_compact(shown), envelopes=envelopes, parts=parts)

    def deletion(self, statement: Statement, at: int = NOW, **changed: object) -> FiledDeletion:
        """Return what is left of `statement` that the exporter deleted for its last day.

        `changed` replaces single values: member, action, digest, decision, approvals.
        """
        entry = Opened(
            statement=StatementDigest(changed.get("digest", statement.digest)),  # type: ignore[arg-type]
            desk="node",
            officer="node",
            action=str(changed.get("action", "delete")),
            decision=changed.get("decision", hashlib.sha256(b"delete-after").digest()),  # type: ignore[arg-type]
            time=at,
            approvals=changed.get("approvals", b""),  # type: ignore[arg-type]
        )
        claims = statement.claims
        return FiledDeletion(
            statement_digest=encode_b64(statement.digest),
            issuer=claims.iss,
            jti=claims.jti,
            kind=claims.kind,
            proof=self.prove(str(changed.get("member", next(iter(self.parties)))), entry),
        )

    def exhibit(
        self, statement: Statement, keep: Callable[[str], bool] = lambda _path: True, **changed: object
    ) -> Exhibit:
        """Return `statement` as somebody else shows it, with the paths that `keep` keeps."""
        exhibit = Exhibit(
            jws=statement.jws,
            issuer_certificates=[self.parties[statement.claims.iss].papers.der],
            statement_digest=encode_b64(statement.digest),
        )
        for one in redact(statement, lambda one: keep(one.path)).disclosures:
            getattr(exhibit, f"{one.sensitivity.value.lower()}_disclosures").append(one.encoded)
        exhibit.dropped.extend(one.path for one in statement.disclosures if not keep(one.path))
        for name, value in changed.items():
            setattr(exhibit, name, value)
        return exhibit

    def case(self, *statements: FiledStatement, crls: Iterable[bytes] = ()) -> CaseFile:
        """Return a case with these statements and all papers."""
        return CaseFile(
            thread=THREAD,
            exported_by=next(iter(self.parties)),
            exported_for_desk="poc",
            exported_at=NOW,
            statements=statements,
            certificates=[party.papers.der for party in self.parties.values()],
            crls=crls,
            trust_list=self.trust_data,
        )

    def prove(self, member: str, entry: Entry) -> bytes:
        """Append `entry` to the log of `member` and return its serialized proof."""
        return self.parties[member].log.prove(entry)

    def _receipt(self, member: str, entry: Entry) -> FiledReceipt:
        return FiledReceipt(from_member=member, proof=self.prove(member, entry))

    def _make_trust_list(self) -> bytes:
        content = TrustContent(
            sequence=3,
            issued=NOW,
            next_update=NOW + 30 * 86400,
            hard_expiry=NOW + 180 * 86400,
            domain=DOMAIN,
            members=tuple(self._member(name, party) for name, party in self.parties.items()),
            stewards=(Steward.of_key("one", self._steward.public_key()),),
        )
        self._payload = encode_content(content)
        return join(self._payload, [sign_part(self._payload, "one", self._steward)])

    def _member(self, name: str, party: Party) -> Member:
        return Member(
            id=MemberId(name),
            type=MemberType.RELAY if name in self._relays else MemberType.STATE,
            roots=(party.authority.der,),
            log_keys=(ListedKey(party.log.key.vkey),),
            competences=(),
            base_policy_sha256=bytes(32),
        )


def _party(name: str) -> Party:
    authority = make_root(name)
    log = Log(generate_log_key(Origin(MemberId(name), DOMAIN, 1)))
    return Party(authority, authority.issue(Role.STATEMENT), log)


def _header(statement: Statement, to: str, via: str, changed: dict[str, object]) -> tuple[bytes, EnvelopeId]:
    address = Address(
        from_member=MemberId(str(changed.get("from_member", statement.claims.iss))),
        to_member=MemberId(to),
        deliver_by=NOW + 86400,
        lane=Lane.ROUTINE,
        road=Road(via, 1, 1),
        exercise=bool(changed.get("exercise", statement.claims.exercise)),
    )
    noise = hashlib.shake_256(statement.digest + to.encode()).digest(2040 + 4096)
    return build_envelope(address, noise[:2040], noise[2040:])


def digest_of(data: bytes) -> StatementDigest:
    """Return SHA-256 over `data` as a digest."""
    return StatementDigest(hashlib.sha256(data).digest())
