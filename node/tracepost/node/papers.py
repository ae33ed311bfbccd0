"""What this node knows of the members: trust list, certificates, revocations, directory entries.

Papers come by announcement on a stream, or by hand. Each is verified by itself before it is
taken; the newest of each is kept, and nothing goes back:

    1  member        it is in the trust list
    2  trust list    signed by more than half of the stewards, old and new; the number grows
    3  revocations   the list is signed by the member's root; the number grows
    4  certificates  each leads to a root of that member, by at most one authority between them, which
                     comes along or came before; a member has a limited number of authorities in use
    5  entry         signed by a statement certificate of the member that was valid then and is not
                     revoked now; its number grows and is no higher than its time; not expired, and
                     for at most 30 days
    6  desks         `node` first; each desk's certificate is the member's, is in force and names the
                     desk's key; competences are ones that the trust list permits

What rests on something that ends, ends with it: a newer revocation list or trust list takes
certificates and entries out of force. Certificates out of force still read old mail.

The state is replaced as a whole, so that readers in other threads see old or new, never half. What comes while the
node runs is taken by a draft first, kept, and put in force then: a store that fails leaves what was. What it kept all
the same is read back from it soon after.
"""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.node import chains
from tracepost.node.chains import AUTHORITIES_LIMIT, check_authority, has_issued, is_authority
from tracepost.node.gate import Reader, reader_of
from tracepost.protocol import schema, statement
from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.envelope import SLOT_LENGTHS, SUITE, common_suite
from tracepost.protocol.errors import IdentityError, StaleTrustError, TrustError
from tracepost.protocol.evidence import LogVerifier
from tracepost.protocol.identity import (
    Identity,
    Revocations,
    Role,
    check_revocation,
    check_validity,
    read_identity,
)
from tracepost.protocol.ids import DIRECT, NODE_DESK, DeskId, MemberId, parse_desk
from tracepost.protocol.sealing import DeskPublicKey
from tracepost.protocol.trustlist import Freshness, Member, MemberType, TrustList, load_next
from tracepost.wire.v1.directory_pb2 import Competence, DeskEntry, DirectoryEntry
from tracepost.wire.v1.post_pb2 import Announcement

ENTRY_LIFE_S = 30 * 86400
CLOCK_SKEW_S = 300
ANNOUNCED_CERTIFICATES = 60
_FORMER_AUTHORITIES = 64

_FIRST_SUITES = frozenset({SUITE})


@dataclass(frozen=True, slots=True)
class DeskView:
    """An outward desk of a member: what mail for it is sealed to, and what the gate asks about."""

    public_key: DeskPublicKey = field(repr=False)
    reader: Reader
    on_every_case: bool
    copied_on_panel_mail: bool = False

    @property
    def desk(self) -> DeskId:
        """The desk's id."""
        return self.reader.desk


@dataclass(frozen=True, slots=True, eq=False)
class EntryView:
    """A member's directory entry, verified; `expires_at` in unix seconds. Each one taken is itself alone."""

    member: MemberId
    sequence: int
    expires_at: int
    desks: tuple[DeskView, ...]
    message: DirectoryEntry = field(repr=False)
    compact: str = field(repr=False)

    @property
    def relays(self) -> tuple[MemberId, ...]:
        """Relays that keep mail for the member, preferred first."""
        return tuple(MemberId(r) for r in self.message.relays)

    @property
    def direct_address(self) -> str:
        """Address `host:port` of the member's node; empty: it only dials out."""
        return self.message.direct_addresses[0] if self.message.direct_addresses else ""

    def roads(self, our_relays: Iterable[MemberId]) -> tuple[str, ...]:
        """Return the ways for mail, best first: direct where the member can be dialled, relays that both use.

        Where there is none: direct, for a member that fetches its mail itself.
        """
        ours = frozenset(our_relays)
        direct = [DIRECT] if self.direct_address else []
        return (*direct, *(r for r in self.relays if r in ours)) or (DIRECT,)

    def road(self, our_relays: Iterable[MemberId]) -> str:
        """Return the best of `roads`."""
        return self.roads(our_relays)[0]


@dataclass(frozen=True, slots=True)
class _State:
    trust: TrustList
    revocations: Revocations
    certificates: Mapping[bytes, tuple[x509.Certificate, Identity]]
    retired: Mapping[bytes, tuple[x509.Certificate, Identity]]
    authorities: Mapping[MemberId, tuple[x509.Certificate, ...]]
    entries: Mapping[MemberId, EntryView]
    crls: Mapping[MemberId, bytes]
    verifiers: Mapping[MemberId, LogVerifier]


class Papers:
    """The papers of all members as one node holds them. Reading is safe from any thread."""

    def __init__(self, us: MemberId, trust: TrustList) -> None:
        self._us = us
        self._state = _State(trust, Revocations(), {}, {}, {}, {}, {}, _verifiers(trust))
        self._carried: Mapping[MemberId, frozenset[str]] = {}

    # ── reading ──────────────────────────────────────────────────────────────────────

    @property
    def trust(self) -> TrustList:
        """The trust list in force."""
        return self._state.trust

    def is_live(self, now: int) -> bool:
        """Say whether the trust list is within its hard expiry (unix seconds): mail is judged and sent by it."""
        return self.trust.freshness(now) is not Freshness.EXPIRED

    def version(self) -> int:
        """Return the number of the trust list: roots change only with it."""
        return self._state.trust.sequence

    def roots_of(self, member: MemberId) -> tuple[x509.Certificate, ...]:
        """Return the roots of `member`; raise `TrustError` if it is not listed."""
        return self.member(member).root_certificates()

    def revocations(self) -> Revocations:
        """Return all that is known of revoked certificates."""
        return self._state.revocations

    def member(self, member: MemberId) -> Member:
        """Return the member as the trust list has it; raise `TrustError` if it is none."""
        return self._state.trust.member(member)

    def log_verifier(self, member: MemberId) -> LogVerifier:
        """Return the verifier of the member's log; raise `TrustError` if it is no member."""
        self.member(member)
        return self._state.verifiers[member]

    def log_in_use(self, member: MemberId, origin: str) -> bool:
        """Say whether the trust list has a key of this log that has not ended."""
        return origin in self.logs_in_use(member)

    def logs_in_use(self, member: MemberId) -> list[str]:
        """Return the origins of the member's logs whose keys have not ended."""
        try:
            keys = self.member(member).log_keys
        except TrustError:
            return []
        return [key.vkey.partition("+")[0] for key in keys if key.until_size is None]

    def all_logs(self) -> LogVerifier:
        """Return what opens the heads of the logs of all members."""
        return self._state.trust.log_verifier()

    def entry(self, member: MemberId) -> EntryView | None:
        """Return the newest directory entry of the member, if one is known."""
        return self._state.entries.get(member)

    def entries(self) -> tuple[EntryView, ...]:
        """Return all directory entries that are known."""
        return tuple(self._state.entries.values())

    def require_entry(self, member: MemberId, now: int) -> EntryView:
        """Return the member's entry; raise `TrustError` (no member) or `StaleTrustError` (not here, expired).

        Nor is anything sealed by a trust list that is past its hard expiry.
        """
        self.trust.require_live(now)
        self.member(member)
        entry = self.entry(member)
        if entry is None or entry.expires_at < now:
            raise StaleTrustError(
                f"there is no directory entry of {member} that is in force",
                where="directory",
                reason="no-directory-entry",
                remedy="It comes with the next contact; or import it: tracepost directory import FILE.",
            )
        return entry

    def require_suite(self, entry: EntryView, via: str) -> str:
        """Return the suite to seal in for mail to the member of `entry` by the relay `via`, or `DIRECT`.

        A relay that has not said yet what it carries carries the first suite. Raises `StaleTrustError`
        where addressee, relay and this node have no suite in common.
        """
        opened, carried = entry.message.suites, self._carried.get(MemberId(via), _FIRST_SUITES)
        if common_suite(opened) is None:
            raise _no_suite(entry.member, "no-common-suite")
        suite = common_suite(opened) if via == DIRECT else common_suite(opened, carried)
        if suite is None:
            raise _no_suite(via, "no-suite-on-the-road")
        return suite

    def certificate(self, sha256: bytes, member: MemberId) -> tuple[x509.Certificate, Identity]:
        """Return the member's statement certificate with this digest and whom it shows.

        Raises `StaleTrustError` if it is not here (it may come), `TrustError` if it is another's.
        """
        found = self._state.certificates.get(sha256)
        if found is None:
            raise StaleTrustError(
                "the certificate named by the statement is not here yet", reason="unknown-certificate"
            )
        if found[1].member != member or found[1].role is not Role.STATEMENT:
            raise TrustError("the certificate is not one for the sender's statements", reason="other-signer")
        return found

    def certificate_of_old(self, sha256: bytes, member: MemberId) -> x509.Certificate:
        """Return the certificate of a statement that was taken in before, also one that is out of force since.

        Raises `StaleTrustError` if it is not here.
        """
        return self.signer_of_old(sha256, member)[0]

    def signer_of_old(self, sha256: bytes, member: MemberId) -> tuple[x509.Certificate, Identity]:
        """Return the certificate of something that was taken in before, and whom it showed then.

        Raises `StaleTrustError` if it is not here.
        """
        held = self._state.certificates.get(sha256) or self._state.retired.get(sha256)
        if held is None or held[1].member != member:
            raise StaleTrustError(
                "the certificate of the statement is not here", reason="unknown-certificate"
            )
        return held

    def path_of(self, certificate: x509.Certificate, member: MemberId) -> list[x509.Certificate]:
        """Return a certificate of `member`, the authority above it if there is one, and their root."""
        return chains.path_of(certificate, self._state.authorities.get(member, ()), self.roots_of(member))

    def prove_signer(self, ders: Sequence[bytes]) -> tuple[x509.Certificate, Identity]:
        """Return the statement certificate that came with an exhibit, leaf first, proved to a root of its member.

        Raises `IdentityError`, or `TrustError` if that is no member.
        """
        certificate, *above = [load_certificate(der) for der in ders]
        state = self._state
        member = state.trust.member(read_identity(certificate, state.trust.domain).member)
        known = state.authorities.get(member.id, ())
        identity = chains.prove(certificate, [*above, *known], member, state.trust.domain)
        if identity.role is not Role.STATEMENT:
            raise TrustError("the certificate is not one for statements", reason="other-signer")
        return certificate, identity

    def check_signer(self, identity: Identity, *, signed_at: int, judged_at: int) -> None:
        """Raise `IdentityError` unless the signer was valid at `signed_at` and is not revoked at `judged_at`."""
        check_validity(identity, at=signed_at, revoked=None)
        check_revocation(identity, at=judged_at, revoked=self._state.revocations)

    def certificates_of(self, members: Iterable[MemberId]) -> list[bytes]:
        """Return the certificates of these members, DER, for an export."""
        wanted = set(members)
        above = [_der(c) for m in sorted(wanted) for c in self._state.authorities.get(m, ())]
        leaves = [_der(c) for c, identity in self._state.certificates.values() if identity.member in wanted]
        return [*above, *leaves]

    def certificate_ends(self, member: MemberId) -> dict[str, int]:
        """Return until when the newest certificate of each role of the member lasts (unix seconds), by label."""
        ends: dict[str, int] = {}
        for _, identity in self._state.certificates.values():
            if identity.member == member:
                ends[identity.label] = max(identity.not_after, ends.get(identity.label, 0))
        return ends

    def crls_of(self, members: Iterable[MemberId]) -> list[bytes]:
        """Return the newest revocation lists of these members, DER."""
        return [self._state.crls[m] for m in sorted(set(members)) if m in self._state.crls]

    def announcement(self, member: MemberId) -> Announcement:
        """Return all papers of `member` that are here, as they are announced and kept."""
        entry = self.entry(member)
        return Announcement(
            member=member,
            directory_entry=entry.compact if entry else "",
            certificates=self._newest_certificates(member),
            crl=self._state.crls.get(member, b""),
        )

    def _newest_certificates(self, member: MemberId) -> list[bytes]:
        """Return as many certificates of `member` as an announcement has room for, the newest first.

        Before them stand the authorities that they need.
        """
        held = [one for one in self._state.certificates.values() if one[1].member == member]
        held.sort(key=lambda one: one[1].not_before, reverse=True)
        leaves = [certificate for certificate, _ in held]
        needed = {certificate.issuer for certificate in leaves}
        above = [one for one in self._state.authorities.get(member, ()) if one.subject in needed]
        # Former authorities stand first, and no more than the limit are in use.
        return [_der(one) for one in [*above[-AUTHORITIES_LIMIT:], *leaves][:ANNOUNCED_CERTIFICATES]]

    # ── taking ───────────────────────────────────────────────────────────────────────

    def draft(self) -> Papers:
        """Return papers that say the same, to take something in and keep it before it is in force here."""
        return copy.copy(self)

    def go_over_to(self, draft: Papers) -> None:
        """Put in force what `draft`, made of these papers, has taken and the store has kept."""
        self._state = draft._state

    def says_as_much_as(self, draft: Papers) -> bool:
        """Say whether `draft`, made of these papers, has taken nothing that is new, and ended nothing."""
        return self._state == draft._state

    def take(self, announcement: Announcement, now: int) -> tuple[str, ...]:
        """Take what is new in `announcement`; return its names: "trust-list", "crl", "certificate", "directory".

        All or nothing: raises the error of the first paper that does not verify, and keeps what was.
        """
        state, taken = self._state, []
        if announcement.trust_list:
            state, changed = _take_trust_list(state, announcement.trust_list)
            taken += ["trust-list"] if changed else []
        member = MemberId(announcement.member)
        roots = state.trust.member(member).root_certificates()
        for name, step in (
            ("crl", _take_crl),
            ("certificate", _take_certificates),
            ("directory", _take_entry),
        ):
            after = step(state, announcement, member, roots, now)
            taken += [name] if after is not state else []
            state = after
        self._state = _end_what_ended(state, now)
        return tuple(taken)

    def take_retired(self, announcement: Announcement, trust: TrustList) -> None:
        """Take certificates that `trust` proved and a newer list does not: they still read old mail.

        Raises the error of the first that it did not prove either, and keeps what was.
        """
        member = trust.member(MemberId(announcement.member))
        certificates = [load_certificate(der) for der in announcement.certificates]
        above = _new_authorities((), certificates, member, trust.domain)
        leaves = [one for one in certificates if not is_authority(one)]
        proved = [(one, chains.prove(one, above, member, trust.domain)) for one in leaves]
        new = {identity.certificate_sha256: (one, identity) for one, identity in proved}
        self._state = replace(self._state, retired={**self._state.retired, **new})

    def hear_suites(self, relay: MemberId, suites: Iterable[str]) -> None:
        """Take a relay's word on a stream of its own: of which suites it carries envelopes."""
        self._carried = {**self._carried, relay: frozenset(SLOT_LENGTHS).intersection(suites)}

    def end_what_ended(self, now: int) -> None:
        """Take out of force what rests on revoked papers: once all papers were read at the start."""
        self._state = _end_what_ended(self._state, now)

    def own_entry_changed(self, message: DirectoryEntry, now: int) -> bool:
        """Say whether `message` says something else than our entry in force, or that entry ends within a week."""
        held = self.entry(self._us)
        if held is None or held.expires_at < now + 7 * 86400:
            return True
        return _content(held.message) != _content(message)


def _no_suite(member: str, reason: str) -> StaleTrustError:
    return StaleTrustError(
        f"{member} knows no sealing suite that can be used for this mail",
        where="directory",
        reason=reason,
        remedy="One of the nodes must be upgraded.",
    )


def _content(message: DirectoryEntry) -> bytes:
    copy = DirectoryEntry()
    copy.CopyFrom(message)
    copy.ClearField("sequence")
    copy.ClearField("expires_at")
    return copy.SerializeToString(deterministic=True)


def _take_trust_list(state: _State, data: bytes) -> tuple[_State, bool]:
    newer = load_next(data, state.trust)
    if newer.sequence == state.trust.sequence:
        return state, False
    certificates = {
        k: one
        for k, one in state.certificates.items()
        if _is_proved(one, newer, state.authorities.get(one[1].member, ()))
    }
    retired = {k: one for k, one in state.certificates.items() if k not in certificates}
    changed = replace(
        state,
        trust=newer,
        verifiers=_verifiers(newer),
        certificates=certificates,
        retired={**state.retired, **retired},
        authorities={m: _under(above, m, newer) for m, above in state.authorities.items()},
    )
    return changed, True


def _is_proved(
    one: tuple[x509.Certificate, Identity], trust: TrustList, authorities: Sequence[x509.Certificate]
) -> bool:
    """Say whether a certificate that was proved under an older trust list is so under this one."""
    certificate, identity = one
    try:
        chains.prove(certificate, authorities, trust.member(identity.member), trust.domain)
    except (IdentityError, TrustError):
        return False
    return True


def _under(
    authorities: Iterable[x509.Certificate], member: MemberId, trust: TrustList
) -> tuple[x509.Certificate, ...]:
    """Return those of a member's authorities that a root of it in this list has issued."""
    listed = [one for one in trust.members if one.id == member]
    return tuple(
        a for a in authorities if any(has_issued(r, a) for m in listed for r in m.root_certificates())
    )


def _end_what_ended(state: _State, now: int) -> _State:
    entries = {m: entry for m, entry in state.entries.items() if _is_in_force(entry, state, now)}
    return state if len(entries) == len(state.entries) else replace(state, entries=entries)


def _is_in_force(entry: EntryView, state: _State, now: int) -> bool:
    """Say whether signer and desks of an entry still have their certificates, none of them revoked."""
    signer = statement.peek(statement.parse_compact(entry.compact)).certificate_sha256
    held = [state.certificates.get(d) for d in (signer, *(d.certificate_sha256 for d in entry.message.desks))]
    try:
        for one in held:
            if one is None:
                return False
            check_revocation(one[1], at=now, revoked=state.revocations)
    except IdentityError:
        return False
    return True


def _verifiers(trust: TrustList) -> Mapping[MemberId, LogVerifier]:
    return MappingProxyType({m.id: LogVerifier(m.log_keys) for m in trust.members})


def _take_crl(
    state: _State, paper: Announcement, member: MemberId, roots: tuple[x509.Certificate, ...], now: int
) -> _State:
    if not paper.crl or state.crls.get(member) == paper.crl:
        return state
    after = state.revocations.with_crl(member, paper.crl, roots, domain=state.trust.domain, now=now)
    if after is state.revocations:
        return state
    return replace(state, revocations=after, crls={**state.crls, member: paper.crl})


def _take_certificates(
    state: _State, paper: Announcement, member: MemberId, _roots: tuple[x509.Certificate, ...], now: int
) -> _State:
    unknown = [d for d in paper.certificates if hashlib.sha256(d).digest() not in state.certificates]
    if not unknown:
        return state
    listed, domain = state.trust.member(member), state.trust.domain
    certificates = [load_certificate(der) for der in unknown]
    known = state.authorities.get(member, ())
    new = _new_authorities(known, certificates, listed, domain)
    leaves = [one for one in certificates if not is_authority(one)]
    proved = [(one, chains.prove(one, (*known, *new), listed, domain)) for one in leaves]
    if not proved and not new:
        return state
    found = {identity.certificate_sha256: (one, identity) for one, identity in proved}
    after = replace(state, certificates={**state.certificates, **found})
    return _with_authorities(after, member, new, now) if new else after


def _new_authorities(
    known: Iterable[x509.Certificate], certificates: Iterable[x509.Certificate], member: Member, domain: str
) -> tuple[x509.Certificate, ...]:
    """Return the authorities among `certificates` that are not known yet, each issued by a root of `member`."""
    beside = {*known, *member.root_certificates()}
    new = tuple(one for one in dict.fromkeys(certificates) if is_authority(one) and one not in beside)
    if len(new) > AUTHORITIES_LIMIT:
        raise _too_many_authorities()
    for one in new:
        check_authority(one, member, domain)
    return new


def _with_authorities(state: _State, member: MemberId, new: tuple[x509.Certificate, ...], now: int) -> _State:
    """Return the state with new authorities of `member`.

    Those in use are counted. What a former one issued is still shown with it; one that never issued
    anything makes room.
    """
    known = state.authorities.get(member, ())
    issued = _issuers(state, member)
    in_use = _issuers(state, member, in_force_at=now)
    used = tuple(one for one in known if one.serial_number in in_use)
    former = tuple(one for one in known if one.serial_number in issued - in_use)
    spare = tuple(one for one in known if one.serial_number not in issued)
    if len(used) + len(new) > AUTHORITIES_LIMIT:
        raise _too_many_authorities()
    kept = spare if len(spare) + len(used) + len(new) <= AUTHORITIES_LIMIT else ()
    above = (*former[-_FORMER_AUTHORITIES:], *kept, *used, *new)
    return replace(state, authorities={**state.authorities, member: above})


def _issuers(state: _State, member: MemberId, in_force_at: int | None = None) -> frozenset[int]:
    """Return the serial numbers of the authorities above the leaves of `member`, all or those in force."""
    leaves = [identity for _, identity in state.certificates.values() if identity.member == member]
    if in_force_at is not None:
        leaves = [one for one in leaves if _is_valid(one, state, in_force_at)]
    return frozenset(serial for one in leaves for serial in one.path_serials[1:])


def _is_valid(identity: Identity, state: _State, now: int) -> bool:
    try:
        check_validity(identity, at=now, revoked=state.revocations)
    except IdentityError:
        return False
    return True


def _too_many_authorities() -> TrustError:
    return TrustError("a member has too many authorities", where="step 4: certificates", reason="authorities")


def _take_entry(
    state: _State, paper: Announcement, member: MemberId, _roots: tuple[x509.Certificate, ...], now: int
) -> _State:
    held = state.entries.get(member)
    if not paper.directory_entry or (held is not None and held.compact == paper.directory_entry):
        return state
    view = _read_entry(state, paper.directory_entry, member, now)
    if held is not None and view.sequence <= held.sequence:
        if view.sequence < held.sequence:
            return state  # an old one that is still on its way is no attack
        raise TrustError("one number, two entries", where="step 5: entry", reason="entry-twice")
    return replace(state, entries={**state.entries, member: view})


def _read_entry(state: _State, compact: str, member: MemberId, now: int) -> EntryView:
    untrusted = statement.parse_compact(compact)
    found = state.certificates.get(statement.peek(untrusted).certificate_sha256)
    if found is None or found[1].member != member or found[1].role is not Role.STATEMENT:
        raise TrustError(
            "the entry is not signed by its member", where="step 5: entry", reason="other-signer"
        )
    exhibit = statement.verify_exhibit(untrusted, found[0], issuer=member)
    check_validity(found[1], at=exhibit.claims.iat, revoked=None)
    check_revocation(found[1], at=now, revoked=state.revocations)
    message = _assemble(exhibit)
    expires_at = _read_instant(message.expires_at)
    _check_entry(message, member, exhibit.claims.iat, expires_at, now)
    member_type = state.trust.member(member).type
    desks = tuple(_read_desk(d, state, member, member_type, now=now) for d in message.desks)
    if desks[0].desk != NODE_DESK or len({d.desk for d in desks}) != len(desks):
        raise TrustError("the desks are not `node` first, each once", where="step 6: desks", reason="desks")
    return EntryView(member, message.sequence, expires_at, desks, message, compact)


def _assemble(exhibit: statement.VerifiedExhibit) -> DirectoryEntry:
    if exhibit.claims.kind != "directory.entry/1":
        raise TrustError("the statement is no directory entry", where="step 5: entry", reason="other-kind")
    message = schema.assemble(exhibit.claims.kind, exhibit.fields()).message
    assert isinstance(message, DirectoryEntry)
    schema.validate(message)
    return message


def _read_instant(text: str) -> int:
    """Return unix seconds; the schema's pattern lets through days that no month has."""
    try:
        return int(dt.datetime.fromisoformat(text).timestamp())
    except ValueError:
        raise TrustError(
            "the entry ends on a day that there is not", where="step 5: entry", reason="entry-dates"
        ) from None


def _check_entry(message: DirectoryEntry, member: MemberId, iat: int, expires_at: int, now: int) -> None:
    where = "step 5: entry"
    if message.member != member:
        raise TrustError("the entry is about another member", where=where, reason="other-member")
    if expires_at < now or expires_at > iat + ENTRY_LIFE_S or iat > now + CLOCK_SKEW_S:
        raise TrustError("the entry has expired, or lasts too long", where=where, reason="entry-dates")
    # Numbers are times, or nearly: else one entry with the highest would silence its member for ever.
    if message.sequence > iat + CLOCK_SKEW_S:
        raise TrustError(
            "the number of the entry is higher than its time", where=where, reason="entry-number"
        )


def _read_desk(
    desk: DeskEntry, state: _State, member: MemberId, member_type: MemberType, *, now: int
) -> DeskView:
    found = state.certificates.get(desk.certificate_sha256)
    named = found[1] if found else None
    if named is None or named.member != member or named.role is not Role.DESK or named.desk != desk.desk:
        raise TrustError(
            "a desk has no certificate of its own", where="step 6: desks", reason="desk-certificate"
        )
    check_validity(named, at=now, revoked=state.revocations)
    if named.desk_key_sha256 != hashlib.sha256(desk.public_key).digest():
        raise TrustError("a desk's key is not the certified one", where="step 6: desks", reason="desk-key")
    competences = frozenset(Competence.Name(c).removeprefix("COMPETENCE_") for c in desk.competences)
    if not {c.lower() for c in competences} <= set(state.trust.member(member).competences):
        raise TrustError(
            "a desk declares a competence that the trust list does not permit",
            where="step 6: desks",
            reason="competence",
        )
    name = parse_desk(desk.desk)
    reader = reader_of(member, member_type, name, competences, point_of_contact=desk.point_of_contact)
    on_every_case = desk.on_every_case or desk.point_of_contact
    return DeskView(DeskPublicKey(desk.public_key), reader, on_every_case, desk.copied_on_panel_mail)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
