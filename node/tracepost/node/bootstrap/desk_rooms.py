"""Where officers work: what makes mail of drafts and lets it go, keeps desks and cases, and shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tracepost.node.adapters.scanner import CommandScanner
from tracepost.node.bootstrap.ground import Ground
from tracepost.node.config import AttachmentSettings
from tracepost.node.expiring import Expiries
from tracepost.node.handlers.deciding.emergency import Emergencies
from tracepost.node.handlers.deciding.releasing import Releasing
from tracepost.node.handlers.desks.assigning import Assigning
from tracepost.node.handlers.desks.case_desks import CaseDesking
from tracepost.node.handlers.desks.deputising import Deputising
from tracepost.node.handlers.desks.endorsing import Endorsing
from tracepost.node.handlers.desks.policing import Policing
from tracepost.node.handlers.desks.staff import Staff
from tracepost.node.handlers.desks.unlocking import Unlocking
from tracepost.node.handlers.drafting.addresses import AddressBook
from tracepost.node.handlers.drafting.completing import Completing
from tracepost.node.handlers.drafting.enclosing_files import EnclosingFiles
from tracepost.node.handlers.drafting.printing import Printing
from tracepost.node.handlers.drafting.uploading import Uploading
from tracepost.node.handlers.keeping.deleting import Deleting
from tracepost.node.handlers.keeping.deleting_by_two import DeletingByTwo
from tracepost.node.handlers.reading.consenting import Consenting
from tracepost.node.handlers.reading.enquiries import Enquiries
from tracepost.node.handlers.reading.explaining import Explaining
from tracepost.node.handlers.reading.exporting import Exporting
from tracepost.node.handlers.reading.finding import Finding
from tracepost.node.handlers.reading.giving_out import GivingOut
from tracepost.node.handlers.reading.holders import Holders
from tracepost.node.handlers.reading.holding import Holding
from tracepost.node.handlers.reading.overstepping import Overstepping
from tracepost.node.handlers.reading.publishing import Publishing
from tracepost.node.handlers.reading.reading import Reading
from tracepost.node.handlers.reading.reporting import Reporting, Surroundings
from tracepost.node.handlers.reading.seeing import Seeing
from tracepost.node.handlers.reading.tallying import Tallying
from tracepost.node.handlers.reading.timeline import Timelines
from tracepost.node.handlers.register.automatic_checks import AutomaticChecks
from tracepost.node.handlers.register.book import RegisterBook
from tracepost.node.handlers.register.indexing import Indexing
from tracepost.node.handlers.register.intake import RegisterImport
from tracepost.node.handlers.register.matching import RegisterMatching
from tracepost.node.handlers.sealed.contents import Contents
from tracepost.node.handlers.sealed.sealing_mail import Sealer
from tracepost.node.handlers.sealed.shortfalls import Inspection
from tracepost.node.handlers.sending.complaints import Complaints
from tracepost.node.handlers.sending.confirming import Confirming
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.handlers.sending.exhibits import Enclosing
from tracepost.node.handlers.sending.four_eyes import FourEyes
from tracepost.node.handlers.sending.opening_notices import OpeningNotices
from tracepost.node.handlers.sending.preparing import Preparer
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.handlers.sending.standing_consents import StandingConsents
from tracepost.node.papers import EntryView
from tracepost.node.ports.statements import Scanner
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.postmaster import Postmaster
from tracepost.node.records.mail import FreshMail, Queue
from tracepost.node.services.attachments import AttachmentsService
from tracepost.node.services.desk import DeskService
from tracepost.node.services.office import OfficeService

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Roads:
    """How mail of the desks finds its way: chosen when it is signed, woken when it is stored."""

    choose: Callable[[EntryView], str]
    send: Callable[[Sequence[FreshMail]], None]
    wake: Callable[[Iterable[Queue]], None]


class DeskRooms:
    """What officers do on one ground, and what is done for their desks when nobody asks."""

    def __init__(self, ground: Ground, roads: Roads) -> None:
        self._ground = ground
        self._furnish_sending(roads)
        self._furnish_staff()
        self._furnish_deciding(roads)
        self._furnish_keeping()
        self._furnish_register()

    def _furnish_sending(self, roads: Roads) -> None:
        """Make what makes mail of drafts."""
        ground = self._ground
        config, office, gate, papers = ground.config, ground.office, ground.gate, ground.papers
        self.contents = Contents(ground.blobs, _make_scanner(config.attachments), ground.clock)
        self.sealer = Sealer(office, gate, ground.random)
        self.four_eyes = FourEyes(config.release, office, gate, papers)
        preparer = Preparer(
            office=office,
            papers=papers,
            desks=ground.ring,
            signer=ground.signer,
            sealer=self.sealer,
            random=ground.random,
            choose_road=roads.choose,
            exercises=config.exercises.allowed,
        )
        self.sending = Sending(
            office=office,
            preparer=preparer,
            enclosing=Enclosing(office, ground.opener, papers, ground.store.evidence),
            four_eyes=self.four_eyes,
            files=EnclosingFiles(self.contents),
            completing=Completing(office, gate, ground.opener, papers),
            gate=gate,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
            draft_secret=ground.draft_secret,
            wake=roads.send,
        )
        self.confirming = Confirming(office, self.sending, ground.store)
        self.complaints = Complaints(ground.us, self.sending, ground.store, ground.clock)

    def _furnish_staff(self) -> None:
        """Make what knows officers, and whom their desks let act."""
        ground = self._ground
        office, papers, store, clock = ground.office, ground.papers, ground.store, ground.clock
        self.staff = Staff(office, ground.gate, papers, store, clock)
        self.endorsing = Endorsing(office, papers, store, clock)
        self.deputising = Deputising(office, papers, self.staff, store, clock)
        self.assigning = Assigning(
            office=office, gate=ground.gate, papers=papers, staff=self.staff, store=store, clock=clock
        )
        self.policing = Policing(
            us=ground.us,
            gate=ground.gate,
            papers=papers,
            signer=ground.signer,
            store=store,
            clock=clock,
            random=ground.random,
        )

    def _furnish_deciding(self, roads: Roads) -> None:
        """Make what an officer's word lets go, opens or deletes."""
        ground = self._ground
        self.releasing = Releasing(
            office=ground.office,
            gate=ground.gate,
            papers=ground.papers,
            four_eyes=self.four_eyes,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
            choose_road=roads.choose,
            wake=roads.wake,
        )
        self.emergencies = Emergencies(
            office=ground.office,
            gate=ground.gate,
            papers=ground.papers,
            opener=ground.opener,
            desks=ground.ring,
            sending=self.sending,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
        )
        self.deleting = Deleting(
            office=ground.office,
            gate=ground.gate,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
        )
        self.deleting_by_two = DeletingByTwo(
            office=ground.office,
            gate=ground.gate,
            papers=ground.papers,
            opener=ground.opener,
            four_eyes=self.four_eyes,
            deleting=self.deleting,
            store=ground.store,
            clock=ground.clock,
        )

    def _furnish_keeping(self) -> None:
        """Make what keeps desks on their cases, with the keys to them."""
        ground = self._ground
        self.unlocking = Unlocking(
            office=ground.office,
            ring=ground.ring,
            opener=ground.opener,
            sealer=self.sealer,
            sending=self.sending,
            complaints=self.complaints,
            store=ground.store,
            clock=ground.clock,
        )
        self.case_desking = CaseDesking(
            office=ground.office,
            gate=ground.gate,
            ring=ground.ring,
            opener=ground.opener,
            sealer=self.sealer,
            sending=self.sending,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
        )

    def _furnish_register(self) -> None:
        """Make what finds a mark again: in cases, and in the State's own records."""
        ground = self._ground
        self.indexing = Indexing(
            office=ground.office, ring=ground.ring, opener=ground.opener, store=ground.store
        )
        self.register_book = RegisterBook(ground.gate, ground.ring, ground.store)
        self.register_import = RegisterImport(
            office=ground.office,
            book=self.register_book,
            sealer=self.sealer,
            sending=self.sending,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
        )
        self.checks = AutomaticChecks(
            settings=ground.config.object_check,
            contact=ground.config.office,
            office=ground.office,
            ring=ground.ring,
            opener=ground.opener,
            book=self.register_book,
            sending=self.sending,
            log=self._disclosure_log(),
            store=ground.store,
            clock=ground.clock,
        )

    def _disclosure_log(self, notices: OpeningNotices | None = None) -> DisclosureLog:
        ground = self._ground
        return DisclosureLog(
            office=ground.office,
            gate=ground.gate,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
            notices=notices,
        )

    def close(self) -> None:
        """End the threads that seal mail and look into files."""
        self.sending.close()
        self.contents.close()

    # ── what officers call ───────────────────────────────────────────────────────────

    def attachments_service(self) -> AttachmentsService:
        """Files, handed in and given out."""
        ground = self._ground
        giving_out = GivingOut(
            office=ground.office,
            gate=ground.gate,
            desks=ground.ring,
            opener=ground.opener,
            contents=self.contents,
            log=self._disclosure_log(),
            store=ground.store,
        )
        uploading = Uploading(
            office=ground.office,
            store=ground.store,
            clock=ground.clock,
            quota_bytes=ground.config.attachments.officer_mebibytes * _MEBIBYTE,
        )
        return AttachmentsService(ground.blobs, uploading, giving_out, self.policing.standing)

    def office_service(self, reading: Reading) -> OfficeService:
        """Staff, desks and what takes two; statements are shown as `reading` shows them."""
        return OfficeService(
            staff=self.staff,
            releasing=self.releasing,
            case_desking=self.case_desking,
            deputising=self.deputising,
            assigning=self.assigning,
            emergencies=self.emergencies,
            endorsing=self.endorsing,
            deleting=self.deleting_by_two,
            reading=reading,
            policing=self.policing,
        )

    def desk_service(
        self,
        announcing: Announcing,
        surroundings: Surroundings,
        expiries: Expiries,
        postmaster: Postmaster | None = None,
    ) -> DeskService:
        """Cases, and all that is written and read in them."""
        ground = self._ground
        office, gate, papers = ground.office, ground.gate, ground.papers
        store, clock = ground.store, ground.clock
        log = self._disclosure_log(
            OpeningNotices(us=ground.us, papers=papers, sending=self.sending, store=store, clock=clock)
        )
        return DeskService(
            sending=self.sending,
            announcing=announcing,
            policing=self.policing,
            releasing=self.releasing,
            endorsing=self.endorsing,
            staff=self.staff,
            unlocking=self.unlocking,
            deleting=self.deleting_by_two,
            importing=self.register_import,
            postmaster=postmaster,
            reading=self._make_reading(log),
            finding=self._make_finding(log),
            matching=self._make_matching(log),
            printing=self._make_printing(),
            exporting=self._make_exporting(log),
            publishing=self._make_publishing(log),
            explaining=self._make_explaining(log),
            reporting=self._make_reporting(surroundings, expiries),
            tallying=Tallying(office, gate, store, clock),
            enquiries=Enquiries(office, gate, store, clock),
            addresses=AddressBook(office, gate, store, clock),
            timelines=Timelines(office, gate, store),
            holding=Holding(office, gate, store, clock),
            holders=Holders(office, gate, store),
            consenting=Consenting(office, gate, papers, store, clock),
        )

    def _make_reading(self, log: DisclosureLog) -> Reading:
        ground = self._ground
        return Reading(
            office=ground.office,
            gate=ground.gate,
            desks=ground.ring,
            opener=ground.opener,
            inspection=Inspection(ground.office, ground.gate, ground.opener, ground.papers),
            complaints=self.complaints,
            signers=ground.papers,
            overstepping=Overstepping(ground.us, ground.papers, StandingConsents(ground.papers)),
            log=log,
            store=ground.store,
            blobs=ground.blobs,
            seeing=Seeing(ground.store),
        )

    def _make_finding(self, log: DisclosureLog) -> Finding:
        ground = self._ground
        return Finding(
            office=ground.office,
            gate=ground.gate,
            ring=ground.ring,
            opener=ground.opener,
            unlocking=self.unlocking,
            indexing=self.indexing,
            log=log,
            store=ground.store,
            clock=ground.clock,
        )

    def _make_matching(self, log: DisclosureLog) -> RegisterMatching:
        ground = self._ground
        return RegisterMatching(
            office=ground.office,
            gate=ground.gate,
            opener=ground.opener,
            book=self.register_book,
            log=log,
            store=ground.store,
            clock=ground.clock,
        )

    def _make_printing(self) -> Printing:
        ground = self._ground
        return Printing(
            office=ground.office,
            office_name=ground.config.office.name,
            gate=ground.gate,
            opener=ground.opener,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
        )

    def _make_exporting(self, log: DisclosureLog) -> Exporting:
        ground = self._ground
        return Exporting(
            office=ground.office,
            gate=ground.gate,
            desks=ground.ring,
            opener=ground.opener,
            papers=ground.papers,
            log=log,
            store=ground.store,
            clock=ground.clock,
        )

    def _make_publishing(self, log: DisclosureLog) -> Publishing:
        ground = self._ground
        return Publishing(
            office=ground.office,
            gate=ground.gate,
            desks=ground.ring,
            opener=ground.opener,
            papers=ground.papers,
            log=log,
            sending=self.sending,
            store=ground.store,
            clock=ground.clock,
            random=ground.random,
        )

    def _make_explaining(self, log: DisclosureLog) -> Explaining:
        ground = self._ground
        return Explaining(
            office=ground.office,
            gate=ground.gate,
            desks=ground.ring,
            opener=ground.opener,
            papers=ground.papers,
            log=log,
            store=ground.store,
        )

    def _make_reporting(self, surroundings: Surroundings, expiries: Expiries) -> Reporting:
        ground = self._ground
        return Reporting(
            office=ground.office,
            exercises=ground.config.exercises.allowed,
            gate=ground.gate,
            papers=ground.papers,
            store=ground.store,
            surroundings=surroundings,
            expiries=expiries,
        )


def _make_scanner(settings: AttachmentSettings) -> Scanner | None:
    return CommandScanner(settings.scanner, settings.scanner_seconds) if settings.scanner else None
