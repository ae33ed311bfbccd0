"""The service `OwnOffice`, for the officers of our own member: parse, hand to the verb, render."""

# ruff: noqa: N802 - the methods have the names of the RPCs

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import grpc

from tracepost.node.handlers.case.office import Officer, officer_of
from tracepost.node.handlers.deciding.emergency import Emergencies
from tracepost.node.handlers.deciding.releasing import Releasing
from tracepost.node.handlers.desks.assigning import Assigning
from tracepost.node.handlers.desks.case_desks import CaseDesking
from tracepost.node.handlers.desks.deputising import Deputising
from tracepost.node.handlers.desks.endorsing import Endorsing
from tracepost.node.handlers.desks.policing import Policing
from tracepost.node.handlers.desks.policy_words import Word
from tracepost.node.handlers.desks.staff import Staff
from tracepost.node.handlers.keeping.deleting_by_two import DeletingByTwo
from tracepost.node.handlers.reading.reading import Reading
from tracepost.protocol.schema import validate
from tracepost.serving.callers import current_caller
from tracepost.wire.v1 import office_pb2, office_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]

DESCRIPTOR = office_pb2.DESCRIPTOR.services_by_name["OwnOffice"]


class OfficeService(office_pb2_grpc.OwnOfficeServicer):
    """One method per verb; who calls is asked of the interceptors."""

    def __init__(
        self,
        *,
        staff: Staff,
        releasing: Releasing,
        case_desking: CaseDesking,
        deputising: Deputising,
        assigning: Assigning,
        emergencies: Emergencies,
        endorsing: Endorsing,
        deleting: DeletingByTwo,
        reading: Reading,
        policing: Policing,
    ) -> None:
        self._staff = staff
        self._case_desking = case_desking
        self._deputising = deputising
        self._assigning = assigning
        self._emergencies = emergencies
        self._endorsing = endorsing
        self._deleting = deleting
        self._releasing = releasing
        self._reading = reading
        self._standing = policing.standing

    # ── officers ─────────────────────────────────────────────────────────────────────

    async def ListOfficers(
        self, request: office_pb2.ListOfficersRequest, _: Context
    ) -> office_pb2.ListOfficersResponse:
        """List the officers that this node knows."""
        validate(request)
        async with self._standing.held():
            return await self._staff.list_officers(_officer())

    async def AddOfficer(self, request: office_pb2.AddOfficerRequest, _: Context) -> office_pb2.OfficerLine:
        """Write an officer down by his certificate."""
        validate(request)
        async with self._standing.held():
            return await self._staff.add(_officer(), request.certificates)

    async def DeputiseOfficer(
        self, request: office_pb2.DeputiseOfficerRequest, _: Context
    ) -> office_pb2.Deputy:
        """Propose that an officer acts for a desk for some days."""
        validate(request)
        return await self._deputising.propose(_officer(), request)

    async def DecideDeputy(self, request: office_pb2.DecideDeputyRequest, _: Context) -> office_pb2.Deputy:
        """Approve an appointment, or end it."""
        validate(request)
        return await self._deputising.decide(_officer(), request.number, approve=request.approve)

    async def LeaveOffice(self, request: office_pb2.LeaveOfficeRequest, _: Context) -> office_pb2.Leaving:
        """Let an officer leave, and hand over what was his."""
        validate(request)
        return await self._assigning.leave(_officer(), request)

    # ── passkeys ─────────────────────────────────────────────────────────────────────

    async def EndorsePasskey(
        self, request: office_pb2.EndorsePasskeyRequest, _: Context
    ) -> office_pb2.Passkey:
        """Keep that a passkey speaks for the officer."""
        validate(request)
        return await self._endorsing.endorse(current_caller().known(), request)

    async def ListPasskeys(
        self, request: office_pb2.ListPasskeysRequest, _: Context
    ) -> office_pb2.ListPasskeysResponse:
        """List the passkeys that speak for the officer."""
        validate(request)
        return await self._endorsing.list_own(current_caller().known())

    async def EndPasskey(
        self, request: office_pb2.EndPasskeyRequest, _: Context
    ) -> office_pb2.EndPasskeyResponse:
        """Take an endorsement back."""
        validate(request)
        await self._endorsing.end(_officer(), request.credential)
        return office_pb2.EndPasskeyResponse()

    async def _words(self, approvals: Iterable[str], certificates: Sequence[bytes]) -> list[Word]:
        caller = current_caller().known()
        return [await self._endorsing.take_word(text, certificates, caller) for text in approvals]

    # ── mail that waits for a word ───────────────────────────────────────────────────

    async def ListReleases(
        self, request: office_pb2.ListReleasesRequest, _: Context
    ) -> office_pb2.ListReleasesResponse:
        """List mail of ours that somebody's word is looked for."""
        validate(request)
        async with self._standing.held():
            return await self._releasing.list_open(_officer(), decided=request.decided)

    async def ShowRelease(self, request: office_pb2.ShowReleaseRequest, _: Context) -> office_pb2.ReleaseView:
        """Show one of them as the officer's desk sees it."""
        validate(request)
        async with self._standing.held():
            return await self._releasing.show(_officer(), request, self._reading)

    async def DecideRelease(
        self, request: office_pb2.DecideReleaseRequest, _: Context
    ) -> office_pb2.ReleaseLine:
        """Take a second officer's word."""
        validate(request)
        [word] = await self._words([request.approval], request.certificates)
        async with self._standing.held():
            return await self._releasing.decide(_officer(), word, request)

    # ── who works on what ────────────────────────────────────────────────────────────

    async def AssignCase(self, request: office_pb2.AssignCaseRequest, _: Context) -> office_pb2.Assignment:
        """Give a case to an officer."""
        validate(request)
        async with self._standing.held():
            return await self._assigning.assign(_officer(), request)

    async def ListAssignments(
        self, request: office_pb2.ListAssignmentsRequest, _: Context
    ) -> office_pb2.ListAssignmentsResponse:
        """List the cases of an officer."""
        validate(request)
        async with self._standing.held():
            return await self._assigning.list_assignments(_officer(), request.officer)

    # ── reading against a refusal ────────────────────────────────────────────────────

    async def AskEmergency(self, request: office_pb2.AskEmergencyRequest, _: Context) -> office_pb2.Emergency:
        """Ask to read statements that the gate refuses to a desk."""
        validate(request)
        words = await self._words(request.approvals, request.certificates)
        async with self._standing.held():
            return await self._emergencies.ask(_officer(), words, request)

    async def DecideEmergency(
        self, request: office_pb2.DecideEmergencyRequest, _: Context
    ) -> office_pb2.Emergency:
        """Take a second officer's word on that."""
        validate(request)
        words = await self._words(request.approvals, request.certificates)
        async with self._standing.held():
            return await self._emergencies.decide(_officer(), words, request.number)

    async def ListEmergencies(
        self, request: office_pb2.ListEmergenciesRequest, _: Context
    ) -> office_pb2.ListEmergenciesResponse:
        """List what was asked, and what came of it."""
        validate(request)
        return await self._emergencies.list_all(_officer())

    async def ShowEmergency(
        self, request: office_pb2.ShowEmergencyRequest, _: Context
    ) -> office_pb2.EmergencyView:
        """Show what was granted, while it lasts."""
        validate(request)
        async with self._standing.held():
            return await self._emergencies.show(_officer(), request.number, request.photograph)

    # ── deleting ─────────────────────────────────────────────────────────────────────

    async def ListDeletions(
        self, request: office_pb2.ListDeletionsRequest, _: Context
    ) -> office_pb2.ListDeletionsResponse:
        """List the deletions that another officer looks at."""
        validate(request)
        return await self._deleting.list_all(_officer())

    async def DecideDeletion(
        self, request: office_pb2.DecideDeletionRequest, _: Context
    ) -> office_pb2.Deletion:
        """Take another officer's word on one."""
        validate(request)
        words = await self._words(request.approvals, request.certificates)
        async with self._standing.held():
            return await self._deleting.decide(_officer(), words, request.number)

    # ── desks on cases ───────────────────────────────────────────────────────────────

    async def PutOnCase(self, request: office_pb2.PutOnCaseRequest, _: Context) -> office_pb2.CaseDesks:
        """Put a desk on a case, with copies of what it may read."""
        validate(request)
        async with self._standing.held():
            return await self._case_desking.put_on(_officer(), request)

    async def TakeOffCase(self, request: office_pb2.TakeOffCaseRequest, _: Context) -> office_pb2.CaseDesks:
        """Take a desk off a case, and delete its keys."""
        validate(request)
        async with self._standing.held():
            return await self._case_desking.take_off(_officer(), request)

    async def ListCaseDesks(
        self, request: office_pb2.ListCaseDesksRequest, _: Context
    ) -> office_pb2.CaseDesks:
        """List the desks that see a case."""
        validate(request)
        async with self._standing.held():
            return await self._case_desking.list_desks(_officer(), request.case)


def _officer() -> Officer:
    return officer_of(current_caller().known())
