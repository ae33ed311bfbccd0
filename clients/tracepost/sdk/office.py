"""The order of one's own house: who works here, and whose word lets mail go (`Client.office`).

    for line in (await client.office.list_releases()).releases: ...
    view = await client.office.show_release(line.statement)
    await client.office.decide_release(make_word(view, Decision.APPROVED, papers))

A word is about the digest of the statement: any change of it would make another, and void the word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import grpc.aio
from google.protobuf.message import Message

from tracepost.protocol.approval import Decision, Subject, of_opening, of_statement
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import DeskId, parse_digest
from tracepost.sdk.approvals import approve, certificates_of
from tracepost.sdk.failures import UNKNOWN_CALL, our_errors
from tracepost.sdk.papers import OfficerPapers
from tracepost.wire.v1 import office_pb2, office_pb2_grpc

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)


class OfficeCalls:
    """The calls of the service `OwnOffice`, over the connection of a `Client`."""

    def __init__(
        self, channel: grpc.aio.Channel, address: str, desk: str | None, timeout_seconds: float
    ) -> None:
        self._node = office_pb2_grpc.OwnOfficeStub(channel)
        self._address = address
        self._desk = desk
        self._timeout_seconds = timeout_seconds

    # officers

    async def list_officers(self) -> list[office_pb2.OfficerLine]:
        """Return the officers that the node knows, by number."""
        request = office_pb2.ListOfficersRequest()
        return list((await self._call(self._node.ListOfficers, request)).officers)

    async def add_officer(self, certificates: list[bytes]) -> office_pb2.OfficerLine:
        """Write an officer down by his certificates (DER, leaf first), before he calls."""
        request = office_pb2.AddOfficerRequest(certificates=certificates)
        return await self._call(self._node.AddOfficer, request)

    async def deputise(self, officer: str, desk: str, from_day: str, until_day: str) -> office_pb2.Deputy:
        """Propose that an officer acts for a desk from one day to another (`YYYY-MM-DD`, UTC, both counted)."""
        request = office_pb2.DeputiseOfficerRequest(
            officer=officer, desk=desk, from_day=from_day, until_day=until_day
        )
        return await self._call(self._node.DeputiseOfficer, request)

    async def decide_deputy(self, number: int, *, approve: bool) -> office_pb2.Deputy:
        """Approve an appointment that another officer proposed; or refuse it, or end it at once."""
        request = office_pb2.DecideDeputyRequest(number=number, approve=approve)
        return await self._call(self._node.DecideDeputy, request)

    async def leave(self, officer: str, successor: str) -> office_pb2.Leaving:
        """Let an officer leave: the node refuses him from now on, and his cases have a successor. Idempotent."""
        request = office_pb2.LeaveOfficeRequest(officer=officer, successor=successor)
        return await self._call(self._node.LeaveOffice, request)

    async def assign_case(self, case: str, officer: str) -> office_pb2.Assignment:
        """Give a case to an officer, by number."""
        return await self._call(
            self._node.AssignCase, office_pb2.AssignCaseRequest(case=case, officer=officer)
        )

    async def list_assignments(self, officer: str | None = None) -> list[office_pb2.Assignment]:
        """Return the cases of an officer, by number; None: one's own."""
        request = office_pb2.ListAssignmentsRequest(officer=officer)
        return list((await self._call(self._node.ListAssignments, request)).assignments)

    # passkeys that speak for the officer

    async def endorse_passkey(self, request: office_pb2.EndorsePasskeyRequest) -> office_pb2.Passkey:
        """Let a passkey speak for the officer (`passkeys.endorse`); no console may call this."""
        return await self._call(self._node.EndorsePasskey, request)

    async def list_passkeys(self) -> list[office_pb2.Passkey]:
        """Return what the officer who calls endorsed and is in force, oldest first; none, where the node is older.

        Only those of his present certificate speak for him (`passkeys.speaking`).
        """
        try:
            return list(
                (await self._call(self._node.ListPasskeys, office_pb2.ListPasskeysRequest())).passkeys
            )
        except ConfigurationError as error:
            if error.reason != UNKNOWN_CALL:
                raise
            return []

    async def end_passkey(self, credential: str) -> None:
        """Take the endorsement of the passkey with this id (base64url) back."""
        await self._call(self._node.EndPasskey, office_pb2.EndPasskeyRequest(credential=credential))

    # mail that waits for a word

    async def list_releases(self, *, decided: bool = False) -> office_pb2.ListReleasesResponse:
        """Return mail of ours that somebody's word is looked for; `decided`: all of the last 90 days."""
        return await self._call(self._node.ListReleases, office_pb2.ListReleasesRequest(decided=decided))

    async def show_release(self, statement: str) -> office_pb2.ReleaseView:
        """Return one of them as the officer's desk sees it; the look is logged.

        Args:
            statement: its digest, or the beginning of it (8 characters or more).
        """
        request = office_pb2.ShowReleaseRequest(statement=statement, desk=self._desk)
        return await self._call(self._node.ShowRelease, request)

    async def decide_release(self, word: office_pb2.DecideReleaseRequest) -> office_pb2.ReleaseLine:
        """Say a second officer's word (`make_word`); approved, the mail is queued when this returns."""
        return await self._call(self._node.DecideRelease, word)

    # reading against a refusal

    async def ask_emergency(self, request: office_pb2.AskEmergencyRequest) -> office_pb2.Emergency:
        """Ask to read statements that the gate refuses to one's desk (`make_emergency`)."""
        return await self._call(self._node.AskEmergency, request)

    async def decide_emergency(self, word: office_pb2.DecideEmergencyRequest) -> office_pb2.Emergency:
        """Say a second officer's word on that (`make_emergency_word`); approved, the providers are told."""
        return await self._call(self._node.DecideEmergency, word)

    async def list_emergencies(self) -> office_pb2.ListEmergenciesResponse:
        """Return what was asked at the officer's desks, and what came of it."""
        return await self._call(self._node.ListEmergencies, office_pb2.ListEmergenciesRequest())

    async def show_emergency(
        self, number: int, *, photograph: bytes | None = None
    ) -> office_pb2.EmergencyView:
        """Return what was granted to the officer, while it lasts; each look is in the log.

        `photograph` is the digest of one that is wanted too.
        """
        request = office_pb2.ShowEmergencyRequest(number=number, photograph=photograph)
        return await self._call(self._node.ShowEmergency, request)

    # deletions that another officer looks at

    async def list_deletions(self) -> office_pb2.ListDeletionsResponse:
        """Return the deletions asked at the officer's desks, and the delayed ones, which anybody may stop."""
        return await self._call(self._node.ListDeletions, office_pb2.ListDeletionsRequest())

    async def decide_deletion(self, word: office_pb2.DecideDeletionRequest) -> office_pb2.Deletion:
        """Say another officer's word on one (`make_deletion_word`); approved, it is deleted."""
        return await self._call(self._node.DecideDeletion, word)

    # desks on cases

    async def put_on_case(self, case: str, desk: str) -> office_pb2.CaseDesks:
        """Put a desk of ours on a case, with copies of what it may read that this client's desk can give."""
        request = office_pb2.PutOnCaseRequest(case=case, desk=desk, as_desk=self._desk)
        return await self._call(self._node.PutOnCase, request)

    async def take_off_case(self, case: str, desk: str) -> office_pb2.CaseDesks:
        """Take a desk of ours off a case; its keys of what it was given are deleted."""
        return await self._call(self._node.TakeOffCase, office_pb2.TakeOffCaseRequest(case=case, desk=desk))

    async def list_case_desks(self, case: str) -> office_pb2.CaseDesks:
        """Return which desks of ours see a case."""
        return await self._call(self._node.ListCaseDesks, office_pb2.ListCaseDesksRequest(case=case))

    async def _call(self, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q) -> A:
        with our_errors(self._address):
            return await method(request, timeout=self._timeout_seconds)


def make_word(
    view: office_pb2.ReleaseView, decision: Decision, papers: OfficerPapers, reason: str = ""
) -> office_pb2.DecideReleaseRequest:
    """Return the word of the officer of `papers` on mail that was shown, dated by the node's clock.

    Args:
        view: what was shown.
        decision: to let it go, or not.
        papers: the officer's.
        reason: why; needed for a refusal. No case data above ADMINISTRATIVE.
    """
    statement = view.line.statement
    subject = of_statement(parse_digest(statement, "statement"))
    return office_pb2.DecideReleaseRequest(
        statement=statement,
        approval=approve(subject, decision, papers, view.clock),
        certificates=certificates_of(papers),
        reason=reason or None,
    )


def make_emergency(
    statements: Sequence[str], desk: str, reason: str, *, officer: str, papers: OfficerPapers, now: int
) -> office_pb2.AskEmergencyRequest:
    """Return the request of the officer of `papers` to read these statements at `desk` against a refusal.

    Args:
        statements: digests, base64url.
        desk: of the officer's; it must hold keys of them.
        reason: one line; no case data above ADMINISTRATIVE.
        officer: the officer's number.
        papers: the officer's.
        now: unix seconds, by the node's clock.
    """
    return office_pb2.AskEmergencyRequest(
        desk=desk,
        statements=statements,
        reason=reason,
        approvals=[
            approve(subject, Decision.APPROVED, papers, now)
            for subject in subjects_of_emergency(statements, desk, f"officer-{officer}")
        ],
        certificates=certificates_of(papers),
    )


def make_emergency_word(
    asked: office_pb2.Emergency, decision: Decision, papers: OfficerPapers, now: int
) -> office_pb2.DecideEmergencyRequest:
    """Return the word of the officer of `papers` on what another one asked; `now` by the node's clock."""
    return office_pb2.DecideEmergencyRequest(
        number=asked.number,
        approvals=[
            approve(subject, decision, papers, now)
            for subject in subjects_of_emergency(asked.statements, asked.desk, asked.asked_by)
        ],
        certificates=certificates_of(papers),
    )


def make_deletion_word(
    asked: office_pb2.Deletion, decision: Decision, papers: OfficerPapers, now: int
) -> office_pb2.DecideDeletionRequest:
    """Return the word of the officer of `papers` on what another one wants deleted; `now` by the node's clock."""
    return office_pb2.DecideDeletionRequest(
        number=asked.number,
        approvals=[approve(subject, decision, papers, now) for subject in subjects_of_deletion(asked)],
        certificates=certificates_of(papers),
    )


def subjects_of_emergency(statements: Iterable[str], desk: str, asked_by: str) -> list[Subject]:
    """Return what is approved where `asked_by`, "officer-7", asks to read statements at `desk`: one for each."""
    return _openings(statements, desk, asked_by, "break-glass")


def subjects_of_deletion(asked: office_pb2.Deletion) -> list[Subject]:
    """Return what is approved where a deletion is: one for each of its statements."""
    return _openings(asked.statements, asked.desk, asked.asked_by, "delete")


def _openings(statements: Iterable[str], desk: str, asked_by: str, action: str) -> list[Subject]:
    digests = [parse_digest(one, "statements") for one in statements]
    return [of_opening(digest, DeskId(desk), asked_by, action) for digest in digests]
