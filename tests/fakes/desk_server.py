# ruff: noqa: N802 - the methods have the names of the service
"""A node's desk service for tests of the client side: the real wire, mutual TLS on loopback, canned memory.

    with desk_server() as desk:
        desk.cases["0199…"] = CaseView(...)
        desk.refuse["Submit"] = QuotaError()
        run(["trace", "list", "--profile", str(desk.profile)])
        assert desk.drafts[0].to == ["xab"]

It validates every draft by the rules of the schema, as a node does, and gives the same
submission for the same idempotency key. It signs, seals and decides nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import grpc
import grpc.aio

from fakes.pki import DOMAIN, Authority, make_root
from tracepost.protocol import schema
from tracepost.protocol.errors import NotFoundError, TracepostError
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import encode_b64, new_uuid7
from tracepost.protocol.problems import METADATA_KEY, encode_problem, make_problem
from tracepost.wire.v1 import desk_pb2, desk_pb2_grpc, onward_pb2, post_pb2, search_pb2

MEMBER = "xaa"
_CHUNK = 1000
_STARTED_SECONDS = 120


@dataclass
class FakeDesk(desk_pb2_grpc.DeskServicer):
    """What the node holds and what it was asked; tests fill and read the fields."""

    address: str = ""
    profile: Path = Path()
    cases: dict[str, desk_pb2.CaseView] = field(default_factory=dict)
    timelines: dict[str, list[desk_pb2.TimelineEvent]] = field(default_factory=dict)
    found: search_pb2.SearchMarksResponse = field(default_factory=search_pb2.SearchMarksResponse)
    searched: list[search_pb2.SearchMarksRequest] = field(default_factory=list)
    held: list[desk_pb2.HeldMail] = field(default_factory=list)
    decided: list[tuple[str, bool]] = field(default_factory=list)
    parts: dict[bytes, bytes] = field(default_factory=dict)
    exports: dict[int, bytes] = field(default_factory=dict)
    directory: list[desk_pb2.DirectoryLine] = field(default_factory=list)
    imported: list[post_pb2.Announcement] = field(default_factory=list)
    announcements: dict[str, post_pb2.Announcement] = field(default_factory=dict)
    status: desk_pb2.NodeStatus = field(default_factory=desk_pb2.NodeStatus)
    unlocked: dict[str, bytes] = field(default_factory=dict)
    drafts: list[desk_pb2.Draft] = field(default_factory=list)
    submissions: dict[str, desk_pb2.Submission] = field(default_factory=dict)
    refuse: dict[str, TracepostError] = field(default_factory=dict)
    refuse_once: dict[str, TracepostError] = field(default_factory=dict)
    """What is refused the first time only."""
    refuse_file_numbers: set[str] = field(default_factory=set)
    readings: list[desk_pb2.Reading] = field(default_factory=list)
    holders: onward_pb2.ListHoldersResponse = field(default_factory=onward_pb2.ListHoldersResponse)
    deleted: list[onward_pb2.DeleteStatementsRequest] = field(default_factory=list)
    consents: list[onward_pb2.ConsentLine] = field(default_factory=list)
    previewed: list[onward_pb2.ExhibitPreview] = field(default_factory=list)
    completes_referrals: bool = False
    calls: list[str] = field(default_factory=list)

    async def GetStatus(self, request: Any, context: Any) -> desk_pb2.NodeStatus:
        await self._enter("GetStatus", context)
        return self.status

    async def UnlockDesk(self, request: Any, context: Any) -> desk_pb2.UnlockDeskResponse:
        await self._enter("UnlockDesk", context)
        self.unlocked[request.desk] = request.passphrase
        return desk_pb2.UnlockDeskResponse(rewrapped=3)

    async def LockDesk(self, request: Any, context: Any) -> desk_pb2.LockDeskResponse:
        await self._enter("LockDesk", context)
        self.unlocked.pop(request.desk, None)
        return desk_pb2.LockDeskResponse()

    async def Submit(self, request: desk_pb2.Draft, context: Any) -> desk_pb2.Submission:
        await self._enter("Submit", context)
        submission = self._take(request)
        if isinstance(submission, TracepostError):
            await _refuse(submission, context)
        return submission

    async def SubmitMany(
        self, request_iterator: AsyncIterator[desk_pb2.Draft], context: Any
    ) -> AsyncIterator[desk_pb2.Submission]:
        await self._enter("SubmitMany", context)
        async for draft in request_iterator:
            taken = self._take(draft)
            if isinstance(taken, TracepostError):
                yield desk_pb2.Submission(idempotency_key=draft.idempotency_key, problem=make_problem(taken))
            else:
                yield taken

    def _take(self, draft: desk_pb2.Draft) -> desk_pb2.Submission | TracepostError:
        if draft.idempotency_key in self.submissions:
            return self.submissions[draft.idempotency_key]
        self.drafts.append(draft)
        if draft.content.trace_request.file_number in self.refuse_file_numbers:
            return NotFoundError("no such addressee", where="to")
        if (
            self.completes_referrals or draft.shared
        ):  # a node adds exhibit and consent before it judges the message
            return self._keep(draft)
        try:
            schema.validate(draft)
        except TracepostError as fault:
            return fault
        return self._keep(draft)

    def _keep(self, draft: desk_pb2.Draft) -> desk_pb2.Submission:
        digest = hashlib.sha256(draft.SerializeToString(deterministic=True)).digest()
        submission = desk_pb2.Submission(
            idempotency_key=draft.idempotency_key,
            thread=draft.thread or new_uuid7(int(time.time() * 1000), digest[:10]),
            statement=encode_b64(digest),
            dispatches=[
                desk_pb2.Dispatch(to=to, via="relay-one", state=desk_pb2.MailState.MAIL_STATE_QUEUED)
                for to in draft.to
            ],
        )
        if draft.preview:
            return desk_pb2.Submission(
                idempotency_key=draft.idempotency_key, readings=self.readings, exhibits=self.previewed
            )
        self.submissions[draft.idempotency_key] = submission
        return submission

    async def ListCases(self, request: desk_pb2.ListCasesRequest, context: Any) -> desk_pb2.ListCasesResponse:
        await self._enter("ListCases", context)
        found = [
            view.summary
            for view in self.cases.values()
            if request.state in (0, view.summary.state)
            and (not request.with_member or request.with_member in view.summary.members)
            and view.summary.our_file_number.startswith(request.file_number)
        ]
        start = int(request.page_token or 0)
        page = found[start : start + 2]
        following = str(start + 2) if start + 2 < len(found) else None
        return desk_pb2.ListCasesResponse(cases=page, next_page_token=following)

    async def ShowCase(self, request: desk_pb2.ShowCaseRequest, context: Any) -> desk_pb2.CaseView:
        await self._enter("ShowCase", context)
        for thread, view in self.cases.items():
            if thread.startswith(request.case) or view.summary.our_file_number == request.case:
                return view
        return await _refuse(NotFoundError("There is no such case.", where=request.case), context)

    async def ShowTimeline(self, request: desk_pb2.ShowTimelineRequest, context: Any) -> desk_pb2.Timeline:
        await self._enter("ShowTimeline", context)
        for thread, events in self.timelines.items():
            if thread.startswith(request.case):
                return desk_pb2.Timeline(events=events)
        return desk_pb2.Timeline()

    async def FetchPart(self, request: desk_pb2.FetchPartRequest, context: Any) -> desk_pb2.FetchPartResponse:
        await self._enter("FetchPart", context)
        content = self.parts.get(request.sha256)
        if content is None:
            await _refuse(NotFoundError(), context)
        return desk_pb2.FetchPartResponse(content=content, media_type="image/jpeg")

    async def SearchMarks(
        self, request: search_pb2.SearchMarksRequest, context: Any
    ) -> search_pb2.SearchMarksResponse:
        await self._enter("SearchMarks", context)
        self.searched.append(request)
        return self.found

    async def ListConsents(self, request: Any, context: Any) -> onward_pb2.ListConsentsResponse:
        await self._enter("ListConsents", context)
        return onward_pb2.ListConsentsResponse(consents=self.consents)

    async def ListHolders(self, request: Any, context: Any) -> onward_pb2.ListHoldersResponse:
        await self._enter("ListHolders", context)
        return self.holders

    async def DeleteStatements(self, request: Any, context: Any) -> onward_pb2.DeleteStatementsResponse:
        await self._enter("DeleteStatements", context)
        self.deleted.append(request)
        copy = onward_pb2.RemainingCopy(statement="C" * 43, kind="share/1", thread=request.case)
        return onward_pb2.DeleteStatementsResponse(
            deleted=request.statements, remaining=[copy], scrubbed=True
        )

    async def ListHeld(self, request: Any, context: Any) -> desk_pb2.ListHeldResponse:
        await self._enter("ListHeld", context)
        return desk_pb2.ListHeldResponse(mails=self.held)

    async def DecideHeld(
        self, request: desk_pb2.DecideHeldRequest, context: Any
    ) -> desk_pb2.DecideHeldResponse:
        await self._enter("DecideHeld", context)
        self.decided.append((request.envelope_id, request.take_up))
        return desk_pb2.DecideHeldResponse(thread="0199")

    async def ExportCase(
        self, request: desk_pb2.ExportCaseRequest, context: Any
    ) -> AsyncIterator[desk_pb2.ExportChunk]:
        await self._enter("ExportCase", context)
        data = self.exports[request.format]
        for start in range(0, len(data), _CHUNK):
            yield desk_pb2.ExportChunk(data=data[start : start + _CHUNK], total_bytes=len(data))

    async def ListDirectory(self, request: Any, context: Any) -> desk_pb2.ListDirectoryResponse:
        await self._enter("ListDirectory", context)
        return desk_pb2.ListDirectoryResponse(lines=self.directory)

    async def ImportPapers(
        self, request: desk_pb2.ImportPapersRequest, context: Any
    ) -> desk_pb2.ImportPapersResponse:
        await self._enter("ImportPapers", context)
        self.imported.append(request.announcement)
        return desk_pb2.ImportPapersResponse(taken=["directory", "crl"])

    async def ExportPapers(self, request: Any, context: Any) -> desk_pb2.ExportPapersResponse:
        await self._enter("ExportPapers", context)
        own = post_pb2.Announcement(member=MEMBER, crl=b"crl")
        return desk_pb2.ExportPapersResponse(announcement=self.announcements.get(request.member, own))

    async def ShowTrust(self, request: Any, context: Any) -> desk_pb2.TrustView:
        await self._enter("ShowTrust", context)
        return desk_pb2.TrustView(sequence=4, members=[MEMBER, "xab"], stewards=["one"])

    async def ListAudit(self, request: Any, context: Any) -> desk_pb2.ListAuditResponse:
        await self._enter("ListAudit", context)
        return desk_pb2.ListAuditResponse(
            events=[desk_pb2.AuditEvent(number=request.after + 1, action="opened")]
        )

    async def _enter(self, rpc: str, context: Any) -> None:
        self.calls.append(rpc)
        if rpc in self.refuse_once:
            await _refuse(self.refuse_once.pop(rpc), context)
        if rpc in self.refuse:
            await _refuse(self.refuse[rpc], context)


async def _refuse(fault: TracepostError, context: Any) -> NoReturn:
    context.set_trailing_metadata(((METADATA_KEY, encode_problem(fault)),))
    await context.abort(getattr(grpc.StatusCode, fault.grpc_status), "refused")
    raise AssertionError("abort raises")


@contextmanager
def desk_server(folder: Path, authority: Authority | None = None) -> Iterator[FakeDesk]:
    """Serve a `FakeDesk` in a thread of its own; `folder` gets the officer's papers and profile."""
    root = authority or make_root(MEMBER)
    desk = FakeDesk()
    started, stop = threading.Event(), threading.Event()
    thread = threading.Thread(target=_serve, args=(desk, root, started, stop), daemon=True)
    thread.start()
    assert started.wait(_STARTED_SECONDS), "the desk server did not start"
    desk.profile = write_profile(folder, root, desk.address)
    try:
        yield desk
    finally:
        stop.set()
        thread.join(_STARTED_SECONDS)


def write_profile(folder: Path, root: Authority, address: str) -> Path:
    """Write an officer's papers and a profile for `address` into `folder`; return the profile."""
    officer = root.issue(Role.OFFICER, officer="7", desks=("poc",))
    for name, content in (
        ("officer.pem", officer.chain_pem),
        ("officer.key", officer.key_pem),
        ("root.pem", root.pem),
    ):
        (folder / name).write_bytes(content)
    profile = folder / "profile.toml"
    profile.write_text(
        f'address = "{address}"\nmember = "{root.member}"\ndomain = "{root.domain}"\n'
        'certificate = "officer.pem"\nkey = "officer.key"\nroot = "root.pem"\ndesk = "poc"\n'
    )
    return profile


def _serve(desk: FakeDesk, root: Authority, started: threading.Event, stop: threading.Event) -> None:
    asyncio.run(_serving(desk, root, started, stop))


async def _serving(desk: FakeDesk, root: Authority, started: threading.Event, stop: threading.Event) -> None:
    node = root.issue(Role.NODE)
    credentials = grpc.ssl_server_credentials(
        [(node.key_pem, node.chain_pem)], root.pem, require_client_auth=True
    )
    server = grpc.aio.server()
    desk_pb2_grpc.add_DeskServicer_to_server(desk, server)
    desk.address = f"127.0.0.1:{server.add_secure_port('127.0.0.1:0', credentials)}"
    await server.start()
    started.set()
    await asyncio.to_thread(stop.wait)
    await server.stop(None)


assert DOMAIN == "tracepost.example"
