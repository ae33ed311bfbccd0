"""The service `Desk`, for the officers of our own member: parse, hand to the verb, render."""

# ruff: noqa: N802 - the methods have the names of the RPCs

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import grpc

from tracepost.node.handlers.case.office import Officer, officer_of
from tracepost.node.handlers.deciding.releasing import Releasing
from tracepost.node.handlers.desks.endorsing import Endorsing
from tracepost.node.handlers.desks.policing import Policing
from tracepost.node.handlers.desks.policy_words import Word
from tracepost.node.handlers.desks.staff import Staff
from tracepost.node.handlers.desks.unlocking import Unlocking
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
from tracepost.node.handlers.reading.publishing import Publishing
from tracepost.node.handlers.reading.reading import Reading
from tracepost.node.handlers.reading.reporting import Reporting
from tracepost.node.handlers.reading.tallying import Tallying
from tracepost.node.handlers.reading.timeline import Timelines
from tracepost.node.handlers.register.intake import RegisterImport
from tracepost.node.handlers.register.matching import RegisterMatching
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.postmaster import Postmaster
from tracepost.node.services.batches import Gathering, submit_in_batches
from tracepost.protocol.problems import read_problem
from tracepost.protocol.schema import validate
from tracepost.serving.callers import current_caller
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


@dataclass(eq=False, kw_only=True)
class DeskService(desk_pb2_grpc.DeskServicer):
    """One method per verb; who calls is asked of the interceptors."""

    announcing: Announcing
    sending: Sending
    policing: Policing
    releasing: Releasing
    endorsing: Endorsing
    staff: Staff
    unlocking: Unlocking
    deleting: DeletingByTwo
    importing: RegisterImport
    postmaster: Postmaster | None
    reading: Reading
    finding: Finding
    matching: RegisterMatching
    printing: Printing
    exporting: Exporting
    publishing: Publishing
    explaining: Explaining
    reporting: Reporting
    tallying: Tallying
    enquiries: Enquiries
    addresses: AddressBook
    timelines: Timelines
    holding: Holding
    holders: Holders
    consenting: Consenting

    def __post_init__(self) -> None:
        self._standing = self.policing.standing
        self._gathering = Gathering(self._submit)

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
            return await self.sending.submit(officer, drafts)

    # ── reading ──────────────────────────────────────────────────────────────────────

    async def ListCases(self, request: desk_pb2.ListCasesRequest, _: Context) -> desk_pb2.ListCasesResponse:
        """List cases from ADMINISTRATIVE data."""
        validate(request)
        async with self._standing.held():
            return await self.reading.list_cases(_officer(), request)

    async def ShowCase(self, request: desk_pb2.ShowCaseRequest, _: Context) -> desk_pb2.CaseView:
        """Show a case as a desk sees it; every reading is logged first."""
        validate(request)
        async with self._standing.held():
            return await self.reading.show_case(_officer(), request)

    async def ShowTimeline(self, request: desk_pb2.ShowTimelineRequest, _: Context) -> desk_pb2.Timeline:
        """Show what happened in a case and where it is proved."""
        validate(request)
        async with self._standing.held():
            return await self.timelines.show(_officer(), request)

    async def FetchPart(self, request: desk_pb2.FetchPartRequest, _: Context) -> desk_pb2.FetchPartResponse:
        """Give one photograph."""
        validate(request)
        async with self._standing.held():
            return await self.reading.fetch_part(_officer(), request)

    async def ExportCase(
        self, request: desk_pb2.ExportCaseRequest, _: Context
    ) -> AsyncIterator[desk_pb2.ExportChunk]:
        """Give a case as a file, in chunks; the first one tells how much there is."""
        validate(request)
        async with self._standing.held():
            data = await self.exporting.export(_officer(), request)
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
            return await self.publishing.publish(_officer(), request)

    async def SearchMarks(
        self, request: search_pb2.SearchMarksRequest, _: Context
    ) -> search_pb2.SearchMarksResponse:
        """Find cases by a mark; who searched is logged, and what for as a keyed hash."""
        validate(request)
        async with self._standing.held():
            return await self.finding.search(_officer(), request)

    async def ImportRegister(
        self, parts: AsyncIterator[register_pb2.ImportRegisterRequest], _: Context
    ) -> AsyncIterator[register_pb2.ImportRegisterResponse]:
        """Take an extract of the State's own records; the last part puts it in force."""
        async with aclosing(self.importing.run(_officer(), parts)) as answers:
            async for answer in answers:
                yield answer

    async def ListRegisters(
        self, request: register_pb2.ListRegistersRequest, _: Context
    ) -> register_pb2.ListRegistersResponse:
        """List the extracts that a desk keeps."""
        validate(request)
        async with self._standing.held():
            return await self.matching.sources(_officer(), request.desk)

    async def MatchRegister(
        self, request: register_pb2.MatchRegisterRequest, _: Context
    ) -> register_pb2.MatchRegisterResponse:
        """Look up the items of a case in the extracts of a desk."""
        validate(request)
        async with self._standing.held():
            return await self.matching.match(_officer(), request)

    async def ListEnquiries(
        self, request: inquiry_pb2.ListEnquiriesRequest, _: Context
    ) -> inquiry_pb2.ListEnquiriesResponse:
        """List enquiries from ADMINISTRATIVE data."""
        validate(request)
        async with self._standing.held():
            return await self.enquiries.list_enquiries(_officer(), request)

    async def DeleteStatements(
        self, request: onward_pb2.DeleteStatementsRequest, _: Context
    ) -> onward_pb2.DeleteStatementsResponse:
        """Delete statements, or a case."""
        validate(request)
        async with self._standing.held():
            by_console = current_caller().via is not None
            return await self.deleting.delete(_officer(), request, by_console=by_console)

    async def ListHolders(
        self, request: onward_pb2.ListHoldersRequest, _: Context
    ) -> onward_pb2.ListHoldersResponse:
        """List who holds what was written in a case."""
        validate(request)
        async with self._standing.held():
            return await self.holders.list_holders(_officer(), request)

    async def PrintPaper(self, request: desk_pb2.PrintPaperRequest, _: Context) -> desk_pb2.PrintedPaper:
        """Give what may stand on a slip or in a letter; every time is logged first."""
        validate(request)
        async with self._standing.held():
            return await self.printing.print_paper(_officer(), request)

    async def KeepAddress(
        self, request: inquiry_pb2.KeepAddressRequest, _: Context
    ) -> inquiry_pb2.AddressEntry:
        """Keep an entry of the address book."""
        validate(request)
        async with self._standing.held():
            return await self.addresses.keep(_officer(), request)

    async def ListAddresses(
        self, _request: inquiry_pb2.ListAddressesRequest, _: Context
    ) -> inquiry_pb2.ListAddressesResponse:
        """List the address book."""
        async with self._standing.held():
            return await self.addresses.list_entries(_officer())

    # ── passing on ───────────────────────────────────────────────────────────────────

    async def ListConsents(
        self, request: onward_pb2.ListConsentsRequest, _: Context
    ) -> onward_pb2.ListConsentsResponse:
        """List consents asked for, given and received."""
        validate(request)
        async with self._standing.held():
            return await self.consenting.list_consents(_officer(), request)

    async def MakeReport(self, request: report_pb2.MakeReportRequest, _: Context) -> report_pb2.Report:
        """Count the member's own traces; small numbers are kept back."""
        validate(request)
        async with self._standing.held():
            return await self.tallying.report(_officer(), request)

    # ── held mail ────────────────────────────────────────────────────────────────────

    async def ListHeld(self, _request: desk_pb2.ListHeldRequest, _: Context) -> desk_pb2.ListHeldResponse:
        """List mail that waits for an officer's word."""
        async with self._standing.held():
            return await self.holding.list_held(_officer())

    async def DecideHeld(
        self, request: desk_pb2.DecideHeldRequest, _: Context
    ) -> desk_pb2.DecideHeldResponse:
        """Take held mail up, or set it aside."""
        validate(request)
        async with self._standing.held():
            return await self.holding.decide(_officer(), request)

    # ── desks ────────────────────────────────────────────────────────────────────────

    async def UnlockDesk(
        self, request: desk_pb2.UnlockDeskRequest, _: Context
    ) -> desk_pb2.UnlockDeskResponse:
        """Open a desk's keys."""
        validate(request)
        async with self._standing.held():  # authors are told of what does not open
            rewrapped = await self.unlocking.unlock(_officer(), request.desk, request.passphrase)
        return desk_pb2.UnlockDeskResponse(rewrapped=rewrapped)

    async def LockDesk(self, request: desk_pb2.LockDeskRequest, _: Context) -> desk_pb2.LockDeskResponse:
        """Forget a desk's keys."""
        validate(request)
        await self.unlocking.lock(_officer(), request.desk)
        return desk_pb2.LockDeskResponse()

    # ── the node and its world ───────────────────────────────────────────────────────

    async def GetStatus(self, _request: desk_pb2.GetStatusRequest, _: Context) -> desk_pb2.NodeStatus:
        """Say how the node is."""
        status = await self.reporting.status()
        await self.policing.tell(status)
        await self.releasing.tell(status)
        await self.deleting.tell(status)
        if self.postmaster is not None:
            await self.postmaster.tell(status)
        if current_caller().known().officer is not None:
            officer = _officer()
            status.reads_every_case = self.reporting.reads_every_case(officer)
            status.stands_in_for.extend(self.staff.stands_in_for(officer.number))
        return status

    async def ListDirectory(
        self, _request: desk_pb2.ListDirectoryRequest, _: Context
    ) -> desk_pb2.ListDirectoryResponse:
        """List the members and what is known of them."""
        return self.reporting.directory()

    async def ImportPapers(
        self, request: desk_pb2.ImportPapersRequest, _: Context
    ) -> desk_pb2.ImportPapersResponse:
        """Take in papers that were brought by hand; what is wrong with them ends the call."""
        validate(request)
        taken = await self.announcing.take_by_hand(request.announcement)
        return desk_pb2.ImportPapersResponse(taken=taken)

    async def ExportPapers(
        self, request: desk_pb2.ExportPapersRequest, _: Context
    ) -> desk_pb2.ExportPapersResponse:
        """Give a member's papers, to be carried by hand."""
        validate(request)
        return desk_pb2.ExportPapersResponse(announcement=self.reporting.papers_of(request.member))

    async def ShowTrust(self, _request: desk_pb2.ShowTrustRequest, _: Context) -> desk_pb2.TrustView:
        """Show the trust list in force."""
        return self.reporting.trust()

    async def ListAudit(self, request: desk_pb2.ListAuditRequest, _: Context) -> desk_pb2.ListAuditResponse:
        """List what was done and refused here."""
        validate(request)
        return await self.reporting.audit(_officer(), request)

    # ── who may read what ────────────────────────────────────────────────────────────

    async def ShowPolicies(self, request: desk_pb2.ShowPoliciesRequest, _: Context) -> desk_pb2.PolicyView:
        """Show the base set and all versions of the member's own policies."""
        validate(request)
        return await self.policing.show(with_text=request.with_text)

    async def ProposePolicy(
        self, request: desk_pb2.ProposePolicyRequest, _: Context
    ) -> desk_pb2.PolicyVersion:
        """Keep a proposal, approved by the officer who makes it."""
        validate(request)
        word = await self._word(request.approval, request.certificates)
        return await self.policing.propose(_officer(), word, request)

    async def DecidePolicy(self, request: desk_pb2.DecidePolicyRequest, _: Context) -> desk_pb2.PolicyVersion:
        """Take a second officer's word on a proposal."""
        validate(request)
        word = await self._word(request.approval, request.certificates)
        return await self.policing.decide(_officer(), word, request.version)

    async def _word(self, text: str, certificates: Sequence[bytes]) -> Word:
        return await self.endorsing.take_word(text, certificates, current_caller().known())

    async def ExplainPolicy(
        self, request: desk_pb2.ExplainPolicyRequest, _: Context
    ) -> desk_pb2.PolicyExplanation:
        """Tell who would see which fields of a statement, and why not."""
        validate(request)
        async with self._standing.held():
            return await self.explaining.explain(_officer(), request)

    async def ComparePolicy(
        self, request: desk_pb2.ComparePolicyRequest, _: Context
    ) -> desk_pb2.PolicyDifference:
        """Tell what another text would let read, or no longer."""
        validate(request)
        async with self._standing.held():
            text = await self.policing.text_in_force()
            return await self.explaining.compare(_officer(), request, text)


def _officer() -> Officer:
    return officer_of(current_caller().known())
