"""An officer of one desk who looks at everything: all bytes that a node answers, and all that it refuses with.

    seen = await look(house, "customs", Looking(cases=[thread], photographs=digests))
    seen["ShowCase"], seen["refused"] …

Each verb of the services `Desk` and `OwnOffice` that reads is called for each case. What is refused counts as
an answer: every word of the error, of its cause and of its remedy.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from fakes.house import NO_CONTEXT, House
from fakes.people import Person
from tracepost.cli.render.paper import letter_text, slip_text
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.schema import Sensitivity
from tracepost.wire.v1 import (
    attachment_pb2,
    desk_pb2,
    inquiry_pb2,
    office_pb2,
    onward_pb2,
    publish_pb2,
    register_pb2,
    report_pb2,
    search_pb2,
)

PAPER = "PrintPaper "
_FORMATS = (desk_pb2.EXPORT_FORMAT_TRACEPOST, desk_pb2.EXPORT_FORMAT_SD_JWT)


@dataclass(frozen=True)
class Looking:
    """What is looked at: cases, photographs by digest, files by address, papers by statement, a day.

    `waiting` are statements that wait for a word, and `second` is who may give it.
    """

    cases: Sequence[str]
    photographs: Sequence[bytes] = ()
    files: Sequence[bytes] = ()
    papers: Sequence[str] = ()
    day: str = "2026-01-01"
    waiting: Sequence[str] = ()
    second: Person | None = None


Seen = dict[str, list[bytes]]
"""Verb → what came back each time; under "refused" what was not given."""


async def look(house: House, desk: str, at: Looking) -> Seen:
    """Call everything that reads as an officer of one desk; return all that came back."""
    service: Any = house.as_officer(desk)
    office: Any = house.own_office
    seen: Seen = defaultdict(list)
    await _call(_calls(house, service, office, desk, at), seen)
    if at.second is not None and at.waiting:
        at.second.sits()
        await _call(_of_what_waits(house, service, office, desk, at), seen)
    return seen


async def _call(calls: Iterable[tuple[str, Call]], seen: Seen) -> None:
    for name, make in calls:
        try:
            seen[name] += await make()
        except TracepostError as error:
            seen["refused"] += told(error)


async def search(house: House, desk: str, marks: Iterable[str]) -> dict[str, bytes]:
    """Search for each of these marks as an officer of one desk; return the whole answer, or the refusal."""
    service = house.as_officer(desk)

    async def one(mark: str, exact: bool) -> bytes:
        try:
            request = search_pb2.SearchMarksRequest(mark=mark, exact=exact, desk=desk)
            return (await service.SearchMarks(request, NO_CONTEXT)).SerializeToString(deterministic=True)
        except TracepostError as error:
            return b"\n".join(told(error))

    wanted = list(marks)
    answers = await asyncio.gather(*(one(mark, exact) for mark in wanted for exact in (False, True)))
    return {mark: b"|".join(answers[2 * i : 2 * i + 2]) for i, mark in enumerate(wanted)}


def told(error: BaseException | None) -> list[bytes]:
    """Return every word that an error, and what caused it, has for us."""
    words = []
    while error is not None:
        words.append(f"{error!s}\n{error!r}\n{getattr(error, 'remedy', '')}".encode())
        error = error.__cause__ or error.__context__
    return words


Call = Callable[[], Awaitable[list[bytes]]]


def _of_what_waits(
    house: House, service: Any, office: Any, desk: str, at: Looking
) -> Iterator[tuple[str, Call]]:
    for name, request in _of_the_office():
        yield name, _plain(office, name, request)
    for statement in at.waiting:
        wanted = office_pb2.ShowReleaseRequest(statement=statement, desk=desk)
        yield "ShowRelease", _plain(office, "ShowRelease", wanted)
        for digest in at.photographs:
            part = desk_pb2.FetchPartRequest(release=statement, sha256=digest, desk=desk)
            yield "FetchPart", _plain(service, "FetchPart", part)
        for address in at.files:
            file = attachment_pb2.DownloadRequest(release=statement, address=address, desk=desk)
            yield "Download", _streamed(house.attachments.Download, file)


def _calls(house: House, service: Any, office: Any, desk: str, at: Looking) -> Iterator[tuple[str, Call]]:
    for name, request in _of_the_node(desk, at):
        yield name, _plain(service, name, request)
    for name, request in _of_the_office():
        yield name, _plain(office, name, request)
    for case in at.cases:
        for name, request in _of_a_case(case, desk):
            yield name, _plain(service, name, request)
        yield "ListCaseDesks", _plain(office, "ListCaseDesks", office_pb2.ListCaseDesksRequest(case=case))
        for digest in at.photographs:
            wanted = desk_pb2.FetchPartRequest(case=case, sha256=digest, desk=desk)
            yield "FetchPart", _plain(service, "FetchPart", wanted)
        for format_ in _FORMATS:
            for purpose in (None, "PURPOSE_STATISTICS"):
                file = desk_pb2.ExportCaseRequest(
                    case=case, desk=desk, format=format_, with_inner=True, purpose=purpose
                )
                yield "ExportCase", _streamed(service.ExportCase, file)
        for address in at.files:
            taken = attachment_pb2.DownloadRequest(case=case, address=address, desk=desk)
            yield "Download", _streamed(house.attachments.Download, taken)
    for number, paper in enumerate(at.papers):
        yield f"{PAPER}{number}", _printed(service, desk_pb2.PrintPaperRequest(statement=paper, desk=desk))


def _of_the_node(desk: str, at: Looking) -> Iterator[tuple[str, Message]]:
    yield "GetStatus", desk_pb2.GetStatusRequest()
    yield "ListCases", desk_pb2.ListCasesRequest()
    yield "ListHeld", desk_pb2.ListHeldRequest()
    yield "ListDirectory", desk_pb2.ListDirectoryRequest()
    yield "ListAudit", desk_pb2.ListAuditRequest()
    yield "ListConsents", onward_pb2.ListConsentsRequest()
    yield "ListEnquiries", inquiry_pb2.ListEnquiriesRequest(desk=desk, settled=True)
    yield "ListAddresses", inquiry_pb2.ListAddressesRequest()
    yield "ListRegisters", register_pb2.ListRegistersRequest(desk=desk)
    yield "ShowPolicies", desk_pb2.ShowPoliciesRequest(with_text=True)
    for private in (False, True):
        yield (
            "MakeReport",
            report_pb2.MakeReportRequest(
                from_day="2020-01-01", to_day=at.day, smallest=1, private=private, desk=desk
            ),
        )


def _of_the_office() -> Iterator[tuple[str, Message]]:
    yield "ListOfficers", office_pb2.ListOfficersRequest()
    yield "ListReleases", office_pb2.ListReleasesRequest(decided=True)
    yield "ListEmergencies", office_pb2.ListEmergenciesRequest()
    yield "ListAssignments", office_pb2.ListAssignmentsRequest()
    yield "ListDeletions", office_pb2.ListDeletionsRequest()


_ANYTHING = [one.lower().replace("_", "-") for one in Sensitivity]


def _of_a_case(case: str, desk: str) -> Iterator[tuple[str, Message]]:
    yield "ShowCase", desk_pb2.ShowCaseRequest(case=case, desk=desk)
    yield "ShowCase for paper", desk_pb2.ShowCaseRequest(case=case, desk=desk, for_paper=True)
    yield "ShowTimeline", desk_pb2.ShowTimelineRequest(case=case)
    yield "ListConsents", onward_pb2.ListConsentsRequest(case=case)
    yield "ListHolders", onward_pb2.ListHoldersRequest(case=case)
    yield "PublishCase", publish_pb2.PublishCaseRequest(case=case, desk=desk, fields=_ANYTHING, preview=True)
    yield "ListEnquiries", inquiry_pb2.ListEnquiriesRequest(case=case, desk=desk, settled=True)
    yield "ExplainPolicy", desk_pb2.ExplainPolicyRequest(what=case, desk=desk)
    yield "MatchRegister", register_pb2.MatchRegisterRequest(case=case, desk=desk)


def _plain(service: Any, name: str, request: Message) -> Call:
    async def call() -> list[bytes]:
        method = getattr(service, name.partition(" ")[0])
        return [(await method(request, NO_CONTEXT)).SerializeToString()]

    return call


def _streamed(method: Any, request: Message) -> Call:
    async def call() -> list[bytes]:
        pieces: AsyncIterator[Any] = method(request, NO_CONTEXT)
        return [b"".join([piece.data async for piece in pieces])]

    return call


def _printed(service: Any, request: desk_pb2.PrintPaperRequest) -> Call:
    async def call() -> list[bytes]:
        paper = await service.PrintPaper(request, NO_CONTEXT)
        text = letter_text if paper.paper.kind == "trace.letter/1" else slip_text
        return [paper.SerializeToString(), text(paper).encode()]

    return call
