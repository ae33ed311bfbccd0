"""The service `Desk`, for the officers of our own member: parse, hand to the verb, render."""

# ruff: noqa: N802 - the methods have the names of the RPCs

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import grpc

from tracepost.node.config import NodeConfig
from tracepost.node.expiring import Expiries
from tracepost.node.gate import Gate
from tracepost.node.handlers.case.office import Office, Officer, officer_of
from tracepost.node.handlers.deciding.releasing import Releasing
from tracepost.node.handlers.desks.endorsing import Endorsing
from tracepost.node.handlers.desks.policing import Policing
from tracepost.node.handlers.desks.policy_words import Word
from tracepost.node.handlers.desks.staff import Staff
from tracepost.node.handlers.desks.unlocking import KeyRing, Unlocking
from tracepost.node.handlers.drafting.addresses import AddressBook
from tracepost.node.handlers.drafting.printing import Printing
from tracepost.node.handlers.keeping.deleting_by_two import DeletingByTwo
from tracepost.node.handlers.reading.consenting import Consenting
from tracepost.node.handlers.reading.enquiries import Enquiries
from tracepost.node.handlers.reading.explaining import Explaining
from tracepost.node.handlers.reading.exporting import Exporting
from tracepost.node.handlers.reading.finding import Finding
from tracepost.node.handlers.reading.holders import Holders
from tracepost.node.handlers.reading.holding import Holding
from tracepost.node.handlers.reading.overstepping import Overstepping
from tracepost.node.handlers.reading.publishing import Publishing
from tracepost.node.handlers.reading.reading import Reading
from tracepost.node.handlers.reading.reporting import Reporting, Surroundings
from tracepost.node.handlers.reading.seeing import Seeing
from tracepost.node.handlers.reading.tallying import Tallying
from tracepost.node.handlers.reading.timeline import Timelines
from tracepost.node.handlers.register.book import RegisterBook
from tracepost.node.handlers.register.indexing import Indexing
from tracepost.node.handlers.register.intake import RegisterImport
from tracepost.node.handlers.register.matching import RegisterMatching
from tracepost.node.handlers.sealed.opening import Opener
from tracepost.node.handlers.sealed.shortfalls import Inspection
from tracepost.node.handlers.sending.complaints import Complaints
from tracepost.node.handlers.sending.disclosure_log import DisclosureLog
from tracepost.node.handlers.sending.opening_notices import OpeningNotices
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.handlers.sending.standing_consents import StandingConsents
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.postmaster import Postmaster
from tracepost.node.services.batches import Gathering, submit_in_batches
from tracepost.protocol.ids import MemberId
from tracepost.protocol.problems import read_problem
from tracepost.protocol.schema import validate
from tracepost.protocol.sealing import Random
from tracepost.serving.callers import current_caller
from tracepost.serving.storage.blobs import Blobs
from tracepost.serving.storage.durable_file import find_unwritable
from tracepost.wire.v1 import (
    desk_pb2,
    desk_pb2_grpc,
    inquiry_pb2,
    onward_pb2,
    publish_pb2,
    register_pb2,
    report_pb2,
    search_pb2,
)

Context = grpc.aio.ServicerContext[Any, Any]

DESCRIPTOR = desk_pb2.DESCRIPTOR.services_by_name["Desk"]

CHUNK_BYTES = 256 * 1024


class DeskService(desk_pb2_grpc.DeskServicer):
    """One method per verb; who calls is asked of the interceptors."""

    def __init__(
        self,
        *,
        config: NodeConfig,
        office: Office,
        gate: Gate,
        ring: KeyRing,
        papers: Papers,
        opener: Opener,
        sending: Sending,
        unlocking: Unlocking,
        indexing: Indexing,
        register_book: RegisterBook,
        register_import: RegisterImport,
        complaints: Complaints,
        announcing: Announcing,
        policing: Policing,
        releasing: Releasing,
        deleting: DeletingByTwo,
        endorsing: Endorsing,
        staff: Staff,
        postmaster: Postmaster | None = None,
        store: Store,
        blobs: Blobs,
        clock: Callable[[], int],
        head_checked: Callable[[], bool] = lambda: True,
        witnesses: Callable[[], tuple[Sequence[str], bool]] = lambda: ((), False),
        clock_offsets: Callable[[], Mapping[MemberId, int]] = dict,
        damaged_tiles: Callable[[], int] = lambda: 0,
        here: Callable[[], frozenset[MemberId]] = frozenset,
        expiries: Expiries | None = None,
        random: Random,
    ) -> None:
        notices = OpeningNotices(us=office.member, papers=papers, sending=sending, store=store, clock=clock)
        log = DisclosureLog(
            office=office, gate=gate, store=store, clock=clock, random=random, notices=notices
        )
        self._sending = sending
        self._announcing = announcing
        self._policing = policing
        self._releasing = releasing
        self._endorsing = endorsing
        self._staff = staff
        self._standing = policing.standing
        self._gathering = Gathering(self._submit)
        self._reading = Reading(
            office=office,
            gate=gate,
            desks=ring,
            opener=opener,
            inspection=Inspection(office, gate, opener, papers),
            complaints=complaints,
            signers=papers,
            overstepping=Overstepping(office.member, papers, StandingConsents(papers)),
            log=log,
            store=store,
            blobs=blobs,
            seeing=Seeing(store),
        )
        self._finding = Finding(
            office=office,
            gate=gate,
            ring=ring,
            opener=opener,
            unlocking=unlocking,
            indexing=indexing,
            log=log,
            store=store,
            clock=clock,
        )
        self._importing = register_import
        self._tallying = Tallying(office, gate, store, clock)
        self._matching = RegisterMatching(
            office=office, gate=gate, opener=opener, book=register_book, log=log, store=store, clock=clock
        )
        self._enquiries = Enquiries(office, gate, store, clock)
        self._addresses = AddressBook(office, gate, store, clock)
        self._printing = Printing(
            office=office,
            office_name=config.office.name,
            gate=gate,
            opener=opener,
            store=store,
            clock=clock,
            random=random,
        )
        self._timelines = Timelines(office, gate, store)
        self._holding = Holding(office, gate, store, clock)
        self._deleting = deleting
        self._postmaster = postmaster
        self._holders = Holders(office, gate, store)
        self._consenting = Consenting(office, gate, papers, store, clock)
        self._unlocking = unlocking
        self._exporting = Exporting(
            office=office,
            gate=gate,
            desks=ring,
            opener=opener,
            papers=papers,
            log=log,
            store=store,
            clock=clock,
        )
        self._publishing = Publishing(
            office=office,
            gate=gate,
            desks=ring,
            opener=opener,
            papers=papers,
            log=log,
            sending=sending,
            store=store,
            clock=clock,
            random=random,
        )
        self._explaining = Explaining(
            office=office, gate=gate, desks=ring, opener=opener, papers=papers, log=log, store=store
        )
        self._reporting = Reporting(
            office=office,
            exercises=config.exercises.allowed,
            gate=gate,
            papers=papers,
            store=store,
            surroundings=Surroundings(
                tuple(relay.member for relay in config.relays),
                ring.unlocked,
                lambda: shutil.disk_usage(config.folder).free,
                clock,
                head_checked,
                witnesses,
                clock_offsets,
                damaged_tiles,
                here,
                lambda: find_unwritable(config.places),
            ),
            expiries=expiries or Expiries(office.member, papers, config.standing_consents),
        )

    @property
    def reading(self) -> Reading:
        """How statements are shown to officers: other services for them show in the same way."""
        return self._reading

    # ── sending ──────────────────────────────────────────────────────────────────────

    async def Submit(self, request: desk_pb2.Draft, _: Context) -> desk_pb2.Submission:
        """Sign, seal, store and queue one message; what refuses it ends the call."""
        submission = await self._gathering.submit(_officer(), request)
        if submission.HasField("problem"):
            raise read_problem(submission.problem)
        return submission

    async def SubmitMany(
        self, drafts: AsyncIterator[desk_pb2.Draft], _: Context
    ) -> AsyncIterator[desk_pb2.Submission]:
        """The same for many; a draft that builds on another is sent when that one is answered."""
        officer = _officer()

        async def submit(batch: Sequence[desk_pb2.Draft]) -> list[desk_pb2.Submission]:
            return await self._submit(officer, batch)

        async with aclosing(submit_in_batches(drafts, submit)) as submissions:
            async for submission in submissions:
                yield submission

    async def _submit(self, officer: Officer, drafts: Sequence[desk_pb2.Draft]) -> list[desk_pb2.Submission]:
        async with self._standing.held():
            return await self._sending.submit(officer, drafts)

    # ── reading ──────────────────────────────────────────────────────────────────────

    async def ListCases(self, request: desk_pb2.ListCasesRequest, _: Context) -> desk_pb2.ListCasesResponse:
        """List cases from ADMINISTRATIVE data."""
        validate(request)
        async with self._standing.held():
            return await self._reading.list_cases(_officer(), request)

    async def ShowCase(self, request: desk_pb2.ShowCaseRequest, _: Context) -> desk_pb2.CaseView:
        """Show a case as a desk sees it; every reading is logged first."""
        validate(request)
        async with self._standing.held():
            return await self._reading.show_case(_officer(), request)

    async def ShowTimeline(self, request: desk_pb2.ShowTimelineRequest, _: Context) -> desk_pb2.Timeline:
        """Show what happened in a case and where it is proved."""
        validate(request)
        async with self._standing.held():
            return await self._timelines.show(_officer(), request)

    async def FetchPart(self, request: desk_pb2.FetchPartRequest, _: Context) -> desk_pb2.FetchPartResponse:
        """Give one photograph."""
        validate(request)
        async with self._standing.held():
            return await self._reading.fetch_part(_officer(), request)

    async def ExportCase(
        self, request: desk_pb2.ExportCaseRequest, _: Context
    ) -> AsyncIterator[desk_pb2.ExportChunk]:
        """Give a case as a file, in chunks; the first one tells how much there is."""
        validate(request)
        async with self._standing.held():
            data = await self._exporting.export(_officer(), request)
        for start in range(0, len(data), CHUNK_BYTES):
            yield desk_pb2.ExportChunk(
                data=data[start : start + CHUNK_BYTES], total_bytes=None if start else len(data)
            )

    async def PublishCase(
        self, request: publish_pb2.PublishCaseRequest, _: Context
    ) -> publish_pb2.Publication:
        """Give what of a case may be published; it is logged, and those who consented are told."""
        validate(request)
        async with self._standing.held():
            return await self._publishing.publish(_officer(), request)

    async def SearchMarks(
        self, request: search_pb2.SearchMarksRequest, _: Context
    ) -> search_pb2.SearchMarksResponse:
        """Find cases by a mark; who searched is logged, and what for as a keyed hash."""
        validate(request)
        async with self._standing.held():
            return await self._finding.search(_officer(), request)

    async def ImportRegister(
        self, parts: AsyncIterator[register_pb2.ImportRegisterRequest], _: Context
    ) -> AsyncIterator[register_pb2.ImportRegisterResponse]:
        """Take an extract of the State's own records; the last part puts it in force."""
        async with aclosing(self._importing.run(_officer(), parts)) as answers:
            async for answer in answers:
                yield answer

    async def ListRegisters(
        self, request: register_pb2.ListRegistersRequest, _: Context
    ) -> register_pb2.ListRegistersResponse:
        """List the extracts that a desk keeps."""
        validate(request)
        async with self._standing.held():
            return await self._matching.sources(_officer(), request.desk)

    async def MatchRegister(
        self, request: register_pb2.MatchRegisterRequest, _: Context
    ) -> register_pb2.MatchRegisterResponse:
        """Look up the items of a case in the extracts of a desk."""
        validate(request)
        async with self._standing.held():
            return await self._matching.match(_officer(), request)

    async def ListEnquiries(
        self, request: inquiry_pb2.ListEnquiriesRequest, _: Context
    ) -> inquiry_pb2.ListEnquiriesResponse:
        """List enquiries from ADMINISTRATIVE data."""
        validate(request)
        async with self._standing.held():
            return await self._enquiries.list_enquiries(_officer(), request)

    async def DeleteStatements(
        self, request: onward_pb2.DeleteStatementsRequest, _: Context
    ) -> onward_pb2.DeleteStatementsResponse:
        """Delete statements, or a case."""
        validate(request)
        async with self._standing.held():
            by_console = current_caller().via is not None
            return await self._deleting.delete(_officer(), request, by_console=by_console)

    async def ListHolders(
        self, request: onward_pb2.ListHoldersRequest, _: Context
    ) -> onward_pb2.ListHoldersResponse:
        """List who holds what was written in a case."""
        validate(request)
        async with self._standing.held():
            return await self._holders.list_holders(_officer(), request)

    async def PrintPaper(self, request: desk_pb2.PrintPaperRequest, _: Context) -> desk_pb2.PrintedPaper:
        """Give what may stand on a slip or in a letter; every time is logged first."""
        validate(request)
        async with self._standing.held():
            return await self._printing.print_paper(_officer(), request)

    async def KeepAddress(
        self, request: inquiry_pb2.KeepAddressRequest, _: Context
    ) -> inquiry_pb2.AddressEntry:
        """Keep an entry of the address book."""
        validate(request)
        async with self._standing.held():
            return await self._addresses.keep(_officer(), request)

    async def ListAddresses(
        self, _request: inquiry_pb2.ListAddressesRequest, _: Context
    ) -> inquiry_pb2.ListAddressesResponse:
        """List the address book."""
        async with self._standing.held():
            return await self._addresses.list_entries(_officer())

    # ── passing on ───────────────────────────────────────────────────────────────────

    async def ListConsents(
        self, request: onward_pb2.ListConsentsRequest, _: Context
    ) -> onward_pb2.ListConsentsResponse:
        """List consents asked for, given and received."""
        validate(request)
        async with self._standing.held():
            return await self._consenting.list_consents(_officer(), request)

    async def MakeReport(self, request: report_pb2.MakeReportRequest, _: Context) -> report_pb2.Report:
        """Count the member's own traces; small numbers are kept back."""
        validate(request)
        async with self._standing.held():
            return await self._tallying.report(_officer(), request)

    # ── held mail ────────────────────────────────────────────────────────────────────

    async def ListHeld(self, _request: desk_pb2.ListHeldRequest, _: Context) -> desk_pb2.ListHeldResponse:
        """List mail that waits for an officer's word."""
        async with self._standing.held():
            return await self._holding.list_held(_officer())

    async def DecideHeld(
        self, request: desk_pb2.DecideHeldRequest, _: Context
    ) -> desk_pb2.DecideHeldResponse:
        """Take held mail up, or set it aside."""
        validate(request)
        async with self._standing.held():
            return await self._holding.decide(_officer(), request)

    # ── desks ────────────────────────────────────────────────────────────────────────

    async def UnlockDesk(
        self, request: desk_pb2.UnlockDeskRequest, _: Context
    ) -> desk_pb2.UnlockDeskResponse:
        """Open a desk's keys."""
        validate(request)
        async with self._standing.held():  # authors are told of what does not open
            rewrapped = await self._unlocking.unlock(_officer(), request.desk, request.passphrase)
        return desk_pb2.UnlockDeskResponse(rewrapped=rewrapped)

    async def LockDesk(self, request: desk_pb2.LockDeskRequest, _: Context) -> desk_pb2.LockDeskResponse:
        """Forget a desk's keys."""
        validate(request)
        await self._unlocking.lock(_officer(), request.desk)
        return desk_pb2.LockDeskResponse()

    # ── the node and its world ───────────────────────────────────────────────────────

    async def GetStatus(self, _request: desk_pb2.GetStatusRequest, _: Context) -> desk_pb2.NodeStatus:
        """Say how the node is."""
        status = await self._reporting.status()
        await self._policing.tell(status)
        await self._releasing.tell(status)
        await self._deleting.tell(status)
        if self._postmaster is not None:
            await self._postmaster.tell(status)
        if current_caller().known().officer is not None:
            officer = _officer()
            status.reads_every_case = self._reporting.reads_every_case(officer)
            status.stands_in_for.extend(self._staff.stands_in_for(officer.number))
        return status

    async def ListDirectory(
        self, _request: desk_pb2.ListDirectoryRequest, _: Context
    ) -> desk_pb2.ListDirectoryResponse:
        """List the members and what is known of them."""
        return self._reporting.directory()

    async def ImportPapers(
        self, request: desk_pb2.ImportPapersRequest, _: Context
    ) -> desk_pb2.ImportPapersResponse:
        """Take in papers that were brought by hand; what is wrong with them ends the call."""
        validate(request)
        taken = await self._announcing.take_by_hand(request.announcement)
        return desk_pb2.ImportPapersResponse(taken=taken)

    async def ExportPapers(
        self, request: desk_pb2.ExportPapersRequest, _: Context
    ) -> desk_pb2.ExportPapersResponse:
        """Give a member's papers, to be carried by hand."""
        validate(request)
        return desk_pb2.ExportPapersResponse(announcement=self._reporting.papers_of(request.member))

    async def ShowTrust(self, _request: desk_pb2.ShowTrustRequest, _: Context) -> desk_pb2.TrustView:
        """Show the trust list in force."""
        return self._reporting.trust()

    async def ListAudit(self, request: desk_pb2.ListAuditRequest, _: Context) -> desk_pb2.ListAuditResponse:
        """List what was done and refused here."""
        validate(request)
        return await self._reporting.audit(_officer(), request)

    # ── who may read what ────────────────────────────────────────────────────────────

    async def ShowPolicies(self, request: desk_pb2.ShowPoliciesRequest, _: Context) -> desk_pb2.PolicyView:
        """Show the base set and all versions of the member's own policies."""
        validate(request)
        return await self._policing.show(with_text=request.with_text)

    async def ProposePolicy(
        self, request: desk_pb2.ProposePolicyRequest, _: Context
    ) -> desk_pb2.PolicyVersion:
        """Keep a proposal, approved by the officer who makes it."""
        validate(request)
        word = await self._word(request.approval, request.certificates)
        return await self._policing.propose(_officer(), word, request)

    async def DecidePolicy(self, request: desk_pb2.DecidePolicyRequest, _: Context) -> desk_pb2.PolicyVersion:
        """Take a second officer's word on a proposal."""
        validate(request)
        word = await self._word(request.approval, request.certificates)
        return await self._policing.decide(_officer(), word, request.version)

    async def _word(self, text: str, certificates: Sequence[bytes]) -> Word:
        return await self._endorsing.take_word(text, certificates, current_caller().known())

    async def ExplainPolicy(
        self, request: desk_pb2.ExplainPolicyRequest, _: Context
    ) -> desk_pb2.PolicyExplanation:
        """Tell who would see which fields of a statement, and why not."""
        validate(request)
        async with self._standing.held():
            return await self._explaining.explain(_officer(), request)

    async def ComparePolicy(
        self, request: desk_pb2.ComparePolicyRequest, _: Context
    ) -> desk_pb2.PolicyDifference:
        """Tell what another text would let read, or no longer."""
        validate(request)
        async with self._standing.held():
            text = await self._policing.text_in_force()
            return await self._explaining.compare(_officer(), request, text)


def _officer() -> Officer:
    return officer_of(current_caller().known())
