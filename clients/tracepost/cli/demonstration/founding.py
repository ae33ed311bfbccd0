"""Their papers: what each member and the relay make before anybody meets, and the trust list at the end.

For a member, in this order: authority, steward, node (keys, settings), a certificate for each
key, the escrow tried with the shares as printed, an officer at each desk, the papers that it
gives to others by hand. Then the parts of all are put together and every steward signs.

Everything is done with the functions that operators use, in one process. Passphrases are
drawn here and lie in files that only their owner reads.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost import ca
from tracepost.cli.demonstration.plan import DeskPlan, MemberPlan
from tracepost.node import installation as node_room
from tracepost.node.gate import base_policy
from tracepost.node.installation import CertifiedKey
from tracepost.protocol.enrolment import AnswerPaper, make_request
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import DeskId, MemberId
from tracepost.protocol.sealing import DeskPrivateKey
from tracepost.protocol.trustlist import (
    HARD_EXPIRY_LIMIT_S,
    Steward,
    TrustContent,
    decode_member,
    encode_content,
    fingerprint_of,
    join,
)
from tracepost.relay import installation as relay_room
from tracepost.sdk.enrolment import Applicant, answer_challenge

_NEXT_UPDATE_S: Final = 30 * 86_400
# A node that starts in this very second numbers its entry by its clock: ours must be older.
_ENTRY_AGE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a member's things lie on this machine."""

    folder: Path

    @property
    def authority(self) -> Path:
        """Folder of the authority."""
        return self.folder / "authority"

    @property
    def steward(self) -> Path:
        """Folder of the steward."""
        return self.folder / "steward"

    @property
    def node(self) -> Path:
        """Folder of the node or relay."""
        return self.folder / "node"

    @property
    def log(self) -> Path:
        """Log lines of the node or relay."""
        return self.folder / "node.log"

    @property
    def papers(self) -> Path:
        """The node's papers as it gives them to others by hand: a serialized `Announcement`."""
        return self.folder / "papers.bin"

    def officer(self, desk: str, number: int = 1) -> Path:
        """Folder of an officer at a desk, counted from 1."""
        return self.folder / "officers" / (desk if number == 1 else f"{desk}-{number}")

    def passphrase(self, name: str) -> Path:
        """File with a passphrase: `authority`, `steward` or `desk-<id>`."""
        return self.folder / "passphrases" / name


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a node listens: for peers, for its officers, for Prometheus; for readers of its log, if for any."""

    post: str
    desk: str
    metrics: str
    log: str = ""


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """A relay and where it is dialled."""

    member: str
    address: str


@dataclass(frozen=True, slots=True)
class Joining:
    """What a member brings to the trust list: its part, its steward and the steward's passphrase."""

    part: bytes
    seat: Seat
    steward: Steward
    passphrase: ca.Passphrase = field(repr=False)


def found_member(
    plan: MemberPlan, seat: Seat, addresses: Addresses, relays: Sequence[RelayAddress], domain: str
) -> Joining:
    """Make all that the member of `plan` needs but the trust list."""
    authority = ca.init_authority(
        seat.authority,
        _draw_passphrase(seat, "authority"),
        member=plan.member,
        domain=domain,
        member_type=plan.member_type,
    )
    try:
        log_key = _found_node(plan, seat, addresses, relays, authority)
        seats = [(desk, number) for desk in plan.desks for number in range(1, desk.officers + 1)]
        for name, (desk, number) in enumerate(seats, start=1):
            _found_officer(seat.officer(desk.desk, number), desk.desk, str(name), addresses, authority)
        part = ca.export_trust_part(
            authority,
            log_keys=[log_key],
            competences=sorted({one.lower() for desk in plan.desks for one in desk.competences}),
            base_policy_sha256=hashlib.sha256(base_policy().encode()).digest(),
            hosted_by=MemberId(plan.hosted_by) if plan.hosted_by else None,
        )
    finally:
        authority.close()
    return _with_steward(seat, plan.member, part)


def found_relay(member: str, seat: Seat, post: str, metrics: str, domain: str) -> Joining:
    """Make all that a relay needs but the trust list."""
    passphrase = _draw_passphrase(seat, "authority")
    authority = ca.init_authority(
        seat.authority, passphrase, member=member, domain=domain, member_type="relay"
    )
    try:
        made = relay_room.init_relay(seat.node, member=member, domain=domain, post=post, metrics=metrics)
        chain = authority.issue_from_csr(ca.node_profile(), made.request)
        relay_room.install_certificate(seat.node, _pem(chain[:-1]))
        (seat.node / "keys" / "own.crl").write_bytes(authority.crl() or b"")
        part = ca.export_trust_part(
            authority,
            log_keys=[made.log_key],
            competences=[],
            base_policy_sha256=bytes(32),
            witness_keys=made.witness_keys,
        )
    finally:
        authority.close()
    return _with_steward(seat, member, part)


def sign_trust_list(joining: Sequence[Joining], domain: str) -> tuple[bytes, str]:
    """Return the first trust list of all who join, signed by the stewards of all, and its fingerprint."""
    now = int(time.time())
    payload = encode_content(
        TrustContent(
            sequence=1,
            issued=now,
            next_update=now + _NEXT_UPDATE_S,
            hard_expiry=now + HARD_EXPIRY_LIMIT_S,
            domain=domain,
            members=tuple(decode_member(one.part) for one in joining),
            stewards=tuple(one.steward for one in joining),
        )
    )
    signatures = [ca.sign_trust_list(one.seat.steward, payload, one.passphrase) for one in joining]
    return join(payload, signatures), fingerprint_of(payload)


def install_at_node(seat: Seat, trust_list: bytes, fingerprint: str) -> None:
    """Give a node its first trust list, believed by its fingerprint, and make its papers for the others."""
    node_room.install_trust(seat.node, trust_list, fingerprint=fingerprint)
    papers = node_room.make_announcement(seat.node, int(time.time()) - _ENTRY_AGE_S)
    seat.papers.write_bytes(papers.SerializeToString())


def install_at_relay(seat: Seat, trust_list: bytes, fingerprint: str) -> None:
    """Give a relay its first trust list, believed by its fingerprint."""
    relay_room.install_trust(seat.node, trust_list, fingerprint=fingerprint)


# ── a member's node and people ───────────────────────────────────────────────────────


def _found_node(
    plan: MemberPlan,
    seat: Seat,
    addresses: Addresses,
    relays: Sequence[RelayAddress],
    authority: ca.Authority,
) -> str:
    """Make keys and settings, certify every key, try the escrow; return the verifier key of the log."""
    passphrases = {
        DeskId(desk.desk): _draw_passphrase(seat, f"desk-{desk.desk}").reveal() for desk in plan.desks
    }
    settings = _settings(plan, addresses, relays, authority.settings.domain)
    application = node_room.init_node(seat.node, settings, passphrases, now=int(time.time()))
    for key in application.keys:
        node_room.install_certificate(seat.node, key.name, _certify(authority, key))
    node_room.try_node_escrow(seat.node, application.shares[:2], int(time.time()))
    (seat.node / "keys" / "crl.der").write_bytes(authority.crl() or b"")
    return application.log_key


def _certify(authority: ca.Authority, key: CertifiedKey) -> bytes:
    if key.role is Role.NODE:
        return _pem(authority.issue_from_csr(ca.node_profile(), make_request(key.key))[:-1])
    if key.role is Role.STATEMENT:
        return _pem(authority.issue_from_csr(ca.statement_profile(), make_request(key.key))[:-1])
    assert key.desk is not None  # a node has no key of another role
    assert key.desk_key is not None
    return _certify_desk(authority, key.desk, key.key, key.desk_key)


def _certify_desk(
    authority: ca.Authority, desk: DeskId, key: ec.EllipticCurvePrivateKey, desk_key: DeskPrivateKey
) -> bytes:
    """Show possession of the HPKE key by the papers that go by hand: challenge and answer."""
    profile = ca.desk_profile(desk)
    challenge = authority.begin_for(profile, make_request(key), bytes(desk_key.public))
    answer = AnswerPaper.from_json(answer_challenge(Applicant(key, desk_key), challenge.to_json()))
    return _pem(authority.finish(answer.session, answer.nonce)[:-1])


def _found_officer(
    folder: Path, desk: str, number: str, addresses: Addresses, authority: ca.Authority
) -> None:
    """Make an officer bound to one desk: key, certificate, root and a profile for the command line."""
    folder.mkdir(parents=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    chain = authority.issue_from_csr(ca.officer_profile(number, [desk]), make_request(key))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_private(folder / "officer.key", pem)
    (folder / "officer.pem").write_bytes(_pem(chain[:-1]))
    (folder / "root.pem").write_bytes(_pem(chain[-1:]))
    profile = {
        "address": addresses.desk,
        "member": authority.settings.member,
        "domain": authority.settings.domain,
        "certificate": "officer.pem",
        "key": "officer.key",
        "root": "root.pem",
        "desk": desk,
    }
    (folder / "profile.toml").write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in profile.items()))


def _with_steward(seat: Seat, member: str, part: bytes) -> Joining:
    passphrase = _draw_passphrase(seat, "steward")
    return Joining(part, seat, ca.create_steward(seat.steward, member, passphrase), passphrase)


# ── settings and files ───────────────────────────────────────────────────────────────


def _settings(plan: MemberPlan, addresses: Addresses, relays: Sequence[RelayAddress], domain: str) -> str:
    """Return the text of `node.toml` (`tracepost.node.config`)."""
    office = {
        "name": plan.name,
        "languages": ["en"],
        "email": f"tracing@{plan.member}.example",
        "phone": "+99 00 000 000",
        "duty_hours": "Mon-Fri 08:00-16:00 UTC+1",
        "records_since": plan.records_since,
        **({"reachable_at": addresses.post} if plan.direct else {}),
    }
    parts = [
        _table("", {"member": plan.member, "domain": domain}),
        _table("[listen]", {"post": addresses.post, "desk": addresses.desk, "metrics": addresses.metrics}),
        _table("[office]", office),
        *(_table("[[desk]]", _desk(desk)) for desk in plan.desks),
        *(_table("[[relay]]", {"id": relay.member, "address": relay.address}) for relay in relays),
        *([_table("[log]", {"serve": addresses.log})] if addresses.log else []),
        _table("[release]", {"second_officer": "required" if plan.second_officer else "not-required"}),
    ]
    return "\n".join(parts)


def _desk(plan: DeskPlan) -> dict[str, object]:
    return {
        "id": plan.desk,
        "point_of_contact": plan.point_of_contact,
        "competences": list(plan.competences),
    }


def _table(heading: str, values: Mapping[str, object]) -> str:
    """Return a section of TOML; what JSON writes of texts, lists and truth values is TOML too."""
    lines = [heading] if heading else []
    return "\n".join([*lines, *(f"{name} = {json.dumps(value)}" for name, value in values.items()), ""])


def _draw_passphrase(seat: Seat, name: str) -> ca.Passphrase:
    """Draw a passphrase and keep it in a file; it can be read again with `--passphrase-file`."""
    drawn = secrets.token_urlsafe(24).encode("ascii")
    path = seat.passphrase(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_private(path, drawn + b"\n")
    return ca.Passphrase(drawn)


def _write_private(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _pem(chain: Sequence[x509.Certificate]) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
