"""A client of one's own node, for officers and for programs that work for them.

    papers = OfficerPapers.read(Path("officer.pem"), Path("officer.key"), Path("root.pem"))
    async with Client.connect("127.0.0.1:7443", "xaa", "tracepost.example", papers) as client:
        submission = await client.submit_request(request, Cover(to=("xab",), ...))
        await client.acknowledge(submission.thread, Acknowledgement(...))

Every method is one call of the service `Desk` or says one kind of message. A
refusal is raised as an error of `tracepost.protocol.errors`; in `submit_many` it
stands in the `problem` of its own submission, so that one bad draft stops no other.

Not done here: signing and sealing (the node), tables and photographs (`intake`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import grpc.aio
from google.protobuf.message import Message

from tracepost.protocol.errors import UnreachableError
from tracepost.protocol.ids import parse_member
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.sdk.failures import our_errors
from tracepost.sdk.flow import Window, each
from tracepost.sdk.office import OfficeCalls
from tracepost.sdk.papers import OfficerPapers
from tracepost.sdk.post import PostCalls
from tracepost.sdk.pouches import PouchCalls
from tracepost.sdk.transport import node_name, open_channel
from tracepost.wire.v1 import (
    assistance_pb2,
    attachment_pb2,
    attachment_pb2_grpc,
    ballistic_pb2,
    check_pb2,
    desk_pb2,
    desk_pb2_grpc,
    diversion_pb2,
    embargo_pb2,
    flow_pb2,
    inquiry_pb2,
    loss_pb2,
    mandate_pb2,
    onward_pb2,
    panel_pb2,
    post_pb2,
    practice_pb2,
    publish_pb2,
    register_pb2,
    report_pb2,
    search_pb2,
    seizure_pb2,
    share_pb2,
    statistics_pb2,
    trace_pb2,
)

_UNARY_SECONDS = 30.0
_REPORT_SECONDS = 300.0
_WINDOW_DRAFTS = 64
_WINDOW_BYTES = 32 * 1024 * 1024
_PAGE = 200
Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
M = TypeVar("M", bound=Message)


class Client:
    """A connection to the node of one's own member, as one officer. Safe to use by many tasks."""

    def __init__(
        self, channel: grpc.aio.Channel, address: str, desk: str | None, timeout_seconds: float
    ) -> None:
        self._channel = channel
        self._node = desk_pb2_grpc.DeskStub(channel)
        self._files = attachment_pb2_grpc.AttachmentsStub(channel)
        self._address = address
        self._desk = desk
        self._timeout_seconds = timeout_seconds
        self._office = OfficeCalls(channel, address, desk, timeout_seconds)
        self._post = PostCalls(channel, address, desk, timeout_seconds)
        self._pouches = PouchCalls(channel, address, timeout_seconds)

    @classmethod
    def connect(
        cls,
        address: str,
        member: str,
        domain: str,
        papers: OfficerPapers,
        *,
        desk: str | None = None,
        timeout_seconds: float = _UNARY_SECONDS,
    ) -> Self:
        """Return a client; the node is dialled by the first call.

        Args:
            address: `host:port` of the node's desk service.
            member: own member id; the node must show `node.<member>.<domain>`.
            domain: the network's domain.
            papers: the officer's certificate and key, and the member's root.
            desk: desk to write and read as; None: the officer's only desk.
            timeout_seconds: for one answer; streams have none.

        Raises:
            InvalidInputError: `member` is not a member id.
        """
        name = node_name(parse_member(member), domain)
        return cls(open_channel(address, name, papers), address, desk, timeout_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close_connection()

    async def close_connection(self) -> None:
        """End the connection; calls under way are given up."""
        await self._channel.close()

    @property
    def office(self) -> OfficeCalls:
        """The order of one's own house: officers, desks, and mail that waits for a second officer's word."""
        return self._office

    @property
    def post(self) -> PostCalls:
        """How mail travels: queues, dead letters, members that are blocked here, maintenance."""
        return self._post

    @property
    def pouches(self) -> PouchCalls:
        """Mail, receipts and papers as files, for a node without a network."""
        return self._pouches

    # the node

    async def get_status(self) -> desk_pb2.NodeStatus:
        """Return how the node is: desks, peers, queues, log, papers that expire."""
        return await self._call(self._node.GetStatus, desk_pb2.GetStatusRequest())

    async def unlock_desk(self, desk: str, passphrase: bytes) -> int:
        """Open the keys of `desk` in the node's memory; return how many messages it can now read."""
        request = desk_pb2.UnlockDeskRequest(desk=desk, passphrase=passphrase)
        return (await self._call(self._node.UnlockDesk, request)).rewrapped

    async def lock_desk(self, desk: str) -> None:
        """Make the node forget the keys of `desk`."""
        await self._call(self._node.LockDesk, desk_pb2.LockDeskRequest(desk=desk))

    async def list_audit(
        self, after: int = 0, page_size: int = _PAGE, *, before: int | None = None
    ) -> list[desk_pb2.AuditEvent]:
        """Return the audit events numbered above `after`, at most `page_size`.

        With `before` those below that number instead, the newest first; 0: the newest of all.
        """
        request = desk_pb2.ListAuditRequest(after=after, page_size=page_size, before=before)
        return list((await self._call(self._node.ListAudit, request)).events)

    # sending

    async def submit(self, draft: desk_pb2.Draft) -> desk_pb2.Submission:
        """Have one draft signed, sealed, stored and queued; a refusal is raised."""
        draft = self._completed(draft)
        return await self._call(self._node.Submit, draft)

    async def submit_many(
        self,
        drafts: Iterable[desk_pb2.Draft] | AsyncIterable[desk_pb2.Draft],
        *,
        progress: Callable[[desk_pb2.Submission], None] | None = None,
        window_drafts: int = _WINDOW_DRAFTS,
        window_bytes: int = _WINDOW_BYTES,
    ) -> AsyncIterator[desk_pb2.Submission]:
        """Yield a submission for each draft, in order; a refused one carries its `problem`.

        Args:
            drafts: taken as fast as the node answers.
            progress: called with each submission as it arrives.
            window_drafts: drafts on their way at once.
            window_bytes: bytes of drafts on their way at once.
        """
        window = Window(window_drafts, window_bytes)

        async def outgoing() -> AsyncIterator[desk_pb2.Draft]:
            async for draft in each(drafts):
                await window.enter(draft.ByteSize())
                yield self._completed(draft)

        with our_errors(self._address):
            async for submission in self._node.SubmitMany(outgoing()):
                await window.leave()
                if progress is not None:
                    progress(submission)
                yield submission

    async def hand_in(
        self,
        address: bytes,
        total_bytes: int,
        pieces: Callable[[int], AsyncIterator[bytes]],
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Bring the ciphertext of a file to the node; `sdk.attachments.hand_in` makes it from a file.

        Args:
            address: its SHA-256.
            total_bytes: its length.
            pieces: called with what the node has already, in bytes; gives the rest, 1 MiB at most each.
            progress: called with the bytes that the node had, and of every piece.
        """
        call = self._files.Upload()
        with our_errors(self._address):
            try:
                first = post_pb2.AttachmentPiece(address=address, total_bytes=total_bytes)
                await call.write(first)
                position = await _position(call)
                _tell(progress, position.offset)
                if not position.complete:
                    async for some in pieces(position.offset):
                        await call.write(post_pb2.AttachmentPiece(data=some))
                        _tell(progress, len(some))
                await call.done_writing()
                if not position.complete:
                    await _position(call)
                await call.read()  # the end: the node is done with it too
            except (asyncio.InvalidStateError, grpc.aio.InternalError):
                # Written when the node had ended the call.
                await call.read()
                raise _cut() from None
            finally:
                call.cancel()

    async def submit_request(self, request: trace_pb2.TraceRequest, cover: Cover) -> desk_pb2.Submission:
        """Ask the members of `cover.to` to trace (ITI 16, 17); this opens a case."""
        return await self.submit(build_draft(request, cover))

    async def notify_seizure(
        self, notice: seizure_pb2.SeizureNotice, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell the members of `cover.to` of a seizure at a border; this opens a case, if none is named."""
        return await self.submit(build_draft(notice, cover, case))

    async def notify_loss(
        self, notice: loss_pb2.LossNotice, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell the members of `cover.to` what was lost or stolen, or in `case` what became of it."""
        return await self.submit(build_draft(notice, cover, case))

    async def report_hit(
        self, case: str, message: loss_pb2.Hit, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Say that something was seen which a notice or request of the case is about."""
        return await self._say(case, message, cover)

    async def ask_as_panel(
        self, message: panel_pb2.PanelRequest, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Ask the one member of `cover.to` as a panel, or in `case` put texts before it for consent."""
        return await self.submit(build_draft(message, cover, case))

    async def reply_to_panel(
        self, case: str, message: panel_pb2.PanelReply, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Answer a panel, or refuse; and say which texts may be printed."""
        return await self._say(case, message, cover)

    async def document(
        self, message: panel_pb2.DocumentedItem, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell the members of `cover.to` what a panel or peace operation saw, and how far it is verified."""
        return await self.submit(build_draft(message, cover, case))

    async def acknowledge(
        self, case: str, message: trace_pb2.Acknowledgement, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Say that the request was received, under which number, on which terms (ITI 19)."""
        return await self._say(case, message, cover)

    async def ask(
        self, case: str, message: trace_pb2.InformationRequest, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Ask for what the request lacks (ITI 21)."""
        return await self._say(case, message, cover)

    async def supply(
        self, case: str, message: trace_pb2.InformationSupply, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Give what was asked for."""
        return await self._say(case, message, cover)

    async def respond(
        self, case: str, message: trace_pb2.Response, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Answer item by item (ITI 20)."""
        return await self._say(case, message, cover)

    async def refuse(
        self, case: str, message: trace_pb2.Refusal, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Refuse, wholly or for some items, with the ground (ITI 22, 23)."""
        return await self._say(case, message, cover)

    async def delay(
        self, case: str, message: trace_pb2.Delay, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Say that the answer comes later, and why (ITI 22, 23)."""
        return await self._say(case, message, cover)

    async def redirect(
        self, case: str, message: trace_pb2.Redirect, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Name the member to ask instead; no data moves."""
        return await self._say(case, message, cover)

    async def refer(
        self, case: str, message: trace_pb2.Referral, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Hand the request on to another member, with its author's consent."""
        return await self._say(case, message, cover)

    async def clarify(
        self, case: str, message: trace_pb2.Clarification, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Ask about a refusal, a delay or an answer, or explain one (ITI 23)."""
        return await self._say(case, message, cover)

    async def amend(
        self, case: str, message: trace_pb2.Amendment, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Correct what was said before."""
        return await self._say(case, message, cover)

    async def withdraw(
        self, case: str, message: trace_pb2.Withdrawal, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Take the request back and ask each holder to delete it."""
        return await self._say(case, message, cover)

    async def close(
        self, case: str, message: trace_pb2.Closure, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Close the case with what came of it, per item."""
        return await self._say(case, message, cover)

    async def consent(
        self, case: str, message: trace_pb2.Consent, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Ask for consent to onward use, give it, or refuse it (ITI 15(c))."""
        return await self._say(case, message, cover)

    async def enquire(
        self, case: str, message: inquiry_pb2.Enquiry, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Ask those who keep the records, inside our own state; the node writes in what the items are."""
        return await self._say(case, message, cover)

    async def find(
        self, case: str, message: inquiry_pb2.Finding, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Say what the records hold, for an enquiry."""
        return await self._say(case, message, cover)

    async def remind(
        self, case: str, message: trace_pb2.Status, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Say how the case stands, or remind the other side of it."""
        return await self._say(case, message, cover)

    async def check_objects(self, message: check_pb2.ObjectCheck, cover: Cover) -> desk_pb2.Submission:
        """Ask whether objects stand in the records of the members of `cover.to`; this opens a case."""
        return await self.submit(build_draft(message, cover))

    async def answer_check(
        self, case: str, message: check_pb2.ObjectCheckReply, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Say for each object whether it stands in our records, or that nobody looked."""
        return await self._say(case, message, cover)

    async def share(self, case: str | None, message: share_pb2.Share, cover: Cover) -> desk_pb2.Submission:
        """Show another member what was received, with the consent of its author."""
        return await self.submit(build_draft(message, cover, case))

    # telling, unasked: each opens a case, or stands in one

    async def notify_diversion(
        self, message: diversion_pb2.DiversionNotice, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell licensing authorities and exporting states of arms that were diverted."""
        return await self.submit(build_draft(message, cover, case))

    async def notify_delivery(
        self, message: embargo_pb2.DeliveryNotified, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell of arms that go under an exemption from an embargo, so that a later find can be matched."""
        return await self.submit(build_draft(message, cover, case))

    async def tell_flow(
        self, message: flow_pb2.FlowInformation, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell how illicit arms move, graded by source and content."""
        return await self.submit(build_draft(message, cover, case))

    async def tell_ballistics(
        self, message: ballistic_pb2.BallisticReference, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell that a laboratory has something to compare, or of a hit that it confirmed."""
        return await self.submit(build_draft(message, cover, case))

    async def tell_marking_practice(
        self, message: practice_pb2.MarkingPractice, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell how the State marks arms (ITI 31(b))."""
        return await self.submit(build_draft(message, cover, case))

    async def tell_statistics(
        self, message: statistics_pb2.Statistics, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell figures of a period; `protocol.figures.suppress_small` takes small ones out before."""
        return await self.submit(build_draft(message, cover, case))

    async def tell_need(
        self, message: assistance_pb2.AssistanceNeed, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Tell what the State needs to mark, record and trace (ITI 27-28)."""
        return await self.submit(build_draft(message, cover, case))

    async def tell_offer(
        self, message: assistance_pb2.AssistanceOffer, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Offer help, to all or in answer to a need."""
        return await self.submit(build_draft(message, cover, case))

    async def mandate(
        self, message: mandate_pb2.Mandate, cover: Cover, case: str | None = None
    ) -> desk_pb2.Submission:
        """Let a peace operation act in the member's name, or end that (seed 000 §28(h))."""
        return await self.submit(build_draft(message, cover, case))

    # reading

    async def list_cases(
        self,
        state: int | None = None,
        with_member: str | None = None,
        file_number: str | None = None,
        holds_kind: str | None = None,
        *,
        for_file: bool = False,
    ) -> AsyncIterator[desk_pb2.CaseSummary]:
        """Yield the cases that fit, newest event first, fetched page by page.

        `for_file`: they are taken away as a file, which the node writes into its audit trail.
        """
        token: str | None = None
        while True:
            request = desk_pb2.ListCasesRequest(
                state=None if state is None else desk_pb2.CaseState.Name(state),
                with_member=with_member,
                file_number=file_number,
                holds_kind=holds_kind,
                page_size=_PAGE,
                page_token=token,
                for_file=for_file or None,
            )
            page = await self._call(self._node.ListCases, request)
            for case in page.cases:
                yield case
            token = page.next_page_token
            if not token:
                return

    async def list_case_page(
        self,
        state: int | None = None,
        *,
        file_number: str | None = None,
        holds_kind: str | None = None,
        page_size: int = _PAGE,
        page_token: str | None = None,
    ) -> desk_pb2.ListCasesResponse:
        """Return some cases, newest event first, and the token of those that come after."""
        request = desk_pb2.ListCasesRequest(
            state=None if state is None else desk_pb2.CaseState.Name(state),
            file_number=file_number,
            holds_kind=holds_kind,
            page_size=page_size,
            page_token=page_token,
        )
        return await self._call(self._node.ListCases, request)

    async def show_case(self, case: str) -> desk_pb2.CaseView:
        """Return the case as the gate lets this desk see it.

        Args:
            case: thread id, its beginning (8 characters or more), or a file number.
        """
        request = desk_pb2.ShowCaseRequest(case=case, desk=self._desk)
        return await self._call(self._node.ShowCase, request)

    async def print_case(self, case: str, statement: str | None = None) -> desk_pb2.CaseView:
        """Return what this desk may print of a case, or of one statement of it; every time is logged.

        Args:
            case: as for `show_case`.
            statement: digest, base64url; None: all of them.
        """
        request = desk_pb2.ShowCaseRequest(case=case, desk=self._desk, for_paper=True, statement=statement)
        return await self._call(self._node.ShowCase, request)

    async def write(
        self, case: str | None, message: inquiry_pb2.Letter, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Write to an office that is no member, or key in what it wrote; without `case` it opens one."""
        return await self.submit(build_draft(message, cover or Cover(), case))

    async def print_paper(self, statement: str) -> desk_pb2.PrintedPaper:
        """Return what may stand on the slip of an enquiry, or in an outgoing letter; every time is logged."""
        request = desk_pb2.PrintPaperRequest(statement=statement, desk=self._desk)
        return await self._call(self._node.PrintPaper, request)

    async def keep_address(self, entry: inquiry_pb2.AddressEntry) -> inquiry_pb2.AddressEntry:
        """Keep an entry of the address book, in the place of one with the same id."""
        request = inquiry_pb2.KeepAddressRequest(entry=entry, desk=self._desk)
        return await self._call(self._node.KeepAddress, request)

    async def list_addresses(self) -> list[inquiry_pb2.AddressEntry]:
        """Return the address book: whom this member writes to on paper."""
        request = inquiry_pb2.ListAddressesRequest()
        return list((await self._call(self._node.ListAddresses, request)).entries)

    async def list_enquiries(
        self, case: str | None = None, *, overdue: bool = False, settled: bool = False
    ) -> list[inquiry_pb2.EnquiryLine]:
        """Return whom this desk asked inside the state, or what it is asked, those due first before the others.

        Args:
            case: only of this case; None: of all.
            overdue: only those that are open and were due before today.
            settled: also those that are answered or withdrawn.
        """
        request = inquiry_pb2.ListEnquiriesRequest(
            case=case, desk=self._desk, overdue=overdue or None, settled=settled or None
        )
        return list((await self._call(self._node.ListEnquiries, request)).lines)

    async def show_timeline(self, case: str) -> list[desk_pb2.TimelineEvent]:
        """Return what happened in the case and in whose log it is proved."""
        request = desk_pb2.ShowTimelineRequest(case=case)
        return list((await self._call(self._node.ShowTimeline, request)).events)

    async def fetch_part(
        self, case: str, sha256: bytes, *, release: str | None = None
    ) -> desk_pb2.FetchPartResponse:
        """Return the photograph with this digest, if this desk may see it.

        Args:
            case: as for `show_case`; not looked at with `release`.
            sha256: its digest.
            release: statement of mail that waits for this officer's word, instead of a case.
        """
        named = None if release else case
        request = desk_pb2.FetchPartRequest(sha256=sha256, case=named, desk=self._desk, release=release)
        return await self._call(self._node.FetchPart, request)

    def fetch_attachment(
        self, case: str, address: bytes, *, offset: int = 0, release: str | None = None
    ) -> AsyncIterator[attachment_pb2.ContentPiece]:
        """Yield the content of an attachment from byte `offset` on; the first piece tells what it is.

        `sdk.attachments.take_out` writes it to a file, and goes on where it stopped. `release` names mail that
        waits for this officer's word, instead of a case.
        """
        request = attachment_pb2.DownloadRequest(
            case=None if release else case,
            address=address,
            desk=self._desk,
            offset=offset or None,
            release=release,
        )
        return self._each(self._files.Download(request))

    async def export_case(
        self, case: str, format_: int, *, with_inner: bool = False, purpose: str | None = None
    ) -> AsyncIterator[desk_pb2.ExportChunk]:
        """Yield the case as a file of evidence, in chunks; the first tells the total.

        Args:
            case: as for `show_case`.
            format_: an `ExportFormat`.
            with_inner: also what never left our member, such as enquiries; for our own files.
            purpose: the name of the `Purpose` that the file is for; None: what its statements were given for.
        """
        request = desk_pb2.ExportCaseRequest(
            case=case,
            desk=self._desk,
            format=desk_pb2.ExportFormat.Name(format_),
            with_inner=with_inner or None,
            purpose=purpose,
        )
        with our_errors(self._address):
            async for chunk in self._node.ExportCase(request):
                yield chunk

    async def publish_case(
        self,
        case: str,
        *,
        text_ids: Sequence[str] = (),
        fields: Sequence[str] = (),
        statements: Sequence[str] = (),
        preview: bool = False,
    ) -> publish_pb2.Publication:
        """Return what of a case may be published, with the document; the log says so, and sources are told.

        Args:
            case: as for `show_case`.
            text_ids: texts to be printed; none, and no `fields` or `statements`: all that are consented to.
            fields: of what the own member wrote, as for a share.
            statements: of these alone, digests.
            preview: only show it.
        """
        request = publish_pb2.PublishCaseRequest(
            case=case,
            desk=self._desk,
            text_ids=text_ids,
            fields=fields,
            statements=statements,
            preview=preview or None,
        )
        return await self._call(self._node.PublishCase, request)

    async def search_marks(
        self, mark: str, *, exact: bool = False, limit: int | None = None, exercise: bool = False
    ) -> search_pb2.SearchMarksResponse:
        """Return where a mark stands in the cases that this desk may search, the best hits first.

        Args:
            mark: as it is stamped, in any script.
            exact: leave out marks that only look alike.
            limit: hits wanted, at most; None: as many as the node gives.
            exercise: search exercises; else what is real.
        """
        request = search_pb2.SearchMarksRequest(
            mark=mark, exact=exact, desk=self._desk, limit=limit, exercise=exercise
        )
        return await self._call(self._node.SearchMarks, request)

    async def import_register(
        self, source: str, rows: Iterable[register_pb2.RegisterRow], *, part_rows: int = _PAGE
    ) -> AsyncIterator[register_pb2.ImportRegisterResponse]:
        """Give the node an extract of the State's own records; yield what became of each part.

        The last answer tells what is in force. Who stops before it has changed nothing.

        Args:
            source: name of the extract; it takes the place of the one before it of this name.
            rows: its records.
            part_rows: rows in one part.
        """
        with our_errors(self._address):
            async for answer in self._node.ImportRegister(_parts(source, self._desk, rows, part_rows)):
                yield answer

    async def list_registers(self) -> list[register_pb2.RegisterSource]:
        """Return the extracts of the State's own records that this desk keeps."""
        request = register_pb2.ListRegistersRequest(desk=self._desk)
        return list((await self._call(self._node.ListRegisters, request)).sources)

    async def match_register(
        self, case: str, item_ids: Iterable[str] = (), *, exact: bool = False
    ) -> register_pb2.MatchRegisterResponse:
        """Return the records of the State that may be the items of a case, the best of each item first.

        Args:
            case: as in `show_case`.
            item_ids: of these items only.
            exact: leave out marks that only look alike.
        """
        request = register_pb2.MatchRegisterRequest(
            case=case, item_ids=item_ids, desk=self._desk, exact=exact
        )
        return await self._call(self._node.MatchRegister, request)

    async def notify_release(
        self, case: str, message: share_pb2.ReleaseNotice, cover: Cover | None = None
    ) -> desk_pb2.Submission:
        """Tell a provider what becomes of its data; of onward release the node tells by itself."""
        return await self._say(case, message, cover)

    async def list_consents(
        self, case: str | None = None, *, open_only: bool = False
    ) -> onward_pb2.ListConsentsResponse:
        """Return consents asked for, given and received: of one case, or of all with the standing ones."""
        request = onward_pb2.ListConsentsRequest(case=case, open=open_only)
        return await self._call(self._node.ListConsents, request)

    async def list_holders(
        self, case: str | None = None, *, held_by: str | None = None
    ) -> onward_pb2.ListHoldersResponse:
        """Return who holds what was written in a case, or what a member holds, and what is to be passed on."""
        request = onward_pb2.ListHoldersRequest(case=case, held_by=held_by)
        return await self._call(self._node.ListHolders, request)

    async def delete_statements(
        self, request: onward_pb2.DeleteStatementsRequest
    ) -> onward_pb2.DeleteStatementsResponse:
        """Destroy keys, salts and fields of statements or of a case; a dead digest stays."""
        asked = onward_pb2.DeleteStatementsRequest(desk=self._desk)
        asked.MergeFrom(request)
        return await self._call(self._node.DeleteStatements, asked)

    async def make_report(self, request: report_pb2.MakeReportRequest) -> report_pb2.Report:
        """Return the figures of this member's own traces in a period; small numbers are kept back."""
        if self._desk is not None and not request.HasField("desk"):
            asked = report_pb2.MakeReportRequest(desk=self._desk)
            asked.MergeFrom(request)
            request = asked
        with our_errors(self._address):
            made: report_pb2.Report = await self._node.MakeReport(request, timeout=_REPORT_SECONDS)
        return made

    async def list_held(self) -> list[desk_pb2.HeldMail]:
        """Return the mail that is genuine but unexpected and waits for an officer."""
        return list((await self._call(self._node.ListHeld, desk_pb2.ListHeldRequest())).mails)

    async def decide_held(self, envelope_id: str, *, take_up: bool) -> str:
        """Take held mail up, or set it aside; return the thread of its case, if it has one."""
        request = desk_pb2.DecideHeldRequest(envelope_id=envelope_id, take_up=take_up)
        return (await self._call(self._node.DecideHeld, request)).thread

    # members and trust

    async def list_directory(self) -> list[desk_pb2.DirectoryLine]:
        """Return the members of the trust list and what is known of each."""
        request = desk_pb2.ListDirectoryRequest()
        return list((await self._call(self._node.ListDirectory, request)).lines)

    async def import_papers(self, papers: post_pb2.Announcement) -> list[str]:
        """Give the node another member's papers, brought by hand; return what was new."""
        request = desk_pb2.ImportPapersRequest(announcement=papers)
        return list((await self._call(self._node.ImportPapers, request)).taken)

    async def export_papers(self, member: str | None = None) -> post_pb2.Announcement:
        """Return the papers of `member`, the node's own by default, to be carried by hand."""
        request = desk_pb2.ExportPapersRequest(member=member)
        return (await self._call(self._node.ExportPapers, request)).announcement

    async def show_trust(self) -> desk_pb2.TrustView:
        """Return the trust list that the node holds."""
        return await self._call(self._node.ShowTrust, desk_pb2.ShowTrustRequest())

    # who may read what

    async def show_policies(self, *, with_text: bool = False) -> desk_pb2.PolicyView:
        """Return the base set and all versions of the member's own policies, with their texts if asked for."""
        return await self._call(self._node.ShowPolicies, desk_pb2.ShowPoliciesRequest(with_text=with_text))

    async def propose_policy(self, proposal: desk_pb2.ProposePolicyRequest) -> desk_pb2.PolicyVersion:
        """Propose a version (`sdk.policies.make_proposal`); another officer puts it in force."""
        return await self._call(self._node.ProposePolicy, proposal)

    async def decide_policy(self, decision: desk_pb2.DecidePolicyRequest) -> desk_pb2.PolicyVersion:
        """Approve, refuse or withdraw a proposal (`sdk.policies.make_decision`)."""
        return await self._call(self._node.DecidePolicy, decision)

    async def explain_policy(self, what: str) -> desk_pb2.PolicyExplanation:
        """Return who would see which fields of a statement, or of all of a case, and why not; never a value."""
        request = desk_pb2.ExplainPolicyRequest(what=what, desk=self._desk)
        return await self._call(self._node.ExplainPolicy, request)

    async def compare_policy(self, text: str, *, stored: bool = False) -> desk_pb2.PolicyDifference:
        """Return what `text` as the member's own policies would let read, or no longer; never a value.

        Args:
            text: Cedar, in the place of the own policies in force.
            stored: also say it of the stored cases.
        """
        request = desk_pb2.ComparePolicyRequest(text=text, stored=stored, desk=self._desk)
        return await self._call(self._node.ComparePolicy, request)

    # how a call is made

    async def _each(self, call: AsyncIterable[M]) -> AsyncIterator[M]:
        with our_errors(self._address):
            async for one in call:
                yield one

    async def _say(self, case: str, message: Message, cover: Cover | None) -> desk_pb2.Submission:
        return await self.submit(build_draft(message, cover or Cover(), case))

    def _completed(self, draft: desk_pb2.Draft) -> desk_pb2.Draft:
        if draft.HasField("idempotency_key") and (draft.HasField("desk") or self._desk is None):
            return draft
        completed = desk_pb2.Draft()
        completed.CopyFrom(draft)
        if not draft.HasField("idempotency_key"):
            completed.idempotency_key = str(uuid4())
        if not draft.HasField("desk") and self._desk is not None:
            completed.desk = self._desk
        return completed

    async def _call(self, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q) -> A:
        with our_errors(self._address):
            return await method(request, timeout=self._timeout_seconds)


async def _parts(
    source: str, desk: str | None, rows: Iterable[register_pb2.RegisterRow], size: int
) -> AsyncIterator[register_pb2.ImportRegisterRequest]:
    part = register_pb2.ImportRegisterRequest(source=source, desk=desk)
    for row in rows:
        if len(part.rows) == size:
            yield part
            part = register_pb2.ImportRegisterRequest()
        part.rows.append(row)
    part.last = True
    yield part


async def _position(call: Any) -> post_pb2.AttachmentPosition:
    position = await call.read()
    if position is grpc.aio.EOF:
        raise _cut()
    told: post_pb2.AttachmentPosition = position
    return told


def _cut() -> UnreachableError:
    return UnreachableError("The node gave no answer.", reason="node-cut")


def _tell(progress: Callable[[int], None] | None, count: int) -> None:
    if progress is not None:
        progress(count)
