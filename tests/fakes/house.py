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
import shutil
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
from tracepost.node.bootstrap.desk_rooms import DeskRooms, Roads
from tracepost.node.bootstrap.ground import Ground, make_office
from tracepost.node.config import (
    AttachmentSettings,
    ConsentSettings,
    DeskSettings,
    ExerciseSettings,
    NodeConfig,
    OfficeSettings,
    ReleaseSettings,
)
from tracepost.node.desk_keys import DeskBundle, DeskPublicKeys, generate_bundle
from tracepost.node.directory_entry import sign_entry, write_entry
from tracepost.node.expiring import Expiries
from tracepost.node.gate import Gate, PolicySet, base_policy
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.keeping.papers_store import take_and_keep
from tracepost.node.handlers.reading.reporting import Surroundings
from tracepost.node.handlers.sealed.opening import Opener
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Tx
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.continuity import Continuity
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
    blobs: Blobs
    clock: Clock
    rooms: DeskRooms
    desk: DeskService
    own_office: OfficeService
    attachments: AttachmentsService
    mailroom: Mailroom
    reception: Reception
    settling: Settling
    continuity: Continuity
    announcing: Announcing
    waiting: Waiting
    due: Due
    roads: dict[str, str] = field(default_factory=dict)
    offline: bool = False

    async def submit(
        self, *drafts: desk_pb2.Draft, officer: Officer | None = None
    ) -> list[desk_pb2.Submission]:
        """Submit drafts as an officer of all desks."""
        return await self.rooms.sending.submit(officer or self.officer(), drafts)

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
            house.rooms.close()
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
    config = replace(
        config_of(member, identities.desks, told),
        release=release,
        exercises=ExerciseSettings(exercises),
        attachments=AttachmentSettings(officer_mebibytes=OFFICER_QUOTA // 1024**2),
    )
    ground = Ground(
        config=config,
        office=make_office(config, identities.type, lambda desk: identities.bundles[desk].public.storage),
        gate=Gate(_base_policies()),
        ring=ring,
        papers=papers,
        store=store,
        blobs=Blobs(folder / name / "attachments", 1 << 30),
        signer=identities.signer,
        draft_secret=b"of this house",
        clock=clock,
    )
    roads: dict[str, str] = {}
    rooms = DeskRooms(
        ground,
        Roads(lambda entry: roads.get(entry.member, DIRECT), lambda _fresh: None, lambda _queues: None),
    )
    announcing = Announcing(member, papers, store, clock, lambda _taken: None)
    surroundings = Surroundings((), ring.unlocked, lambda: shutil.disk_usage(folder).free, clock)
    desk = rooms.desk_service(announcing, surroundings, Expiries(member, papers))
    reception = Reception(member, papers, os.urandom, ground.office.desks, exercises=exercises)
    continuity = Continuity(member, papers, store, clock)
    return House(
        member=member,
        identities=identities,
        papers=papers,
        store=store,
        ring=ring,
        office=ground.office,
        gate=ground.gate,
        opener=ground.opener,
        blobs=ground.blobs,
        clock=clock,
        roads=roads,
        rooms=rooms,
        desk=desk,
        own_office=rooms.office_service(desk.reading),
        attachments=rooms.attachments_service(),
        mailroom=Mailroom(
            us=member,
            keys=ground.node_keys,
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
        waiting=Waiting(ground.office, ground.gate),
        due=Due(ground.office, ground.gate),
    )


async def take_papers(house: House, one: Announcement, now: int) -> None:
    await take_and_keep(house.store, house.papers, one, now)
