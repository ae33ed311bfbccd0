"""Whole nodes in one process: real certificates, papers, keys and stores; only the wires are missing.

    async with open_street(tmp_path, "xaa", "xab") as street:
        xaa, xab = street["xaa"], street["xab"]
        [sent] = await xaa.submit(draft(request("T-1"), to=["xab"]))
        await street.carry()                       # envelopes there, receipts back
        view = await xab.as_officer("7").ShowCase(ShowCaseRequest(case=sent.thread), NO_CONTEXT)

Every desk is unlocked, with the passphrase PASSPHRASE, unless a test locks it. A member that is
named in `relays` has a log and nothing else: mail that goes by it gets its custody receipt.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.message import Message

from fakes.casefiles import NOW, Log
from fakes.pki import DOMAIN, Authority, Issued, make_root
from tracepost.node.adapters.keyring import KeyRing
from tracepost.node.adapters.sql.migration import migrate
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.config import ConsentSettings, DeskSettings, NodeConfig, OfficeSettings, ReleaseSettings
from tracepost.node.desk_keys import DeskBundle, DeskPublicKeys, generate_bundle
from tracepost.node.directory_entry import sign_entry, write_entry
from tracepost.node.gate import Gate, PolicySet, base_policy, reader_of
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.standing import Standing
from tracepost.node.handlers.deciding.emergency import Emergencies
from tracepost.node.handlers.deciding.releasing import Releasing
from tracepost.node.handlers.desks.assigning import Assigning
from tracepost.node.handlers.desks.case_desks import CaseDesking
from tracepost.node.handlers.desks.deputising import Deputising
from tracepost.node.handlers.desks.endorsing import Endorsing
from tracepost.node.handlers.desks.policing import Policing
from tracepost.node.handlers.desks.staff import Staff
from tracepost.node.handlers.desks.unlocking import Unlocking
from tracepost.node.handlers.drafting.completing import Completing
from tracepost.node.handlers.drafting.enclosing_files import EnclosingFiles
from tracepost.node.handlers.drafting.uploading import Uploading
from tracepost.node.handlers.keeping.deleting import Deleting
from tracepost.node.handlers.keeping.deleting_by_two import DeletingByTwo
from tracepost.node.handlers.keeping.papers_store import take_and_keep
from tracepost.node.handlers.reading.giving_out import GivingOut
from tracepost.node.handlers.register.book import RegisterBook
from tracepost.node.handlers.register.indexing import Indexing
from tracepost.node.handlers.register.intake import RegisterImport
from tracepost.node.handlers.sealed.contents import Contents
from tracepost.node.handlers.sealed.opening import Opener
from tracepost.node.handlers.sealed.sealing_mail import Sealer
from tracepost.node.handlers.sending.complaints import Complaints
from tracepost.node.handlers.sending.confirming import Confirming
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.handlers.sending.exhibits import Enclosing
from tracepost.node.handlers.sending.four_eyes import FourEyes
from tracepost.node.handlers.sending.preparing import Preparer
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.papers import EntryView, Papers
from tracepost.node.ports.store import Tx
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.continuity import Continuity
from tracepost.node.post.examination import NodeKeys
from tracepost.node.post.mailroom import Mailroom, Reply
from tracepost.node.post.reception import Reception
from tracepost.node.post.settlement import Settling
from tracepost.node.services.attachments import AttachmentsService
from tracepost.node.services.desk import DeskService
from tracepost.node.services.office import OfficeService
from tracepost.node.telling.due import Due
from tracepost.node.telling.settings import NOBODY_TOLD, ToldSettings
from tracepost.node.telling.waiting import Waiting
from tracepost.protocol.envelope import envelope_id, parse_header
from tracepost.protocol.errors import WrongPassphraseError
from tracepost.protocol.evidence import ListedKey, LogKey, Origin, custody_on, generate_log_key
from tracepost.protocol.identity import Role, verify_identity
from tracepost.protocol.ids import DIRECT, NODE_DESK, DeskId, EnvelopeId, MemberId
from tracepost.protocol.statement import KeySigner
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
from tracepost.serving.callers import Caller, set_caller
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.serving.storage.engine import open_engines
from tracepost.wire.v1 import desk_pb2, directory_pb2
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Announcement, Receipt

PASSPHRASE = b"a passphrase that is long"
NO_CONTEXT: Any = None

POC = DeskSettings(DeskId("poc"), point_of_contact=True)
POLICE = DeskSettings(DeskId("police"), competences=("LAW_ENFORCEMENT",))
CUSTOMS = DeskSettings(DeskId("customs"), competences=("CUSTOMS_ENFORCEMENT",))
LICENSING = DeskSettings(DeskId("licensing"), competences=("LICENSING",))

LIST_LASTS_S = 180 * 86400

NO_SECOND_OFFICER = ReleaseSettings(second_officer=False)

_OF_STATES = (
    "law_enforcement",
    "customs_enforcement",
    "licensing",
    "records_custody",
    "border",
    "forensic",
    "foreign_affairs",
    "industry_liaison",
)
_COMPETENCES = {
    MemberType.STATE: _OF_STATES,
    MemberType.PANEL: ("panel",),
    MemberType.PEACE_OPERATION: ("peace_operation",),
    MemberType.ORGANISATION: ("customs_enforcement", "border"),
}

OFFICER_QUOTA = 1024 * 1024
"""Bytes of files that an officer of a house may have handed in."""


@dataclass
class Clock:
    """A clock that a test sets, unix seconds; it stands at the time when the test began."""

    now: int = field(default_factory=lambda: int(time.time()))

    def __call__(self) -> int:
        return self.now


class FakeDeskKeys:
    """A `DeskKeys` in memory: one passphrase for all."""

    def __init__(self, bundles: Iterable[DeskBundle]) -> None:
        self._bundles = {bundle.desk: bundle for bundle in bundles}

    def desks(self) -> tuple[DeskId, ...]:
        return tuple(sorted(self._bundles))

    def public(self, desk: DeskId) -> DeskPublicKeys:
        return self._bundles[desk].public

    def load(self, desk: DeskId, passphrase: bytes) -> DeskBundle:
        if passphrase != PASSPHRASE:
            raise WrongPassphraseError(where=desk)
        return self._bundles[desk]

    def save(self, bundle: DeskBundle, passphrase: bytes) -> None:
        self._bundles[bundle.desk] = bundle


@dataclass
class Identities:
    """What a member has from its authority, and the key of its log."""

    authority: Authority
    statement: Issued
    log_key: LogKey
    bundles: dict[DeskId, DeskBundle]
    desks: tuple[DeskSettings, ...]
    type: MemberType = MemberType.STATE

    @classmethod
    def make(
        cls, name: str, desks: Sequence[DeskSettings], type_: MemberType = MemberType.STATE
    ) -> Identities:
        authority = make_root(name)
        ids = [NODE_DESK, *(d.desk for d in desks)]
        return cls(
            authority,
            authority.issue(Role.STATEMENT),
            generate_log_key(Origin(MemberId(name), DOMAIN, 1)),
            {desk: generate_bundle(desk) for desk in ids},
            tuple(desks),
            type_,
        )

    @property
    def signer(self) -> KeySigner:
        return KeySigner(self.statement.key, self.statement.certificate)

    def announcement(
        self,
        now: int,
        *,
        relays: Sequence[str] = (),
        crl: bytes = b"",
        consents: Sequence[ConsentSettings] = (),
        declarations: directory_pb2.StandingDeclarations | None = None,
        reachable_at: str = "",
    ) -> Announcement:
        """Return all papers of the member, its entry signed at `now`, with these standing consents and declarations.

        `reachable_at` is where peers dial it, if they may.
        """
        member = self.authority.member
        issued = {
            desk: self.authority.issue(Role.DESK, desk=desk, desk_public_key=bytes(bundle.public.opening))
            for desk, bundle in self.bundles.items()
        }
        plain = config_of(member, self.desks)
        config = replace(
            plain,
            office=replace(plain.office, reachable_at=reachable_at),
            standing_consents=tuple(consents),
            declarations=declarations or directory_pb2.StandingDeclarations(),
        )
        entry = write_entry(
            config,
            {desk: bundle.public.opening for desk, bundle in self.bundles.items()},
            {desk: one.sha256 for desk, one in issued.items()},
            relays,
            now,
        )
        return Announcement(
            member=member,
            certificates=[self.statement.der, *(one.der for one in issued.values())],
            crl=crl,
            directory_entry=sign_entry(entry, config, self.signer, now, os.urandom),
        )


@dataclass
class House:
    """One node: its rooms are those of the program, put together as `bootstrap` does."""

    member: MemberId
    identities: Identities
    papers: Papers
    store: SqlStore
    ring: KeyRing
    office: Office
    gate: Gate
    opener: Opener
    sealer: Sealer
    sending: Sending
    unlocking: Unlocking
    indexing: Indexing
    mailroom: Mailroom
    reception: Reception
    settling: Settling
    continuity: Continuity
    announcing: Announcing
    deleting: Deleting
    deleting_by_two: DeletingByTwo
    confirming: Confirming
    desk: DeskService
    own_office: OfficeService
    attachments: AttachmentsService
    blobs: Blobs
    releasing: Releasing
    endorsing: Endorsing
    staff: Staff
    case_desking: CaseDesking
    waiting: Waiting
    due: Due
    standing: Standing
    clock: Clock
    roads: dict[str, str] = field(default_factory=dict)
    offline: bool = False

    async def submit(
        self, *drafts: desk_pb2.Draft, officer: Officer | None = None
    ) -> list[desk_pb2.Submission]:
        """Submit drafts as an officer of all desks."""
        return await self.sending.submit(officer or self.officer(), drafts)

    def officer(self, *desks: str) -> Officer:
        """Return an officer of these desks, or of all."""
        return Officer("7", tuple(DeskId(d) for d in desks) or tuple(d.desk for d in self.office.desks))

    def as_officer(self, *desks: str) -> DeskService:
        """Return the service `Desk`, with an officer of these desks (or of all) as the caller."""
        officer = self.officer(*desks)
        issued = self.identities.authority.issue(Role.OFFICER, officer=officer.number, desks=officer.desks)
        identity = verify_identity(
            issued.certificate,
            [],
            [self.identities.authority.certificate],
            at=self.clock(),
            domain=DOMAIN,
            revoked=None,
        )
        set_caller(Caller(identity, "test", "test"))
        return self.desk


class Street:
    """Houses that know one another, and the carriers between them."""

    def __init__(
        self, houses: Mapping[str, House], relays: Mapping[str, Log], trust: TrustList, clock: Clock
    ) -> None:
        self.houses = dict(houses)
        self.relays = dict(relays)
        self.trust = trust
        self.clock = clock

    def __getitem__(self, name: str) -> House:
        return self.houses[name]

    async def carry(self) -> list[Reply]:
        """Carry all mail that is queued to houses that are not offline, and the receipts back."""
        replies = []
        for sender in self.houses.values():
            for envelope, to, via in await self._collect(sender):
                if via != DIRECT:
                    await self.settle(sender, [self._custody(envelope, via)], via)
                if not self.houses[to].offline:
                    replies.append(await self.deliver(sender, [envelope], to, via))
        return replies

    async def deliver(
        self, sender: House, envelopes: Sequence[Envelope], to: str, via: str = DIRECT
    ) -> Reply:
        """Bring envelopes to the mailroom of `to`; settle its receipts with the sender."""
        bringer = MemberId(sender.member if via == DIRECT else via)
        reply = await self.houses[to].mailroom.receive(envelopes, bringer)
        for envelope in envelopes:
            self._carry_files(sender, self.houses[to], parse_header(envelope.header).attachments)
        await self.settle(sender, reply.receipts, to)
        return reply

    async def settle(self, sender: House, receipts: Sequence[Receipt], brought_by: str) -> list[EnvelopeId]:
        """Let a sender take receipts."""
        verified = sender.settling.verify(receipts)
        return await sender.store.write(
            lambda tx: sender.settling.keep(tx, verified, MemberId(brought_by), self.clock())
        )

    async def queued(self, sender: House) -> list[Envelope]:
        """Return the mail that waits in a house's outbox, as it would travel."""
        return [envelope for envelope, _, _ in await self._collect(sender)]

    async def _collect(self, sender: House) -> list[tuple[Envelope, str, str]]:
        def read(tx: Tx) -> list[Any]:
            queues = [depth.queue for depth in tx.outbox.depths()]
            return [
                (queue, mail)
                for queue in queues
                for mail in tx.outbox.waiting(queue, (0, 0), self.clock(), 1000, 1 << 30)
            ]

        found = await sender.store.read(read)
        proofs = sender.store.evidence.prove([(mail.log_number, mail.line) for _, mail in found])
        return [
            (
                Envelope(header=mail.header, slots=mail.slots, body=mail.body, proof=proof),
                queue.to_member,
                queue.via,
            )
            for (queue, mail), proof in zip(found, proofs, strict=True)
        ]

    def _carry_files(self, sender: House, to: House, addresses: Iterable[bytes]) -> None:
        for name in map(BlobName, addresses):
            if sender.blobs.has(name) and not to.blobs.has(name):
                sealed = sender.blobs.path_of(name).read_bytes()
                with to.blobs.write(name, len(sealed)) as part:
                    part.append(sealed)
                    part.finish()

    def _custody(self, envelope: Envelope, via: str) -> Receipt:
        header = parse_header(envelope.header)
        entry = custody_on(header.address, envelope_id(envelope.header), self.clock())
        return Receipt(
            envelope_id=entry.id,
            from_member=via,
            to_member=header.from_member,
            proof=self.relays[via].prove(entry),
        )


@asynccontextmanager
async def open_street(
    folder: Path,
    *names: str,
    desks: Mapping[str, Sequence[DeskSettings]] | None = None,
    types: Mapping[str, MemberType] | None = None,
    relays: Sequence[str] = (),
    silent: Sequence[str] = (),
    release: ReleaseSettings = NO_SECOND_OFFICER,
    mandates: Mapping[str, str] = MappingProxyType({}),
    real_only: Sequence[str] = (),
    told: Mapping[str, ToldSettings] = MappingProxyType({}),
    list_lasts_s: int = LIST_LASTS_S,
) -> AsyncIterator[Street]:
    """Build the houses `names` with `desks` (a point of contact and a police desk where not said).

    They are of States where `types` does not say otherwise. Members in `silent` are in the trust list and
    nothing is known of them. `release` says when a second officer is asked, `mandates` until
    which day panels are in office. Those in `real_only` allow no exercises; `told` says whose officers are told that
    something waits. The trust list ends after `list_lasts_s`.
    """
    clock = Clock()
    people = {
        n: Identities.make(n, (desks or {}).get(n, (POC, POLICE)), (types or {}).get(n, MemberType.STATE))
        for n in (*names, *silent)
    }
    logs = {name: Log(generate_log_key(Origin(MemberId(name), DOMAIN, 1))) for name in relays}
    trust = make_trust(people, logs, mandates=mandates, lasts_s=list_lasts_s)
    announcements = [people[name].announcement(clock(), relays=relays) for name in names]
    houses = {
        name: await _build(
            folder,
            name,
            people[name],
            trust,
            clock,
            release=release,
            exercises=name not in real_only,
            told=told.get(name, NOBODY_TOLD),
        )
        for name in names
    }
    for house in houses.values():
        for one in announcements:
            await take_papers(house, one, clock())
    try:
        yield Street(houses, logs, trust, clock)
    finally:
        for house in houses.values():
            house.sending.close()
            await house.store.close()


def make_trust(
    people: Mapping[str, Identities],
    relays: Mapping[str, Log] | None = None,
    *,
    sequence: int = 1,
    mandates: Mapping[str, str] = MappingProxyType({}),
    lasts_s: int = LIST_LASTS_S,
) -> TrustList:
    """Return a trust list of these members."""
    steward = ec.generate_private_key(ec.SECP256R1())
    states = [
        Member(
            MemberId(n),
            i.type,
            (i.authority.der,),
            (ListedKey(i.log_key.vkey),),
            _COMPETENCES[i.type],
            bytes(32),
            mandate_until=mandates.get(n, ""),
        )
        for n, i in people.items()
    ]
    carriers = [
        Member(MemberId(n), MemberType.RELAY, (make_root(n).der,), (ListedKey(log.key.vkey),), (), bytes(32))
        for n, log in (relays or {}).items()
    ]
    content = TrustContent(
        sequence=sequence,
        issued=NOW,
        next_update=NOW + min(30 * 86400, lasts_s),
        hard_expiry=NOW + lasts_s,
        domain=DOMAIN,
        members=(*states, *carriers),
        stewards=(Steward.of_key("one", steward.public_key()),),
    )
    payload = encode_content(content)
    return load_first(
        join(payload, [sign_part(payload, "one", steward)]), fingerprint=fingerprint_of(payload)
    )


def draft(
    content: Message, *, to: Sequence[str] = (), case: str = "", desk: str = "poc", **more: Any
) -> desk_pb2.Draft:
    """Return a draft that says `content`."""
    names = {f.message_type.full_name: f.name for f in desk_pb2.Content.DESCRIPTOR.fields if f.message_type}
    made = desk_pb2.Draft(
        to=to,
        thread=case or None,
        desk=desk,
        purpose=more.pop("purpose", "PURPOSE_CRIMINAL_INVESTIGATION"),
        legal_basis=more.pop("legal_basis", "LEGAL_BASIS_ITI"),
        **more,
    )
    getattr(made.content, names[content.DESCRIPTOR.full_name]).CopyFrom(content)
    return made


def config_of(
    member: MemberId, desks: Sequence[DeskSettings], told: ToldSettings = NOBODY_TOLD
) -> NodeConfig:
    return NodeConfig(
        folder=Path(),
        member=member,
        domain=DOMAIN,
        post_address="127.0.0.1:0",
        desk_address="127.0.0.1:0",
        metrics_address="",
        office=OfficeSettings(name=f"Office of {member}", languages=("en",)),
        desks=tuple(desks),
        told=told,
    )


@cache
def _base_policies() -> PolicySet:
    return PolicySet.parse([base_policy()])


@cache
def empty_store() -> bytes:
    """Return the file of a store in which the migrations have made all tables: it takes a while, so once a process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        engines = open_engines(f"sqlite:///{path}")
        migrate(engines.writer)
        engines.dispose()
        return path.read_bytes()


async def _build(
    folder: Path,
    name: str,
    identities: Identities,
    trust: TrustList,
    clock: Clock,
    *,
    release: ReleaseSettings,
    exercises: bool = True,
    told: ToldSettings = NOBODY_TOLD,
) -> House:
    member = MemberId(name)
    (folder / name).mkdir(parents=True, exist_ok=True)
    path = folder / name / "store.sqlite"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(empty_store())
    store = await open_store(f"sqlite:///{path}", identities.log_key)
    papers = Papers(member, trust)
    ring = KeyRing(FakeDeskKeys(identities.bundles.values()))
    for bundle in identities.bundles.values():
        ring.hold(bundle)
    gate = Gate(_base_policies())
    office = Office(member, tuple(_own_desk(member, d, identities) for d in identities.desks))
    opener = Opener(office, gate, ring, papers, clock)
    sealer = Sealer(office, gate, os.urandom)
    reception = Reception(member, papers, os.urandom, office.desks, exercises=exercises)
    blobs = Blobs(folder / name / "attachments", 1 << 30)
    contents = Contents(blobs, None, clock)
    roads: dict[str, str] = {}

    def choose_road(entry: EntryView) -> str:
        return roads.get(entry.member, DIRECT)

    four_eyes = FourEyes(release, office, gate, papers)
    sending = Sending(
        office=office,
        preparer=Preparer(
            office=office,
            papers=papers,
            desks=ring,
            signer=identities.signer,
            sealer=sealer,
            random=os.urandom,
            choose_road=choose_road,
            exercises=exercises,
        ),
        enclosing=Enclosing(office, opener, papers, store.evidence),
        four_eyes=four_eyes,
        files=EnclosingFiles(contents),
        completing=Completing(office, gate, opener, papers),
        gate=gate,
        store=store,
        clock=clock,
        random=os.urandom,
        draft_secret=b"of this house",
        wake=lambda _queues: None,
    )
    policing = Policing(
        us=member,
        gate=gate,
        papers=papers,
        signer=identities.signer,
        store=store,
        clock=clock,
        random=os.urandom,
    )
    deleting = Deleting(office=office, gate=gate, store=store, clock=clock, random=os.urandom)
    deleting_by_two = DeletingByTwo(
        office=office,
        gate=gate,
        papers=papers,
        opener=opener,
        four_eyes=four_eyes,
        deleting=deleting,
        store=store,
        clock=clock,
    )
    confirming = Confirming(office, sending, store)
    complaints = Complaints(member, sending, store, clock)
    unlocking = Unlocking(
        office=office,
        ring=ring,
        opener=opener,
        sealer=sealer,
        sending=sending,
        complaints=complaints,
        store=store,
        clock=clock,
    )
    announcing = Announcing(member, papers, store, clock, lambda _taken: None)
    indexing = Indexing(office=office, ring=ring, opener=opener, store=store)
    releasing = Releasing(
        office=office,
        gate=gate,
        papers=papers,
        four_eyes=four_eyes,
        store=store,
        clock=clock,
        random=os.urandom,
        choose_road=choose_road,
        wake=lambda _queues: None,
    )
    case_desking = CaseDesking(
        office=office,
        gate=gate,
        ring=ring,
        opener=opener,
        sealer=sealer,
        sending=sending,
        store=store,
        clock=clock,
        random=os.urandom,
    )
    staff = Staff(office, gate, papers, store, clock)
    book = RegisterBook(gate, ring, store)
    endorsing = Endorsing(office, papers, store, clock)
    desk = DeskService(
        config=config_of(member, identities.desks, told),
        office=office,
        gate=gate,
        ring=ring,
        papers=papers,
        opener=opener,
        sending=sending,
        unlocking=unlocking,
        indexing=indexing,
        register_book=book,
        register_import=RegisterImport(
            office=office,
            book=book,
            sealer=sealer,
            sending=sending,
            store=store,
            clock=clock,
            random=os.urandom,
        ),
        complaints=complaints,
        announcing=announcing,
        policing=policing,
        releasing=releasing,
        deleting=deleting_by_two,
        endorsing=endorsing,
        staff=staff,
        store=store,
        blobs=blobs,
        clock=clock,
        random=os.urandom,
    )
    giving_out = GivingOut(
        office=office,
        gate=gate,
        desks=ring,
        opener=opener,
        contents=contents,
        log=DisclosureLog(office=office, gate=gate, store=store, clock=clock, random=os.urandom),
        store=store,
    )
    continuity = Continuity(member, papers, store, clock)
    uploading = Uploading(office=office, store=store, clock=clock, quota_bytes=OFFICER_QUOTA)
    return House(
        member=member,
        deleting=deleting,
        deleting_by_two=deleting_by_two,
        confirming=confirming,
        identities=identities,
        papers=papers,
        store=store,
        ring=ring,
        office=office,
        gate=gate,
        opener=opener,
        sealer=sealer,
        sending=sending,
        unlocking=unlocking,
        indexing=indexing,
        mailroom=Mailroom(
            us=member,
            keys=lambda: _node_keys(member, ring),
            papers=papers,
            reception=reception,
            continuity=continuity,
            store=store,
            clock=clock,
        ),
        reception=reception,
        settling=Settling(member, papers, lambda: ring.secrets(NODE_DESK).opening, continuity),
        continuity=continuity,
        announcing=announcing,
        desk=desk,
        own_office=OfficeService(
            staff=staff,
            releasing=releasing,
            case_desking=case_desking,
            deleting=deleting_by_two,
            endorsing=endorsing,
            emergencies=Emergencies(
                office=office,
                gate=gate,
                papers=papers,
                opener=opener,
                sending=sending,
                store=store,
                clock=clock,
                random=os.urandom,
            ),
            deputising=Deputising(office, papers, staff, store, clock),
            assigning=Assigning(
                office=office, gate=gate, papers=papers, staff=staff, store=store, clock=clock
            ),
            reading=desk.reading,
            policing=policing,
        ),
        attachments=AttachmentsService(blobs, uploading, giving_out, policing.standing),
        blobs=blobs,
        case_desking=case_desking,
        endorsing=endorsing,
        releasing=releasing,
        staff=staff,
        waiting=Waiting(office, gate),
        due=Due(office, gate),
        standing=policing.standing,
        clock=clock,
        roads=roads,
    )


def _own_desk(member: MemberId, settings: DeskSettings, identities: Identities) -> OwnDesk:
    reader = reader_of(
        member,
        identities.type,
        settings.desk,
        settings.competences,
        point_of_contact=settings.point_of_contact,
    )
    storage = identities.bundles[settings.desk].public.storage
    return OwnDesk(
        reader,
        settings.on_every_case,
        storage,
        outward=settings.outward,
        under=DeskId(settings.under) if settings.under else None,
        by_notice=settings.oversight == "notice",
    )


def _node_keys(member: MemberId, ring: KeyRing) -> NodeKeys:
    secrets = ring.secrets(NODE_DESK)
    return NodeKeys(member, secrets.opening, secrets.epochs)


async def take_papers(house: House, one: Announcement, now: int) -> None:
    await take_and_keep(house.store, house.papers, one, now)
